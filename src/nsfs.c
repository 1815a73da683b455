/* SPDX-License-Identifier: MIT */
#include "nsfs.h"

static int get_handle(int dirfd, const char *name, int flags, struct nsfs_handle *handle)
{
	int mount;

	handle->size = sizeof(*handle) - offsetof(struct nsfs_handle, id);
	if (syscall(SYS_name_to_handle_at, dirfd, name, handle, &mount, flags) < 0)
		return -errno;
	return handle->handle_type == NSFS_HANDLE_TYPE ? 0 : -EOPNOTSUPP;
}

/* Beside the device number: whether this kernel tells a namespace by its file handle. */
#define HAS_HANDLES (1ULL << 63)

/* Asked of the calling thread's own, once: neither changes while the machine runs. */
static uint64_t nsfs(void)
{
	static const char own[] = "/proc/thread-self/ns/net";
	static uint64_t known;
	uint64_t found = __atomic_load_n(&known, __ATOMIC_RELAXED);
	struct nsfs_handle handle;
	struct statx stx;

	if (found)
		return found;
	if (statx(AT_FDCWD, own, 0, 0, &stx) < 0)
		return 0;
	found = makedev(stx.stx_dev_major, stx.stx_dev_minor);
	if (get_handle(AT_FDCWD, own, AT_SYMLINK_FOLLOW, &handle) == 0)
		found |= HAS_HANDLES;
	__atomic_store_n(&known, found, __ATOMIC_RELAXED);
	return found;
}

dev_t nsfs_device(void)
{
	return nsfs() & ~HAS_HANDLES;
}

int nsfs_look(int dirfd, const char *name, struct inode *ret)
{
	struct nsfs_handle handle;
	int r;

	if (!(nsfs() & HAS_HANDLES))
		return -EOPNOTSUPP;
	r = get_handle(dirfd, name, AT_EMPTY_PATH, &handle);
	if (r < 0)
		return -EOPNOTSUPP;
	if (handle.type != CLONE_NEWNET)
		return 0;
	*ret = (struct inode){nsfs_device(), handle.inode};
	return 1;
}
