/* SPDX-License-Identifier: MIT */
/* The pins of a directory among the mounts that are seen from somewhere else. */
#ifndef PIN_VIEW_H
#define PIN_VIEW_H

#include <stdbool.h>
#include <stdint.h>

struct name;
struct names;

struct view_pin {
	struct name *name;  /* a stale one, here */
	const char *target; /* where it is mounted, as it is seen from there */
	uint64_t inode;     /* of the network namespace */
	bool in_doubt;      /* it has that name, but in what directory is not seen from there */
};

/*
 * Calls fn for each pin on a stale name of the directory at this place (place.h). No path is looked up:
 * a file system there may be one that never answers. `mounts` is a descriptor of a mountinfo, to be
 * read from its beginning. 0 or a negative errno; it is not called for a part of the mounts.
 */
int view_each_pin(int mounts, const char *place, const struct names *names,
	void (*fn)(const struct view_pin *pin, void *arg), void *arg);

#endif
