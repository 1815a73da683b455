/* SPDX-License-Identifier: MIT */
/* What belongs to a number of the kernel's: an inode, a cookie. */
#ifndef NUMBER_MAP_H
#define NUMBER_MAP_H

#include <stddef.h>
#include <stdint.h>

/* Empty when all zeros. */
struct map {
	struct map_entry *entries;
	size_t room; /* a power of two, or 0 */
	size_t n;
};

/* The value that stands under a key other than 0, in order to be read or written; *is_new says
   whether it was put there just now, as 0. Valid until the next call. */
size_t *map_at(struct map *map, uint64_t key, int *is_new);
/* 0 also where there is none; nothing is written, so that threads may do it at the same time. */
size_t map_get(const struct map *map, uint64_t key);
void map_free(struct map *map);

#endif
