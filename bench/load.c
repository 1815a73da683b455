/* SPDX-License-Identifier: MIT */
/* A machine that has other things to do: a process for each processor that never stops. */
#include <err.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"

enum { MOST = 256 };

static pid_t busy[MOST];
static int n_busy;

void begin_load(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	for (; n_busy < processors && n_busy < MOST; n_busy++) {
		pid_t self = getpid(), pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			while (getppid() == self)
				;
		}
		busy[n_busy] = pid;
	}
}

void end_load(void)
{
	while (n_busy > 0) {
		kill(busy[--n_busy], SIGKILL);
		waitpid(busy[n_busy], NULL, 0);
	}
}
