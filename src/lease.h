/* SPDX-License-Identifier: MIT */
/*
 * Leases: who made a name that is to go with him, so that it can be found when he is gone.
 *
 * Written as an extended attribute of the file that the namespace is mounted on: born and gone with
 * that file, and seen by nobody who does not look under the mount, ip-netns(8) least of all.
 */
#ifndef LEASE_H
#define LEASE_H

#include <stdbool.h>

#include "netns.h"

#define LEASE_SIZE 512

/*
 * The text of a lease for the calling process on the namespace nsfd, and its writing on a file in
 * a run directory that nothing is mounted on yet. Where either is not possible there is none: it
 * is a help, not a condition. Two steps, because a file should not be without its mount for longer
 * than need be. The answer is 0 or a negative errno.
 */
int lease_compose(char text[LEASE_SIZE], int nsfd);
void lease_write(int file, const char *text);

/* Of the namespace nsfd that is pinned there. 0, or a negative errno with the message set. */
int lease_read(const char *dir, const char *name, int nsfd, struct netns_lease *ret);

/*
 * The same on the root of a whole directory's file system (dir.c), for all that is in it; `leased`:
 * it is to go with the calling process, else it stays. Here it is a condition: the answer is 0 or a
 * negative errno. Only what needs CAP_SYS_ADMIN to be written counts, since others may write to the
 * directory; -ENODATA: nothing such is there. No two texts are alike. The descriptor is not of
 * O_PATH.
 */
int lease_write_dir(int directory, bool leased, char text[LEASE_SIZE]);
int lease_read_dir(int directory, char text[LEASE_SIZE], struct netns_lease *ret);

/* Of whatever was made under the name before. */
void lease_clear(int file);

#endif
