/* SPDX-License-Identifier: MIT */
#ifndef DIR_H
#define DIR_H

#include <stdbool.h>

#include "lease.h"

/*
 * netns_dir_mount() and netns_dir_delete(), which speak of one and the same file system by the text
 * of its lease: deleting another, or none, is success and does nothing; NULL is whichever is there.
 * `leased`: it is to go with the calling process.
 */
int dir_mount(const char *dir, bool leased, char lease[LEASE_SIZE]);
int dir_delete(const char *dir, const char *lease);

#endif
