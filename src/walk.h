/* SPDX-License-Identifier: MIT */
/*
 * The way to a directory that others may have a hand in: gone step by step, and a symbolic link
 * followed only when it is root's or the caller's own. Whoever else may write to a directory on
 * the way could lead the caller anywhere with one.
 */
#ifndef WALK_H
#define WALK_H

#include <limits.h>

/*
 * Both take an absolute path and answer a descriptor or a negative errno: -ELOOP for a link that
 * is not followed.
 */

/* Opens a directory; flags as for open(2), beside O_DIRECTORY. */
int walk_open(const char *path, int flags);

/* Opens (O_PATH) the directory that holds what the path ends with, whose name `last` gets. */
int walk_to_parent(const char *path, char last[static NAME_MAX + 1]);

#endif
