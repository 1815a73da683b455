/* SPDX-License-Identifier: MIT */
/* Handles on namespaces that exist. */
#include <stdio.h>

#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "here.h"
#include "leftover.h"
#include "nsfd.h"
#include "rundir.h"

static int cannot_open(int error, const char *path)
{
	if (error == -EMEDIUMTYPE)
		return error_text(error, "open %s: not a network namespace", path);
	return error_errno(error, "open %s", path);
}

/* Makes the handle around a descriptor, which is closed on failure. */
static int finish(int fd, struct netns *ns, struct netns **ret)
{
	if (!ns) {
		sys_close(fd);
		return error_errno(-ENOMEM, "allocate a handle");
	}
	ns->fd = fd;
	*ret = ns;
	return 0;
}

int netns_open(const char *path, struct netns **ret)
{
	int fd;

	if (!ret)
		return error_null("the new handle");
	if (!path)
		return error_null("the path to open");

	fd = nsfd_open(AT_FDCWD, path, 0);
	if (fd < 0)
		return cannot_open(fd, path);
	return finish(fd, handle_new(path), ret);
}

int netns_check_path(const char *path)
{
	int fd;

	if (!path)
		return error_null("the path to open");

	fd = nsfd_open(AT_FDCWD, path, 0);
	if (fd < 0)
		return cannot_open(fd, path);
	sys_close(fd);
	return 0;
}

int netns_open_current(struct netns **ret)
{
	char path[HERE_PATH_SIZE];
	int fd;

	if (!ret)
		return error_null("the new handle");

	fd = here_open(path);
	if (fd < 0)
		return error_advise(error_errno(fd, "open the thread's own network namespace"),
			advice_on_finding(fd));
	return finish(fd, handle_new(path), ret);
}

int netns_open_name(const char *name, struct netns **ret)
{
	return netns_open_name_in(NULL, name, ret);
}

/* As leftover_open(), until it holds still for that long. */
static int open_settled(int directory, const char *name, int *leftover)
{
	int r, tries = 8;

	do {
		r = leftover_open(directory, name, leftover);
	} while (r == -EAGAIN && --tries > 0);
	return r == -EAGAIN ? 0 : r;
}

int netns_open_name_in(const char *dir, const char *name, struct netns **ret)
{
	int CLEANUP_FD directory = -1;
	int leftover, r;

	if (!ret)
		return error_null("the new handle");
	r = rundir_check(&dir, name);
	if (r < 0)
		return r;

	directory = rundir_open(dir, O_PATH);
	if (directory == -ELOOP)
		return rundir_error(directory, dir, "open the run directory");
	if (directory < 0)
		return error_errno(directory, "open %s/%s", dir, name);
	r = open_settled(directory, name, &leftover);
	if (r < 0)
		return error_errno(r, "open %s/%s", dir, name);
	if (leftover)
		return error_text(-EMEDIUMTYPE, "open %s/%s: not a network namespace", dir, name);
	return finish(r, handle_new_in(dir, name), ret);
}

int netns_open_pid(pid_t pid, struct netns **ret)
{
	char path[sizeof("/proc//ns/net") + 3 * sizeof(pid)];
	int fd;

	if (!ret)
		return error_null("the new handle");
	if (pid <= 0)
		return error_text(-EINVAL, "open process %d: not a process id", (int)pid);

	fd = nsfd_open_pid(pid);
	if (fd < 0)
		return error_advise(
			error_errno(fd, "open the network namespace of process %d", (int)pid),
			advice_on_finding(fd));
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return finish(fd, handle_new(path), ret);
}

int netns_open_fd(int fd, struct netns **ret)
{
	int own, r;

	if (!ret)
		return error_null("the new handle");

	r = nsfd_verify(fd);
	if (r == 0)
		own = sys_result(fcntl(fd, F_DUPFD_CLOEXEC, 0));
	else if (r == -EMEDIUMTYPE)
		own = nsfd_open_pidfd(fd);
	else
		own = r;

	if (own == -ENOTTY)
		return error_text(-EMEDIUMTYPE,
			"descriptor %d is neither a network namespace nor a pidfd", fd);
	if (own < 0)
		return error_errno(own, "open the network namespace of descriptor %d", fd);
	return finish(own, handle_new(NULL), ret);
}

int netns_open_socket(int sock, struct netns **ret)
{
	int fd;

	if (!ret)
		return error_null("the new handle");

	fd = nsfd_open_socket(sock);
	if (fd == -ENOTTY)
		return error_text(-EMEDIUMTYPE, "descriptor %d is no socket", sock);
	if (fd < 0)
		return error_errno(fd, "ask socket %d for its network namespace (SIOCGSKNS)", sock);
	return finish(fd, handle_new(NULL), ret);
}
