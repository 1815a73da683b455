/* SPDX-License-Identifier: MIT */
/*
 * What the library costs beside the bare system calls, in one run on one machine.
 *
 * Each job is done in turns, bare and by the library, in small batches, so that whatever else the
 * machine does falls on both. The figures are medians over the batches; the ratio is that of the
 * medians.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <netns.h>

#include "../src/kernel.h"

#define BATCHES 301

static struct netns *target, *home;
static const char *pin_path;
static char scratch[256];

static void check(long r, const char *what)
{
	if (r < 0)
		err(1, "%s: %s", what, netns_errmsg());
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- the jobs ---- */

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

/* ---- measuring ---- */

struct way {
	const char *what;
	void (*before)(void);
	void (*run)(void);
	void (*after)(void);
};

struct job {
	const char *name;
	int batch;    /* runs in a row between two looks at the clock */
	int pause_us; /* after each, for the kernel to finish tearing down what was removed */
	struct way bare, ours;
};

static const struct job jobs[] = {
	{"do, home known", 200, 0, {"two setns", NULL, bare_setns_pair, NULL},
		{"netns_do_from", NULL, our_do_from, NULL}},
	{"do, home looked up", 200, 0, {"thread pidfd, two setns", NULL, bare_pidfd_and_pair, NULL},
		{"netns_do", NULL, our_do, NULL}},
	{"do, home looked up", 200, 0, {"open in /proc, two setns", NULL, bare_proc_and_pair, NULL},
		{"netns_do", NULL, our_do, NULL}},
	{"socket", 100, 0, {"mask, setns, socket, setns", NULL, bare_socket, NULL},
		{"netns_socket", NULL, our_socket, NULL}},
	{"open by path", 200, 0, {"open, fstatfs, ioctl, close", NULL, bare_open, NULL},
		{"netns_open, free", NULL, our_open, NULL}},
	{"create and pin", 1, 3000, {"unshare, creat, mount", NULL, bare_create, after_bare_create},
		{"netns_create", NULL, our_create, after_our_create}},
	{"create in a storm", 1, 0, {"unshare, creat, mount", NULL, bare_create, after_bare_create},
		{"netns_create", NULL, our_create, after_our_create}},
	{"unpin", 1, 0, {"umount, unlink", before_bare_delete, bare_delete, NULL},
		{"netns_delete", before_bare_delete, our_delete, NULL}},
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double one_batch(const struct way *way, int n, int pause_us)
{
	double start, spent;

	if (way->before)
		way->before();
	start = now_us();
	for (int i = 0; i < n; i++)
		way->run();
	spent = now_us() - start;
	if (way->after)
		way->after();
	if (pause_us)
		usleep((useconds_t)pause_us);
	return spent / n;
}

static void measure(const struct job *job)
{
	static double bare[BATCHES], ours[BATCHES];

	/* The first fills caches and is not counted. */
	for (int i = -1; i < BATCHES; i++) {
		double b = one_batch(&job->bare, job->batch, job->pause_us);
		double o = one_batch(&job->ours, job->batch, job->pause_us);

		if (i >= 0) {
			bare[i] = b;
			ours[i] = o;
		}
	}
	qsort(bare, BATCHES, sizeof(bare[0]), compare);
	qsort(ours, BATCHES, sizeof(ours[0]), compare);
	printf("%-19s %-28s %8.2f  %-17s %8.2f  %5.2f\n", job->name, job->bare.what,
		bare[BATCHES / 2], job->ours.what, ours[BATCHES / 2],
		ours[BATCHES / 2] / bare[BATCHES / 2]);
	fflush(stdout);
}

/* The machine's own names are neither seen nor touched. */
static void private_run_dir(void)
{
	char parent[128];
	char *slash;

	snprintf(parent, sizeof(parent), "%s", netns_get_run_dir());
	slash = strrchr(parent, '/');
	*slash = '\0';
	check(unshare(CLONE_NEWNS), "unshare");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
	check(mount("bench", parent, "tmpfs", 0, NULL), "mount tmpfs");
}

int main(void)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = "target"};

	if (geteuid() != 0)
		errx(1, "needs root: network namespaces are entered");
	private_run_dir();
	check(netns_open_current(&home), "netns_open_current");
	check(netns_create(&opts, &target), "netns_create");
	pin_path = netns_get_path(target);
	snprintf(scratch, sizeof(scratch), "%s/bench", netns_get_run_dir());

	printf("%-19s %-28s %8s  %-17s %8s  %5s\n", "job", "bare system calls", "us", "library",
		"us", "ratio");
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		measure(&jobs[i]);

	netns_free(target);
	netns_free(home);
	return 0;
}
