/* SPDX-License-Identifier: MIT */
/* The order in which a census is told: names first, and what they are called there. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "cli.h"

static const char *run_dir(size_t *length)
{
	static char real[PATH_MAX];

	if (!*real && !realpath(globals.run_dir ? globals.run_dir : netns_get_run_dir(), real))
		strcpy(real, "/");
	*length = strlen(real);
	return real;
}

const char *short_name(const char *path)
{
	size_t length;
	const char *dir = run_dir(&length);

	if (strncmp(path, dir, length) == 0 && path[length] == '/' &&
		!strchr(path + length + 1, '/'))
		return path + length + 1;
	return path;
}

/* Names in the run directory before paths. */
static int by_short_name(const char *x, const char *y)
{
	int order = (*x == '/') - (*y == '/');

	return order ? order : strverscmp(x, y);
}

static int by_path(const char *a, const char *b)
{
	return by_short_name(short_name(a), short_name(b));
}

static int by_kind(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->kind == HELD_BY_NAME)
		return by_path(x->path, y->path);
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->kind == HELD_BY_MOUNT && x->path && y->path)
		return strverscmp(x->path, y->path);
	return x->tid != y->tid ? x->tid - y->tid : x->fd - y->fd;
}

const char *first_name(const struct namespace *ns)
{
	return ns->kinds & 1u << HELD_BY_NAME ? ns->holders[0].path : NULL;
}

/* Then those that have processes, the first process first. */
static int by_name(const void *a, const void *b)
{
	const struct namespace *x = a, *y = b;

	if (x->name && y->name)
		return by_short_name(x->name, y->name);
	if (x->name || y->name)
		return x->name ? -1 : 1;
	if (x->first != y->first)
		return !x->first || (y->first && y->first < x->first) ? 1 : -1;
	return x->inode < y->inode ? -1 : 1;
}

static int by_dead_path(const void *a, const void *b)
{
	const struct dead_name *x = a, *y = b;

	return by_path(x->path, y->path);
}

void order_census(struct census *census)
{
	bool sorted = true;

	for (size_t i = 0; i < census->n; i++) {
		struct namespace *ns = &census->v[i];

		if (ns->n_holders > 1)
			qsort(ns->holders, ns->n_holders, sizeof(*ns->holders), by_kind);
		ns->name = first_name(ns) ? short_name(first_name(ns)) : NULL;
		sorted = sorted && (i == 0 || by_name(ns - 1, ns) <= 0);
	}
	if (!sorted)
		qsort(census->v, census->n, sizeof(*census->v), by_name);
	if (census->n_dead > 0)
		qsort(census->dead, census->n_dead, sizeof(*census->dead), by_dead_path);
}
