/* SPDX-License-Identifier: MIT */
/*
 * What is not there: descriptors, namespaces, privileges, file systems, system calls. The errno is
 * the right one, and the library and the tool say what to do about it.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "raw.h"
#include "tool.h"

/* What an output must still be after a failure. */
#define UNTOUCHED ((struct netns *)0x5a5a5a5a)

static int create(const char *name, unsigned flags)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = name, .flags = flags};
	struct netns *ns = UNTOUCHED;
	int r = netns_create(&opts, &ns);

	if (r < 0)
		CHECK(ns == UNTOUCHED);
	else
		netns_free(ns);
	return r;
}

#define CHECK_FAILS(call, error, ...)                                                              \
	do {                                                                                       \
		CHECK_EQ(call, error);                                                             \
		check_says(__LINE__, netns_errmsg(), __VA_ARGS__, NULL);                           \
	} while (0)

/* The tool fails with status 1 and says all of this. */
#define TOOL_FAILS(args, ...)                                                                      \
	do {                                                                                       \
		CHECK_EQ(tool args, 1);                                                            \
		check_says(__LINE__, tool_message(), "netns: ", __VA_ARGS__, NULL);                \
	} while (0)

static void check_says(int line, const char *text, ...) __attribute__((sentinel));

static void check_says(int line, const char *text, ...)
{
	const char *part;
	va_list args;

	va_start(args, text);
	while ((part = va_arg(args, const char *)))
		if (!strstr(text, part))
			fail_case(__FILE__, line, "\"%s\" is not in: %s", part, text);
	va_end(args);
}

static int tool(const char *argument, ...) __attribute__((sentinel));

