/* SPDX-License-Identifier: MIT */
/*
 * What stands under a name in a run directory. Only what is mounted is opened: opening a FIFO or a
 * device can have effects.
 *
 * iproute2 drops its lock before it makes the file and mounts on it, so an empty file can be a
 * name that another process is just making. It is given a second for that. This library holds the
 * lock over both, so a file of its own that is found under the lock was left by a crash, and is
 * taken over at once. It is known by LEFTOVER_MARK.
 */
#ifndef LEFTOVER_H
#define LEFTOVER_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * The mode that files are made with: it comes with the file, not after it, no umask takes it away,
 * and it means nothing on a file else (inode(7)).
 */
#define LEFTOVER_MARK S_ISVTX

enum leftover {
	LEFTOVER_STALE = 1,   /* an empty file: what a crash left */
	LEFTOVER_YOUNG = 2,   /* the same, younger than a second */
	LEFTOVER_FOREIGN = 3, /* anything else: not ours to touch */
	LEFTOVER_MOUNT = 4,   /* no leftover: a file is mounted on it, maybe a namespace */
};

/* Of a name, no link being followed; or of the descriptor itself when that is "". Or -errno. */
int leftover_classify(int dirfd, const char *name);

/*
 * A descriptor when a network namespace is mounted there, with *leftover 0; else 0, and *leftover
 * says what is. -EAGAIN: it changed just now. All by the one descriptor, so that what was mounted
 * a moment before or after does not count.
 */
int leftover_open(int dirfd, const char *name, int *leftover);

/*
 * The same for who only compares it, unmounts it or mounts it elsewhere: the descriptor may be of
 * O_PATH.
 */
int leftover_hold(int dirfd, const char *name, int *leftover);

/* Waits a little for a young one; false when that has gone on for too long. *since begins as 0. */
bool leftover_wait(long long *since);

#endif
