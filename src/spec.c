/* SPDX-License-Identifier: MIT */
/* One word for a namespace, however it is known: netns_open_spec(3). */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "container.h"
#include "error.h"
#include "handle.h"
#include "nsfd.h"
#include "rundir.h"
#include "search.h"

/* Digits only: no sign, no space, no other base. */
static bool read_number(const char *text, uint64_t most, uint64_t *ret)
{
	uint64_t number = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || number > (most - digit) / 10)
			return false;
		number = 10 * number + digit;
	}
	*ret = number;
	return true;
}

/* A handle without a path around a descriptor that a search has found, or its failure. */
static int finish(
	int fd, const struct search *search, const char *what, uint64_t number, struct netns **ret)
{
	struct netns *ns;

	if (fd == -ENOENT)
		return error_text(fd, "no name, process or descriptor%s has the %s %llu",
			search->blind ? " that may be looked into without more privilege" : "",
			what, (unsigned long long)number);
	if (fd < 0)
		return error_errno(fd, "look for the %s %llu", what, (unsigned long long)number);
	ns = handle_new(NULL);
	if (!ns) {
		sys_close(fd);
		return error_errno(-ENOMEM, "allocate a handle");
	}
	ns->fd = fd;
	*ret = ns;
	return 0;
}

static int open_pid(const char *dir, uint64_t pid, struct netns **ret)
{
	(void)dir;
	return netns_open_pid((pid_t)pid, ret);
}

static int open_fd(const char *dir, uint64_t fd, struct netns **ret)
{
	int r = netns_open_fd((int)fd, ret);

	(void)dir;
	if (r == -EMEDIUMTYPE)
		r = netns_open_socket((int)fd, ret);
	if (r == -EMEDIUMTYPE)
		return error_text(r,
			"descriptor %d is neither a network namespace, nor a pidfd, nor a socket",
			(int)fd);
	return r;
}

struct wanted_id {
	uint64_t id;
	bool told; /* the kernel tells ids */
};

static int has_id(int fd, void *arg)
{
	struct netns ns = {.fd = fd, .borrows_fd = true};
	struct wanted_id *wanted = arg;
	uint64_t id;
	int r = netns_get_id(&ns, &id);

	if (r < 0)
		return r;
	wanted->told = true;
	return id == wanted->id;
}

static int open_id(const char *dir, uint64_t id, struct netns **ret)
{
	struct wanted_id wanted = {.id = id};
	struct search search = {.dir = dir, .is_it = has_id, .arg = &wanted};
	int fd = nsfd_open_id(id);

	/* -ESTALE can mean as well that the kernel wants to know the inode number (Linux 6.18). */
	if (fd < 0 && fd != -EMFILE && fd != -ENFILE && fd != -ENOMEM)
		fd = search_namespace(&search);
	if (fd == -ENOENT && !wanted.told)
		return -EOPNOTSUPP; /* and has_id() has said why */
	return finish(fd, &search, "id", id, ret);
}

static int open_inode(const char *dir, uint64_t inode, struct netns **ret)
{
	struct search search = {.dir = dir, .inode = inode};

	return finish(search_namespace(&search), &search, "inode number", inode, ret);
}

static int has_nsid(int fd, void *arg)
{
	struct netns ns = {.fd = fd, .borrows_fd = true};
	const int *wanted = arg;
	int nsid, r = netns_get_nsid(&ns, &nsid);

	if (r == -ENODATA)
		return 0;
	return r < 0 ? r : nsid == *wanted;
}

/* In use at all? It is much quicker to ask that than to look everywhere. */
static int is_nsid(int nsid)
{
	struct netns_nsid *all;
	int n = netns_list_nsids(-1, &all), found = 0;

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		found |= all[i].nsid == nsid;
	free(all);
	return found;
}

static int open_nsid(const char *dir, uint64_t number, struct netns **ret)
{
	int nsid = (int)number, r = is_nsid(nsid);
	struct search search = {.dir = dir, .is_it = has_nsid, .arg = &nsid};

	if (r < 0)
		return r;
	if (r == 0)
		return error_text(-ENOENT, "no namespace has the nsid %d here", nsid);
	return finish(search_namespace(&search), &search, "nsid", number, ret);
}

static int open_container(
	int (*find)(const char *name, char path[PATH_MAX]), const char *name, struct netns **ret)
{
	char path[PATH_MAX];
	int CLEANUP_FD fd = find(name, path);
	struct netns *ns;

	if (fd < 0)
		return fd;
	ns = handle_new(path);
	if (!ns)
		return error_errno(-ENOMEM, "allocate a handle");
	ns->fd = TAKE_FD(fd);
	*ret = ns;
	return 0;
}

static const struct kind {
	const char *prefix;
	uint64_t least, most;
	int (*open)(const char *dir, uint64_t number, struct netns **ret);
} kinds[] = {
	{"pid:", 1, INT_MAX, open_pid},
	{"fd:", 0, INT_MAX, open_fd},
	{"id:", 1, UINT64_MAX, open_id},
	{"ino:", 1, UINT64_MAX, open_inode},
	{"nsid:", 0, INT_MAX, open_nsid},
};

static int open_kind(const struct kind *kind, const char *dir, const char *spec, struct netns **ret)
{
	uint64_t number;

	if (!read_number(spec + strlen(kind->prefix), kind->most, &number) || number < kind->least)
		return error_text(-EINVAL, "'%s': after '%s', a number from %llu to %llu is wanted",
			spec, kind->prefix, (unsigned long long)kind->least,
			(unsigned long long)kind->most);
	return kind->open(dir, number, ret);
}

/* These may be names already; then it is the name that is meant, as in ip-netns(8). */
static int open_name_or_word(const char *dir, const char *spec, struct netns **ret)
{
	int r = netns_open_name_in(dir, spec, ret);

	if (r == -ENOENT && strcmp(spec, "self") == 0)
		return netns_open_current(ret);
	if (r == -ENOENT && strcmp(spec, "host") == 0)
		return netns_open_pid(1, ret);
	return r;
}

int netns_open_spec(const char *spec, struct netns **ret)
{
	return netns_open_spec_in(NULL, spec, ret);
}

int netns_open_spec_in(const char *dir, const char *spec, struct netns **ret)
{
	int r;

	if (!ret)
		return error_null("the new handle");
	if (!spec)
		return error_null("the namespace to open");
	r = rundir_check_dir(&dir);
	if (r < 0)
		return r;

	if (strchr(spec, '/'))
		return netns_open(spec, ret);
	if (strncmp(spec, "docker:", strlen("docker:")) == 0)
		return open_container(container_open_docker, spec + strlen("docker:"), ret);
	if (strncmp(spec, "podman:", strlen("podman:")) == 0)
		return open_container(container_open_podman, spec + strlen("podman:"), ret);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(spec, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return open_kind(&kinds[i], dir, spec, ret);
	return open_name_or_word(dir, spec, ret);
}
