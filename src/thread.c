/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>

#include "thread.h"

int thread_run(void *(*fn)(void *arg), void *arg)
{
	sigset_t all, before;
	pthread_t thread;
	int cancel, r;

	/* A signal of the process is not for a thread that is somewhere else. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0)
		return -r;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_join(thread, NULL);
	pthread_setcancelstate(cancel, NULL);
	return 0;
}
