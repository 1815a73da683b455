/* SPDX-License-Identifier: MIT */
#include "leftover.h"
#include "cleanup.h"
#include "nsfd.h"
#include "nsfs.h"

#define PAUSE_NS 10000000L

/*
 * Of a namespace, as far as is known without opening it: what else is mounted may never answer an
 * open (FUSE). Before Linux 5.8 nothing tells a mount but the file system that it is of.
 */
static int classify_file(const struct statx *stx)
{
	dev_t nsfs = nsfs_device();
	bool may_be_of_nsfs = !nsfs || makedev(stx->stx_dev_major, stx->stx_dev_minor) == nsfs;
	bool is_mount = stx->stx_attributes_mask & STATX_IS_MOUNT_ROOT
				? stx->stx_attributes & STATX_IS_MOUNT_ROOT
				: may_be_of_nsfs;

	if (is_mount)
		return may_be_of_nsfs ? LEFTOVER_MOUNT : LEFTOVER_FOREIGN;
	return stx->stx_size == 0 ? LEFTOVER_STALE : LEFTOVER_FOREIGN;
}

/* A file of our own is not: it has its mount before the lock can be had. */
static bool is_young(const struct statx *stx)
{
	/* By the time of the last change of the inode, which nobody can choose. */
	long long changed = stx->stx_ctime.tv_sec * SECOND_NS + stx->stx_ctime.tv_nsec;
	long long age = sys_now_ns(CLOCK_REALTIME) - changed;

	return !(stx->stx_mode & LEFTOVER_MARK) && age >= 0 && age < SECOND_NS;
}

int leftover_classify(int dirfd, const char *name)
{
	/* What is known already: a file system need not answer, either. */
	int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
	struct statx stx;
	int r;

	if (statx(dirfd, name, flags, STATX_TYPE | STATX_MODE | STATX_SIZE | STATX_CTIME, &stx) < 0)
		return -errno;
	if (!S_ISREG(stx.stx_mode))
		return LEFTOVER_FOREIGN;
	r = classify_file(&stx);
	return r == LEFTOVER_STALE && is_young(&stx) ? LEFTOVER_YOUNG : r;
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

int leftover_hold(int dirfd, const char *name, int *leftover)
{
	int CLEANUP_FD fd = sys_openat(dirfd, name, O_PATH | O_NOFOLLOW, 0);
	struct inode inode;

	if (fd < 0 || nsfs_look(fd, "", &inode) <= 0)
		return leftover_open(dirfd, name, leftover);
	*leftover = 0;
	return TAKE_FD(fd);
}

bool leftover_wait(long long *since)
{
	long long now = sys_now_ns(CLOCK_MONOTONIC);

	if (*since == 0)
		*since = now;
	sys_pause(PAUSE_NS);
	return now - *since < 2 * SECOND_NS;
}
