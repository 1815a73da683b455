/* SPDX-License-Identifier: MIT */
/* Names that were made in this run directory, but are mounted in another mount namespace only. */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "doctor.h"
#include "elsewhere.h"

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
	if (r == 0 && inode.ino != absent->inode)
		why = text("%s leads to another namespace by now", absent->path);
	else
		why = why_library(r < 0 ? r : netns_attach(ns, globals.run_dir, absent->name));
	netns_free(ns);
	return why;
}

struct here {
	struct doctor *doctor;
	struct names names;
};

static void tell(const struct elsewhere *absent, void *arg)
{
	const struct here *here = arg;
	const struct finding found = {
		.kind = "elsewhere-only",
		.name = absent->name,
		.remedy = "give the namespace that name here as well",
		.fix = give_here,
		.arg = (void *)absent,
	};

	for (size_t i = 0; i < here->names.n; i++)
		if (here->names.v[i].inode.ino == absent->inode ||
			(here->names.v[i].error &&
				strcmp(here->names.v[i].name, absent->name) == 0))
			return;
	finding(here->doctor, &found,
		"The name was made in the mount namespace of process %s and leads to a namespace "
		"there "
		"(net:[%ju]); here it does not.",
		absent->pid, (uintmax_t)absent->inode);
}

void look_elsewhere(struct doctor *doctor)
{
	struct here here = {.doctor = doctor};

	/* without those that are here, all that are elsewhere would be missing */
	if (read_names(&here.names) != STATUS_OK)
		doctor->blind = true;
	else if (each_elsewhere(doctor->dir, tell, &here) < 0 && errno != ENOENT)
		cannot_look(doctor, "other mount namespaces");
	free_names(&here.names);
}
