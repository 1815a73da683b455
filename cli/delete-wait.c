/* SPDX-License-Identifier: MIT */
/*
 * netns delete --wait: the links go first, synchronously, so that their names are free when the
 * command is done; and who still holds a namespace is told.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "census.h"
#include "cli.h"
#include "delete-wait.h"
#include "wind-up.h"

enum { PAUSE_MS = 100 };

static bool is_live(const char *name, struct netns **ret)
{
	return netns_open_name_in(globals.run_dir, name, ret) == 0;
}

/* Physical links would go back to the host, and the host's network may depend on them. */
static int refuse_physical(struct netns *ns, const char *name)
{
	char *links;
	int status = physical_links(ns, name, &links);

	if (status != STATUS_OK || !links) {
		free(links);
		return status;
	}
	message("%s: has physical links inside: %s (move them out first, or use --force)", name,
		links);
	free(links);
	return STATUS_FAILED;
}

int delete_wait_prepare(const char *name, bool force, uint64_t *inode)
{
	struct netns_inode identity;
	struct netns *ns;
	int status = STATUS_OK;

	*inode = 0;
	if (!is_live(name, &ns))
		return STATUS_OK; /* deleting it will tell */
	if (!force)
		status = refuse_physical(ns, name);
	if (status == STATUS_OK)
		status = remove_links(ns, name);
	if (status == STATUS_OK && netns_get_inode(ns, &identity) == 0)
		*inode = identity.ino;
	netns_free(ns);
	return status;
}

static const struct namespace *find_by_inode(const struct census *census, uint64_t inode)
{
	for (size_t i = 0; i < census->n; i++)
		if (census->v[i].inode == inode)
			return &census->v[i];
	return NULL;
}

static void tell_holder(const char *name, const struct holder *holder)
{
	if (holder->path)
		message("%s: still held by a %s: %s", name, holder_words[holder->kind],
			holder->path);
	else if (holder->kind == HELD_BY_DESCRIPTOR || holder->kind == HELD_BY_SOCKET ||
		 holder->kind == HELD_BY_TUN)
		message("%s: still held by a %s: process %d, descriptor %d", name,
			holder_words[holder->kind], holder->pid, holder->fd);
	else if (holder->kind == HELD_UNSEEN)
		message("%s: still held by something that /proc does not show", name);
	else
		message("%s: still held by a %s: %d", name, holder_words[holder->kind],
			holder->tid ? holder->tid : holder->pid);
}

/* How many of them somebody still holds, and, when it is for the last time, who. A status. */
static int count_held(const struct deleted *deleted, size_t n, bool tell, size_t *ret)
{
	struct census census;
	int status = take_census(&census, EACH_MOUNT);

	*ret = 0;
	for (size_t i = 0; status == STATUS_OK && i < n; i++) {
		const struct namespace *ns =
			deleted[i].inode ? find_by_inode(&census, deleted[i].inode) : NULL;

		*ret += ns != NULL;
		for (size_t j = 0; tell && ns && j < ns->n_holders; j++)
			tell_holder(deleted[i].name, &ns->holders[j]);
	}
	free_census(&census);
	if (status != STATUS_OK)
		message("the names are gone; who still holds a namespace is not known");
	return status;
}

static bool is_over(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec ||
	       (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

int delete_wait(const struct deleted *deleted, size_t n, unsigned seconds)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	struct timespec end;
	size_t held;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	while ((status = count_held(deleted, n, false, &held)) == STATUS_OK && held > 0) {
		if (progress_interrupted()) {
			message("interrupted; the names are gone, %zu of %zu namespaces are still "
				"held",
				held, n);
			return 128 + progress_interrupted();
		}
		if (is_over(&end))
			break;
		nanosleep(&pause, NULL); /* which a signal ends */
	}
	if (held > 0)
		status = count_held(deleted, n, true, &held);
	return held > 0 ? STATUS_FAILED : status;
}
