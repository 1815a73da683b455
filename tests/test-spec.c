/* SPDX-License-Identifier: MIT */
/* One word for a namespace: all the ways to say which, and the search by number. */
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "harness.h"
#include "raw.h"

#define UNTOUCHED ((struct netns *)-1L)

static const char *word(const char *prefix, uint64_t number)
{
	static _Thread_local char words[8][64];
	static _Thread_local unsigned next;
	char *w = words[next++ % ARRAY_SIZE(words)];

	snprintf(w, sizeof(words[0]), "%s%" PRIu64, prefix, number);
	return w;
}

static void check_opens(const char *spec, uint64_t inode, const char *path)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_open_spec(spec, &ns), 0);
	CHECK_EQ(inode_of(ns), inode);
	CHECK(fcntl(netns_get_fd(ns), F_GETFD) & FD_CLOEXEC);
	if (path)
		CHECK_STR(netns_get_path(ns), path);
	else
		CHECK(netns_get_path(ns) == NULL);
	netns_free(ns);
}

static void check_fails(const char *spec, int error)
{
	struct netns *ns = UNTOUCHED;
	int before = count_descriptors();

	CHECK_EQ(netns_open_spec(spec, &ns), error);
	CHECK(ns == UNTOUCHED);
	CHECK_EQ(count_descriptors(), before);
}

static void names_and_paths(void)
{
	struct netns *web = create_ns("web", 0), *odd = create_ns("pid:1", 0), *ns;
	char relative[64];

	check_opens("web", inode_of(web), run_path("web"));
	check_opens(run_path("web"), inode_of(web), run_path("web"));
	check_opens(run_path("pid:1"), inode_of(odd), run_path("pid:1"));
	snprintf(relative, sizeof(relative), "./netns/%s", "pid:1");
	CHECK(chdir("/run") == 0);
	check_opens("netns/pid:1", inode_of(odd), "netns/pid:1");
	CHECK(chdir("/") == 0);

	check_fails("wen", -ENOENT);
	CHECK_MSG("wen");
	check_fails("/nowhere", -ENOENT);
	CHECK_MSG("/nowhere");
	make_stale("stale");
	check_fails("stale", -EMEDIUMTYPE);
	CHECK(unlink(run_path("stale")) == 0);

	/* another run directory */
	CHECK_EQ(netns_attach(web, tmp_path("other"), "inner"), 0);
	check_fails("inner", -ENOENT);
	CHECK_EQ(netns_open_spec_in(tmp_path("other"), "inner", &ns), 0);
	CHECK_EQ(inode_of(ns), inode_of(web));
	netns_free(ns);
	CHECK_EQ(netns_delete(tmp_path("other"), "inner"), 0);
	netns_free(odd);
	netns_free(web);
}

/* What begins like one of the words, but is none, is a name as good as any. */
static void names_with_colons(void)
{
	static const char *const names[] = {
		"PID:1", "pid", "a:b", "inode:1", "name:x", ":", "hosts"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct netns *ns = create_ns(names[i], 0);

		check_opens(names[i], inode_of(ns), run_path(names[i]));
		netns_free(ns);
	}
}

static void bad_words_are_refused(void)
{
	static const char *const words[] = {"", ".", "..", "pid:", "pid:0", "pid:-1", "pid:+1",
		"pid: 1", "pid:1 ", "pid:1x", "pid:0x1", "pid:2147483648",
		"pid:99999999999999999999", "fd:", "fd:-1", "fd:2147483648", "id:", "id:0",
		"id:18446744073709551616", "id:1.0", "ino:", "ino:0", "ino:net", "nsid:", "nsid:-1",
		"nsid:2147483648"};
	struct netns *ns = UNTOUCHED;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		check_fails(words[i], -EINVAL);
	check_fails("pid:x", -EINVAL);
	CHECK_MSG("'pid:x': after 'pid:', a number from 1 to 2147483647 is wanted");
	check_fails(NULL, -EINVAL);
	CHECK_EQ(netns_open_spec("self", NULL), -EINVAL);
	CHECK_EQ(netns_open_spec_in("relative", "self", &ns), -EINVAL);
	CHECK(ns == UNTOUCHED);
}

