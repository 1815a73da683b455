/* SPDX-License-Identifier: MIT */
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "harness.h"

int install_filter(unsigned flags, struct sock_filter *filter, size_t n)
{
	struct sock_fprog program = {.len = (unsigned short)n, .filter = filter};
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

	if (r < 0 && errno == EACCES) { /* no CAP_SYS_ADMIN */
		CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	}
	if (r < 0 && (errno == ENOSYS || errno == EINVAL))
		skip_case("seccomp: %m");
	CHECK(r >= 0);
	return (int)r;
}
