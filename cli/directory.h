/* SPDX-License-Identifier: MIT */
/* The run directory itself: what is given by its path is opened once, and locked. */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include <sys/stat.h>

/* A descriptor (O_PATH), and what is known of it; -1 and errno. */
int directory_open(const char *path, struct stat *ret);

/*
 * Until the descriptor is closed nobody who goes by the library makes or removes a name there, in
 * whatever mount namespace; nor does the library for us, but for NETNS_COLLECT_LOCKED. NULL, or why
 * not, to be freed: then *ret is -1.
 */
char *directory_lock(const char *path, int *ret);

#endif