static void processes_and_threads(void)
{
	pid_t pid = start_inside();
	struct netns *ns;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	CHECK_EQ(netns_open(path, &ns), 0);
	check_opens(word("pid:", (uint64_t)pid), inode_of(ns), path);
	netns_free(ns);
	stop_process(pid);
	check_fails(word("pid:", (uint64_t)pid), -ESRCH);
	CHECK_MSG("process");
	/* the smallest and the greatest */
	check_fails("pid:2147483647", -ESRCH);
}

static void thread_elsewhere(void *arg)
{
	char path[64];

	(void)arg;
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)syscall(SYS_gettid));
	check_opens(word("pid:", (uint64_t)syscall(SYS_gettid)), here(), path);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/net", (int)getpid(),
		(int)syscall(SYS_gettid));
	check_opens("self", here(), path);
}

static void self_is_the_thread(void)
{
	uint64_t home = here();
	char path[64];

	in_thread_with(thread_elsewhere, NULL);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/net", (int)getpid(), (int)getpid());
	check_opens("self", home, path);
}

static void (*as_process_1)(void);

/* In a process that is number 1, with a /proc that shows that. */
static void in_pid_namespace(void (*fn)(void))
{
	pid_t pid;

	CHECK_EQ(unshare(CLONE_NEWPID | CLONE_NEWNS), 0);
	CHECK_EQ(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
	as_process_1 = fn;
	pid = fork();
	if (pid == 0) {
		CHECK_EQ(mount("proc", "/proc", "proc", 0, NULL), 0);
		as_process_1();
		end_child();
	}
	check_child(pid);
}

static void look_for_host(void *arg)
{
	const uint64_t *first = arg;

	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	CHECK(here() != *first);
	check_opens("host", *first, "/proc/1/ns/net");
	check_opens("pid:1", *first, "/proc/1/ns/net");
}

static void be_host(void)
{
	uint64_t first = here();

	in_thread_with(look_for_host, &first);
}

static void become_host(void)
{
	in_pid_namespace(be_host);
}

static void host_is_process_1(void)
{
	in_child(become_host);
}

/* Who has a name "host" means that, as with ip, and not the machine. */
static void have_such_names(void)
{
	static const char *const words[] = {"self", "host"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct netns *ns = create_ns(words[i], 0);

		check_opens(words[i], inode_of(ns), run_path(words[i]));
		netns_free(ns);
		CHECK_EQ(netns_open_spec(words[i], &ns), 0);
		netns_free(ns);
		/* also one that cannot be entered: better nothing than the wrong one */
		make_stale(words[i]);
		check_fails(words[i], -EMEDIUMTYPE);
		CHECK(unlink(run_path(words[i])) == 0);
	}
}

static void have_such_names_in_pid_namespace(void)
{
	in_pid_namespace(have_such_names);
}

static void names_win_over_words(void)
{
	in_child(have_such_names_in_pid_namespace);
}

static void descriptors(void)
{
	struct netns *ns = new_ns();
	pid_t pid = start_inside();
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), sock, null;
	struct netns *other;

	CHECK_EQ(netns_open_pid(pid, &other), 0);
	check_opens(word("fd:", (uint64_t)netns_get_fd(ns)), inode_of(ns), NULL);
	check_opens(word("fd:", (uint64_t)pidfd), inode_of(other), NULL);
	sock = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);
	check_opens(word("fd:", (uint64_t)sock), inode_of(ns), NULL);
	close(sock);
	check_fails(word("fd:", (uint64_t)sock), -EBADF);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	check_fails(word("fd:", (uint64_t)null), -EMEDIUMTYPE);
	CHECK_MSG("neither a network namespace, nor a pidfd, nor a socket");
	close(null);
	stop_process(pid);
	check_fails(word("fd:", (uint64_t)pidfd), -ESRCH);
	close(pidfd);
	netns_free(other);
	netns_free(ns);
}

/* ---- by number */

struct numbers {
	uint64_t id;
	uint64_t inode;
};

/* Of a handle that is closed by this: the search would find it among our own descriptors. */
static struct numbers take_numbers(struct netns *ns)
{
	struct numbers numbers = {.id = cookie_of(ns), .inode = inode_of(ns)};

	netns_free(ns);
	return numbers;
}

static void check_found(struct numbers numbers)
{
	check_opens(word("id:", numbers.id), numbers.inode, NULL);
	check_opens(word("ino:", numbers.inode), numbers.inode, NULL);
}

