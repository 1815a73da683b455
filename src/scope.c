/* SPDX-License-Identifier: MIT */
#include "scope.h"
#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "here.h"

enum {
	OUTSIDE = 0,
	INSIDE = 1,       /* home_fd is the caller's */
	INSIDE_OWNED = 2, /* home_fd is ours to close */
};

int scope_cannot_enter(int error, const struct netns *ns)
{
	return error_advise(
		error_errno(error, "enter %s (setns)", handle_label(ns)), advice_on_setns(error));
}

int scope_enter(struct netns_scope *scope, const struct netns *ns, int home_fd, char path[])
{
	int CLEANUP_FD looked_up = -1;
	int r;

	*scope = (struct netns_scope)NETNS_SCOPE_INIT;
	if (home_fd < 0) {
		looked_up = here_open(path);
		if (looked_up < 0)
			return error_advise(
				error_errno(looked_up, "enter %s: keep the way back from it",
					handle_label(ns)),
				advice_on_finding(looked_up));
	}

	r = sys_setns(ns->fd);
	if (r < 0)
		return scope_cannot_enter(r, ns);

	scope->state = home_fd < 0 ? INSIDE_OWNED : INSIDE;
	scope->home_fd = home_fd < 0 ? TAKE_FD(looked_up) : home_fd;
	return 0;
}

int scope_prepare(struct netns_scope *scope, int home_fd)
{
	int looked_up;

	if (home_fd >= 0) {
		*scope = (struct netns_scope){.home_fd = home_fd, .state = INSIDE};
		return 0;
	}
	looked_up = here_open(NULL);
	if (looked_up < 0)
		return error_errno(
			looked_up, "enter network namespaces: keep the way back from them");
	*scope = (struct netns_scope){.home_fd = looked_up, .state = INSIDE_OWNED};
	return 0;
}

int netns_leave(struct netns_scope *scope)
{
	int saved_errno = errno, r;

	if (!scope)
		return error_null("the scope to leave");
	if (scope->state == OUTSIDE)
		return 0;

	r = sys_setns(scope->home_fd);
	if (r < 0)
		error_errno(r, "go back to the thread's own network namespace (setns); the thread "
			       "is in the wrong one and must end");
	if (scope->state == INSIDE_OWNED)
		sys_close(scope->home_fd);
	*scope = (struct netns_scope)NETNS_SCOPE_INIT;
	errno = saved_errno;
	return r < 0 ? -ENOTRECOVERABLE : 0;
}

void scope_cleanup(struct netns_scope *scope)
{
	netns_leave(scope);
}

int netns_enter(struct netns_scope *scope, struct netns *ns, struct netns *home)
{
	int fd, home_fd = -1;

	if (!scope)
		return error_null("the scope to enter");
	*scope = (struct netns_scope)NETNS_SCOPE_INIT;
	fd = handle_fd(ns);
	if (fd < 0)
		return fd;
	if (home) {
		home_fd = handle_fd(home);
		if (home_fd < 0)
			return home_fd;
	}
	return scope_enter(scope, ns, home_fd, NULL);
}

int netns_set(struct netns *ns)
{
	int fd = handle_fd(ns), r;

	if (fd < 0)
		return fd;
	r = sys_setns(fd);
	if (r < 0)
		return scope_cannot_enter(r, ns);
	return 0;
}
