/* SPDX-License-Identifier: MIT */
/*
 * What the kernel offers and the C library's headers may not know yet, each with the version
 * that brought it, and system calls in the form that the library wants.
 *
 * The sys_ functions answer a negative errno. They go past the C library's wrappers where those
 * are cancellation points: a thread that is cancelled in the middle of the library would be lost
 * with whatever it had opened. They go past the others that take a descriptor as well, because
 * ThreadSanitizer, which follows descriptors by the wrappers, would see only half of their lives.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673 /* Linux 3.19 */
#endif

#define IOCTL_NS_GET_USERNS    _IO(0xb7, 1)             /* Linux 4.9 */
#define IOCTL_NS_GET_NSTYPE    _IO(0xb7, 3)             /* Linux 4.11 */
#define IOCTL_NS_GET_OWNER_UID _IO(0xb7, 4)             /* Linux 4.11 */
#define IOCTL_NS_GET_ID        _IOR(0xb7, 13, uint64_t) /* Linux 6.18 */
#define IOCTL_PIDFD_GET_NET_NS _IO(0xff, 4)             /* Linux 6.11 */
#define IOCTL_SOCKET_GET_NS    0x894c                   /* SIOCGSKNS, Linux 4.10 */

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* Linux 5.14 */
#endif

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

#define NETLINK_STRICT_CHECK 12 /* NETLINK_GET_STRICT_CHK, Linux 4.20 */

/* The same number on every architecture since they were unified for Linux 5.1, save alpha. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424 /* Linux 5.1 */
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428 /* Linux 5.2 */
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429 /* Linux 5.2 */
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430 /* Linux 5.2 */
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431 /* Linux 5.2 */
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432 /* Linux 5.2 */
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* Linux 5.3 */
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442 /* Linux 5.12 */
#endif

/* A namespace as a file handle: struct nsfs_file_handle, Linux 6.18. */
#define NSFS_HANDLE_TYPE 0xf1   /* FILEID_NSFS */
#define NSFS_HANDLE_ROOT -10003 /* FD_NSFS_ROOT */
struct nsfs_handle {
	uint32_t size;
	int32_t handle_type;
	uint64_t id;
	uint32_t type;
	uint32_t inode;
};

#ifndef SYS_statmount
#define SYS_statmount 457 /* Linux 6.8 */
#endif
#ifndef SYS_listmount
#define SYS_listmount 458 /* Linux 6.8 */
#endif

#ifndef SYS_listns
#define SYS_listns 470 /* Linux 6.19 */
#endif

/* struct ns_id_req, Linux 6.19. */
struct ns_id_request {
	uint32_t size;
	uint32_t spare;
	uint64_t after; /* an id; only what has a higher one */
	uint32_t type;
	uint32_t spare2;
	uint64_t owner; /* the id of a user namespace; 0: any */
};

#define STATMOUNT_BASIC    0x02   /* STATMOUNT_MNT_BASIC, Linux 6.8 */
#define STATMOUNT_POINT    0x10   /* STATMOUNT_MNT_POINT, Linux 6.8 */
#define STATX_UNIQUE_MOUNT 0x4000 /* STATX_MNT_ID_UNIQUE, Linux 6.8 */

#define FS_OPEN_CLOEXEC 1   /* FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC */
#define FS_SET_STRING   1   /* FSCONFIG_SET_STRING */
#define FS_CREATE       6   /* FSCONFIG_CMD_CREATE */
#define FS_INERT        0xe /* MOUNT_ATTR_NOSUID, _NODEV, _NOEXEC */

#define TREE_CLONE           1      /* OPEN_TREE_CLONE */
#define TREE_RECURSIVE       0x8000 /* AT_RECURSIVE */
#define MOVE_FROM_EMPTY_PATH 0x4    /* MOVE_MOUNT_F_EMPTY_PATH */
#define MOVE_TO_EMPTY_PATH   0x40   /* MOVE_MOUNT_T_EMPTY_PATH */
#define STATX_IS_MOUNT_ROOT  0x2000 /* STATX_ATTR_MOUNT_ROOT, Linux 5.8 */

/* struct mount_attr; its name is left to the C library, which may or may not have it. */
struct mount_change {
	uint64_t attr_set;
	uint64_t attr_clr;
	uint64_t propagation;
	uint64_t userns_fd;
};

#define SECOND_NS 1000000000LL

static inline int sys_result(long r)
{
	return r < 0 ? -errno : (int)r;
}

static inline int sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return sys_result(syscall(SYS_openat, dirfd, path, flags | O_CLOEXEC, mode));
}

static inline int sys_open(const char *path, int flags)
{
	return sys_openat(AT_FDCWD, path, flags, 0);
}

static inline void sys_close(int fd)
{
	syscall(SYS_close, fd);
}

/* Not the wrapper, which is a cancellation point. */
static inline void sys_pause(long ns)
{
	struct timespec pause = {.tv_nsec = ns};

	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, NULL);
}

static inline long long sys_now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static inline int sys_setns(int fd)
{
	return sys_result(setns(fd, CLONE_NEWNET));
}

static inline int sys_ioctl(int fd, unsigned long request, void *arg)
{
	return sys_result(syscall(SYS_ioctl, fd, request, arg));
}

