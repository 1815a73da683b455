/* SPDX-License-Identifier: MIT */
/* netns_spawn() and netns_private_mounts() */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "raw.h"

/* Here the child is a copy, see checker.h: what fails sends SIGCHLD, and warnings are lost. */
extern void __tsan_init(void) __attribute__((weak));

#define P_PIDFD_ 3 /* P_PIDFD; glibc has it since 2.36 */

/* Waits by the pidfd and closes it; the status as a shell has it. */
static int status_of(int pidfd)
{
	siginfo_t info = {0};

	CHECK(waitid(P_PIDFD_, (id_t)pidfd, &info, WEXITED) == 0);
	close(pidfd);
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

/* Runs a shell's line in ns; its status. */
static int sh(struct netns *ns, struct netns_spawn_opts *opts, char *line)
{
	char name[] = "sh", c[] = "-c";
	char *argv[] = {name, c, line, NULL};
	pid_t pid;
	int fd;

	opts->size = sizeof(*opts);
	fd = netns_spawn(ns, "/bin/sh", argv, opts, &pid);
	if (fd < 0)
		return fd;
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(pid > 0);
	return status_of(fd);
}

/* No child is left, nor ever was one to be seen. */
static void check_no_child(void)
{
	CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
}

static void runs_inside(void)
{
	struct netns *ns = new_ns();
	struct netns_spawn_opts opts = {0};
	char line[128];
	uint64_t before = here();

	snprintf(line, sizeof(line), "test \"$(readlink /proc/self/ns/net)\" = 'net:[%llu]'",
		(unsigned long long)inode_of(ns));
	CHECK_EQ(sh(ns, &opts, line), 0);
	CHECK(here() == before);
	check_no_child();
	netns_free(ns);
}

static void answers_the_status(void)
{
	struct netns *ns = new_ns();
	struct netns_spawn_opts opts = {0};
	char seven[] = "exit 7", killed[] = "kill -TERM $$";

	CHECK_EQ(sh(ns, &opts, seven), 7);
	CHECK_EQ(sh(ns, &opts, killed), 128 + SIGTERM);
	netns_free(ns);
}

static void searches_when_asked(void)
{
	struct netns *ns = new_ns();
	struct netns_spawn_opts opts = {.size = sizeof(opts), .flags = NETNS_SPAWN_SEARCH};
	char name[] = "true";
	char *argv[] = {name, NULL};
	pid_t pid;
	int fd = netns_spawn(ns, "true", argv, &opts, &pid);

	CHECK(fd >= 0);
	CHECK_EQ(status_of(fd), 0);
	CHECK_EQ(netns_spawn(ns, "true", argv, NULL, &pid), -ENOENT);
	netns_free(ns);
}

static volatile sig_atomic_t chld;

static void count_chld(int sig)
{
	(void)sig;
	chld++;
}

static void a_failing_step_is_named(void)
{
	struct netns *ns = new_ns();
	struct netns_spawn_fd bad = {.fd = 5, .from = 999};
	struct netns_spawn_opts opts = {.size = sizeof(opts)};
	const struct sigaction action = {.sa_handler = count_chld};
	char name[] = "nothing";
	char *argv[] = {name, NULL};
	pid_t pid = 42;

	sigaction(SIGCHLD, &action, NULL);
	CHECK_EQ(netns_spawn(ns, "/nowhere/nothing", argv, NULL, &pid), -ENOENT);
	CHECK_MSG("/nowhere/nothing");
	CHECK_MSG("execute");
	CHECK_EQ(netns_spawn(ns, "/etc/passwd", argv, NULL, &pid), -EACCES);
	opts.cwd = "/nowhere";
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &opts, &pid), -ENOENT);
	CHECK_MSG("directory");
	opts.cwd = NULL;
	opts.fds = &bad;
	opts.n_fds = 1;
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &opts, &pid), -EBADF);
	CHECK_MSG("descriptor");
	CHECK_EQ(pid, 42);
	check_no_child();
	CHECK(chld == 0 || __tsan_init);
	netns_free(ns);
}