static int tool(const char *argument, ...)
{
	const char *argv[16] = {"netns"};
	int status, n = 1;
	va_list args;
	pid_t pid;

	va_start(args, argument);
	for (; argument; argument = va_arg(args, const char *))
		argv[n++] = argument;
	va_end(args);
	pid = start_tool(argv, STDIN_FILENO);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int answer(struct netns *host, void *arg)
{
	(void)host;
	(void)arg;
	return 0;
}

static void no_descriptor(void)
{
	static const char more[] = "RLIMIT_NOFILE (ulimit -n) allows more";
	struct netns *ns = create_ns("web", NETNS_CREATE_KEEP), *other = UNTOUCHED;

	netns_thread_release();
	limit_free_descriptors(0);
	CHECK_FAILS(create("db", 0), -EMFILE, "db", more);
	CHECK_FAILS(netns_open_name("web", &other), -EMFILE, run_path("web"), more);
	CHECK_FAILS(netns_open_current(&other), -EMFILE, more);
	CHECK_FAILS(netns_open_pid(getpid(), &other), -EMFILE, "process", more);
	CHECK_FAILS(netns_do(ns, answer, NULL), -EMFILE, "web", more);
	CHECK_FAILS(netns_socket(ns, AF_INET, SOCK_DGRAM, 0), -EMFILE, "web", more);
	CHECK_FAILS(netns_attach(ns, NULL, "db"), -EMFILE, "db", more);
	CHECK_FAILS(netns_delete(NULL, "web"), -EMFILE, run_path("web"), more);
	CHECK(other == UNTOUCHED);
	unlimit_descriptors();

	CHECK_EQ(netns_do(ns, answer, NULL), 0);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(ns);
}

/* One is left, which the dynamic linker needs. */
static void no_descriptor_for_the_tool(void)
{
	struct rlimit limit = {4, 4};

	CHECK_EQ(tool("add", "web", NULL), 0);
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	TOOL_FAILS(("add", "db", NULL), "add: db: ", "Too many open files", "ulimit -n");
	TOOL_FAILS(("delete", "web", NULL), "delete: web: ", "Too many open files", "ulimit -n");
}

static void tool_without_descriptors(void)
{
	in_child(no_descriptor_for_the_tool);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

static void no_namespace(void)
{
	enter_user_namespace(0);
	CHECK_FAILS(create("web", 0), -ENOSPC, "web", "user.max_net_namespaces is reached");
	CHECK_FAILS(create(NULL, NETNS_CREATE_UNPINNED), -ENOSPC, "user.max_net_namespaces");
	TOOL_FAILS(("add", "web", NULL), "add: web: ", "user.max_net_namespaces is reached");
	TOOL_FAILS(("run", "true", NULL), "run: ", "user.max_net_namespaces is reached");
}

static void no_more_namespaces(void)
{
	in_lone_child(no_namespace);
	CHECK(access(run_path("web"), F_OK) < 0);
}

/* As fs.mount-max has it, which is the whole machine's. */
static void no_mount(void)
{
	deny_syscall(SYS_open_tree, -1, 0, 0, ENOSPC);
	CHECK_FAILS(create("web", 0), -ENOSPC, "web", "fs.mount-max is reached");
	TOOL_FAILS(("add", "web", NULL), "add: web: ", "fs.mount-max is reached");
}

static void no_more_mounts(void)
{
	in_child(no_mount);
	CHECK(access(netns_get_run_dir(), F_OK) < 0);
}

static void no_process(void)
{
	deny_syscall(SYS_clone, 0, CLONE_NEWNET, CLONE_NEWNET, EAGAIN);
	CHECK_FAILS(create("web", 0), -EAGAIN, "web", "RLIMIT_NPROC (ulimit -u) or pids.max");
	TOOL_FAILS(("add", "web", NULL), "add: web: ", "RLIMIT_NPROC (ulimit -u) or pids.max");
}

static void no_more_processes(void)
{
	in_child(no_process);
}

static void set_read_only(const char *path, unsigned long flag)
{
	CHECK(mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flag, NULL) == 0);
}

static void fail_on_read_only(void)
{
	static const char other[] = "another run directory can be given";
	struct netns *ns = create_ns("web", NETNS_CREATE_KEEP);

	set_read_only(netns_get_run_dir(), MS_RDONLY);
	CHECK_FAILS(create("db", 0), -EROFS, run_path("db"), other);
	CHECK_FAILS(netns_attach(ns, NULL, "db"), -EROFS, run_path("db"), other);
	CHECK_FAILS(netns_delete(NULL, "web"), -EROFS, run_path("web"));
	CHECK_EQ(netns_check_path(run_path("web")), 0);
	TOOL_FAILS(("add", "db", NULL), "add: db: ", "Read-only", "--run-dir");
	CHECK_EQ(tool("add", "--run-dir", tmp_path("pins"), "db", NULL), 0);
	CHECK_EQ(netns_delete(tmp_path("pins"), "db"), 0);
	CHECK(rmdir(tmp_path("pins")) == 0);
	set_read_only(netns_get_run_dir(), 0);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(ns);
}

static void read_only_run_dir(void)
{
	in_child(fail_on_read_only);
}

static void fail_below_read_only(void)
{
	CHECK(mkdir(tmp_path("ro"), 0755) == 0);
	CHECK(mount("tests", tmp_path("ro"), "tmpfs", MS_RDONLY, NULL) == 0);
	TOOL_FAILS(("add", "--run-dir", tmp_path("ro/pins"), "web", NULL),
		"add: web: ", "Read-only", "--run-dir");
	CHECK(umount(tmp_path("ro")) == 0);
	CHECK(rmdir(tmp_path("ro")) == 0);
}

/* Nor can it be made. */
static void read_only_parent(void)
{
	in_child(fail_below_read_only);
}

static struct netns *web;

static void no_capability(void)
{
	static const char needed[] = "CAP_SYS_ADMIN is needed";
	struct netns_lease lease;

	drop_capability(CAP_SYS_ADMIN);
	CHECK_FAILS(create("db", 0), -EPERM, "db", needed);
	CHECK_FAILS(create(NULL, NETNS_CREATE_UNPINNED), -EPERM, needed);
	CHECK_FAILS(netns_attach(web, NULL, "db"), -EPERM, "db", needed);
	CHECK_FAILS(netns_delete(NULL, "web"), -EPERM, "web", needed);
	CHECK_FAILS(netns_do(web, answer, NULL), -EPERM, "web", "setns", needed);
	CHECK_FAILS(netns_do_thread(web, answer, NULL), -EPERM, "web", "setns", needed);
	CHECK_FAILS(netns_set(web), -EPERM, "web", "setns", needed);
	CHECK_FAILS(netns_get_lease(NULL, "web", &lease), -EPERM, "web", "lease", needed);
	CHECK(prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) == 0);
	TOOL_FAILS(("add", "db", NULL), "add: db: ", "Operation not permitted", needed);
	TOOL_FAILS(("delete", "web", NULL), "delete: web: ", "Operation not permitted", needed);
	TOOL_FAILS(("exec", "web", "true", NULL), "exec: web: ", needed);
	TOOL_FAILS(("run", "true", NULL), "run: ", needed);
}

/* In a process that has pinned "web". */
static void with_web(void (*fn)(void))
{
	web = create_ns("web", NETNS_CREATE_KEEP);
	in_child(fn);
	CHECK_EQ(netns_check_path(run_path("web")), 0);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(web);
}

static void without_privilege(void)
{
	with_web(no_capability);
}

