/* SPDX-License-Identifier: MIT */
/*
 * A network namespace that is known by a number of the kernel's, looked for wherever one can be
 * held: under the names of a run directory, by threads, by descriptors of processes; then in the
 * kernel's own list, where it has one.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include <stdbool.h>
#include <stdint.h>

struct search {
	const char *dir; /* the run directory */
	uint64_t inode;  /* only the namespace with this inode number; 0: any */

	/* Is it the one? Asked once for each; NULL: yes. 1 yes, 0 no, or a negative errno. */
	int (*is_it)(int fd, void *arg);
	void *arg;

	bool blind; /* set when something could not be looked into for want of privilege */
};

/* Its descriptor; -ENOENT when there is none, or the error that ended the search. No message. */
int search_namespace(struct search *search);

#endif
