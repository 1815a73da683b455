/* SPDX-License-Identifier: MIT */
/* The run directory: which one, whether a name is good, made, shared and locked. */
#ifndef RUNDIR_H
#define RUNDIR_H

#include <stdbool.h>

/*
 * A run directory, locked. The lock is iproute2's own: flock(2) on the directory itself.
 */
struct rundir {
	const char *path;
	int fd;
	int lock;          /* what holds the lock, if fd was opened after it was taken; else -1 */
	const char *doing; /* the step that was tried last, for messages */
	bool made;         /* the directory ... */
	bool mounted;      /* or the mount on it is our doing: taken back by rundir_undo() */
};

#define RUNDIR_INIT                                                                                \
	{                                                                                          \
		.fd = -1, .lock = -1, .doing = "open the run directory"                            \
	}

/* Put the default for NULL into dir and check it, and the name; with the message set. */
int rundir_check_dir(const char **dir);
int rundir_check(const char **dir, const char *name);

/* The default one, where there is nobody's file or mount but root's. */
bool rundir_is_default(const char *path);

/* Opens a directory that is there. For another than the default one see walk.h. */
int rundir_open(const char *path, int flags);

/* Sets the message for one that could not be opened: "what path: why". */
int rundir_error(int error, const char *path, const char *what);

/* The same, and locks it. On failure `doing` says what it was that failed. */
int rundir_lock(struct rundir *rundir, const char *path);

/* The same, of which the caller has the lock. */
int rundir_take(struct rundir *rundir, const char *path);

/* The same, made if need be; the default one is made a shared mount. With the message set. */
int rundir_make(struct rundir *rundir, const char *path);

/* Takes back what rundir_make() did, for a create that failed afterwards. */
void rundir_undo(struct rundir *rundir);

void rundir_release(struct rundir *rundir);
#define CLEANUP_RUNDIR CLEANUP(rundir_release)

#endif
