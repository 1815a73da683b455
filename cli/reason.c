/* SPDX-License-Identifier: MIT */
/*
 * Why a call of the tool's own failed, and what can be done about it. What the library says has its
 * advice already (src/advice.c), in the same words.
 */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli.h"

bool has_proc(void)
{
	struct statfs fs;

	return statfs("/proc", &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

static const char *advice_on(const char *path, int error)
{
	switch (error) {
	case EMFILE:
		return "the process has too many open; RLIMIT_NOFILE (ulimit -n) allows more";
	case ENFILE:
		return "fs.file-max is reached; sysctl(8) raises it";
	case EPERM:
		return geteuid() != 0 ? "try as root" : NULL;
	case ENOENT:
		return strncmp(path, "/proc", 5) == 0 && !has_proc()
			       ? "there is no /proc; mount it: mount -t proc proc /proc"
			       : NULL;
	default:
		return NULL;
	}
}

const char *reason_of(const char *path, int error)
{
	static char reason[256];
	const char *advice;

	error = error < 0 ? -error : error;
	advice = advice_on(path, error);
	if (!advice)
		return strerror(error);
	snprintf(reason, sizeof(reason), "%s (%s)", strerror(error), advice);
	return reason;
}

const char *reason_for(int error)
{
	return reason_of("", error);
}
