/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static void append(struct names *names, const struct netns_entry *entry)
{
	struct name *name;

	/* grows at the powers of two */
	if ((names->n & (names->n + 1)) == 0)
		names->v = need(reallocarray(names->v, 2 * (names->n + 1), sizeof(*names->v)));
	name = &names->v[names->n++];
	name->name = need(strdup(entry->name));
	name->state = entry->state;
	name->inode = entry->inode;
	name->error = entry->error;
}

static int by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return strverscmp(x->name, y->name);
}

int read_names(struct names *ret)
{
	const struct netns_entry *entry;
	struct netns_iter *it;
	int r;

	*ret = (struct names){0};
	r = netns_iter_new(globals.run_dir, &it);
	if (r == 0) {
		while ((r = netns_iter_next(it, &entry)) > 0)
			append(ret, entry);
		netns_iter_free(it);
	}
	if (r < 0)
		explain(NULL, r);
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

bool tell_unknown(const struct name *name)
{
	if (name->error)
		message("%s: cannot be looked at: %s", name->name, strerror(-name->error));
	return name->error;
}

int read_known_names(struct names *ret)
{
	int status = read_names(ret);

	for (size_t i = 0; i < ret->n; i++)
		if (tell_unknown(&ret->v[i]))
			status = STATUS_FAILED;
	return status;
}

void free_names(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i].name);
	free(names->v);
}

bool has_stale(const struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].state == NETNS_STALE)
			return true;
	return false;
}
