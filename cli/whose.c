/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "whose.h"

void judge_doubt(struct judge *judge, const char *why)
{
	if (!judge->doubt)
		judge->doubt = need(strdup(why));
}

void judge_forget_doubt(struct judge *judge)
{
	free(judge->doubt);
	judge->doubt = NULL;
}

/* What belongs to the user namespace that the descriptor is of. */
static enum whose whose_by(struct judge *judge, int users)
{
	struct stat st;
	uid_t uid;

	if (fstat(users, &st) < 0)
		judge_doubt(judge, strerror(errno));
	else if (st.st_dev == judge->users.st_dev && st.st_ino == judge->users.st_ino)
		return OWN;
	if (ioctl(users, NS_GET_OWNER_UID, &uid) < 0)
		judge_doubt(judge, strerror(errno));
	else if (uid != judge->trusted && uid != geteuid())
		return STRANGERS;
	return UNKNOWN;
}

/* The same; the descriptor is closed, or there is none, because of what is said. */
static enum whose whose_by_owner(struct judge *judge, int users, const char *why_none)
{
	enum whose whose;

	if (users < 0 && !judge->users.st_ino)
		return OWN;
	if (users < 0) {
		judge_doubt(judge, why_none);
		return UNKNOWN;
	}
	whose = whose_by(judge, users);
	close(users);
	return whose;
}

enum whose whose_is(struct judge *judge, int ns)
{
	int users = ioctl(ns, NS_GET_USERNS);

	return whose_by_owner(judge, users, strerror(errno));
}

enum whose whose_network(struct judge *judge, const char *path, uint64_t inode)
{
	enum whose whose = UNKNOWN;
	struct netns_inode found;
	struct netns *ns;
	int r = netns_open(path, &ns);

	if (r == 0) {
		r = netns_get_inode(ns, &found);
		if (r == 0 && found.ino == inode)
			whose = whose_by_owner(judge, netns_open_owner(ns), netns_errmsg());
		netns_free(ns);
	}
	if (r < 0)
		judge_doubt(judge, netns_errmsg());
	return whose;
}
