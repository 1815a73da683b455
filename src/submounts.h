/* SPDX-License-Identifier: MIT */
/* What is mounted directly on a mount. */
#ifndef SUBMOUNTS_H
#define SUBMOUNTS_H

/*
 * Calls fn with the path of each mount on the mount that `path` is the root of, in the order in which
 * they were made; the string is fn's to free. Ends when fn does not answer 0, with that.
 * Nothing is on a path that is not there, or where there is no /proc to tell (before Linux 6.8).
 */
int submounts_each(const char *path, int (*fn)(char *target, void *arg), void *arg);

#endif
