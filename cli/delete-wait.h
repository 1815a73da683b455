/* SPDX-License-Identifier: MIT */
#ifndef DELETE_WAIT_H
#define DELETE_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A namespace that had this name; inode 0: there was none. */
struct deleted {
	const char *name;
	uint64_t inode;
};

/* Before the name is removed: refuses where physical links are inside, and removes the others. */
int delete_wait_prepare(const char *name, bool force, uint64_t *inode);

/* And after: until nobody holds them, or that has taken too long. A status. */
int delete_wait(const struct deleted *deleted, size_t n, unsigned seconds);

#endif
