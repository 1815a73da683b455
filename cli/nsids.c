/* SPDX-License-Identifier: MIT */
/*
 * Which nsid a name's namespace has. The kernel tells in one answer which nsids there are, but not
 * whose; so it is asked about one name after the other only until each has its owner.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli.h"

static const char nsids_word[] = "the nsids";

static void begin(struct nsids *nsids)
{
	struct netns_nsid *all;
	int n = netns_list_nsids(-1, &all);

	nsids->begun = true;
	nsids->left = n < 0 ? SIZE_MAX : (size_t)n;
	if (n >= 0)
		free(all);
}

void nsids_end(struct nsids *nsids)
{
	free(nsids->known);
}

static void remember(struct nsids *nsids, const struct netns_inode *inode, int nsid)
{
	/* grows at the powers of two */
	if ((nsids->n & (nsids->n + 1)) == 0)
		nsids->known =
			need(reallocarray(nsids->known, 2 * (nsids->n + 1), sizeof(*nsids->known)));
	nsids->known[nsids->n].inode = *inode;
	nsids->known[nsids->n++].nsid = nsid;
	if (nsids->left != SIZE_MAX)
		nsids->left--;
}

bool nsid_is_known(struct nsids *nsids, const struct netns_inode *inode, int *ret)
{
	if (!nsids->begun)
		begin(nsids);
	for (size_t i = 0; i < nsids->n; i++)
		if (nsids->known[i].inode.ino == inode->ino &&
			nsids->known[i].inode.dev == inode->dev) {
			*ret = nsids->known[i].nsid;
			return true;
		}
	*ret = -1;
	return nsids->left == 0;
}

int nsid_by_asking(struct nsids *nsids, const struct netns_inode *inode, struct netns *ns)
{
	int nsid, r = netns_get_nsid(ns, &nsid);

	if (r < 0) {
		note_missing(nsids_word, r);
		return -1;
	}
	remember(nsids, inode, nsid);
	return nsid;
}

int nsid_of(struct nsids *nsids, const struct name *name)
{
	struct netns *ns;
	int nsid = -1, r;

	if (name->state != NETNS_LIVE || nsid_is_known(nsids, &name->inode, &nsid))
		return nsid;
	r = netns_open_name_in(globals.run_dir, name->name, &ns);
	if (r < 0) {
		note_missing(nsids_word, r);
		return -1;
	}
	nsid = nsid_by_asking(nsids, &name->inode, ns);
	netns_free(ns);
	return nsid;
}
