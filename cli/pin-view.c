/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pin-view.h"
#include "place.h"

struct candidate {
	struct view_pin pin;
	int parent;
};

struct view {
	const char *place;
	const struct names *names;
	/* All mounts, for they come in any order; with strings if of the file system of the place. */
	struct mountinfo *mounts;
	size_t n_mounts;
	struct candidate *candidates;
	size_t n_candidates;
};

static int compare(const void *key, const void *name)
{
	return strverscmp(key, ((const struct name *)name)->name);
}

static struct name *stale_name(const struct names *names, const char *key)
{
	struct name *name = bsearch(key, names->v, names->n, sizeof(*names->v), compare);

	return name && name->state == NETNS_STALE ? name : NULL;
}

static void add_mount(struct view *view, const struct mountinfo *mount)
{
	size_t n = view->n_mounts++;

	if ((n & (n + 1)) == 0)
		view->mounts = need(reallocarray(view->mounts, 2 * (n + 1), sizeof(*view->mounts)));
	view->mounts[n] = (struct mountinfo){.id = mount->id};
	if (!place_may_be_in(view->place, mount))
		return;
	view->mounts[n].device = need(strdup(mount->device));
	view->mounts[n].root = need(strdup(mount->root));
	view->mounts[n].target = need(strdup(mount->target));
	mountinfo_unescape(view->mounts[n].root);
}

static void add_candidate(struct view *view, const struct mountinfo *mount)
{
	struct candidate found = {.parent = mount->parent};
	unsigned long long inode;
	size_t n = view->n_candidates;

	if (strcmp(mount->type, "nsfs") != 0 || sscanf(mount->root, "net:[%llu]", &inode) != 1)
		return;
	found.pin.inode = inode;
	found.pin.target = need(strdup(mount->target));
	if ((n & (n + 1)) == 0)
		view->candidates = need(
			reallocarray(view->candidates, 2 * (n + 1), sizeof(*view->candidates)));
	view->candidates[view->n_candidates++] = found;
}

static void remember(struct mountinfo *mount, void *arg)
{
	mountinfo_unescape(mount->target);
	add_mount(arg, mount);
	add_candidate(arg, mount);
}

static int by_id(const void *a, const void *b)
{
	const struct mountinfo *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static const struct mountinfo *mount_by_id(const struct view *view, int id)
{
	const struct mountinfo key = {.id = id};

	return bsearch(&key, view->mounts, view->n_mounts, sizeof(*view->mounts), by_id);
}

/* Of the file that it is mounted on, which may be a mount itself, by any other path. */
static struct name *name_at(
	const struct view *view, const struct mountinfo *parent, const char *target)
{
	size_t length = strlen(view->place);
	char *place = parent->device ? place_of(parent, target) : NULL;
	struct name *name = NULL;

	if (place && strncmp(place, view->place, length) == 0 && place[length] == '/')
		name = stale_name(view->names, place + length + 1);
	free(place);
	return name;
}

static struct name *name_like(const struct view *view, const char *target)
{
	const char *slash = strrchr(target, '/');

	return slash ? stale_name(view->names, slash + 1) : NULL;
}

static void tell(const struct view *view, struct candidate *candidate,
	void (*fn)(const struct view_pin *pin, void *arg), void *arg)
{
	const struct mountinfo *parent = mount_by_id(view, candidate->parent);
	struct view_pin *pin = &candidate->pin;

	/* the root directory there is none of a mount, or may be what the pin was moved over */
	pin->in_doubt = !parent;
	pin->name = parent ? name_at(view, parent, pin->target) : name_like(view, pin->target);
	if (pin->name) /* and not told by now */
		fn(pin, arg);
}

static void view_free(struct view *view)
{
	for (size_t i = 0; i < view->n_mounts; i++) {
		free(view->mounts[i].device);
		free(view->mounts[i].root);
		free(view->mounts[i].target);
	}
	for (size_t i = 0; i < view->n_candidates; i++)
		free((char *)view->candidates[i].pin.target);
	free(view->mounts);
	free(view->candidates);
}

int view_each_pin(int mounts, const char *place, const struct names *names,
	void (*fn)(const struct view_pin *pin, void *arg), void *arg)
{
	struct view view = {.place = place, .names = names};
	int r = mountinfo_read_open(mounts, remember, &view);

	if (view.n_mounts > 0)
		qsort(view.mounts, view.n_mounts, sizeof(*view.mounts), by_id);
	for (size_t i = 0; r == 0 && i < view.n_candidates; i++)
		tell(&view, &view.candidates[i], fn, arg);
	view_free(&view);
	return r;
}
