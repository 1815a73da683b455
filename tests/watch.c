/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "harness.h"
#include "raw.h"
#include "watch.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS      SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1
#endif

/* They cannot fail, or are the C library's own business at the begin and end of a thread. */
static const int unwatched[] = {SYS_futex, SYS_exit, SYS_exit_group, SYS_rt_sigreturn,
	SYS_restart_syscall, SYS_rt_sigprocmask, SYS_sched_yield, SYS_getpid, SYS_gettid,
	SYS_getppid, SYS_tgkill, SYS_getuid, SYS_geteuid, SYS_set_robust_list, 334 /* rseq */};

struct watched {
	int (*fn)(void *arg);
	void *arg;
	volatile int listener;
	int value;
};

/* Who was seen, in the order of appearance. */
struct tasks {
	pid_t tid[64];
	unsigned n;
};

static int listen_to_calls(void)
{
	struct sock_filter filter[3 + ARRAY_SIZE(unwatched) + 2];
	size_t n = 0;

	filter[n++] = (struct sock_filter)LOAD(arch);
	filter[n++] = (struct sock_filter)ONLY_IF(NATIVE_ARCH, 2 + ARRAY_SIZE(unwatched));
	filter[n++] = (struct sock_filter)LOAD(nr);
	for (size_t i = 0; i < ARRAY_SIZE(unwatched); i++)
		filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			(uint32_t)unwatched[i], (unsigned char)(ARRAY_SIZE(unwatched) - i), 0);
	filter[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_USER_NOTIF);
	filter[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
	return install_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER, filter, n);
}

/*
 * Nobody answers before the listener is known, so nothing may be called in between: a sanitizer
 * that keeps account of this store does call the kernel now and then.
 */
__attribute__((no_sanitize("thread"))) static void tell_listener(struct watched *watched, int fd)
{
	watched->listener = fd;
}

static void *run_listened(void *pointer)
{
	struct watched *watched = pointer;

	tell_listener(watched, listen_to_calls());
	watched->value = watched->fn(watched->arg);
	return NULL;
}

static unsigned number_of(struct tasks *tasks, pid_t tid)
{
	unsigned i = 0;

	while (i < tasks->n && tasks->tid[i] != tid)
		i++;
	if (i == tasks->n) {
		CHECK(tasks->n < ARRAY_SIZE(tasks->tid));
		tasks->tid[tasks->n++] = tid;
	}
	return i;
}

/* Says false when nobody is left who could make a call. */
static bool answer_call(int listener, struct tasks *tasks, judge_fn judge, void *data)
{
	struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
	struct seccomp_notif notice = {0};
	struct seccomp_notif_resp answer = {0};
	struct watched_call call;
	uint64_t args[6];

	if (poll(&poll_fd, 1, -1) < 0)
		return true; /* a signal */
	if (!(poll_fd.revents & POLLIN))
		return false;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) < 0)
		return true; /* the call was interrupted meanwhile */
	memcpy(args, notice.data.args, sizeof(args));
	call = (struct watched_call){.task = number_of(tasks, (pid_t)notice.pid),
		.tid = (pid_t)notice.pid,
		.nr = notice.data.nr,
		.args = args};
	answer.id = notice.id;
	answer.error = -judge(&call, data);
	if (answer.error == 0)
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0 || errno == ENOENT);
	return true;
}

int run_watched(int (*fn)(void *arg), void *arg, judge_fn judge, void *data)
{
	struct watched watched = {.fn = fn, .arg = arg, .listener = -1};
	struct tasks tasks = {.n = 0};
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, run_listened, &watched), 0);
	while (watched.listener < 0)
		sched_yield();
	/* Both sides take turns anyway, so they may share a processor: half the time. */
	ioctl(watched.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	while (answer_call(watched.listener, &tasks, judge, data))
		;
	CHECK_EQ(pthread_join(thread, NULL), 0);
	close(watched.listener);
	return watched.value;
}

void in_watching_child(void (*fn)(void *arg), void *arg)
{
	pid_t pid = fork(), ended;
	int status;

	CHECK(pid >= 0);
	if (pid == 0) {
		fn(arg);
		fflush(NULL);
		end_child();
	}
	do
		ended = waitpid(-1, &status, 0);
	while (ended > 0 && ended != pid);
	CHECK_EQ(ended, pid);
	CHECK_EQ(status, 0);
}

struct judging {
	int (*judge)(unsigned position, int nr, void *data);
	void *data;
	unsigned position;
};

/* The C library's, and a sanitizer's, at moments of their own. */
static bool is_about_memory(int nr)
{
	static const int calls[] = {SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise,
		SYS_brk, SYS_sigaltstack, SYS_prctl};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i] == nr)
			return true;
	return false;
}

static int judge_by_position(const struct watched_call *call, void *data)
{
	struct judging *judging = data;

	if (is_about_memory(call->nr))
		return 0;
	return judging->judge(judging->position++, call->nr, judging->data);
}

int run_judged(int (*fn)(void *arg), void *arg, int (*judge)(unsigned position, int nr, void *data),
	void *data)
{
	struct judging judging = {.judge = judge, .data = data};

	return run_watched(fn, arg, judge_by_position, &judging);
}
