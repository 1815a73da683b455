/* SPDX-License-Identifier: MIT */
#ifndef DIR_H
#define DIR_H

#include <stdbool.h>

#include "lease.h"

/* netns_dir_mount(), telling the text of the lease; `leased`: it goes with the calling process. */
int dir_mount(const char *dir, bool leased, char lease[LEASE_SIZE]);

/*
 * netns_dir_delete() of the one with that text: 1, or 0 when it is not there (any more), or -ESTALE,
 * without a message, when another is in its place.
 */
int dir_delete(const char *dir, const char *lease);

#endif
