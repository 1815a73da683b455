/* SPDX-License-Identifier: MIT */
/*
 * Pins of a run directory in other mount namespaces that have the same directory, by whatever path.
 *
 * A file that is empty here may be a pin there; and removing the file unmounts it there (Linux
 * 3.18), which may be the end of the namespace.
 */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli.h"

struct search;

struct elsewhere {
	struct name *name;
	const char *path; /* by which it can be opened here, or NULL */
	const char *here; /* where it is in the mount namespace of the caller, or NULL */
	const char *pid;  /* of a process there, or NULL */
	uint64_t mounts;  /* the mount namespace, or 0 if that cannot be known */
	uint64_t inode;   /* of the network namespace */
	bool in_doubt;    /* it may be a name of another directory */
	struct search *search;
};

/* Both namespaces belong to the user namespace of the caller. It opens what is mounted there. */
bool elsewhere_is_own(const struct elsewhere *found);

/* Why that could not be found out, or NULL. */
const char *elsewhere_doubt(const struct elsewhere *found);

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
