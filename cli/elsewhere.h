/* SPDX-License-Identifier: MIT */
/*
 * Pins of a run directory in the mount namespaces of other processes that see the same directory.
 *
 * A file that is empty here may be a pin there; and removing the file unmounts it there (Linux
 * 3.18), which may be the end of the namespace.
 */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli.h"

struct elsewhere {
	struct name *name;
	const char *path;  /* by which it can be opened here */
	const char *pid;   /* of a process there */
	uint64_t inode;    /* of the network namespace */
	bool own;          /* both namespaces belong to the user namespace of the caller */
	const char *doubt; /* why that could not be found out, or NULL */
};

/*
 * Calls fn for each stale name that leads somewhere elsewhere; fn is to change its state, or it is
 * called again for the next place. NULL, or why it could not be looked everywhere, to be freed:
 * then any of the names that are left may be a pin.
 *
 * A mount namespace of a stranger does not count. Who makes a user namespace is root in it, and
 * mounts over any file that he sees: that keeps no name of others from going.
 */
char *each_elsewhere(const char *dir, struct names *names,
	void (*fn)(const struct elsewhere *found, void *arg), void *arg);

/* Where it could not be looked everywhere: what may help. */
#define TO_LOOK_EVERYWHERE                                                                         \
	"needs root with CAP_SYS_PTRACE, /proc with all processes, and enough descriptors"

#endif
