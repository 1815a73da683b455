/* SPDX-License-Identifier: MIT */
/* The names that are seen: those that lead nowhere, or elsewhere. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"
#include "elsewhere.h"
#include "settled.h"

/* All stale files go in one sweep, before the first of them is told of. */
struct sweep {
	struct doctor *doctor;
	struct names names;
	bool everywhere; /* was it looked for them */
	bool done;
	char *failed;   /* why nothing was removed, until that is told */
	int *results;   /* of each of the names */
	char **why_not; /* the same, to be freed by who tells */
	size_t at;      /* the name that is told of */
};

static void be_live(const struct elsewhere *found, void *arg)
{
	(void)arg;
	found->name->state = NETNS_LIVE;
}

static char *look_again(struct sweep *sweep)
{
	if (!leave_hidden(sweep->doctor, &sweep->names))
		return text("the mounts could not be read");
	return each_elsewhere(sweep->doctor->dir, &sweep->names, be_live, NULL);
}

static void remove_each(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->names.n; i++) {
		const struct name *name = &sweep->names.v[i];

		if (name->state != NETNS_STALE || is_being_made(sweep->doctor->dir, name))
			continue;
		sweep->results[i] = netns_collect(
			globals.run_dir, name->name, NETNS_COLLECT_STALE | NETNS_COLLECT_LOCKED);
		sweep->why_not[i] = why_library(sweep->results[i]);
	}
}

/*
 * It is looked once more, under the lock: what was stale when all mount namespaces were looked at can
 * have become a name in one of them. Nothing is said meanwhile, for who reads it may be slow.
 */
static void remove_all(struct sweep *sweep)
{
	int lock;

	sweep->done = true;
	sweep->results = need(calloc(sweep->names.n, sizeof(*sweep->results)));
	sweep->why_not = need(calloc(sweep->names.n, sizeof(*sweep->why_not)));
	sweep->failed = doctor_lock(sweep->doctor, &lock);
	if (sweep->failed)
		return;
	hold_messages();
	sweep->failed = look_again(sweep);
	if (!sweep->failed)
		remove_each(sweep);
	close(lock);
	release_messages();
}

static char *remove_stale(void *arg)
{
	struct sweep *sweep = arg;
	bool first = !sweep->done;
	char *why_not;

	if (first)
		remove_all(sweep);
	if (sweep->failed)
		return first ? need(strdup(sweep->failed)) : text("not tried, for the same reason");
	if (sweep->results[sweep->at] == 0)
		return nothing_was_wrong;
	why_not = sweep->why_not[sweep->at];
	sweep->why_not[sweep->at] = NULL;
	return why_not;
}

static void look_at(struct sweep *sweep, size_t at)
{
	const struct name *name = &sweep->names.v[at];
	struct doctor *doctor = sweep->doctor;
	const struct finding stale = {
		.kind = "stale-pin",
		.name = name->name,
		.remedy = sweep->everywhere ? "remove the file"
					    : "look for it in all mount namespaces "
					      "(" TO_LOOK_EVERYWHERE ")",
		.fix = sweep->everywhere ? remove_stale : NULL,
		.arg = sweep,
	};
	const struct finding foreign = {
		.kind = "foreign-file",
		.name = name->name,
		.remedy = "find out whose it is; neither this tool nor ip can use it",
	};

	if (is_being_made(doctor->dir, name))
		return;
	sweep->at = at;
	if (name->state == NETNS_STALE)
		finding(doctor, &stale,
			"An empty file without a namespace, left by a crash, or by a program that "
			"made the name in another mount namespace. ip netns cannot use the name.");
	else if (name->error)
		finding(doctor, &foreign, "It cannot be looked at, so what it is is not known: %s.",
			strerror(-name->error));
	else if (name->state == NETNS_FOREIGN)
		finding(doctor, &foreign,
			"Not a pin of a network namespace: a file with content, a link, a "
			"directory, a mount of something else, or an empty file that no program "
			"makes for a name.");
}

void look_at_names(struct doctor *doctor)
{
	struct sweep sweep = {.doctor = doctor};

	if (read_settled_names(doctor->dir, &sweep.names) != STATUS_OK)
		doctor->blind = true;
	spare_unlikely(doctor->dir, &sweep.names);
	/* before the stale files: removing one would end a pin that is hidden, or elsewhere */
	sweep.everywhere = leave_hidden(doctor, &sweep.names);
	sweep.everywhere &= look_elsewhere(doctor, &sweep.names);
	for (size_t i = 0; i < sweep.names.n; i++)
		look_at(&sweep, i);
	free(sweep.results);
	free(sweep.why_not);
	free(sweep.failed);
	free_names(&sweep.names);
}
