/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cli.h"
#include "number-map.h"

struct map_entry {
	uint64_t key; /* 0: free */
	size_t value;
};

/* Where the key is, or would be. There is always a free entry to stop at. */
static struct map_entry *find(const struct map *map, uint64_t key)
{
	/* Fibonacci hashing: the numbers of the kernel are near each other */
	size_t i = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 32;

	for (;; i++) {
		struct map_entry *entry = &map->entries[i & (map->room - 1)];

		if (entry->key == key || entry->key == 0)
			return entry;
	}
}

static void grow(struct map *map)
{
	struct map old = *map;

	map->room = old.room ? 2 * old.room : 64;
	map->entries = need(calloc(map->room, sizeof(*map->entries)));
	for (size_t i = 0; i < old.room; i++)
		if (old.entries[i].key)
			*find(map, old.entries[i].key) = old.entries[i];
	free(old.entries);
}

size_t *map_at(struct map *map, uint64_t key, int *is_new)
{
	struct map_entry *entry;

	if (2 * map->n >= map->room)
		grow(map);
	entry = find(map, key);
	*is_new = entry->key == 0;
	if (*is_new) {
		entry->key = key;
		map->n++;
	}
	return &entry->value;
}

size_t map_get(const struct map *map, uint64_t key)
{
	return map->room ? find(map, key)->value : 0;
}

void map_free(struct map *map)
{
	free(map->entries);
}
