/* SPDX-License-Identifier: MIT */
/*
 * Pins of a run directory in the mount namespaces of other processes that see the same directory.
 *
 * A file that is empty here may be a pin there; and removing the file unmounts it there (Linux
 * 3.18), which may be the end of the namespace.
 */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include <stdint.h>

struct elsewhere {
	const char *name;
	const char *path; /* by which it can be opened here */
	const char *pid;  /* of a process there */
	uint64_t inode;   /* of the network namespace */
};

/* Each network namespace once. -1 and errno when the processes could not be looked through. */
int each_elsewhere(
	const char *dir, void (*fn)(const struct elsewhere *found, void *arg), void *arg);

#endif
