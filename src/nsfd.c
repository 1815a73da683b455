/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/vfs.h>

#include "cleanup.h"
#include "nsfd.h"

#define PROC_MAGIC       0x9fa0
#define PIDFS_MAGIC      0x50494446 /* pidfds since Linux 6.9 */
#define ANON_INODE_MAGIC 0x09041934 /* pidfds before */

int nsfd_verify(int fd)
{
	long fs = sys_fs_type(fd);
	int type;

	/* The file system first: an ioctl on an unknown device may do anything. */
	if (fs < 0)
		return (int)fs;
	if (fs != NSFS_MAGIC)
		return -EMEDIUMTYPE;

	type = sys_ioctl(fd, IOCTL_NS_GET_NSTYPE, NULL);
	if (type < 0)
		return type;
	return type == CLONE_NEWNET ? 0 : -EMEDIUMTYPE;
}

/* fd is closed if it is something else. */
static int verified(int opened)
{
	int CLEANUP_FD fd = opened;
	int r = fd < 0 ? fd : nsfd_verify(fd);

	return r < 0 ? r : TAKE_FD(fd);
}

int nsfd_open_any(int dirfd, const char *path, int flags)
{
	/* Neither waits for the other end of a FIFO nor takes a terminal for its own. */
	int fd = sys_openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | flags, 0);

	/* A socket's file, a device without a driver, a lease. */
	return fd == -ENXIO || fd == -ENODEV || fd == -EWOULDBLOCK ? -EMEDIUMTYPE : fd;
}

int nsfd_open(int dirfd, const char *path, int flags)
{
	return verified(nsfd_open_any(dirfd, path, flags));
}

int nsfd_open_id(uint64_t id)
{
	return verified(sys_open_ns_id(id, 0));
}

/* Who may not look at a process is told so in one way, whatever refused it. */
static int one_refusal(int r)
{
	return r == -EACCES ? -EPERM : r;
}

/* Tells a process that is not there from a /proc that is not there. */
static int no_such_process(void)
{
	struct statfs fs;

	return statfs("/proc", &fs) == 0 && fs.f_type == PROC_MAGIC ? -ESRCH : -ENOENT;
}

static int proc_directory(pid_t pid)
{
	char path[sizeof("/proc/") + 3 * sizeof(pid)];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	fd = sys_open(path, O_PATH | O_DIRECTORY);
	if (fd == -ENOENT)
		return no_such_process();
	return one_refusal(fd);
}

/*
 * The directory is bound to its process as a pidfd is: it does not become that of a later
 * process with the same number.
 */
static int open_in_proc(int directory)
{
	int fd = nsfd_open(directory, "ns/net", 0);

	if (fd == -ENOENT) /* a zombie has no namespaces any more */
		return -ESRCH;
	return one_refusal(fd);
}

int nsfd_open_pid(pid_t pid)
{
	int CLEANUP_FD pidfd = sys_pidfd_open(pid, PIDFD_THREAD);
	int CLEANUP_FD directory = -1;
	int fd;

	if (pidfd == -ESRCH || pidfd == -EMFILE || pidfd == -ENFILE || pidfd == -ENOMEM)
		return pidfd;
	if (pidfd >= 0) {
		fd = sys_ioctl(pidfd, IOCTL_PIDFD_GET_NET_NS, NULL);
		if (fd != -ENOTTY)
			return one_refusal(fd);
	}

	directory = proc_directory(pid);
	return directory < 0 ? directory : open_in_proc(directory);
}

/* The number that /proc/self/fdinfo gives for a pidfd; it has no such line for anything else. */
static int pid_of_pidfd(int fd)
{
	char path[sizeof("/proc/thread-self/fdinfo/") + 3 * sizeof(fd)], text[1024];
	int CLEANUP_FD info = -1;
	const char *line;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/thread-self/fdinfo/%d", fd);
	info = sys_open(path, O_RDONLY);
	if (info < 0)
		return one_refusal(info);
	n = syscall(SYS_read, info, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';

	line = strstr(text, "\nPid:");
	if (!line)
		return -ENOTTY;
	n = atoi(line + strlen("\nPid:"));
	return n > 0 ? (int)n : -ESRCH;
}

int nsfd_open_pidfd(int pidfd)
{
	int CLEANUP_FD directory = -1;
	long fs = sys_fs_type(pidfd);
	int fd, pid;

	if (fs < 0)
		return (int)fs;
	if (fs != PIDFS_MAGIC && fs != ANON_INODE_MAGIC)
		return -ENOTTY;

	fd = sys_ioctl(pidfd, IOCTL_PIDFD_GET_NET_NS, NULL);
	if (fd != -ENOTTY && fd != -EINVAL)
		return one_refusal(fd);

	pid = pid_of_pidfd(pidfd);
	if (pid < 0)
		return pid;
	directory = proc_directory(pid);
	if (directory < 0)
		return directory;

	/* Alive still, so the number was not given anew before the directory was opened. */
	if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0 && errno != EPERM)
		return -errno;
	return open_in_proc(directory);
}

int nsfd_open_socket(int sock)
{
	int fd = sys_ioctl(sock, IOCTL_SOCKET_GET_NS, NULL);

	return fd == -EINVAL || fd == -EOPNOTSUPP ? -ENOTTY : fd;
}

int nsfd_open_thread(void)
{
	int CLEANUP_FD sock = -1;
	int fd;

	/* Not verified: /proc is the kernel's. */
	fd = sys_open("/proc/thread-self/ns/net", O_RDONLY);
	if (fd != -ENOENT && fd != -ENOTDIR)
		return fd;

	sock = sys_result(syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	if (sock < 0)
		return sock;
	fd = nsfd_open_socket(sock);
	return fd == -ENOTTY || fd == -EPERM ? -ENOENT : fd;
}
