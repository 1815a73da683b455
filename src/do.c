/* SPDX-License-Identifier: MIT */
/* A function run inside a namespace. */
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "here.h"
#include "scope.h"
#include "thread.h"

/* Enters, calls, goes back; home is NULL when it is to be looked up. */
static int call_inside(struct netns *ns, struct netns *home, netns_fn fn, void *arg)
{
	struct netns_scope CLEANUP_SCOPE scope = NETNS_SCOPE_INIT;
	struct netns host = {.fd = -1, .borrows_fd = true};
	char path[HERE_PATH_SIZE];
	int answer, r;

	r = scope_enter(&scope, ns, home ? home->fd : -1, path);
	if (r < 0)
		return r;
	host.fd = scope.home_fd;
	host.path = path;

	answer = fn(home ? home : &host, arg);

	r = netns_leave(&scope);
	return r < 0 ? r : answer;
}

int netns_do(struct netns *ns, netns_fn fn, void *arg)
{
	int fd = handle_fd(ns);

	if (fd < 0)
		return fd;
	return fn ? call_inside(ns, NULL, fn, arg) : error_null("the function to run");
}

int netns_do_from(struct netns *ns, struct netns *home, netns_fn fn, void *arg)
{
	int fd = handle_fd(ns), home_fd;

	if (fd < 0)
		return fd;
	home_fd = handle_fd(home);
	if (home_fd < 0)
		return home_fd;
	return fn ? call_inside(ns, home, fn, arg) : error_null("the function to run");
}

int netns_do_path(const char *path, netns_fn fn, void *arg)
{
	struct netns CLEANUP_HANDLE *ns = NULL;
	int r;

	if (!fn)
		return error_null("the function to run");
	r = netns_open(path, &ns);
	return r < 0 ? r : netns_do(ns, fn, arg);
}

/* What the thread of netns_do_thread() is told, and tells. */
struct errand {
	struct netns *ns, *host;
	netns_fn fn;
	void *arg;
	int entered; /* what setns answered */
	bool returned;
	int answer;
	char *message; /* of the thread's, when that is an error; or NULL */
};

static void *run_errand(void *arg)
{
	struct errand *errand = arg;

	errand->entered = sys_setns(errand->ns->fd);
	if (errand->entered == 0) {
		errand->answer = errand->fn(errand->host, errand->arg);
		errand->returned = true;
	}
	if (errand->returned && errand->answer < 0)
		errand->message = strdup(netns_errmsg());
	return NULL;
}

/* The thread is gone, and its message with it; the function may have failed by itself. */
static int say_why(struct errand *errand)
{
	if (errand->message && errand->message[0])
		error_text(errand->answer, "%s", errand->message);
	else
		error_errno(errand->answer, "run inside %s", handle_label(errand->ns));
	free(errand->message);
	return errand->answer;
}

static int run_on_thread(struct errand *errand)
{
	int r = thread_run(run_errand, errand);

	if (r < 0)
		return error_advise(error_errno(r, "make a thread"), advice_on_thread(r));
	if (errand->entered < 0)
		return scope_cannot_enter(errand->entered, errand->ns);
	if (!errand->returned)
		return error_text(-ECANCELED, "run inside %s: the function ended its thread",
			handle_label(errand->ns));
	return errand->answer < 0 ? say_why(errand) : errand->answer;
}

int netns_do_thread(struct netns *ns, netns_fn fn, void *arg)
{
	struct netns CLEANUP_HANDLE *host = NULL;
	struct errand errand;
	int r = handle_fd(ns);

	if (r < 0)
		return r;
	if (!fn)
		return error_null("the function to run");
	r = netns_open_current(&host);
	if (r < 0)
		return r;

	errand = (struct errand){.ns = ns, .host = host, .fn = fn, .arg = arg};
	return run_on_thread(&errand);
}
