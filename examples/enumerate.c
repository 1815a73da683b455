/* SPDX-License-Identifier: MIT */
/*
 * The names in a run directory, what stands under them, and which namespace it is.
 *
 *	enumerate [DIR]
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>

#include <netns.h>

static const char *const states[] = {
	[NETNS_LIVE] = "live", [NETNS_STALE] = "stale", [NETNS_FOREIGN] = "foreign"};

int main(int argc, char **argv)
{
	const struct netns_entry *entry;
	struct netns_iter *it;
	int r;

	if (netns_iter_new(argc > 1 ? argv[1] : NULL, &it) < 0)
		errx(1, "%s", netns_errmsg());
	while ((r = netns_iter_next(it, &entry)) > 0)
		printf("%-20s %-8s net:[%ju]\n", entry->name, states[entry->state],
			(uintmax_t)entry->inode.ino);
	if (r < 0)
		errx(1, "%s", netns_errmsg());
	netns_iter_free(it);
	return 0;
}
