/* SPDX-License-Identifier: MIT */
/*
 * Where the calling thread is, found fast.
 *
 * A pidfd of the thread follows it through every setns(2), whoever calls that, so it is kept per
 * thread and asked by an ioctl. What is kept may be made wrong behind our back: by fork (the
 * pidfd is of the parent's thread), by the caller closing descriptors he does not know (the
 * number may be another's by now). Both are checked at each use.
 */
#ifndef HERE_H
#define HERE_H

#define HERE_PATH_SIZE sizeof("/proc/-2147483648/task/-2147483648/ns/net")

/*
 * A new descriptor of the namespace that the calling thread is in, or a negative errno. `path`,
 * if not NULL, gets HERE_PATH_SIZE bytes: where /proc shows it.
 */
int here_open(char path[]);

#endif
