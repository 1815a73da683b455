/* SPDX-License-Identifier: MIT */
#ifndef UNMOUNT_H
#define UNMOUNT_H

/*
 * Unmounts, lazily, what fd is the root of: by the descriptor, so that what goes is the mount that
 * was looked at. Where there is no /proc, by its name in the directory `parent`, wherever the path
 * to that leads by now.
 */
int unmount_this(int fd, int parent, const char *name);

#endif
