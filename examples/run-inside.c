/* SPDX-License-Identifier: MIT */
/*
 * Runs a function inside a network namespace: how many links are there, here and in a new one?
 *
 *	run-inside
 */
#include <err.h>
#include <net/if.h>
#include <stdio.h>

#include <netns.h>

static int count_links(struct netns *host, void *arg)
{
	struct if_nameindex *links = if_nameindex();
	int n = 0;

	(void)host;
	(void)arg;
	if (!links)
		return -1;
	while (links[n].if_index)
		n++;
	if_freenameindex(links);
	return n;
}

int main(void)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .flags = NETNS_CREATE_UNPINNED};
	struct netns *ns;
	int inside;

	if (netns_create(&opts, &ns) < 0)
		errx(1, "%s", netns_errmsg());

	inside = netns_do(ns, count_links, NULL);
	if (inside < 0)
		errx(1, "%s", netns_errmsg());
	printf("links here: %d, in a new network namespace: %d\n", count_links(NULL, NULL), inside);

	netns_free(ns);
	return 0;
}
