/* SPDX-License-Identifier: MIT */
/*
 * Leases: who made a name that is to go with him, so that it can be found when he is gone.
 *
 * Written as an extended attribute of the file that the namespace is mounted on: born and gone with
 * that file, and seen by nobody who does not look under the mount, ip-netns(8) least of all.
 */
#ifndef LEASE_H
#define LEASE_H

#include "netns.h"

/*
 * Of the namespace nsfd, for the calling process, on a file in a run directory that nothing is
 * mounted on yet. Where that is not possible there is none: it is a help, not a condition.
 */
void lease_write(int file, int nsfd);

/* Of the namespace nsfd that is pinned there. 0, or a negative errno with the message set. */
int lease_read(const char *dir, const char *name, int nsfd, struct netns_lease *ret);

/* Of whatever was made under the name before. */
void lease_clear(int file);

#endif
