/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>

#include "error.h"
#include "kernel.h"
#include "random-name.h"

int random_name(char name[static RANDOM_NAME_SIZE])
{
	uint32_t r[4];
	ssize_t n;

	do {
		/* Not the wrapper, which is a cancellation point. */
		n = syscall(SYS_getrandom, r, sizeof(r), 0);
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(r))
		return error_errno(n < 0 ? -errno : -EIO, "choose a random name (getrandom)");

	snprintf(name, RANDOM_NAME_SIZE, "cni-%08x-%04x-%04x-%04x-%04x%08x", r[0], r[1] >> 16,
		r[1] & 0xffff, r[2] >> 16, r[2] & 0xffff, r[3]);
	return 0;
}
