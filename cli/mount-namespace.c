/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mount-namespace.h"

struct mnt_ns_info_first { /* struct mnt_ns_info, its first version */
	uint32_t size;
	uint32_t mounts;
	uint64_t id;
};

#define GET_NEXT     _IOR(0xb7, 11, struct mnt_ns_info_first) /* NS_MNT_GET_NEXT, Linux 6.12 */
#define GET_PREVIOUS _IOR(0xb7, 12, struct mnt_ns_info_first) /* NS_MNT_GET_PREV */

enum { STACK_SIZE = 1 << 16 };

struct visit {
	int ns;
	int proc; /* of the processes here */
	int mounts;
};

/* What a mountinfo shows is settled when it is opened; and only the child goes there. */
static int open_there(void *arg)
{
	struct visit *visit = arg;

	visit->mounts = -1;
	if (setns(visit->ns, CLONE_NEWNS) == 0)
		visit->mounts = openat(visit->proc, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (visit->mounts < 0)
		visit->mounts = -errno;
	return 0;
}

/* In a child that has the same memory and descriptors, and is waited for by the kernel. */
static int go_and_open(struct visit *visit)
{
	_Alignas(16) char stack[STACK_SIZE];
	int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES;
	pid_t child = clone(open_there, stack + sizeof(stack), flags, visit);

	if (child < 0)
		return -errno;
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
	return visit->mounts;
}

int mount_namespace_view(int ns)
{
	struct visit visit = {.ns = ns,
		.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC),
		.mounts = -ECHILD};
	int r;

	if (visit.proc < 0)
		return -errno;
	r = go_and_open(&visit);
	close(visit.proc);
	return r;
}

/* From one to the next, which may have come or gone meanwhile; each is kept until it was asked. */
static int each_from(int own, unsigned long direction, void (*fn)(int ns, void *arg), void *arg)
{
	int at = own, next, error;

	while ((next = ioctl(at, direction, NULL)) >= 0) {
		if (at != own)
			close(at);
		at = next;
		fn(at, arg);
	}
	error = errno;
	if (at != own)
		close(at);
	return error == ENOENT || error == ENOTTY || error == EPERM ? 0 : -error;
}

int mount_namespace_each(void (*fn)(int ns, void *arg), void *arg)
{
	int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), r, other;

	if (own < 0)
		return -errno;
	r = each_from(own, GET_PREVIOUS, fn, arg);
	other = each_from(own, GET_NEXT, fn, arg);
	close(own);
	return r < 0 ? r : other;
}
