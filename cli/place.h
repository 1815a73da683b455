/* SPDX-License-Identifier: MIT */
/*
 * Where a file is, by whatever path it is seen: the device of its file system and the path there, as
 * in "0:25 /netns/web". Of the same file that is the same in all mount namespaces.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>

#include "mountinfo.h"

/* NULL: the path, as it is seen where the mount is, is not below it. Both are unescaped by now. */
char *place_of(const struct mountinfo *mount, const char *path);

/* Is the mount of the file system that the place is in? */
bool place_may_be_in(const char *place, const struct mountinfo *mount);

/* Of a directory that is seen here. NULL and errno; EXDEV: the mount that it is on is not. */
char *place_find(const char *dir);

#endif
