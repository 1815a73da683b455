/* SPDX-License-Identifier: MIT */
/* Names that were made in this run directory, but are mounted in another mount namespace only. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "doctor.h"
#include "elsewhere.h"

static bool leads_there(const struct elsewhere *absent)
{
	struct netns_inode inode;
	struct netns *ns;
	bool there;

	if (netns_open_name_in(globals.run_dir, absent->name->name, &ns) < 0)
		return false;
	there = netns_get_inode(ns, &inode) == 0 && inode.ino == absent->inode;
	netns_free(ns);
	return there;
}

/* That another has done so meanwhile will do as well. */
static char *attach_here(struct netns *ns, const struct elsewhere *absent)
{
	int r = netns_attach(ns, globals.run_dir, absent->name->name);
	char *why = why_library(r);

	if (r != -EEXIST || !leads_there(absent))
		return why;
	free(why);
	return NULL;
}

static char *give_here(void *arg)
{
	const struct elsewhere *absent = arg;
	struct netns_inode inode;
	struct netns *ns;
	char *why;
	int r = netns_open(absent->path, &ns);

	if (r < 0)
		return why_library(r);
	r = netns_get_inode(ns, &inode);
	if (r < 0)
		why = why_library(r);
	else if (inode.ino != absent->inode)
		why = text("%s leads to another namespace by now", absent->path);
	else
		why = attach_here(ns, absent);
	netns_free(ns);
	return why;
}

/* Whose it is, if that is in doubt. */
static char *doubt_about(const struct elsewhere *absent, bool is_own)
{
	static const char in_doubt[] =
		" That it belongs to the user namespace of the caller is not known";
	const char *why = elsewhere_doubt(absent);

	if (absent->in_doubt)
		return need(strdup(" From there it is not seen in what directory."));
	if (is_own || !absent->path)
		return need(strdup(""));
	return why ? text("%s: %s.", in_doubt, why) : text("%s.", in_doubt);
}

static char *place_in_words(const struct elsewhere *absent)
{
	if (absent->here)
		return text("this mount namespace by another path, %s,", absent->here);
	return absent->pid ? text("the mount namespace of process %s", absent->pid)
			   : text("mount namespace %ju", (uintmax_t)absent->mounts);
}

static void tell(const struct elsewhere *absent, void *arg)
{
	bool is_own = elsewhere_is_own(absent);
	char *in_doubt = doubt_about(absent, is_own);
	char *where = place_in_words(absent);
	struct finding found = {
		.kind = "elsewhere-only",
		.name = absent->name->name,
		.remedy = "find out whose it is; removing the file would unmount it there",
	};

	if (is_own) {
		found.remedy = "give the namespace that name here as well";
		found.fix = give_here;
		found.arg = (void *)absent;
	}
	finding(arg, &found,
		"The name was made in %s and leads to a namespace there (net:[%ju]); here it does "
		"not.%s",
		where, (uintmax_t)absent->inode, in_doubt);
	free(where);
	free(in_doubt);
	absent->name->state = NETNS_LIVE; /* if not here: all is said of it */
}

bool look_elsewhere(struct doctor *doctor, struct names *names)
{
	char *why_not = each_elsewhere(doctor->dir, names, tell, doctor);
	bool everywhere = !why_not;

	if (why_not) {
		message("other mount namespaces: %s", why_not);
		doctor->blind = true;
	}
	free(why_not);
	return everywhere;
}
