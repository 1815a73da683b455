/* SPDX-License-Identifier: MIT */
/*
 * Why a call of the tool's own failed, and what can be done about it. What the library says has its
 * advice already (src/advice.c), in the same words.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
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

static bool has_capability(unsigned capability)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	return syscall(SYS_capget, &head, data) == 0 && (data[0].effective & 1u << capability) != 0;
}

/* The capabilities are looked for first: containers have both a filter and fewer of them. */
static const char *advice_on_permission(void)
{
	if (geteuid() != 0)
		return "try as root";
	if (!has_capability(CAP_SYS_ADMIN))
		return "CAP_SYS_ADMIN is needed: be root, or in a user namespace of your own";
	if (!has_capability(CAP_NET_ADMIN))
		return "CAP_NET_ADMIN may be what is missing";
	if (prctl(PR_GET_SECCOMP) > 0)
		return "though CAP_SYS_ADMIN is there: a seccomp filter may forbid it, as in a "
		       "container";
	return "though CAP_SYS_ADMIN is there: it does not reach that far from a user namespace, "
	       "or a security module forbids it";
}

/* It takes no privilege. */
static const char *advice_on_process(int error)
{
	switch (error) {
	case EAGAIN:
		return "too many processes; RLIMIT_NPROC (ulimit -u) or pids.max of the control "
		       "group allows more";
	case EPERM:
		return "a seccomp filter or a security module forbids it, as in a container";
	default:
		return NULL;
	}
}

/* A kernel parameter has rules of its own: CAP_NET_ADMIN, or nobody. */
static bool is_parameter(const char *path)
{
	return strncmp(path, "/proc/sys/", 10) == 0;
}

static const char *advice_on(const char *path, int error)
{
	switch (error) {
	case EMFILE:
		return "the process has too many open; RLIMIT_NOFILE (ulimit -n) allows more";
	case ENFILE:
		return "fs.file-max is reached; sysctl(8) raises it";
	case EPERM:
		return geteuid() == 0 && is_parameter(path) ? NULL : advice_on_permission();
	case ENOSPC:
		return *path && !is_parameter(path) ? "fs.mount-max is reached, or "
						      "user.max_mnt_namespaces by a new mount "
						      "namespace; sysctl(8) raises them"
						    : NULL;
	case ENOENT:
		return strncmp(path, "/proc", 5) == 0 && !has_proc()
			       ? "there is no /proc; mount it: mount -t proc proc /proc"
			       : NULL;
	default:
		return NULL;
	}
}

static const char *with_advice(int error, const char *advice)
{
	static char reason[256];

	if (!advice)
		return strerror(error);
	snprintf(reason, sizeof(reason), "%s (%s)", strerror(error), advice);
	return reason;
}

const char *reason_of(const char *path, int error)
{
	error = abs(error);
	return with_advice(error, advice_on(path, error));
}

const char *reason_for_process(int error)
{
	error = abs(error);
	return with_advice(error, advice_on_process(error));
}

const char *reason_for(int error)
{
	return reason_of("", error);
}
