/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mount-events.h"
#include "statmount.h"

/* Linux 6.14, and FAN_MARK_MNTNS 6.15; headers may be older. */
#define REPORT_MNT    0x4000     /* FAN_REPORT_MNT */
#define MARK_MNTNS    0x110      /* FAN_MARK_MNTNS */
#define MNT_ATTACH    0x01000000 /* FAN_MNT_ATTACH */
#define MNT_DETACH    0x02000000 /* FAN_MNT_DETACH */
#define INFO_TYPE_MNT 7          /* FAN_EVENT_INFO_TYPE_MNT */

/* struct fanotify_event_info_mnt */
struct info_mnt {
	struct fanotify_event_info_header header;
	uint64_t mount;
};

int mount_events_open(void)
{
	int fd = fanotify_init(REPORT_MNT | FAN_CLOEXEC | FAN_NONBLOCK, 0);
	int mntns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && (mntns < 0 || fanotify_mark(fd, FAN_MARK_ADD | MARK_MNTNS,
					     MNT_ATTACH | MNT_DETACH, mntns, NULL) < 0)) {
		close(fd);
		fd = -1;
	}
	if (mntns >= 0)
		close(mntns);
	return fd;
}

static void read_one(const struct fanotify_event_metadata *head, mount_event_fn *fn, void *arg)
{
	const char *info = (const char *)head + head->metadata_len;
	const char *end = (const char *)head + head->event_len;
	struct mount_event event = {0};
	struct info_mnt mnt;

	if (head->mask & FAN_Q_OVERFLOW)
		fn(&event, arg);
	while ((size_t)(end - info) >= sizeof(mnt.header)) {
		memcpy(&mnt.header, info, sizeof(mnt.header));
		if (mnt.header.len < sizeof(mnt.header) || mnt.header.len > end - info)
			return;
		if (mnt.header.info_type == INFO_TYPE_MNT && mnt.header.len >= sizeof(mnt)) {
			memcpy(&mnt, info, sizeof(mnt));
			event.mount = mnt.mount;
			event.attached = head->mask & MNT_ATTACH;
			fn(&event, arg);
		}
		info += mnt.header.len;
	}
}

int mount_events_read(int fd, mount_event_fn *fn, void *arg)
{
	char buffer[8192] __attribute__((aligned(8)));
	ssize_t n = read(fd, buffer, sizeof(buffer));
	const struct fanotify_event_metadata *head = (void *)buffer;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (; FAN_EVENT_OK(head, n); head = FAN_EVENT_NEXT(head, n)) {
		if (head->vers != FANOTIFY_METADATA_VERSION)
			return -EPROTO;
		read_one(head, fn, arg);
	}
	return 0;
}

bool mount_point(uint64_t mount, char *path, size_t size)
{
	struct mount_request request = {
		.size = MOUNT_REQUEST_FIRST,
		.mount = mount,
		.param = WANT_SB_BASIC | WANT_POINT,
	};
	struct {
		struct mount_answer told;
		char strings[4096];
	} answer;
	const struct mount_answer *told = &answer.told;

	if (syscall(SYS_STATMOUNT, &request, &answer, sizeof(answer), 0) < 0)
		return false;
	if ((told->told & request.param) != request.param || told->magic != NSFS ||
		told->point >= sizeof(answer.strings))
		return false;
	return stpncpy(path, answer.strings + told->point, size) < path + size;
}