static void bad_arguments_are_refused(void)
{
	struct netns *ns = new_ns();
	struct netns_spawn_opts opts = {0};
	char name[] = "true";
	char *argv[] = {name, NULL};
	struct {
		struct netns_spawn_opts opts;
		int more;
	} longer = {.opts = {.size = sizeof(longer)}, .more = 1};
	pid_t pid;

	CHECK_EQ(netns_spawn(NULL, "/bin/true", argv, NULL, &pid), -EINVAL);
	CHECK_EQ(netns_spawn(ns, NULL, argv, NULL, &pid), -EINVAL);
	CHECK_EQ(netns_spawn(ns, "/bin/true", NULL, NULL, &pid), -EINVAL);
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, NULL, NULL), -EINVAL);
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &opts, &pid), -EINVAL); /* size 0 */
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &longer.opts, &pid), -EINVAL);
	opts.size = sizeof(opts);
	opts.flags = 1u << 31;
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &opts, &pid), -EINVAL);
	opts.flags = 0;
	opts.n_fds = 1;
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &opts, &pid), -EINVAL);
	opts.n_fds = 0;
	opts.flags = NETNS_SPAWN_MOUNTS;
	opts.name = "a/b";
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &opts, &pid), -EINVAL);
	CHECK_EQ(netns_close(ns), 0);
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, NULL, &pid), -EBADF);
	check_no_child();
	netns_free(ns);
}

static void descriptors_are_set_up_in_order(void)
{
	struct netns *ns = new_ns();
	int ends[2];
	char line[] = "echo out; echo err >&2; test ! -e /proc/self/fd/9", text[32] = "";
	struct netns_spawn_fd fds[] = {{9, 1}, {1, -1}, {2, -1}, {9, -1}};
	struct netns_spawn_opts opts = {.n_fds = ARRAY_SIZE(fds), .fds = fds};

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	fds[1].from = fds[2].from = ends[1];
	CHECK_EQ(sh(ns, &opts, line), 0);
	close(ends[1]);
	CHECK(read(ends[0], text, sizeof(text) - 1) > 0);
	CHECK(strstr(text, "out") && fcntl(9, F_GETFD) < 0);
	close(ends[0]);
	netns_free(ns);
}

/* dup2(2) of a descriptor onto itself would leave it close-on-exec. */
static void a_descriptor_onto_itself_is_inherited(void)
{
	struct netns *ns = new_ns();
	int ends[2];
	char line[64];
	struct netns_spawn_fd own;
	struct netns_spawn_opts opts = {.n_fds = 1, .fds = &own};

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	own = (struct netns_spawn_fd){ends[1], ends[1]};
	snprintf(line, sizeof(line), "test -e /proc/self/fd/%d && test ! -e /proc/self/fd/%d",
		ends[1], ends[0]);
	CHECK_EQ(sh(ns, &opts, line), 0);
	close(ends[0]);
	close(ends[1]);
	netns_free(ns);
}

static void environment_and_directory(void)
{
	struct netns *ns = new_ns();
	char word[] = "WORD=spoken", line[] = "test \"$WORD\" = spoken && test \"$PWD\" = /proc";
	char *envp[] = {word, NULL};
	struct netns_spawn_opts opts = {.envp = envp, .cwd = "/proc"};

	CHECK_EQ(sh(ns, &opts, line), 0);
	netns_free(ns);
}

static void handled(int sig)
{
	(void)sig;
	abort();
}

/* Asks grep, since a shell has a signal mask of its own. */
static bool status_has(struct netns *ns, struct netns_spawn_opts *opts, const char *pattern)
{
	char name[] = "grep", q[] = "-q", file[] = "/proc/self/status";
	char *argv[] = {name, q, (char *)pattern, file, NULL};
	pid_t pid;
	int fd;

	opts->size = sizeof(*opts);
	fd = netns_spawn(ns, "/bin/grep", argv, opts, &pid);
	CHECK(fd >= 0);
	return status_of(fd) == 0;
}

static void signals_are_as_told(void)
{
	struct netns *ns = new_ns();
	const struct sigaction handler = {.sa_handler = handled}, ignored = {.sa_handler = SIG_IGN};
	sigset_t usr1, usr2, none, before;
	struct netns_spawn_opts opts = {0};

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	sigaction(SIGTERM, &handler, NULL);
	sigaction(SIGUSR2, &ignored, NULL);
	sigprocmask(SIG_BLOCK, &usr1, &before);
	/* bits: 10 is USR1, 12 USR2, 15 TERM, counted from 1; whoever runs us may ignore others */
	CHECK(status_has(ns, &opts, "SigBlk:\t0*200$"));
	CHECK(status_has(ns, &opts, "SigIgn:.*[89a-f]..$"));
	CHECK(status_has(ns, &opts, "SigCgt:.*[0-3]...$"));
	opts.sigmask = &none;
	opts.sigdefault = &usr2;
	opts.sigignore = &usr1;
	CHECK(status_has(ns, &opts, "SigBlk:\t0*$"));
	CHECK(status_has(ns, &opts, "SigIgn:.*[2367]..$"));
	sigprocmask(SIG_SETMASK, &before, NULL);
	netns_free(ns);
}

