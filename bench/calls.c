/* SPDX-License-Identifier: MIT */
/* What single calls of the library cost beside the bare system calls. */
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../src/kernel.h"
#include "frame.h"

#include "bare.h"
#include "peers.h"

static const char *pin_path;
static char scratch[256];

static int nothing(struct netns *host, void *arg)
{
	(void)host;
	(void)arg;
	return 0;
}

static void there_and_back(int back)
{
	check(setns(netns_get_fd(target), CLONE_NEWNET), "setns");
	check(setns(back, CLONE_NEWNET), "setns");
}

static void bare_setns_pair(void)
{
	there_and_back(netns_get_fd(home));
}

static void our_do_from(void)
{
	check(netns_do_from(target, home, nothing, NULL), "netns_do_from");
}

/* As good as the kernel allows: a pidfd of the thread, opened once. */
static int look_up_home(void)
{
	static int pidfd = -1;
	int fd;

	if (pidfd < 0)
		pidfd = sys_pidfd_open((pid_t)syscall(SYS_gettid), PIDFD_THREAD);
	fd = ioctl(pidfd, IOCTL_PIDFD_GET_NET_NS, 0);
	check(fd, "PIDFD_GET_NET_NAMESPACE");
	return fd;
}

static void bare_pidfd_and_pair(void)
{
	int fd = look_up_home();

	there_and_back(fd);
	close(fd);
}

static void bare_proc_and_pair(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	check(fd, "open");
	there_and_back(fd);
	close(fd);
}

static void our_do(void)
{
	check(netns_do(target, nothing, NULL), "netns_do");
}

static void our_do_thread(void)
{
	check(netns_do_thread(target, nothing, NULL), "netns_do_thread");
}

/* Signals are held off as they must be. */
static int socket_and_back(int back, int family, int type)
{
	sigset_t all, before;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	check(setns(netns_get_fd(target), CLONE_NEWNET), "setns");
	fd = socket(family, type | SOCK_CLOEXEC, 0);
	check(setns(back, CLONE_NEWNET), "setns");
	sigprocmask(SIG_SETMASK, &before, NULL);
	return fd;
}

static void bare_socket(void)
{
	int back = look_up_home();

	close(socket_and_back(back, AF_INET, SOCK_DGRAM));
	close(back);
}

static void bare_socket_home_known(void)
{
	close(socket_and_back(netns_get_fd(home), AF_INET, SOCK_DGRAM));
}

static void our_socket(void)
{
	int fd = netns_socket(target, AF_INET, SOCK_DGRAM, 0);

	check(fd, "netns_socket");
	close(fd);
}

static void bare_netlink(void)
{
	int back = look_up_home();

	close(socket_and_back(back, AF_NETLINK, SOCK_RAW));
	close(back);
}

static void our_netlink(void)
{
	int fd = netns_socket(target, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

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
	bare_pin_new(scratch);
}

static void go_home(void)
{
	check(setns(netns_get_fd(home), CLONE_NEWNET), "setns");
}

static void unpin_scratch(void)
{
	bare_unpin(scratch);
}

static void after_bare_create(void)
{
	go_home();
	unpin_scratch();
}

static void bare_create_aside(void)
{
	bare_pin_born(scratch);
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

static void before_delete(void)
{
	bare_create();
	go_home();
}

static void our_delete(void)
{
	check(netns_delete(NULL, "bench"), "netns_delete");
}

#define CREATE_WAYS                                                                                \
	{                                                                                          \
		{.what = "unshare, creat, mount", .run = bare_create, .after = after_bare_create}, \
			{.what = "clone a thread, creat, mount",                                   \
				.run = bare_create_aside,                                          \
				.after = unpin_scratch},                                           \
			{.what = "netns_create", .run = our_create, .after = after_our_create},    \
			PEER(CNI, "CNI NewNS", "create"),                                          \
			PEER(VISHVANANDA, "vishvananda NewNamed", "create"),                       \
			PEER(PYROUTE2, "pyroute2 netns.create", "create"),                         \
	}

static const struct job jobs[] = {
	{"do, home known", 301, 200, 0, 0, 0,
		{{.what = "two setns", .run = bare_setns_pair},
			{.what = "netns_do_from", .run = our_do_from},
			PEER(VISHVANANDA, "vishvananda Set, Set", "pair")}},
	{"do, home looked up", 301, 200, 0, 0, 0,
		{{.what = "thread pidfd, two setns", .run = bare_pidfd_and_pair},
			{.what = "open in /proc, two setns", .run = bare_proc_and_pair},
			{.what = "netns_do", .run = our_do},
			PEER(VISHVANANDA, "vishvananda Get, Set, Set, Close", "do"),
			PEER(CNI, "CNI ns.Do", "do"),
			PEER(CNI, "CNI ns.Do, as in its plugins", "doLocked"),
			PEER(PYROUTE2, "pyroute2 pushns, popns", "do")}},
	{"do, in a thread", 301, 10, 0, 0, 0,
		{{.what = "thread pidfd, two setns", .run = bare_pidfd_and_pair},
			{.what = "netns_do_thread", .run = our_do_thread},
			PEER(CNI, "CNI ns.Do, as in its plugins", "doLocked")}},
	{"socket", 301, 100, 0, 0, 0,
		{{.what = "pidfd, mask, setns, socket, setns", .run = bare_socket},
			{.what = "the same, home known", .run = bare_socket_home_known},
			{.what = "netns_socket", .run = our_socket}}},
	{"rtnetlink socket", 51, 10, 0, 0, 0,
		{{.what = "pidfd, mask, setns, socket, setns", .run = bare_netlink},
			{.what = "netns_socket", .run = our_netlink},
			PEER(PYROUTE2, "pyroute2 NetNS, close", "socket")}},
	{"open by path", 301, 200, 0, 0, 0,
		{{.what = "open, fstatfs, ioctl, close", .run = bare_open},
			{.what = "netns_open, netns_free", .run = our_open},
			PEER(CNI, "CNI GetNS, Close", "open"),
			PEER(VISHVANANDA, "vishvananda GetFromName, Close", "open")}},
	{"create and pin", 301, 1, 0, 3000, 0, CREATE_WAYS},
	{"create in a storm", 301, 1, 0, 0, 0, CREATE_WAYS},
	{"unpin", 301, 1, 0, 0, 0,
		{{.what = "umount, unlink", .before = before_delete, .run = unpin_scratch},
			{.what = "netns_delete", .before = before_delete, .run = our_delete},
			PEER(CNI, "CNI UnmountNS", "delete"),
			PEER(VISHVANANDA, "vishvananda DeleteNamed", "delete"),
			PEER(PYROUTE2, "pyroute2 netns.remove", "delete")}},
};

/* What needs a thread waits until that is run. */
static void measure_under_load(void)
{
	static const struct job job = {"create, machine busy", 101, 1, 0, 3000, 0, CREATE_WAYS};

	begin_load();
	measure(&job);
	end_load();
}

void bench_calls(void)
{
	pin_path = netns_get_path(target);
	snprintf(scratch, sizeof(scratch), "%s/bench", netns_get_run_dir());
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		measure(&jobs[i]);
	measure_under_load();
}
