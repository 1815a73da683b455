/* SPDX-License-Identifier: MIT */
/* Whose a name is: a process, as it is noted in a lease, and whether it is still there. */
#ifndef OWNER_H
#define OWNER_H

#include <stdint.h>
#include <sys/types.h>

#define BOOT_ID_SIZE sizeof("01234567-0123-0123-0123-0123456789ab")

/*
 * Its number and start mean something in its pid and time namespaces only, so these belong to it;
 * and the start, in one boot only.
 */
struct owner {
	pid_t pid;
	uint64_t start; /* clock ticks from boot */
	uint64_t pid_ns, time_ns;
	char boot[BOOT_ID_SIZE];
};

/* The calling process, good until the thread asks again; or a negative errno, -ENOENT without /proc. */
int owner_here(const struct owner **ret);

/* enum netns_lease_state, but not NETNS_LEASE_NONE. */
int owner_state(const struct owner *owner);

#endif
