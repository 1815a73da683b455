/* SPDX-License-Identifier: MIT */
/* Leases: names that go with the process that made them. */
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "raw.h"

#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif

static int state_of(const char *name)
{
	struct netns_lease lease = {.state = -1};

	CHECK_EQ(netns_get_lease(NULL, name, &lease), 0);
	return lease.state;
}

/* A descriptor of the file under the pin, by a copy of the directory's mount. */
static int open_under(const char *name)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, netns_get_run_dir(), 1 | O_CLOEXEC), fd;

	CHECK(tree >= 0);
	fd = openat(tree, name, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	close(tree);
	return fd;
}

static void read_lease(const char *name, char *text, size_t size)
{
	int fd = open_under(name);
	ssize_t n = fgetxattr(fd, "trusted.netns.lease", text, size - 1);

	CHECK(n > 0);
	text[n] = '\0';
	close(fd);
}

static void write_lease(const char *name, const char *text)
{
	int fd = open_under(name);

	CHECK(fsetxattr(fd, "trusted.netns.lease", text, strlen(text), 0) == 0);
	close(fd);
}

/* Another text in place of what follows a key. */
static void change(const char *name, const char *key, const char *value)
{
	char before[512], after[600], *at;

	read_lease(name, before, sizeof(before));
	at = strstr(before, key);
	CHECK(at);
	at += strlen(key);
	snprintf(after, sizeof(after), "%.*s%s%s", (int)(at - before), before, value,
		at + strcspn(at, " "));
	write_lease(name, after);
}

static void what_is_kept_has_none(void)
{
	struct netns *ns = create_ns("web", NETNS_CREATE_KEEP);

	CHECK_EQ(state_of("web"), NETNS_LEASE_NONE);
	CHECK_EQ(netns_attach(ns, NULL, "alias"), 0);
	CHECK_EQ(state_of("alias"), NETNS_LEASE_NONE);
	netns_free(ns);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK_EQ(netns_delete(NULL, "alias"), 0);
}

