/* SPDX-License-Identifier: MIT */
/* A function run in one namespace after the other, without going home in between. */
#include <errno.h>

#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "options.h"
#include "scope.h"
#include "workers.h"

struct tour {
	struct netns *const *ns;
	size_t n;
	netns_visit_fn fn;
	void *arg;
	struct netns_visit_opts opts;
};

/* On a thread that is already somewhere else and comes home, or ends, later. */
static int visit_one(const struct tour *tour, size_t i)
{
	int fd = handle_fd(tour->ns[i]), r;

	if (fd < 0)
		return fd;
	r = sys_setns(fd);
	if (r < 0)
		return error_errno(r, "enter %s (setns)", handle_label(tour->ns[i]));
	return tour->fn(tour->ns[i], i, tour->arg);
}

/* What do_one answers ends the tour, unless the caller wants all. */
static int visit_and_note(size_t i, void *arg)
{
	const struct tour *tour = arg;
	int r = visit_one(tour, i);

	if (!tour->opts.results)
		return r;
	tour->opts.results[i] = r;
	return 0;
}

static int first_failure(const struct tour *tour)
{
	for (size_t i = 0; i < tour->n; i++)
		if (tour->opts.results[i] != 0)
			return tour->opts.results[i];
	return 0;
}

/* n + 1 switches: into each, and home. */
static int visit_here(const struct tour *tour)
{
	struct netns_scope CLEANUP_SCOPE scope = NETNS_SCOPE_INIT;
	int answer = 0, r, home_fd = -1;

	if (tour->opts.home) {
		home_fd = handle_fd(tour->opts.home);
		if (home_fd < 0)
			return home_fd;
	}
	r = scope_prepare(&scope, home_fd);
	if (r < 0)
		return r;
	for (size_t i = 0; i < tour->n && answer == 0; i++)
		answer = visit_and_note(i, (void *)tour);
	r = netns_leave(&scope);
	return r < 0 ? r : answer;
}

static int visit_by_threads(const struct tour *tour)
{
	return workers_run(&(struct work){.do_one = visit_and_note,
		.arg = (void *)tour,
		.n = tour->n,
		.threads = tour->opts.threads});
}

int netns_visit(struct netns *const ns[], size_t n, netns_visit_fn fn, void *arg,
	const struct netns_visit_opts *given)
{
	struct tour tour = {
		.ns = ns, .n = n, .fn = fn, .arg = arg, .opts = {.size = sizeof(tour.opts)}};
	int r = 0;

	if (!fn || (!ns && n > 0))
		return error_null(fn ? "the namespaces" : "the function to run");
	if (given)
		r = options_read(given, &tour.opts, sizeof(tour.opts), "visit");
	if (r < 0)
		return r;
	if (tour.opts.reserved)
		return error_text(-EINVAL, "visit: unknown options");
	for (size_t i = 0; i < n && tour.opts.results; i++)
		tour.opts.results[i] = -ECANCELED;
	if (n == 0)
		return 0;
	r = tour.opts.threads > 1 ? visit_by_threads(&tour) : visit_here(&tour);
	return r == 0 && tour.opts.results ? first_failure(&tour) : r;
}
