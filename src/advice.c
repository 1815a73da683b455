/* SPDX-License-Identifier: MIT */
#include <linux/capability.h>
#include <sys/prctl.h>

#include "advice.h"
#include "kernel.h"

const char *advice_on(int error)
{
	switch (error) {
	case -EMFILE:
		return "the process has too many open; RLIMIT_NOFILE (ulimit -n) allows more";
	case -ENFILE:
		return "fs.file-max is reached; sysctl(8) raises it";
	case -EROFS:
		return "another run directory can be given";
	default:
		return NULL;
	}
}

static bool may_administrate(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	return syscall(SYS_capget, &head, data) == 0 &&
	       (data[0].effective & 1u << CAP_SYS_ADMIN) != 0;
}

/* The capability is looked for first: containers have both a filter and no capability. */
static const char *advice_on_permission(void)
{
	if (!may_administrate())
		return "CAP_SYS_ADMIN is needed: be root, or in a user namespace of your own";
	if (prctl(PR_GET_SECCOMP) > 0)
		return "though CAP_SYS_ADMIN is there: a seccomp filter may forbid it, as in a "
		       "container";
	return "though CAP_SYS_ADMIN is there: it does not reach that far from a user namespace, "
	       "or a security module forbids it";
}

static const char too_many_processes[] =
	"too many processes; RLIMIT_NPROC (ulimit -u) or pids.max of the control group allows more";

const char *advice_on_clone(int error)
{
	switch (error) {
	case -ENOSPC:
		return "user.max_net_namespaces is reached; sysctl(8) raises it, here and in each "
		       "user namespace above";
	case -EAGAIN:
		return too_many_processes;
	case -EPERM:
		return advice_on_permission();
	default:
		return NULL;
	}
}

/* It takes no privilege. The C library does without clone3 only where that answers ENOSYS. */
const char *advice_on_thread(int error)
{
	switch (error) {
	case -EAGAIN:
		return too_many_processes;
	case -EPERM:
		return "a seccomp filter forbids clone or clone3, as that of an old container "
		       "engine does";
	default:
		return NULL;
	}
}

const char *advice_on_mount(int error)
{
	switch (error) {
	case -ENOSPC:
		return "fs.mount-max is reached, or user.max_mnt_namespaces by a new mount "
		       "namespace; sysctl(8) raises them";
	case -EPERM:
		return advice_on_permission();
	default:
		return NULL;
	}
}

const char *advice_on_setns(int error)
{
	return error == -EPERM ? advice_on_permission() : NULL;
}

const char *advice_on_finding(int error)
{
	switch (error) {
	case -ENOENT:
		return "there is no /proc, without which this takes Linux 6.11";
	case -EPERM:
		return "the process is not the caller's to look into: be root, or its user";
	default:
		return NULL;
	}
}
