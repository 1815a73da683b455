/* SPDX-License-Identifier: MIT */
/* nsfs, the file system that all namespaces are files of: what it tells without opening them. */
#ifndef NSFS_H
#define NSFS_H

#include "kernel.h"

/* Its device number, of which there is one; 0: unknown, as there is no /proc. */
dev_t nsfs_device(void);

/*
 * Looks at a name, no link being followed, or at the descriptor itself when that is "", which may
 * be of O_PATH. 1: a network namespace, and *ret is which; 0: a namespace of another kind.
 * -EOPNOTSUPP: no namespace, or before Linux 6.18, where it must be opened to tell.
 */
int nsfs_look(int dirfd, const char *name, struct inode *ret);

#endif
