/* SPDX-License-Identifier: MIT */
/* All mounts of network namespaces on the names of a run directory, seen or not. */
#ifndef PINS_H
#define PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layers.h"

struct name;
struct names;

struct pin {
	int id, parent; /* mounts, by the numbers of mountinfo */
	unsigned depth; /* how many of the others it is stacked on */
	int on;         /* the mount that the lowest of these is mounted on */
	uint64_t inode;
	char *name;
	char *path;
};

struct pins {
	char *dir;     /* resolved, as far as it is there */
	int dir_mount; /* what the directory that is seen is on; 0: it is not there */
	struct pin *v;
	size_t n;
	unsigned depth; /* the greatest */
	struct layers layers;
	bool has_mounts; /* of whatever kind, on what the directory that is seen is on */
};

/* 0 or a negative errno; after an error there are none. */
int pins_read(const char *dir, struct pins *ret);
void pins_free(struct pins *pins);

const struct pin *pins_by_id(const struct pins *pins, int id);

/* Are the pins on this mount hidden, though the files that they are mounted on are seen? */
bool pins_are_hidden(const struct pins *pins, int mount);

/* The names that look stale for that. 0 or a negative errno. */
int pins_each_hidden(const char *dir, const struct names *names, void (*fn)(struct name *name));

/* The mount that a path is on; -1 and errno. */
int mount_of(const char *path);

#endif
