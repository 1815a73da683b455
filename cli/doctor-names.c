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

struct sweep {
	struct doctor *doctor;
	struct names names;
	bool everywhere; /* was it looked for them */
	int lock;        /* of the directory, once something is to be removed; or -1 */
	const struct name *name;
};

static void be_live(const struct elsewhere *found, void *arg)
{
	(void)arg;
	found->name->state = NETNS_LIVE;
}

/*
 * Once more, under the lock: what was stale when all mount namespaces were looked at can have become
 * a name in one of them.
 */
static char *lock_and_look_again(struct sweep *sweep)
{
	char *why_not = doctor_lock(sweep->doctor, &sweep->lock);

	if (!why_not && !leave_hidden(sweep->doctor, &sweep->names))
		why_not = text("the mounts could not be read");
	if (!why_not)
		why_not = each_elsewhere(sweep->doctor->dir, &sweep->names, be_live, NULL);
	if (why_not && sweep->lock >= 0) {
		close(sweep->lock);
		sweep->lock = -1;
	}
	return why_not;
}

static char *remove_stale(void *arg)
{
	struct sweep *sweep = arg;
	char *why_not = sweep->lock < 0 ? lock_and_look_again(sweep) : NULL;
	int r;

	if (why_not)
		return why_not;
	if (sweep->name->state != NETNS_STALE)
		return nothing_was_wrong;
	r = netns_collect(
		globals.run_dir, sweep->name->name, NETNS_COLLECT_STALE | NETNS_COLLECT_LOCKED);
	return r == 0 ? nothing_was_wrong : why_library(r);
}

static void look_at(struct sweep *sweep, const struct name *name)
{
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
	sweep->name = name;
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
	struct sweep sweep = {.doctor = doctor, .lock = -1};

	if (read_settled_names(doctor->dir, &sweep.names) != STATUS_OK)
		doctor->blind = true;
	spare_unlikely(doctor->dir, &sweep.names);
	/* before the stale files: removing one would end a pin that is hidden, or elsewhere */
	sweep.everywhere = leave_hidden(doctor, &sweep.names);
	sweep.everywhere &= look_elsewhere(doctor, &sweep.names);
	for (size_t i = 0; i < sweep.names.n; i++)
		look_at(&sweep, &sweep.names.v[i]);
	free_names(&sweep.names);
	if (sweep.lock >= 0)
		close(sweep.lock);
}
