/* SPDX-License-Identifier: MIT */
/* What several tests do to the kernel directly, behind the library's back. Plain C and C++. */
#ifndef TESTS_RAW_H
#define TESTS_RAW_H

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static inline uint64_t socket_cookie(int sock)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	syscall(SYS_getsockopt, sock, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size);
	return cookie;
}

/*
 * The cookie of the namespace that the calling thread is in. Unlike here() it needs no /proc, is
 * no cancellation point and may be called in a signal handler. Bare system calls, because
 * ThreadSanitizer loses the signal mask over a handler that does anything it watches.
 */
static inline uint64_t where(void)
{
	int sock = (int)syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = socket_cookie(sock);

	syscall(SYS_close, sock);
	return cookie;
}

static inline uint64_t cookie_of(struct netns *ns)
{
	int sock = netns_socket(ns, AF_UNIX, SOCK_DGRAM, 0);
	uint64_t cookie = socket_cookie(sock);

	CHECK(cookie != 0);
	close(sock);
	return cookie;
}

static inline struct netns *new_ns(void)
{
	return create_ns(NULL, NETNS_CREATE_UNPINNED);
}

static inline struct netns *closed_ns(void)
{
	struct netns *ns = new_ns();

	CHECK_EQ(netns_close(ns), 0);
	return ns;
}

static inline struct netns *current_ns(void)
{
	struct netns *ns = NULL;

	CHECK_EQ(netns_open_current(&ns), 0);
	return ns;
}

/* Moves the thread to a fresh namespace, so that the machine's is out of reach of a mistake. */
static inline void leave_machine(void)
{
	moved_on_purpose();
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
}

struct thread_job {
	void (*run)(void *arg);
	void *arg;
};

static inline void *thread_job_main(void *arg)
{
	struct thread_job *job = (struct thread_job *)arg;

	job->run(job->arg);
	return NULL;
}

/* On a thread of its own, which takes what it does to itself with it when it ends. */
static inline void in_thread_with(void (*run)(void *arg), void *arg)
{
	struct thread_job job = {run, arg};
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, thread_job_main, &job), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* Past _exit(), where ThreadSanitizer reports the threads of the parent as leaked. */
__attribute__((noreturn)) static inline void end_child(void)
{
	syscall(SYS_exit_group, 0);
	__builtin_unreachable();
}

/* A child that ends well, or the case fails. */
static inline void check_child(pid_t pid)
{
	int status;

	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static inline void in_child_with(void (*run)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		run(arg);
		end_child();
	}
	check_child(pid);
}

/* Of the calling thread only: the C library's setters would tell all threads. */
static inline void drop_capability(int capability)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	CHECK_EQ(syscall(SYS_capget, &head, data), 0);
	data[capability / 32].effective &= ~(1u << capability % 32);
	data[capability / 32].permitted &= ~(1u << capability % 32);
	CHECK_EQ(syscall(SYS_capset, &head, data), 0);
}

/* From here on the calling thread has a mount namespace of its own, and no /proc in it. */
static inline void hide_proc(void)
{
	CHECK_EQ(unshare(CLONE_NEWNS), 0);
	CHECK_EQ(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
	while (umount2("/proc", MNT_DETACH) == 0)
		;
	CHECK(access("/proc/self", F_OK) < 0);
}

static inline int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	CHECK(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n - 1;
}

/* The number that the next descriptor will get. */
static inline int next_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	CHECK(fd >= 0);
	close(fd);
	return fd;
}

/*
 * From here on the calling thread cannot go back to where it is now: the way home of the next
 * call on it will have the number that is next, and setns(2) refuses that.
 */
static inline void bar_way_home(void)
{
	deny_syscall(SYS_setns, 0, 0xffffffff, (uint32_t)next_descriptor(), EPERM);
}

#endif