static void check_not_found(struct numbers numbers)
{
	check_fails(word("id:", numbers.id), -ENOENT);
	CHECK_MSG(word("id ", numbers.id));
	check_fails(word("ino:", numbers.inode), -ENOENT);
	CHECK_MSG(word("inode number ", numbers.inode));
}

static void find_names(void)
{
	struct numbers a = take_numbers(create_ns("a", NETNS_CREATE_KEEP));
	struct numbers b = take_numbers(create_ns("b", NETNS_CREATE_KEEP));

	CHECK(a.id != b.id);
	/* neither stops it */
	make_stale("stale");
	make_link("a", run_path("link"));
	CHECK(mkfifo(run_path("fifo"), 0600) == 0);
	check_found(a);
	check_found(b);
	CHECK(unlink(run_path("fifo")) == 0);
	CHECK(unlink(run_path("link")) == 0);
	CHECK(unlink(run_path("stale")) == 0);
	CHECK_EQ(netns_delete(NULL, "a"), 0);
	check_found(b);
	CHECK_EQ(netns_delete(NULL, "b"), 0);
}

static void found_by_name(void)
{
	on_each_kernel(find_names);
}

/* Without a name in that directory, whatever the default one holds. */
static void names_are_those_of_the_directory(void)
{
	struct netns *ns = create_ns("web", NETNS_CREATE_KEEP), *found = UNTOUCHED;
	struct numbers numbers = take_numbers(ns);

	deny_syscall(470, -1, 0, 0, ENOSYS); /* listns(2) would tell of it */
	CHECK_EQ(netns_open_spec_in("/nowhere", word("ino:", numbers.inode), &found), -ENOENT);
	CHECK(found == UNTOUCHED);
	CHECK_EQ(netns_open_spec_in(NULL, word("ino:", numbers.inode), &found), 0);
	netns_free(found);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

/* A child, waiting, that does this before; told from it through a pipe. */
struct child {
	pid_t pid;
	struct numbers numbers;
};

static struct child start_child(void (*hold)(struct numbers *ret))
{
	struct child child;
	int tell[2];

	CHECK(pipe2(tell, O_CLOEXEC) == 0);
	child.pid = fork();
	CHECK(child.pid >= 0);
	if (child.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold(&child.numbers);
		CHECK_EQ(write(tell[1], &child.numbers, sizeof(child.numbers)),
			sizeof(child.numbers));
		for (;;)
			pause();
	}
	close(tell[1]);
	CHECK_EQ(read(tell[0], &child.numbers, sizeof(child.numbers)), sizeof(child.numbers));
	close(tell[0]);
	return child;
}

static pthread_barrier_t thread_is_there;
static struct numbers of_thread;

static void *wait_elsewhere(void *arg)
{
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	of_thread = (struct numbers){.id = where(), .inode = here()};
	pthread_barrier_wait(&thread_is_there);
	for (;;)
		pause();
	return arg;
}

/* Not by the main thread, which is what /proc/PID/ns/net shows. */
static void hold_by_thread(struct numbers *ret)
{
	pthread_t thread;

	pthread_barrier_init(&thread_is_there, NULL, 2);
	CHECK_EQ(pthread_create(&thread, NULL, wait_elsewhere, NULL), 0);
	pthread_barrier_wait(&thread_is_there);
	*ret = of_thread;
}

static void hold_by_main_thread(struct numbers *ret)
{
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	*ret = (struct numbers){.id = where(), .inode = here()};
}

static void hold_by_descriptor(struct numbers *ret)
{
	struct netns *ns = new_ns();

	*ret = (struct numbers){.id = cookie_of(ns), .inode = inode_of(ns)};
}

/* Such a descriptor reads as "/" in /proc, and not as "net:[...]". */
static void hold_by_descriptor_of_deleted_name(struct numbers *ret)
{
	struct netns *made = create_ns("deleted", NETNS_CREATE_KEEP), *ns;

	netns_free(made);
	CHECK_EQ(netns_open_name("deleted", &ns), 0);
	CHECK_EQ(netns_delete(NULL, "deleted"), 0);
	*ret = (struct numbers){.id = cookie_of(ns), .inode = inode_of(ns)};
}

static void find_in_processes(void)
{
	static void (*const ways[])(struct numbers * ret) = {hold_by_main_thread, hold_by_thread,
		hold_by_descriptor, hold_by_descriptor_of_deleted_name};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct child child = start_child(ways[i]);

		check_found(child.numbers);
		stop_process(child.pid);
	}
}

