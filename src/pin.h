/* SPDX-License-Identifier: MIT */
/* Pins: files in a run directory on which a network namespace is mounted. */
#ifndef PIN_H
#define PIN_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"
#include "netns.h"

/*
 * All or nothing, and with the message set on failure. `dir` and `name` have gone through
 * rundir_check().
 */

/*
 * Pins the namespace of nsfd under a name, waiting for a name that is in the making. `leased`: the
 * name goes with this process (lease.h).
 */
int pin_create(const char *dir, const char *name, bool leased, int nsfd);

/*
 * The same with what was made ready before: what pin_detached() answered, a descriptor or -ENOSYS,
 * and what lease_compose() wrote, or NULL.
 */
int pin_create_from(const char *dir, const char *name, const char *lease, int detached, int nsfd);

/* Removes a name, whatever network namespaces are pinned there. */
int pin_delete(const char *dir, const char *name);

/*
 * The same for many, under one lock. errors (may be NULL) gets each one's answer; the first that is
 * not 0 is returned, or -ECANCELED when progress (may be NULL) did not answer 0.
 */
int pin_delete_many(const char *dir, const char *const names[], size_t n, int errors[],
	netns_progress_fn progress, void *arg);

/*
 * Removes a name if it is stale: 1, or 0 if it is not, or a negative errno. `locked`, here and below:
 * the caller has the lock of the directory.
 */
int pin_collect(const char *dir, const char *name, bool locked);

/*
 * Removes a name that a handle made, if the namespace of nsfd is what is pinned there still;
 * else it is gone or another's, which is success. `path` is the run directory, '/', name.
 */
int pin_drop(const char *path, const char *name, int nsfd, bool locked);

/*
 * A namespace, known again when nothing holds it any more: its inode number is given to another
 * once it is gone, but the kernel's inode is of another time then. It stays as long as a pin does.
 */
struct pinned {
	struct inode inode;
	struct statx_timestamp since;
};
int pin_identify(int nsfd, struct pinned *ret);

/* The same for some, PIN_AT_ONCE at most, of which the namespaces are known. */
int pin_drop_some(const char *dir, const char *const names[], const struct pinned only[], size_t n,
	int errors[]);

/* As many as go under one lock, which others may have to wait for. */
enum { PIN_AT_ONCE = 128 };

/*
 * The two steps of pinning. A detached mount of nsfd, or -ENOSYS before Linux 5.2, which
 * pin_attach() accepts; and its mounting on a file.
 */
int pin_detached(int nsfd);
int pin_attach(int file, int detached, int nsfd);

/* The path by which a descriptor is a mount's source or target: "/proc/thread-self/fd/N". */
#define FD_PATH_SIZE sizeof("/proc/thread-self/fd/-2147483648")
void fd_path(char path[FD_PATH_SIZE], int fd);

#endif
