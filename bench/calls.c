/* SPDX-License-Identifier: MIT */
/* What single calls of the library cost beside the bare system calls. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../src/kernel.h"
#include "frame.h"

static const char *pin_path;
static char scratch[256];

static int nothing(struct netns *host, void *arg)
{
	(void)host;
	(void)arg;
	return 0;
}

static void bare_setns_pair(void)
{
	check(setns(netns_get_fd(target), CLONE_NEWNET), "setns");
	check(setns(netns_get_fd(home), CLONE_NEWNET), "setns");
}

static void our_do_from(void)
{
	check(netns_do_from(target, home, nothing, NULL), "netns_do_from");
}

/* As good as the kernel allows: a pidfd of the thread, opened once. */
static void bare_pidfd_and_pair(void)
{
	static int pidfd = -1;
	int fd;

	if (pidfd < 0)
		pidfd = sys_pidfd_open((pid_t)syscall(SYS_gettid), PIDFD_THREAD);
	fd = ioctl(pidfd, IOCTL_PIDFD_GET_NET_NS, 0);
	check(fd, "PIDFD_GET_NET_NAMESPACE");
	check(setns(netns_get_fd(target), CLONE_NEWNET), "setns");
	check(setns(fd, CLONE_NEWNET), "setns");
	close(fd);
}

static void bare_proc_and_pair(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	check(fd, "open");
	check(setns(netns_get_fd(target), CLONE_NEWNET), "setns");
	check(setns(fd, CLONE_NEWNET), "setns");
	close(fd);
}

static void our_do(void)
{
	check(netns_do(target, nothing, NULL), "netns_do");
}

/* Signals are held off as they must be, but home is known. */
static void bare_socket(void)
{
	sigset_t all, before;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	check(setns(netns_get_fd(target), CLONE_NEWNET), "setns");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	check(setns(netns_get_fd(home), CLONE_NEWNET), "setns");
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fd);
}

static void our_socket(void)
{
	int fd = netns_socket(target, AF_INET, SOCK_DGRAM, 0);

	check(fd, "netns_socket");
	close(fd);
}

static void bare_open(void)
{
	struct statfs fs;
	int fd = open(pin_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	check(fd, "open");
	check(fstatfs(fd, &fs), "fstatfs");
	check(ioctl(fd, IOCTL_NS_GET_NSTYPE), "NS_GET_NSTYPE");
	close(fd);
}

static void our_open(void)
{
	struct netns *ns;

	check(netns_open(pin_path, &ns), "netns_open");
	netns_free(ns);
}

/* Creating: what is made is removed, and the bare way comes home, after the clock was read. */
static struct netns *created;

static void bare_create(void)
{
	check(unshare(CLONE_NEWNET), "unshare");
	close(open(scratch, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
	check(mount("/proc/thread-self/ns/net", scratch, NULL, MS_BIND, NULL), "mount");
}

static void after_bare_create(void)
{
	check(setns(netns_get_fd(home), CLONE_NEWNET), "setns");
	umount2(scratch, MNT_DETACH);
	unlink(scratch);
}

static void our_create(void)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = "bench"};

	check(netns_create(&opts, &created), "netns_create");
}

static void after_our_create(void)
{
	netns_free(created);
}

static void bare_delete(void)
{
	check(umount2(scratch, MNT_DETACH), "umount");
	check(unlink(scratch), "unlink");
}

static void before_bare_delete(void)
{
	bare_create();
	check(setns(netns_get_fd(home), CLONE_NEWNET), "setns");
}

static void our_delete(void)
{
	check(netns_delete(NULL, "bench"), "netns_delete");
}

static const struct job jobs[] = {
	{"do, home known", 301, 200, 0, 0,
		{{"two setns", NULL, bare_setns_pair, NULL},
			{"netns_do_from", NULL, our_do_from, NULL}}},
	{"do, home looked up", 301, 200, 0, 0,
		{{"thread pidfd, two setns", NULL, bare_pidfd_and_pair, NULL},
			{"netns_do", NULL, our_do, NULL}}},
	{"do, home looked up", 301, 200, 0, 0,
		{{"open in /proc, two setns", NULL, bare_proc_and_pair, NULL},
			{"netns_do", NULL, our_do, NULL}}},
	{"socket", 301, 100, 0, 0,
		{{"mask, setns, socket, setns", NULL, bare_socket, NULL},
			{"netns_socket", NULL, our_socket, NULL}}},
	{"open by path", 301, 200, 0, 0,
		{{"open, fstatfs, ioctl, close", NULL, bare_open, NULL},
			{"netns_open, netns_free", NULL, our_open, NULL}}},
	{"create and pin", 301, 1, 0, 3000,
		{{"unshare, creat, mount", NULL, bare_create, after_bare_create},
			{"netns_create", NULL, our_create, after_our_create}}},
	{"create in a storm", 301, 1, 0, 0,
		{{"unshare, creat, mount", NULL, bare_create, after_bare_create},
			{"netns_create", NULL, our_create, after_our_create}}},
	{"unpin", 301, 1, 0, 0,
		{{"umount, unlink", before_bare_delete, bare_delete, NULL},
			{"netns_delete", before_bare_delete, our_delete, NULL}}},
};

void bench_calls(void)
{
	pin_path = netns_get_path(target);
	snprintf(scratch, sizeof(scratch), "%s/bench", netns_get_run_dir());
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		measure(&jobs[i]);
}
