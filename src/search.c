/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "ids.h"
#include "nsfd.h"
#include "search.h"

/*
 * A search under way. Each step answers a descriptor, an error that ends the search, or -EAGAIN:
 * not here.
 */
struct walk {
	struct search *search;
	uint64_t device; /* nsfs */

	/* The inode numbers of those that are not it: most threads share a few namespaces. */
	uint64_t *seen;
	size_t n_seen;
	size_t room;
};

typedef int step_fn(struct walk *walk, int directory, const char *name);

static void cleanup_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static void cleanup_walk(struct walk *walk)
{
	free(walk->seen);
}

/* What is gone by now does not count, and what may not be looked into is remembered. */
static int or_go_on(struct walk *walk, int r)
{
	if (r >= 0 || r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -ENOTRECOVERABLE)
		return r;
	if (r == -EACCES || r == -EPERM || r == -EOPNOTSUPP)
		walk->search->blind = true;
	return -EAGAIN;
}

static bool is_worth_a_look(const struct walk *walk, uint64_t inode)
{
	if (walk->search->inode)
		return inode == walk->search->inode;
	for (size_t i = 0; i < walk->n_seen; i++)
		if (walk->seen[i] == inode)
			return false;
	return true;
}

static int go_on_without(struct walk *walk, uint64_t inode)
{
	if (walk->n_seen == walk->room) {
		size_t room = 2 * walk->room + 32;
		uint64_t *more = reallocarray(walk->seen, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		walk->seen = more;
		walk->room = room;
	}
	walk->seen[walk->n_seen++] = inode;
	return -EAGAIN;
}

static int ask(struct walk *walk, int opened)
{
	int CLEANUP_FD fd = opened;
	struct inode inode = {0};
	int r = sys_inode(fd, &inode);

	/* Once more: another may have come there since. */
	if (r < 0 || !is_worth_a_look(walk, inode.ino))
		return or_go_on(walk, r < 0 ? r : -EAGAIN);
	r = walk->search->is_it ? walk->search->is_it(fd, walk->search->arg) : 1;
	if (r > 0)
		return TAKE_FD(fd);
	return r < 0 ? or_go_on(walk, r) : go_on_without(walk, inode.ino);
}

/* Looked at before it is opened: a link in /proc leads to whatever the process has open. */
static int look_at(struct walk *walk, int directory, const char *path, bool follow)
{
	int no_follow = follow ? 0 : AT_SYMLINK_NOFOLLOW;
	struct statx stx;
	int fd;

	if (statx(directory, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT | no_follow, STATX_INO,
		    &stx) < 0)
		return or_go_on(walk, -errno);
	if (makedev(stx.stx_dev_major, stx.stx_dev_minor) != walk->device ||
		!is_worth_a_look(walk, stx.stx_ino))
		return -EAGAIN;

	fd = nsfd_open(directory, path, follow ? 0 : O_NOFOLLOW);
	if (fd == -EMEDIUMTYPE) /* another kind of namespace */
		return go_on_without(walk, stx.stx_ino);
	return fd < 0 ? or_go_on(walk, fd) : ask(walk, fd);
}

static int each(struct walk *walk, int parent, const char *path, step_fn *step)
{
	DIR CLEANUP(cleanup_directory) *directory = NULL;
	int CLEANUP_FD fd = sys_openat(parent, path, O_RDONLY | O_DIRECTORY, 0);
	struct dirent *entry;
	int r = -EAGAIN;

	if (fd < 0)
		return or_go_on(walk, fd);
	directory = fdopendir(fd);
	if (!directory)
		return or_go_on(walk, -errno);
	TAKE_FD(fd);

	while (r == -EAGAIN && (entry = readdir(directory)))
		r = step(walk, dirfd(directory), entry->d_name);
	return r;
}

static int at_name(struct walk *walk, int directory, const char *name)
{
	return look_at(walk, directory, name, false);
}

static int at_thread(struct walk *walk, int directory, const char *tid)
{
	char path[NAME_MAX + sizeof("/ns/net")];

	if (!isdigit((unsigned char)*tid))
		return -EAGAIN;
	snprintf(path, sizeof(path), "%s/ns/net", tid);
	return look_at(walk, directory, path, true);
}

static int at_descriptor(struct walk *walk, int directory, const char *number)
{
	return isdigit((unsigned char)*number) ? look_at(walk, directory, number, true) : -EAGAIN;
}

static int in_process(
	struct walk *walk, int directory, const char *pid, const char *which, step_fn *step)
{
	char path[NAME_MAX + sizeof("/task")];

	if (!isdigit((unsigned char)*pid))
		return -EAGAIN;
	snprintf(path, sizeof(path), "%s/%s", pid, which);
	return each(walk, directory, path, step);
}

static int at_threads_of(struct walk *walk, int directory, const char *pid)
{
	return in_process(walk, directory, pid, "task", at_thread);
}

static int at_descriptors_of(struct walk *walk, int directory, const char *pid)
{
	return in_process(walk, directory, pid, "fd", at_descriptor);
}

/*
 * What the kernel itself lists: also what is mounted where no process is, or on its way from one
 * to another. Not there before Linux 6.19.
 */
static int at_ids(struct walk *walk)
{
	uint64_t CLEANUP(cleanup_ids) *ids = NULL;
	int n = ids_list(&ids), r = n == -ENOMEM ? n : -EAGAIN;

	for (int i = 0; i < n && r == -EAGAIN; i++) {
		int fd = nsfd_open_id(ids[i]);

		r = fd < 0 ? or_go_on(walk, fd) : ask(walk, fd);
	}
	return r;
}

static int find_device(struct walk *walk)
{
	int CLEANUP_FD fd = nsfd_open_thread();
	struct inode inode;
	int r = fd < 0 ? fd : sys_inode(fd, &inode);

	if (r == 0)
		walk->device = inode.dev;
	return r;
}

int search_namespace(struct search *search)
{
	struct walk CLEANUP(cleanup_walk) walk = {.search = search};
	int r;

	search->blind = false;
	r = find_device(&walk);
	if (r < 0)
		return r;

	/* Names first: what has one is found there without a look at every process. */
	r = each(&walk, AT_FDCWD, search->dir, at_name);
	if (r == -EAGAIN)
		r = each(&walk, AT_FDCWD, "/proc", at_threads_of);
	if (r == -EAGAIN)
		r = each(&walk, AT_FDCWD, "/proc", at_descriptors_of);
	if (r == -EAGAIN)
		r = at_ids(&walk);
	return r == -EAGAIN ? -ENOENT : r;
}
