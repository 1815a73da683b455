/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "cleanup.h"
#include "leftover.h"
#include "nsfd.h"

#define SECOND_NS 1000000000LL
#define PAUSE_NS  10000000LL

static long long now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* Before Linux 5.8 nothing tells a mount but the file system that it is of. */
static bool is_on_nsfs(const struct statx *stx)
{
	struct statx own;

	return statx(AT_FDCWD, "/proc/thread-self/ns/net", 0, 0, &own) == 0 &&
	       own.stx_dev_major == stx->stx_dev_major && own.stx_dev_minor == stx->stx_dev_minor;
}

static bool is_mount(const struct statx *stx)
{
	if (stx->stx_attributes_mask & STATX_IS_MOUNT_ROOT)
		return stx->stx_attributes & STATX_IS_MOUNT_ROOT;
	return is_on_nsfs(stx);
}

int leftover_classify(int dirfd, const char *name)
{
	struct statx stx;
	long long age;

	if (statx(dirfd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH,
		    STATX_TYPE | STATX_MODE | STATX_SIZE | STATX_CTIME, &stx) < 0)
		return -errno;
	if (!S_ISREG(stx.stx_mode))
		return LEFTOVER_FOREIGN;
	if (is_mount(&stx))
		return LEFTOVER_MOUNT;
	if (stx.stx_size != 0)
		return LEFTOVER_FOREIGN;

	if (stx.stx_mode & LEFTOVER_MARK)
		return LEFTOVER_STALE;
	/* By the time of the last change of the inode, which nobody can choose. */
	age = now_ns(CLOCK_REALTIME) - (stx.stx_ctime.tv_sec * SECOND_NS + stx.stx_ctime.tv_nsec);
	return age >= 0 && age < SECOND_NS ? LEFTOVER_YOUNG : LEFTOVER_STALE;
}

/* Anyone may open one, unless a security module forbids it. */
static bool is_forbidden_namespace(int dirfd, const char *name)
{
	int CLEANUP_FD fd = sys_openat(dirfd, name, O_PATH | O_NOFOLLOW, 0);

	return fd >= 0 && sys_fs_type(fd) == NSFS_MAGIC;
}

int leftover_open(int dirfd, const char *name, int *leftover)
{
	int CLEANUP_FD fd = -1;
	int found = leftover_classify(dirfd, name), r;

	if (found < 0)
		return found;
	*leftover = found == LEFTOVER_MOUNT ? 0 : found;
	if (*leftover)
		return 0;

	*leftover = LEFTOVER_FOREIGN;
	fd = nsfd_open_any(dirfd, name, O_NOFOLLOW);
	if (fd == -EACCES && is_forbidden_namespace(dirfd, name))
		return fd;
	if (fd == -EMEDIUMTYPE || fd == -ELOOP || fd == -EACCES)
		return leftover_classify(dirfd, name) == LEFTOVER_MOUNT ? 0 : -EAGAIN;
	if (fd < 0)
		return fd;
	r = nsfd_verify(fd);
	if (r == -EMEDIUMTYPE)
		return leftover_classify(fd, "") == LEFTOVER_MOUNT ? 0 : -EAGAIN;
	if (r < 0)
		return r;
	*leftover = 0;
	return TAKE_FD(fd);
}

bool leftover_wait(long long *since)
{
	struct timespec pause = {.tv_nsec = PAUSE_NS};
	long long now = now_ns(CLOCK_MONOTONIC);

	if (*since == 0)
		*since = now;
	/* Not the wrapper, which is a cancellation point. */
	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, NULL);
	return now - *since < 2 * SECOND_NS;
}
