/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../src/kernel.h"
#include "frame.h"

#include "bare.h"

void bare_pin_new(const char *path)
{
	check(unshare(CLONE_NEWNET), "unshare");
	close(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
	check(mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL), "mount");
}

static atomic_bool opened;
static _Atomic pid_t alive;

static int be_there(void *arg)
{
	(void)arg;
	while (!opened)
		sched_yield();
	return 0;
}

/* What src/birth.c does, for one that nothing happens to. */
void bare_pin_born(const char *path)
{
	alignas(16) char stack[16384];
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		    CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | CLONE_NEWNET;
	int thread, pidfd, fd;
	char from[64];

	opened = false;
	alive = 1;
	thread = clone(be_there, stack + sizeof(stack), flags, NULL, NULL, NULL, &alive);
	check(thread, "clone");
	pidfd = sys_pidfd_open(thread, PIDFD_THREAD);
	fd = ioctl(pidfd, IOCTL_PIDFD_GET_NET_NS, 0);
	check(fd, "PIDFD_GET_NET_NAMESPACE");
	opened = true;
	while (alive)
		syscall(SYS_futex, &alive, FUTEX_WAIT, 1, NULL);
	close(pidfd);

	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	close(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
	check(mount(from, path, NULL, MS_BIND, NULL), "mount");
	close(fd);
}

void bare_unpin(const char *path)
{
	check(umount2(path, MNT_DETACH), "umount");
	check(unlink(path), "unlink");
}