static void found_in_processes(void)
{
	on_each_kernel(find_in_processes);
}

static void gone_is_not_found(void)
{
	struct numbers numbers = take_numbers(new_ns());
	struct numbers never = {.id = UINT64_MAX, .inode = UINT64_MAX};

	/* its number may be given to another, its id never */
	check_fails(word("id:", numbers.id), -ENOENT);
	check_not_found(never);
}

static void not_found_without_ids(void)
{
	deny_syscall(SYS_getsockopt, 2, 0xffffffff, SO_NETNS_COOKIE, ENOPROTOOPT);
	without_ns_id();
	netns_free(current_ns()); /* what is kept per thread is there before it is counted */
	check_fails("id:1", -EOPNOTSUPP);
	CHECK_MSG("the kernel does not tell the id");
}

static void ids_may_be_unknown(void)
{
	in_child(not_found_without_ids);
}

static struct numbers held_by_root;

static void look_without_privilege(void)
{
	struct netns *ns;

	drop_privileges();
	/* pins are for all to see, the processes of others are not */
	check_fails(word("ino:", held_by_root.inode), -ENOENT);
	CHECK_MSG("that may be looked into without more privilege");
	CHECK_EQ(netns_open_spec("self", &ns), 0);
	CHECK_EQ(inode_of(ns), here());
	netns_free(ns);
}

static void say_that_privilege_was_missing(void)
{
	struct child child = start_child(hold_by_main_thread);

	held_by_root = child.numbers;
	in_lone_child(look_without_privilege);
	stop_process(child.pid);
}

static void kinds_of_namespace_are_not_mixed_up(void)
{
	struct stat st;

	CHECK(stat("/proc/self/ns/uts", &st) == 0);
	check_fails(word("ino:", st.st_ino), -ENOENT);
}

static void without_descriptors(void)
{
	struct numbers numbers = take_numbers(create_ns("web", NETNS_CREATE_KEEP));

	for (unsigned n = 0; n < 2; n++) {
		struct netns *ns = UNTOUCHED;

		limit_free_descriptors(n);
		CHECK_EQ(netns_open_spec(word("ino:", numbers.inode), &ns), -EMFILE);
		CHECK(ns == UNTOUCHED);
		unlimit_descriptors();
	}
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

static void find_without_proc(void *arg)
{
	const struct numbers *numbers = arg;
	struct netns *ns = UNTOUCHED;

	hide_proc();
	CHECK_EQ(netns_open_spec(word("ino:", numbers->inode), &ns), 0);
	CHECK_EQ(inode_of(ns), numbers->inode);
	netns_free(ns);
	ns = UNTOUCHED;
	CHECK_EQ(netns_open_spec("ino:1", &ns), -ENOENT);
	CHECK(ns == UNTOUCHED);
}

static void names_are_found_without_proc(void)
{
	struct numbers numbers = take_numbers(create_ns("web", NETNS_CREATE_KEEP));

	in_child_with(find_without_proc, &numbers);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

/* ---- nsids */

static void nsids_count_from_here(void)
{
	struct netns *web = create_ns("web", 0), *unnamed = new_ns();

	leave_machine();
	check_fails("nsid:3", -ENOENT);
	CHECK_MSG("no namespace has the nsid 3 here");
	CHECK_EQ(netns_set_nsid(web, 3), 0);
	CHECK_EQ(netns_set_nsid(unnamed, 0), 0);
	check_opens("nsid:3", inode_of(web), NULL);
	check_opens("nsid:0", inode_of(unnamed), NULL);
	check_fails("nsid:1", -ENOENT);
	leave_machine();
	check_fails("nsid:3", -ENOENT);
	netns_free(unnamed);
	netns_free(web);
}

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function, NEED_ROOT, 0                                                  \
	}

TEST_MAIN(CASE(names_and_paths), CASE(names_with_colons), CASE(bad_words_are_refused),
	CASE(processes_and_threads), CASE(self_is_the_thread), CASE(host_is_process_1),
	CASE(names_win_over_words), CASE(descriptors), CASE(found_by_name),
	CASE(names_are_those_of_the_directory), CASE(found_in_processes), CASE(gone_is_not_found),
	CASE(ids_may_be_unknown), CASE(say_that_privilege_was_missing),
	CASE(kinds_of_namespace_are_not_mixed_up), CASE(without_descriptors),
	CASE(names_are_found_without_proc), CASE(nsids_count_from_here), )
