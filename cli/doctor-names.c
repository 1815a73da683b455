/* SPDX-License-Identifier: MIT */
/* The names that are seen: those that lead nowhere, or elsewhere. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "doctor.h"
#include "elsewhere.h"
#include "settled.h"

struct stale {
	const char *name;
	bool *locked; /* by somebody who keeps the lock: it is waited for once */
};

static char *remove_stale(void *arg)
{
	const struct stale *stale = arg;
	int r;

	if (*stale->locked)
		return text("%s: not tried: the lock is still held, as was said", stale->name);
	r = netns_collect(globals.run_dir, stale->name, NETNS_COLLECT_STALE);
	*stale->locked = r == -ETIMEDOUT;
	return r == 0 ? nothing_was_wrong : why_library(r);
}

static void look_at(struct doctor *doctor, const struct name *name, bool everywhere, bool *locked)
{
	struct stale it = {name->name, locked};
	const struct finding stale = {
		.kind = "stale-pin",
		.name = name->name,
		.remedy = everywhere ? "remove the file"
				     : "look for it in all mount namespaces (" TO_LOOK_EVERYWHERE
				       ")",
		.fix = everywhere ? remove_stale : NULL,
		.arg = &it,
	};
	const struct finding foreign = {
		.kind = "foreign-file",
		.name = name->name,
		.remedy = "find out whose it is; neither this tool nor ip can use it",
	};

	if (is_being_made(doctor->dir, name))
		return;
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
	struct names names;
	bool everywhere, locked = false;

	if (read_settled_names(doctor->dir, &names) != STATUS_OK)
		doctor->blind = true;
	spare_unlikely(doctor->dir, &names);
	/* before the stale files: removing one would end a pin that is hidden, or elsewhere */
	everywhere = leave_hidden(doctor, &names);
	everywhere &= look_elsewhere(doctor, &names);
	for (size_t i = 0; i < names.n; i++)
		look_at(doctor, &names.v[i], everywhere, &locked);
	free_names(&names);
}
