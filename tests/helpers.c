/* SPDX-License-Identifier: MIT */
/* What several test programs need. */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

uint64_t here(void)
{
	struct stat st;

	CHECK(stat("/proc/thread-self/ns/net", &st) == 0);
	return st.st_ino;
}

uint64_t inode_of(const struct netns *ns)
{
	struct stat st;

	CHECK(fstat(netns_get_fd(ns), &st) == 0);
	return st.st_ino;
}

const char *run_path(const char *name)
{
	static _Thread_local char paths[8][PATH_MAX];
	static _Thread_local unsigned next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];

	snprintf(path, PATH_MAX, "%s/%s", netns_get_run_dir(), name);
	return path;
}

void make_stale(const char *name)
{
	int fd;

	CHECK(mkdir(netns_get_run_dir(), 0755) == 0 || errno == EEXIST);
	fd = open(run_path(name), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	CHECK(fd >= 0);
	close(fd);
}

struct netns *create_ns(const char *name, unsigned flags)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = name, .flags = flags};
	struct netns *ns = NULL;

	CHECK_EQ(netns_create(&opts, &ns), 0);
	CHECK(ns);
	return ns;
}

static void run_in(pid_t pid, void (*fn)(void))
{
	int status;

	CHECK(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn();
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

void in_child(void (*fn)(void))
{
	run_in(fork(), fn);
}

void in_lone_child(void (*fn)(void))
{
	run_in((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), fn);
}

static void *call(void *fn)
{
	(*(void (**)(void))fn)();
	return NULL;
}

void in_thread(void (*fn)(void))
{
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, call, &fn), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

/*
 * Of the calling thread. The C library's functions go through the list of all threads, which in the
 * child of a fork can have one that ThreadSanitizer was just making, and wait for that for ever.
 */
void drop_privileges(void)
{
	CHECK(syscall(SYS_setgroups, 0, NULL) == 0);
	CHECK(syscall(SYS_setresgid, 65534, 65534, 65534) == 0);
	CHECK(syscall(SYS_setresuid, 65534, 65534, 65534) == 0);
}

unsigned count_inheritable(void)
{
	struct rlimit limit;
	unsigned n = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = 3; fd < (int)limit.rlim_cur && fd < 4096; fd++) {
		int flags = fcntl(fd, F_GETFD);

		n += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return n;
}

pid_t start_ready(void (*fn)(int ready))
{
	int ready[2];
	char byte;
	pid_t pid;

	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		fn(ready[1]);
		_exit(0);
	}
	close(ready[1]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return pid;
}

static void be_inside(int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CHECK(unshare(CLONE_NEWNET) == 0);
	CHECK(write(ready, "", 1) == 1);
	for (;;)
		pause();
}

pid_t start_inside(void)
{
	return start_ready(be_inside);
}

void stop_process(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

void write_file(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	if (content)
		CHECK_EQ(write(fd, content, strlen(content)), strlen(content));
	close(fd);
}

void make_socket_file(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
	CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	close(fd);
}

void make_link(const char *target, const char *path)
{
	CHECK(symlink(target, path) == 0);
}

void enter_user_namespace(unsigned more)
{
	char limit[16];

	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) == 0);
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", "0 0 1");
	write_file("/proc/self/gid_map", "0 0 1");
	snprintf(limit, sizeof(limit), "%u", more + 1);
	write_file("/proc/sys/user/max_net_namespaces", limit);
}
