/* SPDX-License-Identifier: MIT */
#ifndef THREAD_H
#define THREAD_H

/*
 * Runs fn(arg) on a thread of its own, which takes no signal, and waits for its end; the caller is
 * not cancelled meanwhile. Says 0, or a negative errno when there can be no thread.
 */
int thread_run(void *(*fn)(void *arg), void *arg);

#endif
