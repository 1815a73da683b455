/* SPDX-License-Identifier: MIT */
/* The names in a run directory. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "error.h"
#include "leftover.h"
#include "netns.h"
#include "nsfs.h"
#include "rundir.h"

struct netns_iter {
	DIR *directory; /* NULL: there is none, and so no names */
	char *path;
	struct netns_entry entry;
};

static int open_directory(const char *path, DIR **ret)
{
	int CLEANUP_FD fd = rundir_open(path, O_RDONLY);

	if (fd < 0)
		return fd;
	*ret = fdopendir(fd);
	if (!*ret)
		return -errno;
	TAKE_FD(fd);
	return 0;
}

int netns_iter_new(const char *dir, struct netns_iter **ret)
{
	bool is_default = !dir;
	DIR *directory = NULL;
	struct netns_iter *it;
	int r;

	if (!ret)
		return error_null("the new enumeration");
	r = rundir_check_dir(&dir);
	if (r < 0)
		return r;
	r = open_directory(dir, &directory);
	if (r < 0 && !(r == -ENOENT && is_default))
		return rundir_error(r, dir, "open the run directory");

	it = calloc(1, sizeof(*it));
	if (it)
		it->path = strdup(dir);
	if (!it || !it->path) {
		free(it);
		if (directory)
			closedir(directory);
		return error_errno(-ENOMEM, "allocate an enumeration");
	}
	it->directory = directory;
	*ret = it;
	return 0;
}

static int state_of(int leftover)
{
	return leftover == LEFTOVER_STALE || leftover == LEFTOVER_YOUNG ? NETNS_STALE
									: NETNS_FOREIGN;
}

static void be_live(struct netns_entry *entry, const struct inode *inode)
{
	entry->inode = (struct netns_inode){.dev = inode->dev, .ino = inode->ino};
	entry->state = NETNS_LIVE;
}

/* -EAGAIN: it changed just now. -ENOENT: the name is gone since it was read. */
static int check(int directory, struct netns_entry *entry)
{
	int CLEANUP_FD fd = -1;
	struct inode inode;
	int leftover, r;

	r = nsfs_look(directory, entry->name, &inode);
	if (r == 0)
		entry->state = NETNS_FOREIGN;
	if (r > 0)
		be_live(entry, &inode);
	if (r >= 0)
		return 0;

	r = leftover_open(directory, entry->name, &leftover);
	if (r < 0)
		return r;
	if (leftover) {
		entry->state = state_of(leftover);
		return 0;
	}
	fd = r;
	r = sys_inode(fd, &inode);
	if (r < 0)
		return r;
	be_live(entry, &inode);
	return 0;
}

static int check_until_settled(int directory, struct netns_entry *entry)
{
	int r, tries = 8;

	entry->inode = (struct netns_inode){0};
	entry->error = 0;
	do {
		r = check(directory, entry);
	} while (r == -EAGAIN && --tries > 0);
	/* A file system may refuse the caller, or be dead (FUSE): no reason to end the list. */
	if (r != -EAGAIN && r != -EACCES && r != -EIO && r != -ENOTCONN)
		return r;
	entry->state = NETNS_FOREIGN;
	entry->error = r == -EAGAIN ? 0 : r;
	return 0;
}

static bool is_name(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int netns_iter_next(struct netns_iter *it, const struct netns_entry **ret)
{
	struct dirent *found;
	int r;

	if (!it || !ret)
		return error_null(it ? "the next name" : "the enumeration");
	while (it->directory) {
		errno = 0;
		found = readdir(it->directory);
		if (!found)
			return errno ? error_errno(-errno, "read the run directory %s", it->path)
				     : 0;
		if (!is_name(found->d_name))
			continue;
		it->entry.name = found->d_name;
		r = check_until_settled(dirfd(it->directory), &it->entry);
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return error_errno(r, "look at %s/%s", it->path, found->d_name);
		*ret = &it->entry;
		return 1;
	}
	return 0;
}

void netns_iter_free(struct netns_iter *it)
{
	if (!it)
		return;
	if (it->directory)
		closedir(it->directory);
	free(it->path);
	free(it);
}
