/* SPDX-License-Identifier: MIT */
/*
 * The mounts that go with a network namespace: /sys as it is inside, and the files of
 * /etc/netns/NAME over those in /etc.
 *
 * In two steps, so that the second can be taken by a child that shares the memory of a program
 * with many threads (spawn.c) and may not allocate: what there is to do is written down first.
 */
#ifndef MOUNTS_H
#define MOUNTS_H

#include "cleanup.h"
#include "netns.h"

struct mounts;

/* name: whose /etc/netns/NAME; NULL for none. */
int mounts_plan(const char *name, struct mounts **ret);

/*
 * Gives the calling task, which has its file system information for itself, a new mount namespace
 * and makes the mounts. Nothing but system calls. The answer is 0 or a negative errno, of the
 * call that `failed` then names.
 */
int mounts_make(struct mounts *mounts, const char **failed);

/* Tells of what could not be put in place without being a failure. */
void mounts_tell(const struct mounts *mounts, netns_warn_fn warn, void *arg);

void mounts_free(struct mounts **mounts);
#define CLEANUP_MOUNTS CLEANUP(mounts_free)

#endif
