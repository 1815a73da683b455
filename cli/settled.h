/* SPDX-License-Identifier: MIT */
/*
 * The stale names of a run directory that are so for good: an empty file can be a name that another
 * process is just making, for a second; and where a directory may be of something else, it can be
 * anything.
 */
#ifndef SETTLED_H
#define SETTLED_H

#include <stdbool.h>
#include <stddef.h>

struct name;
struct names;

/* As read_names(); what is younger than a second is waited for, once, and all looked at again. */
int read_settled_names(const char *dir, struct names *ret);

/*
 * Looked at again before it is removed: a second has been waited for all together, and who keeps
 * touching files is not waited for once more with each of them.
 */
bool is_being_made(const char *dir, const struct name *name);

/*
 * Makes foreign what no program makes for a name, unless the directory is the default one or on a file
 * system in memory, as those of names are: a file of which the mode has a bit set, but that of the
 * library. How many?
 */
size_t spare_unlikely(const char *dir, struct names *names);

#endif