static void users(void)
{
	struct netns *ns = new_ns();
	const gid_t groups[] = {7, 8};
	char line[] =
		"test \"$(id -u):$(id -g):$(id -G)\" = '4242:4343:4343 7 8' && test ! -w /etc";
	struct netns_spawn_opts opts = {.flags = NETNS_SPAWN_SETUSER,
		.uid = 4242,
		.gid = 4343,
		.groups = groups,
		.n_groups = ARRAY_SIZE(groups)};

	CHECK_EQ(sh(ns, &opts, line), 0);
	CHECK_EQ(getuid(), 0);
	netns_free(ns);
}

static void the_failed_step_is_told(void)
{
	struct netns *ns = new_ns();
	char name[] = "true";
	char *argv[] = {name, NULL};
	int step = -1;
	struct netns_spawn_opts opts = {.size = sizeof(opts), .failed_step = &step};
	pid_t pid;

	CHECK_EQ(netns_spawn(ns, "/nowhere", argv, &opts, &pid), -ENOENT);
	CHECK_EQ(step, NETNS_SPAWN_STEP_EXECUTE);
	opts.cwd = "/nowhere";
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &opts, &pid), -ENOENT);
	CHECK_EQ(step, NETNS_SPAWN_STEP_PREPARE);
	drop_privileges();
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, &opts, &pid), -EPERM);
	CHECK_EQ(step, NETNS_SPAWN_STEP_ENTER);
	netns_free(ns);
}

static void sessions_and_groups(void)
{
	struct netns *ns = new_ns();
	/* pid, (comm), state, ppid, pgrp, session */
	char session[] = "set -- $(cat /proc/$$/stat); test $5 = $$ && test $6 = $$";
	char group[] = "set -- $(cat /proc/$$/stat); test $5 = $$ && test $6 != $$";
	struct netns_spawn_opts opts = {.flags = NETNS_SPAWN_SETSID};

	CHECK_EQ(sh(ns, &opts, session), 0);
	opts.flags = NETNS_SPAWN_SETPGROUP;
	CHECK_EQ(sh(ns, &opts, group), 0);
	netns_free(ns);
}

/* The child tells its number through a pipe, then sleeps; its parent ends. */
static void the_death_signal_comes(void)
{
	int ends[2];
	pid_t parent, child = 0;
	char byte;

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	parent = fork();
	CHECK(parent >= 0);
	if (parent == 0) {
		struct netns_spawn_fd out = {1, ends[1]};
		struct netns_spawn_opts opts = {
			.size = sizeof(opts), .fds = &out, .n_fds = 1, .death_signal = SIGKILL};
		char name[] = "sleep", time[] = "1000";
		char *argv[] = {name, time, NULL};

		if (netns_spawn(new_ns(), "/bin/sleep", argv, &opts, &child) < 0)
			_exit(1);
		_exit(write(ends[1], &child, sizeof(child)) == sizeof(child) ? 0 : 1);
	}
	close(ends[1]);
	CHECK(read(ends[0], &child, sizeof(child)) == sizeof(child) && child > 0);
	CHECK(waitpid(parent, NULL, 0) == parent);
	/* end of file: the sleeping one, who had the other end, is gone as well */
	CHECK(read(ends[0], &byte, 1) == 0);
	close(ends[0]);
}

static void *spawn_often(void *arg)
{
	struct netns *ns = arg;
	char name[] = "true";
	char *argv[] = {name, NULL};

	for (int i = 0; i < 20; i++) {
		pid_t pid;
		int fd = netns_spawn(ns, "/bin/true", argv, NULL, &pid);

		CHECK(fd >= 0);
		CHECK_EQ(status_of(fd), 0);
	}
	return NULL;
}

static void from_many_threads(void)
{
	struct netns *ns = new_ns();
	pthread_t threads[8];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK(pthread_create(&threads[i], NULL, spawn_often, ns) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	netns_free(ns);
}

static void without_privileges(void)
{
	struct netns *ns = new_ns();
	char name[] = "true";
	char *argv[] = {name, NULL};
	pid_t pid;

	drop_privileges();
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, NULL, &pid), -EPERM);
	CHECK_MSG("setns");
	check_no_child();
	netns_free(ns);
}

static void without_descriptors(void)
{
	struct netns *ns = new_ns();
	char name[] = "true";
	char *argv[] = {name, NULL};
	pid_t pid;

	limit_free_descriptors(0);
	CHECK_EQ(netns_spawn(ns, "/bin/true", argv, NULL, &pid), -EMFILE);
	unlimit_descriptors();
	check_no_child();
	netns_free(ns);
}