static void what_goes_with_the_handle_is_held(void)
{
	struct netns *named = create_ns("web", 0), *random = create_ns(NULL, 0);
	struct netns_lease lease;

	CHECK_EQ(netns_get_lease(NULL, "web", &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_HELD);
	CHECK_EQ(lease.pid, getpid());
	CHECK_EQ(state_of(strrchr(netns_get_path(random), '/') + 1), NETNS_LEASE_HELD);
	CHECK_EQ(netns_close(named), 0);
	CHECK_EQ(netns_get_lease(NULL, "web", &lease), -ENOENT);
	netns_free(named);
	netns_free(random);
}

static void create_and_die(void)
{
	create_ns("web", 0);
	_exit(0);
}

static void what_the_dead_have_left_is_orphaned(void)
{
	in_lone_child(create_and_die);
	CHECK_EQ(state_of("web"), NETNS_LEASE_ORPHANED);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

static void a_zombie_holds_nothing(void)
{
	pid_t pid = fork();
	siginfo_t info;

	CHECK(pid >= 0);
	if (pid == 0)
		create_and_die();
	CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	CHECK_EQ(state_of("web"), NETNS_LEASE_ORPHANED);
	CHECK(waitpid(pid, NULL, 0) == pid);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

static void *create_and_stay(void *ready)
{
	char state = 0;

	/* its first thread is a zombie by now */
	while (state != 'Z') {
		int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
		char stat[512] = "";

		CHECK(fd >= 0 && read(fd, stat, sizeof(stat) - 1) > 0);
		close(fd);
		state = strrchr(stat, ')')[2];
	}
	create_ns("late", 0);
	CHECK(write(*(int *)ready, "", 1) == 1);
	for (;;)
		pause();
}

static void end_first_thread(int ready)
{
	static int fd;
	pthread_t thread;

	fd = ready;
	create_ns("web", 0);
	CHECK_EQ(pthread_create(&thread, NULL, create_and_stay, &fd), 0);
	syscall(SYS_exit, 0); /* of this thread only, without its clean-up */
}

static void a_process_may_live_without_its_first_thread(void)
{
	pid_t pid = start_ready(end_first_thread);

	CHECK_EQ(state_of("web"), NETNS_LEASE_HELD);
	CHECK_EQ(state_of("late"), NETNS_LEASE_HELD);
	CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	CHECK_EQ(state_of("web"), NETNS_LEASE_ORPHANED);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK_EQ(netns_delete(NULL, "late"), 0);
}

static void create_and_say_so(int ready)
{
	create_ns("grandchild", 0);
	CHECK(write(ready, "", 1) == 1);
	for (;;)
		pause();
}

/* What is known of the process must not be taken for its grandchild's, which gets its number. */
static void be_child_of(pid_t parent, int ready)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&parent, .set_tid_size = 1};
	long pid;

	while (kill(parent, 0) == 0)
		usleep(1000);
	usleep(20000); /* the start is told in hundredths of a second */
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		create_and_say_so(ready);
	if (pid > 0)
		CHECK_EQ(waitpid((pid_t)pid, NULL, 0), pid);
	else
		CHECK(write(ready, "x", 1) == 1);
	_exit(0);
}

static void create_fork_and_die(int ready)
{
	pid_t self = getpid(), pid;

	netns_free(create_ns("first", 0));
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		be_child_of(self, ready);
	_exit(0);
}

static void a_number_comes_back_to_a_grandchild(void)
{
	struct netns_lease lease;
	int ready[2];
	char byte;
	pid_t pid;

	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		create_fork_and_die(ready[1]);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	close(ready[1]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	if (byte == 'x')
		skip_case("no process can be given a number (Linux 5.5)");
	CHECK_EQ(netns_get_lease(NULL, "grandchild", &lease), 0);
	CHECK_EQ(lease.pid, pid);
	CHECK_EQ(lease.state, NETNS_LEASE_HELD);
	CHECK(kill(pid, SIGKILL) == 0 && waitpid(-1, NULL, 0) > 0);
	CHECK_EQ(netns_delete(NULL, "grandchild"), 0);
}

static void a_number_given_anew_is_another(void)
{
	struct netns *ns = create_ns("web", 0);

	change("web", "start=", "1");
	CHECK_EQ(state_of("web"), NETNS_LEASE_ORPHANED);
	netns_free(ns);
}

/* No pin outlives a boot: it is a container that was told another one. */
static void of_another_boot_it_cannot_be_told(void)
{
	struct netns *ns = create_ns("web", 0);

	change("web", "boot=", "01234567-0123-0123-0123-0123456789ab");
	CHECK_EQ(state_of("web"), NETNS_LEASE_UNKNOWN);
	netns_free(ns);
}

static void of_another_pid_namespace_it_cannot_be_told(void)
{
	struct netns *ns = create_ns("web", 0);

	change("web", "pidns=", "1");
	CHECK_EQ(state_of("web"), NETNS_LEASE_UNKNOWN);
	netns_free(ns);
}

/* A process that has the same number in a pid namespace and above it; 0 in it. */
static pid_t fork_with_one_number(void)
{
	for (pid_t number = 30000; number < 30100; number++) {
		pid_t numbers[] = {number, number};
		struct clone_args args = {.exit_signal = SIGCHLD,
			.set_tid = (uint64_t)(uintptr_t)numbers,
			.set_tid_size = ARRAY_SIZE(numbers)};
		long pid = syscall(SYS_clone3, &args, sizeof(args));

		if (pid >= 0)
			return (pid_t)pid;
		if (errno != EEXIST)
			skip_case("no process can be given a number (Linux 5.5)");
	}
	CHECK(!"no number is free");
	return -1;
}

/* Process 1, which is another one in the /proc that is seen from outside, of another start. */
static void be_first(void)
{
	int status;
	pid_t pid;

	CHECK(mount("proc", "/proc", "proc", 0, NULL) == 0);
	create_ns("web", 0);
	CHECK_EQ(state_of("web"), NETNS_LEASE_HELD);
	CHECK(umount2("/proc", MNT_DETACH) == 0);
	pid = fork_with_one_number();
	if (pid == 0)
		_exit(state_of("web") == NETNS_LEASE_UNKNOWN ? 0 : 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static void in_pid_namespace(void)
{
	CHECK(unshare(CLONE_NEWPID) == 0);
	in_child(be_first);
}

static void by_another_proc_it_cannot_be_told(void)
{
	in_lone_child(in_pid_namespace);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

static void the_lock_may_be_the_callers(void)
{
	struct netns *ns = create_ns("web", 0);
	int fd = open(netns_get_run_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	make_stale("old");
	usleep(1100000);
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
	CHECK_EQ(netns_collect(NULL, "old", NETNS_COLLECT_STALE | NETNS_COLLECT_LOCKED), 1);
	CHECK_EQ(netns_collect(NULL, "web", NETNS_COLLECT_ORPHANED | NETNS_COLLECT_LOCKED), 0);
	change("web", "start=", "1");
	CHECK_EQ(netns_collect(NULL, "web", NETNS_COLLECT_ORPHANED | NETNS_COLLECT_LOCKED), 1);
	close(fd);
	CHECK_EQ(netns_collect(NULL, "web", NETNS_COLLECT_STALE | NETNS_COLLECT_LOCKED << 1),
		-EINVAL);
	netns_free(ns);
}

static void it_is_about_one_namespace(void)
{
	struct netns *ns = create_ns("web", 0);

	change("web", "inode=", "1");
	CHECK_EQ(state_of("web"), NETNS_LEASE_NONE);
	netns_free(ns);
}

static void nonsense_is_none(void)
{
	static const char *const texts[] = {"", "1", "2 pid=1", "1 pid=-5 start=x", "\n\n\n",
		"1 pid=99999999999999999999 start=1 pidns=1 timens=1 boot=z inode=1 id=1"};
	struct netns *ns = create_ns("web", 0);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		write_lease("web", texts[i]);
		CHECK_EQ(state_of("web"), NETNS_LEASE_NONE);
	}
	netns_free(ns);
}

/* A stale file keeps its attributes; who mends it for good must not inherit them. */
static void a_mended_name_starts_anew(void)
{
	struct netns *ns;

	in_lone_child(create_and_die);
	CHECK(umount2(run_path("web"), MNT_DETACH) == 0);
	ns = create_ns("web", NETNS_CREATE_KEEP);
	CHECK_EQ(state_of("web"), NETNS_LEASE_NONE);
	netns_free(ns);
	CHECK_EQ(netns_delete(NULL, "web"), 0);

	in_lone_child(create_and_die);
	CHECK(umount2(run_path("web"), MNT_DETACH) == 0);
	ns = create_ns("web", 0);
	CHECK_EQ(state_of("web"), NETNS_LEASE_HELD);
	netns_free(ns);
}

static void fork_and_ask(void)
{
	struct netns *ns = create_ns("web", 0), *other;
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (pid == 0) {
		struct netns_lease lease;

		other = create_ns("other", 0);
		CHECK_EQ(netns_get_lease(NULL, "other", &lease), 0);
		CHECK_EQ(lease.pid, getpid());
		CHECK_EQ(netns_close(other), 0);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK_EQ(state_of("web"), NETNS_LEASE_HELD);
	netns_free(ns);
}

static void a_child_is_somebody_else(void)
{
	in_lone_child(fork_and_ask);
}

static void in_user_namespace(void)
{
	struct netns_lease lease;
	struct netns *ns;

	enter_user_namespace(8);
	CHECK(mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0);
	if (setxattr("/run", "user.test", "", 0, 0) < 0 && errno == EOPNOTSUPP)
		skip_case("tmpfs keeps no user.* attributes (Linux 6.6)");
	ns = create_ns("web", 0);
	CHECK_EQ(netns_get_lease(NULL, "web", &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_HELD);
	netns_free(ns);
}

static void in_a_user_namespace_too(void)
{
	in_lone_child(in_user_namespace);
}

static void errors(void)
{
	struct netns_lease lease;
	struct netns *ns = create_ns("web", 0);

	CHECK_EQ(netns_get_lease(NULL, "web", NULL), -EINVAL);
	CHECK_EQ(netns_get_lease(NULL, "a/b", &lease), -EINVAL);
	CHECK_EQ(netns_get_lease("relative", "web", &lease), -EINVAL);
	CHECK_EQ(netns_get_lease(NULL, "nothing", &lease), -ENOENT);
	make_stale("old");
	CHECK_EQ(netns_get_lease(NULL, "old", &lease), -EMEDIUMTYPE);
	CHECK(unlink(run_path("old")) == 0);
	netns_free(ns);
}

static void on_an_old_kernel(void)
{
	struct netns_lease lease;
	struct netns *ns;

	without_open_tree();
	ns = create_ns("web", 0);
	CHECK_EQ(netns_get_lease(NULL, "web", &lease), -EOPNOTSUPP);
	netns_free(ns);
}

static void before_open_tree(void)
{
	in_lone_child(on_an_old_kernel);
}

TEST_MAIN({"what_is_kept_has_none", what_is_kept_has_none, NEED_ROOT, 0},
	{"what_goes_with_the_handle_is_held", what_goes_with_the_handle_is_held, NEED_ROOT, 0},
	{"what_the_dead_have_left_is_orphaned", what_the_dead_have_left_is_orphaned, NEED_ROOT, 0},
	{"a_zombie_holds_nothing", a_zombie_holds_nothing, NEED_ROOT, 0},
	{"a_number_given_anew_is_another", a_number_given_anew_is_another, NEED_ROOT, 0},
	{"a_process_may_live_without_its_first_thread", a_process_may_live_without_its_first_thread,
		NEED_ROOT, 0},
	{"a_number_comes_back_to_a_grandchild", a_number_comes_back_to_a_grandchild, NEED_ROOT, 0},
	{"of_another_boot_it_cannot_be_told", of_another_boot_it_cannot_be_told, NEED_ROOT, 0},
	{"of_another_pid_namespace_it_cannot_be_told", of_another_pid_namespace_it_cannot_be_told,
		NEED_ROOT, 0},
	{"by_another_proc_it_cannot_be_told", by_another_proc_it_cannot_be_told, NEED_ROOT, 0},
	{"the_lock_may_be_the_callers", the_lock_may_be_the_callers, NEED_ROOT, 0},
	{"it_is_about_one_namespace", it_is_about_one_namespace, NEED_ROOT, 0},
	{"nonsense_is_none", nonsense_is_none, NEED_ROOT, 0},
	{"a_mended_name_starts_anew", a_mended_name_starts_anew, NEED_ROOT, 0},
	{"a_child_is_somebody_else", a_child_is_somebody_else, NEED_ROOT, 0},
	{"in_a_user_namespace_too", in_a_user_namespace_too, NEED_ROOT, 0},
	{"errors", errors, NEED_ROOT, 0}, {"before_open_tree", before_open_tree, NEED_ROOT, 0})
