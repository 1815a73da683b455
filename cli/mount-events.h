/* SPDX-License-Identifier: MIT */
/* What happens to mounts, from the kernel: fanotify's mount events and statmount(2). */
#ifndef MOUNT_EVENTS_H
#define MOUNT_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

/* Of the mount namespace that the caller is in. -1 before Linux 6.15, and without privilege. */
int mount_events_open(void);

struct mount_event {
	uint64_t mount; /* its id, never given again; 0: events were lost */
	bool attached;
};
typedef void mount_event_fn(const struct mount_event *event, void *arg);

/* Those that are waiting to be read. A negative errno. */
int mount_events_read(int fd, mount_event_fn *fn, void *arg);

/* Where it is mounted; false when it is gone, or nothing of nsfs. */
bool mount_point(uint64_t mount, char *path, size_t size);

#endif