static void with_the_mounts(void)
{
	struct netns *ns = new_ns();
	struct netns_spawn_opts opts = {.flags = NETNS_SPAWN_MOUNTS};
	char only_lo[] = "test \"$(ls /sys/class/net)\" = lo";
	char not_ours[] = "test \"$(readlink /proc/self/ns/mnt)\" != \"$OUTSIDE\"";
	char outside[64];
	ssize_t n = readlink("/proc/self/ns/mnt", outside, sizeof(outside) - 1);

	CHECK(n > 0);
	outside[n] = '\0';
	CHECK(setenv("OUTSIDE", outside, 1) == 0);
	CHECK_EQ(sh(ns, &opts, only_lo), 0);
	CHECK_EQ(sh(ns, &opts, not_ours), 0);
	netns_free(ns);
}

static void count_warning(const char *text, void *arg)
{
	CHECK(strstr(text, "/etc/missing"));
	++*(int *)arg;
}

/* /etc with one substitute whose target is there, and one whose is not */
static void make_etc(void)
{
	CHECK(mount("tmpfs", "/etc", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/etc/netns", 0755) == 0 && mkdir("/etc/netns/web", 0755) == 0);
	write_file("/etc/hosts", "outside");
	write_file("/etc/netns/web/hosts", "inside");
	write_file("/etc/netns/web/missing", "inside");
}

static void with_files_of_its_own(void)
{
	struct netns *ns = new_ns();
	int warnings = 0;
	struct netns_spawn_opts opts = {.flags = NETNS_SPAWN_MOUNTS,
		.name = "web",
		.warn = count_warning,
		.arg = &warnings};
	char line[] = "test \"$(cat /etc/hosts)\" = inside && test ! -e /etc/missing";

	make_etc();
	CHECK_EQ(sh(ns, &opts, line), 0);
	CHECK(warnings == 1 || __tsan_init);
	CHECK(umount2("/etc", MNT_DETACH) == 0);
	netns_free(ns);
}

static void move_into_private_mounts(void)
{
	struct netns *ns = new_ns();
	char text[16] = "";
	int warnings = 0, fd;

	CHECK_EQ(netns_set(ns), 0);
	CHECK_EQ(netns_private_mounts("web", count_warning, &warnings), 0);
	CHECK_EQ(warnings, 1);
	fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
	CHECK(read(fd, text, sizeof(text)) == 6);
	CHECK_STR(text, "inside");
	close(fd);
	CHECK(access("/sys/class/net/lo", F_OK) == 0);
	netns_free(ns);
}

static void private_mounts_of_this_process(void)
{
	CHECK_EQ(netns_private_mounts("a/b", NULL, NULL), -EINVAL);
	make_etc();
	in_lone_child(move_into_private_mounts);
	CHECK(umount2("/etc", MNT_DETACH) == 0);
}

static void no_private_mounts(void)
{
	drop_privileges();
	CHECK_EQ(netns_private_mounts(NULL, NULL, NULL), -EPERM);
	CHECK_MSG("mount namespace");
}

static void private_mounts_need_privileges(void)
{
	in_lone_child(no_private_mounts);
}

TEST_MAIN({"runs_inside", runs_inside, NEED_ROOT, 0},
	{"answers_the_status", answers_the_status, NEED_ROOT, 0},
	{"searches_when_asked", searches_when_asked, NEED_ROOT, 0},
	{"a_failing_step_is_named", a_failing_step_is_named, NEED_ROOT, 0},
	{"bad_arguments_are_refused", bad_arguments_are_refused, NEED_ROOT, 0},
	{"descriptors_are_set_up_in_order", descriptors_are_set_up_in_order, NEED_ROOT, 0},
	{"a_descriptor_onto_itself_is_inherited", a_descriptor_onto_itself_is_inherited, NEED_ROOT,
		0},
	{"environment_and_directory", environment_and_directory, NEED_ROOT, 0},
	{"signals_are_as_told", signals_are_as_told, NEED_ROOT, 0}, {"users", users, NEED_ROOT, 0},
	{"the_failed_step_is_told", the_failed_step_is_told, NEED_ROOT, 0},
	{"sessions_and_groups", sessions_and_groups, NEED_ROOT, 0},
	{"the_death_signal_comes", the_death_signal_comes, NEED_ROOT, 0},
	{"from_many_threads", from_many_threads, NEED_ROOT, 0},
	{"without_privileges", without_privileges, NEED_ROOT, 0},
	{"without_descriptors", without_descriptors, NEED_ROOT, 0},
	{"with_the_mounts", with_the_mounts, NEED_ROOT, 0},
	{"with_files_of_its_own", with_files_of_its_own, NEED_ROOT, 0},
	{"private_mounts_of_this_process", private_mounts_of_this_process, NEED_ROOT, 0},
	{"private_mounts_need_privileges", private_mounts_need_privileges, NEED_ROOT, 0})
