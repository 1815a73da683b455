/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cleanup.h"
#include "walk.h"

/* As many as the kernel follows. */
#define MAX_LINKS 40

struct walk {
	int fd;              /* how far it has come */
	char rest[PATH_MAX]; /* what is still to go */
	unsigned links;
};

static void cleanup_walk(struct walk *walk)
{
	cleanup_fd(&walk->fd);
}

static int go_on_from(struct walk *walk, int fd)
{
	if (fd < 0)
		return fd;
	cleanup_fd(&walk->fd);
	walk->fd = fd;
	return 0;
}

static int start(struct walk *walk, const char *path, size_t length)
{
	if (length >= sizeof(walk->rest))
		return -ENAMETOOLONG;
	memcpy(walk->rest, path, length);
	walk->rest[length] = '\0';
	return go_on_from(walk, sys_open("/", O_PATH | O_DIRECTORY));
}

/* Takes the next name off what is still to go; -ENOENT when there is none. */
static int take_name(struct walk *walk, char name[static NAME_MAX + 1])
{
	const char *begin = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(begin, "/");

	if (length == 0)
		return -ENOENT;
	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, begin, length);
	name[length] = '\0';
	memmove(walk->rest, begin + length, strlen(begin + length) + 1);
	return 0;
}

/*
 * In a user namespace in which root has no number, the owner of the root directory stands for
 * him.
 */
static bool is_trusted(uid_t uid)
{
	struct statx root;

	if (uid == 0 || uid == geteuid())
		return true;
	return statx(AT_FDCWD, "/", 0, STATX_UID, &root) == 0 && uid == root.stx_uid;
}

/* By the descriptor of the link, so that what was judged is what is read. */
static int follow(struct walk *walk, int link, uid_t owner)
{
	char target[PATH_MAX];
	size_t rest = strlen(walk->rest);
	ssize_t n;

	if (!is_trusted(owner) || ++walk->links > MAX_LINKS)
		return -ELOOP;
	n = readlinkat(link, "", target, sizeof(target));
	if (n < 0)
		return -errno;
	if ((size_t)n + 1 + rest >= sizeof(walk->rest))
		return -ENAMETOOLONG;
	memmove(walk->rest + n + 1, walk->rest, rest + 1);
	memcpy(walk->rest, target, (size_t)n);
	walk->rest[n] = '/';
	return *target == '/' ? go_on_from(walk, sys_open("/", O_PATH | O_DIRECTORY)) : 0;
}

static int step(struct walk *walk, const char *name)
{
	int CLEANUP_FD next = sys_openat(walk->fd, name, O_PATH | O_NOFOLLOW, 0);
	struct statx stx;

	if (next < 0)
		return next;
	if (statx(next, "", AT_EMPTY_PATH, STATX_TYPE | STATX_UID, &stx) < 0)
		return -errno;
	if (S_ISLNK(stx.stx_mode))
		return follow(walk, next, stx.stx_uid);
	return go_on_from(walk, TAKE_FD(next));
}

static int walk_part(const char *path, size_t length, int flags)
{
	struct walk CLEANUP(cleanup_walk) walk = {.fd = -1};
	char name[NAME_MAX + 1];
	int r = start(&walk, path, length);

	while (r == 0) {
		r = take_name(&walk, name);
		if (r == -ENOENT)
			return sys_openat(walk.fd, ".", flags | O_DIRECTORY, 0);
		if (r == 0)
			r = step(&walk, name);
	}
	return r;
}

int walk_open(const char *path, int flags)
{
	return walk_part(path, strlen(path), flags);
}

int walk_to_parent(const char *path, char last[static NAME_MAX + 1])
{
	size_t end = strlen(path), begin;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (begin = end; begin > 0 && path[begin - 1] != '/';)
		begin--;
	if (end - begin > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(last, path + begin, end - begin);
	last[end - begin] = '\0';
	return walk_part(path, begin, O_PATH);
}
