/* SPDX-License-Identifier: MIT */
/* The mounts in which a directory is, or is hidden by what was mounted over it since. */
#ifndef LAYERS_H
#define LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#include "mountinfo.h"

struct layer {
	int id, parent;
	char *target; /* where it is mounted: on the directory, or on one above */
	char *place;  /* of the directory: place.h */
};

struct layers {
	const char *dir; /* resolved */
	struct layer *v;
	size_t n;
};

/* If it is one. The target is unescaped by now. */
void layers_add(struct layers *layers, struct mountinfo *mount);
void layers_free(struct layers *layers);

const struct layer *layer_by_id(const struct layers *layers, int id);

/* Has the directory the same files in both? The mounts on them are not seen from one to the other. */
bool layers_are_same(const struct layers *layers, int a, int b);

/* Is it hidden in `lower` by nothing but itself, mounted there once more, or several times? */
bool layers_are_stacked(const struct layers *layers, int upper, int lower);

#endif
