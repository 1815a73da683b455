/* SPDX-License-Identifier: MIT */
/*
 * The kernel tears network namespaces down in the background, one batch after the other, and a
 * figure taken meanwhile is one of that as well. When it is done with one cannot be asked, but seen:
 * a namespace counts against the limit of its user namespace until then. So: a user namespace that
 * may have one, one that is left, and the next can be made when all those left before are gone.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"

/* As long as the kernel needs for a thousand, and then some: without user namespaces. */
enum { LONG_ENOUGH_US = 1500000 };

static int allow_one(void)
{
	int fd = open("/proc/sys/user/max_net_namespaces", O_WRONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -1;
	r = write(fd, "1", 1) == 1 ? 0 : -1;
	close(fd);
	return r;
}

static int make_one_and_leave(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWNET) != 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

static int wait_by_limit(void)
{
	if (unshare(CLONE_NEWUSER) < 0 || allow_one() < 0 || make_one_and_leave() < 0)
		return 1;
	while (unshare(CLONE_NEWNET) < 0)
		if (errno != ENOSPC || usleep(1000) < 0)
			return 1;
	return 0;
}

void calm(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(wait_by_limit());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "fork");
	if (status != 0)
		usleep(LONG_ENOUGH_US);
}