static void do_without_proc(void)
{
	struct netns *ns;

	hide_proc();
	CHECK_EQ(create("db", 0), 0);
	CHECK_EQ(netns_open_name("web", &ns), 0);
	CHECK_EQ(netns_do(ns, answer, NULL), 0);
	CHECK_EQ(netns_attach(ns, NULL, "db"), 0);
	CHECK_EQ(netns_delete(NULL, "db"), 0);
	netns_free(ns);
	CHECK_FAILS(netns_dir_mount(tmp_path("lab"), 0), -EOPNOTSUPP, "lab", "/proc");
	CHECK_EQ(netns_dir_mount(tmp_path("lab"), NETNS_CREATE_KEEP), 0);
	CHECK_EQ(netns_dir_delete(tmp_path("lab")), 0);
	CHECK_EQ(access(tmp_path("lab"), F_OK), -1);
	/* for the dynamic linker, which finds by /proc where the tool lies, and so its library */
	CHECK(setenv("LD_LIBRARY_PATH", NETNS_LIBRARY, 1) == 0);
	CHECK_EQ(tool("add", "db", NULL), 0);
	CHECK_EQ(tool("list", NULL), 0);
	CHECK_EQ(tool("exec", "--no-mounts", "db", "true", NULL), 0);
	CHECK_EQ(tool("delete", "db", NULL), 0);

	without_pidfd_ioctls();
	netns_thread_release();
	ns = UNTOUCHED;
	CHECK_FAILS(netns_open_pid(getpid(), &ns), -ENOENT, "process", "there is no /proc");
	CHECK(ns == UNTOUCHED);
}

static void without_proc(void)
{
	with_web(do_without_proc);
}

static void do_without_sys(void)
{
	CHECK_EQ(unshare(CLONE_NEWNS), 0);
	CHECK_EQ(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	while (umount2("/sys", MNT_DETACH) == 0)
		;
	CHECK_EQ(create("db", 0), 0);
	CHECK_EQ(netns_do(web, answer, NULL), 0);
	CHECK_EQ(tool("exec", "web", "true", NULL), 0);
	CHECK_EQ(tool("run", "true", NULL), 0);
}

static void without_sys(void)
{
	with_web(do_without_sys);
}

static const char filtered[] = "a seccomp filter may forbid it, as in a container";

static void deny_setns(void)
{
	deny_syscall(SYS_setns, -1, 0, 0, EPERM);
	CHECK_FAILS(netns_do(web, answer, NULL), -EPERM, "web", "setns", filtered);
	CHECK_FAILS(netns_do_thread(web, answer, NULL), -EPERM, "web", "setns", filtered);
	CHECK_FAILS(netns_set(web), -EPERM, "web", "setns", filtered);
	CHECK_FAILS(netns_socket(web, AF_INET, SOCK_DGRAM, 0), -EPERM, "web", "setns", filtered);
	CHECK_EQ(create("db", 0), 0);
	TOOL_FAILS(("exec", "web", "true", NULL), "exec: web: ", "setns", filtered);
	TOOL_FAILS(("run", "true", NULL), "run: ", "setns", filtered);
}

static void setns_forbidden(void)
{
	with_web(deny_setns);
}

static void check_create_is_forbidden(void)
{
	CHECK_FAILS(create("db", 0), -EPERM, "db", filtered);
	CHECK_FAILS(create(NULL, NETNS_CREATE_UNPINNED), -EPERM, filtered);
	TOOL_FAILS(("add", "db", NULL), "add: db: ", "Operation not permitted", filtered);
	TOOL_FAILS(("run", "true", NULL), "run: ", "Operation not permitted", filtered);
	CHECK_EQ(netns_do(web, answer, NULL), 0);
}

static void deny_clone(void)
{
	deny_syscall(SYS_clone, 0, CLONE_NEWNET, CLONE_NEWNET, EPERM);
	check_create_is_forbidden();
}

static void clone_forbidden(void)
{
	with_web(deny_clone);
}

/* A filter that cannot see clone3(2)'s flags says that there is none, and some do so of clone(2). */
static void deny_unshare(void)
{
	deny_syscall(SYS_clone, 0, CLONE_NEWNET, CLONE_NEWNET, ENOSYS);
	deny_syscall(SYS_unshare, -1, 0, 0, EPERM);
	check_create_is_forbidden();
	TOOL_FAILS(("exec", "web", "true", NULL), "exec: web: ", "mount namespace",
		"--no-mounts does without", filtered);
	CHECK_EQ(tool("exec", "--no-mounts", "web", "true", NULL), 0);
}

static void unshare_forbidden(void)
{
	with_web(deny_unshare);
}

TEST_MAIN({"no_descriptor", no_descriptor, NEED_ROOT, 0},
	{"tool_without_descriptors", tool_without_descriptors, NEED_ROOT, 0},
	{"no_more_namespaces", no_more_namespaces, NEED_ROOT, 0},
	{"no_more_mounts", no_more_mounts, NEED_ROOT, 0},
	{"no_more_processes", no_more_processes, NEED_ROOT, 0},
	{"read_only_run_dir", read_only_run_dir, NEED_ROOT, 0},
	{"read_only_parent", read_only_parent, NEED_ROOT, 0},
	{"without_privilege", without_privilege, NEED_ROOT, 0},
	{"without_proc", without_proc, NEED_ROOT, 0}, {"without_sys", without_sys, NEED_ROOT, 0},
	{"setns_forbidden", setns_forbidden, NEED_ROOT, 0},
	{"clone_forbidden", clone_forbidden, NEED_ROOT, 0},
	{"unshare_forbidden", unshare_forbidden, NEED_ROOT, 0})
