/* SPDX-License-Identifier: MIT */
/*
 * Every system call of a function, shown to the test before the kernel does it.
 *
 * By seccomp's user notification: the kernel stops the task at the entry of a call and asks a
 * listener, here the thread that began the watching. Nothing gets past it, neither what the C
 * library calls for itself nor what a child, a thread or an executed program does, all of which
 * inherit the filter; and nothing else is changed: no tracer, no preloaded library.
 */
#ifndef TESTS_WATCH_H
#define TESTS_WATCH_H

#include <stdint.h>
#include <sys/types.h>

struct watched_call {
	unsigned task; /* 0: the thread that fn runs on; 1, 2, ...: what it starts, as first seen */
	pid_t tid;
	int nr;
	const uint64_t *args;
};

/* 0 lets the call happen, an errno makes it fail with that. */
typedef int (*judge_fn)(const struct watched_call *call, void *data);

/*
 * Runs fn(arg) on a thread of its own and shows every call to `judge`, save a few that cannot
 * fail. Returns fn's value when the last task that fn started is gone, too.
 */
int run_watched(int (*fn)(void *arg), void *arg, judge_fn judge, void *data);

/*
 * The same where it is enough to know which call it is of all, in order, and what those for memory
 * are does not matter: these are not shown.
 */
int run_judged(int (*fn)(void *arg), void *arg, int (*judge)(unsigned position, int nr, void *data),
	void *data);

/*
 * Runs fn(arg) in a child, where it watches, and waits for its end; called by the first process of
 * a process namespace, so that what the watched leave comes to this one. Before Linux 6.12 who
 * watches a process is told of its end only when somebody has waited for that.
 */
void in_watching_child(void (*fn)(void *arg), void *arg);

#endif
