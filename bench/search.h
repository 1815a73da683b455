/* SPDX-License-Identifier: MIT */
/* How many names in the run directory a namespace has: what `netns identify` asks. */
#ifndef BENCH_SEARCH_H
#define BENCH_SEARCH_H

#include <netns.h>

int bare_search(const struct netns_inode *inode);
int our_search(const struct netns_inode *inode);

#endif
