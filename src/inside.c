/* SPDX-License-Identifier: MIT */
/*
 * One system call inside a namespace. Signals are held off meanwhile, so that no handler of the
 * caller's runs in the wrong place.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "scope.h"

struct visit {
	struct netns_scope scope;
	sigset_t mask;
};

static int visit_begin(struct visit *visit, const struct netns *ns)
{
	sigset_t all;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &visit->mask);
	r = scope_enter(&visit->scope, ns, -1, NULL);
	if (r < 0)
		pthread_sigmask(SIG_SETMASK, &visit->mask, NULL);
	return r;
}

/* Passes the descriptor on, or closes it when the thread could not come back. */
static int visit_end(struct visit *visit, int opened)
{
	int CLEANUP_FD fd = opened;
	int r = netns_leave(&visit->scope);

	pthread_sigmask(SIG_SETMASK, &visit->mask, NULL);
	if (r < 0)
		return r;
	return TAKE_FD(fd);
}

int netns_socket(struct netns *ns, int domain, int type, int protocol)
{
	struct visit visit;
	int fd = handle_fd(ns), r;

	if (fd < 0)
		return fd;
	r = visit_begin(&visit, ns);
	if (r < 0)
		return r;

	fd = sys_result(socket(domain, type | SOCK_CLOEXEC, protocol));

	r = visit_end(&visit, fd);
	if (r < 0 && r == fd)
		return error_errno(r, "make a socket (domain %d, type %d, protocol %d) in %s",
			domain, type, protocol, handle_label(ns));
	return r;
}

/* /proc/net and /proc/self/net are of the main thread; the caller means this one's. */
static int of_this_thread(const char *path, char own[PATH_MAX])
{
	static const char *const of_main[] = {"/proc/net/", "/proc/self/net/"};

	for (size_t i = 0; i < sizeof(of_main) / sizeof(of_main[0]); i++) {
		size_t length = strlen(of_main[i]);
		int n;

		if (strncmp(path, of_main[i], length) != 0)
			continue;
		n = snprintf(own, PATH_MAX, "/proc/thread-self/net/%s", path + length);
		return n < PATH_MAX ? 1 : -ENAMETOOLONG;
	}
	return 0;
}

int netns_openat(struct netns *ns, const char *path, int flags, mode_t mode)
{
	struct visit visit;
	char own[PATH_MAX];
	int fd = handle_fd(ns), mapped, r;

	if (fd < 0)
		return fd;
	if (!path)
		return error_null("the path to open");
	mapped = of_this_thread(path, own);
	if (mapped < 0)
		return error_errno(mapped, "open %s", path);

	r = visit_begin(&visit, ns);
	if (r < 0)
		return r;
	fd = sys_openat(AT_FDCWD, mapped ? own : path, flags, mode);
	r = visit_end(&visit, fd);
	if (r < 0 && r == fd)
		return error_errno(r, "open %s in %s", path, handle_label(ns));
	return r;
}
