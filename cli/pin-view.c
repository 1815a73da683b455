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
	const char *slash = strrchr(mount->target, '/');
	struct candidate found = {.parent = mount->parent};
	unsigned long long inode;
	size_t n = view->n_candidates;

	if (strcmp(mount->type, "nsfs") != 0 || sscanf(mount->root, "net:[%llu]", &inode) != 1)
		return;
	found.pin.name = slash ? stale_name(view->names, slash + 1) : NULL;
	if (!found.pin.name)
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

static const struct mountinfo *mount_by_id(const struct view *view, int id)
{
	for (size_t i = 0; i < view->n_mounts; i++)
		if (view->mounts[i].id == id)
			return &view->mounts[i];
	return NULL;
}

static bool is_at(
	const struct view *view, const struct mountinfo *parent, const struct view_pin *pin)
{
	char *place = parent->device ? place_of(parent, pin->target) : NULL, *wanted;
	bool is_same;

	if (!place)
		return false;
	wanted = text("%s/%s", view->place, pin->name->name);
	is_same = strcmp(place, wanted) == 0;
	free(wanted);
	free(place);
	return is_same;
}

static void tell(const struct view *view, struct candidate *candidate,
	void (*fn)(const struct view_pin *pin, void *arg), void *arg)
{
	const struct mountinfo *parent = mount_by_id(view, candidate->parent);

	/* the root directory there is none of a mount, or may be what the pin was moved over */
	candidate->pin.in_doubt = !parent;
	if (candidate->pin.name->state == NETNS_STALE && /* not told by now */
		(!parent || is_at(view, parent, &candidate->pin)))
		fn(&candidate->pin, arg);
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

	for (size_t i = 0; r == 0 && i < view.n_candidates; i++)
		tell(&view, &view.candidates[i], fn, arg);
	view_free(&view);
	return r;
}