struct inode {
	uint64_t dev;
	uint64_t ino;
};

static inline int sys_inode(int fd, struct inode *ret)
{
	struct statx stx;
	int r = statx(fd, "", AT_EMPTY_PATH, STATX_INO, &stx);

	if (r < 0)
		return -errno;
	*ret = (struct inode){makedev(stx.stx_dev_major, stx.stx_dev_minor), stx.stx_ino};
	return 0;
}

/* 1 yes, 0 no, or a negative errno. */
static inline int sys_same_inode(int a, int b)
{
	struct inode inode_a = {0}, inode_b = {0};
	int r = sys_inode(a, &inode_a);

	if (r == 0)
		r = sys_inode(b, &inode_b);
	if (r < 0)
		return r;
	return inode_a.dev == inode_b.dev && inode_a.ino == inode_b.ino;
}

/* The magic number of the file system that fd is on, or a negative errno. */
static inline long sys_fs_type(int fd)
{
	struct statfs fs;

	return syscall(SYS_fstatfs, fd, &fs) < 0 ? -errno : (long)fs.f_type;
}

/* Before Linux 5.8 the answer is always no. */
static inline bool sys_is_mount_root(int fd)
{
	struct statx stx;

	return statx(fd, "", AT_EMPTY_PATH, 0, &stx) == 0 &&
	       (stx.stx_attributes & STATX_IS_MOUNT_ROOT);
}

static inline int sys_pidfd_open(pid_t pid, unsigned flags)
{
	return sys_result(syscall(SYS_pidfd_open, pid, flags));
}

/* Until a pidfd's thread or process is gone, which is a moment after it has ended: Linux 6.9. */
static inline void sys_wait_until_gone(int pidfd)
{
	struct pollfd poll = {.fd = pidfd}; /* POLLHUP */

	syscall(SYS_ppoll, &poll, 1, NULL, NULL, 0);
}

/* struct sched_attr, its first version: Linux 3.14 */
struct sched_attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime; /* of SCHED_OTHER and SCHED_BATCH the slice, in ns: Linux 6.12 */
	uint64_t deadline, period;
};

static inline int sys_sched_getattr(pid_t thread, struct sched_attributes *ret)
{
	return sys_result(syscall(SYS_sched_getattr, thread, ret, sizeof(*ret), 0));
}

static inline int sys_sched_setattr(pid_t thread, const struct sched_attributes *attributes)
{
	return sys_result(syscall(SYS_sched_setattr, thread, attributes, 0));
}

/*
 * The namespace with a 64-bit id. With its inode number it is a network namespace; with 0, which
 * Linux 6.18 does not find, it can be of any kind. -ESTALE: there is none, or it has no holder
 * that counts, such as a thread, a descriptor or a mount. Before Linux 6.18 the answer is -EBADF.
 */
static inline int sys_open_ns_id(uint64_t id, uint32_t inode)
{
	struct nsfs_handle handle = {
		.size = sizeof(handle) - offsetof(struct nsfs_handle, id),
		.handle_type = NSFS_HANDLE_TYPE,
		.id = id,
		.type = inode ? CLONE_NEWNET : 0, /* both or neither */
		.inode = inode,
	};

	return sys_result(
		syscall(SYS_open_by_handle_at, NSFS_HANDLE_ROOT, &handle, O_RDONLY | O_CLOEXEC));
}

/*
 * The ids, ascending, of the network namespaces with an id above `after` that the caller may know;
 * how many; -ENOENT when there is none above it, whether or not the caller may know it. They have
 * a holder that counts, as above. Before Linux 6.19 the answer is -ENOSYS.
 */
static inline int sys_listns(uint64_t after, uint64_t *ids, size_t room)
{
	const struct ns_id_request request = {
		.size = sizeof(request),
		.after = after,
		.type = CLONE_NEWNET,
	};

	return sys_result(syscall(SYS_listns, &request, ids, room, 0));
}

static inline int sys_fsopen(const char *type)
{
	return sys_result(syscall(SYS_fsopen, type, FS_OPEN_CLOEXEC));
}

static inline int sys_fsconfig(int context, unsigned command, const char *key, const char *value)
{
	return sys_result(syscall(SYS_fsconfig, context, command, key, value, 0));
}

/* A detached mount of a file system made by the two before. */
static inline int sys_fsmount(int context, unsigned attributes)
{
	return sys_result(syscall(SYS_fsmount, context, FS_OPEN_CLOEXEC, attributes));
}

/* A detached copy of the mount that fd is on. */
static inline int sys_clone_tree(int fd, unsigned flags)
{
	return sys_result(
		syscall(SYS_open_tree, fd, "", TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | flags));
}

static inline int sys_attach_tree(int tree, int target)
{
	return sys_result(syscall(
		SYS_move_mount, tree, "", target, "", MOVE_FROM_EMPTY_PATH | MOVE_TO_EMPTY_PATH));
}

static inline int sys_set_propagation(int fd, unsigned flags, uint64_t propagation)
{
	struct mount_change change = {.propagation = propagation};

	return sys_result(
		syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags, &change, sizeof(change)));
}

#endif
