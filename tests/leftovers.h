/* SPDX-License-Identifier: MIT */
/* What a process and its mount namespace hold, as lines of text that can be compared. */
#ifndef TESTS_LEFTOVERS_H
#define TESTS_LEFTOVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct inventory {
	char **lines; /* sorted */
	size_t n;
};

/* Descriptors, mounts, names in the run directory, signal mask, umask, working directory. */
struct inventory take_inventory(void);

/* The same of another thread, and with all files beside the run directory. */
struct inventory take_inventory_of(pid_t tid);
void free_inventory(struct inventory *inventory);

/* Prints what is in one of the two only; says whether they are the same. */
bool same_inventory(const struct inventory *before, const struct inventory *after);

/* Of the calling process: what the "Threads:" line of its status says. */
int count_threads(void);

#endif
