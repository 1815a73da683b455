/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "procfs.h"
#include "subject.h"

/* What follows the prefix, if that is a number; else 0, which no namespace has. */
static uint64_t number_after(const char *spec, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(spec, prefix, length) != 0 || !spec[length] ||
		spec[length + strspn(spec + length, "0123456789")])
		return 0;
	return strtoull(spec + length, NULL, 10);
}

static const struct namespace *with_inode(const struct census *census, uint64_t inode)
{
	for (size_t i = 0; i < census->n; i++)
		if (census->v[i].inode == inode)
			return &census->v[i];
	return NULL;
}

static const struct namespace *with_id(const struct census *census, uint64_t id)
{
	const struct namespace *found = NULL;

	for (size_t i = 0; i < census->n && !found; i++) {
		struct netns *ns;
		uint64_t its;

		if (open_namespace(&census->v[i], &ns) < 0)
			continue;
		if (netns_get_id(ns, &its) == 0 && its == id)
			found = &census->v[i];
		netns_free(ns);
	}
	return found;
}

/* Process 1 may not let the caller look, but others that are with it may. */
static const struct namespace *with_1(const struct census *census)
{
	for (size_t i = 0; i < census->n; i++)
		if (census->v[i].first && procfs_is_with_1(census->v[i].first))
			return &census->v[i];
	return NULL;
}

const struct namespace *find_subject(const struct census *census, const char *spec)
{
	uint64_t inode_wanted = number_after(spec, "ino:"), id = number_after(spec, "id:");
	const struct namespace *found = NULL;
	struct netns_inode inode;
	struct netns *ns;
	int r;

	if (inode_wanted)
		found = with_inode(census, inode_wanted);
	else if (id)
		found = with_id(census, id);
	if (found)
		return found;

	r = netns_open_spec_in(globals.run_dir, spec, &ns);
	if ((r == -EPERM || r == -EACCES) && strcmp(spec, "host") == 0)
		found = with_1(census);
	if (found)
		return found;
	if (r < 0) {
		explain_spec(spec, r);
		return NULL;
	}
	r = netns_get_inode(ns, &inode);
	netns_free(ns);
	if (r == 0)
		found = with_inode(census, inode.ino);
	if (!found)
		message("%s: nobody is known to hold it", spec);
	return found;
}
