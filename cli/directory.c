/* SPDX-License-Identifier: MIT */
/*
 * The way there is gone as the library goes it: step by step, and a symbolic link followed only when
 * it is root's or the caller's own. Who else may write to a directory on the way could lead the
 * mending anywhere with one. The library has no call that gives the directory away.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "directory.h"

enum {
	MAX_LINKS = 40, /* as many as the kernel follows */
	PATIENCE_S = 10,
};

/* In a user namespace in which root has no number, the owner of the root directory stands for him. */
static bool is_trusted(uid_t uid)
{
	struct stat root;

	return uid == 0 || uid == geteuid() || (stat("/", &root) == 0 && uid == root.st_uid);
}

static int go(int from, const char *path, unsigned *links);

/* By the descriptor of the link, so that what was judged is what is read. */
static int follow(int from, int link, uid_t owner, unsigned *links)
{
	char target[PATH_MAX];
	ssize_t n;

	if (!is_trusted(owner) || ++*links > MAX_LINKS) {
		errno = ELOOP;
		return -1;
	}
	n = readlinkat(link, "", target, sizeof(target) - 1);
	if (n < 0)
		return -1;
	target[n] = '\0';
	return go(from, target, links);
}

static int step(int from, const char *name, unsigned *links)
{
	int next = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), led = -1, error;
	struct stat st;

	if (next < 0)
		return -1;
	if (fstat(next, &st) == 0) {
		if (!S_ISLNK(st.st_mode))
			return next;
		led = follow(from, next, st.st_uid, links);
	}
	error = errno;
	close(next);
	errno = error;
	return led;
}

/* `from` stays open. */
static int go(int from, const char *path, unsigned *links)
{
	int at = openat(from, *path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *rest = need(strdup(path)), *state, *name;

	for (name = strtok_r(rest, "/", &state); name && at >= 0;
		name = strtok_r(NULL, "/", &state)) {
		int next = step(at, name, links), error = errno;

		close(at);
		errno = error;
		at = next;
	}
	free(rest);
	return at;
}

int directory_open(const char *path, struct stat *ret)
{
	unsigned links = 0;
	int fd = go(AT_FDCWD, path, &links), error;

	if (fd < 0)
		return fd;
	error = fstat(fd, ret) < 0 ? errno : S_ISDIR(ret->st_mode) ? 0 : ENOTDIR;
	if (error == 0)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

/* As long as the library, since whoever may open the directory can keep the lock. */
static int wait_for_lock(int fd)
{
	struct timespec pause = {.tv_nsec = 1000000}, begin, now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - begin.tv_sec > PATIENCE_S) {
			errno = ETIMEDOUT;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int open_to_lock(const char *path)
{
	struct stat st;
	int way = directory_open(path, &st), fd, error;

	if (way < 0)
		return -1;
	fd = openat(way, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = errno;
	close(way);
	errno = error;
	return fd;
}

/* Whoever had the lock before may have put another directory in its place. */
static char *look_again(const char *path, int fd)
{
	struct stat locked, now;
	int way = directory_open(path, &now);

	if (way >= 0)
		close(way);
	if (way < 0 || fstat(fd, &locked) < 0)
		return text("look at %s: %s", path, reason_of(path, errno));
	return locked.st_dev == now.st_dev && locked.st_ino == now.st_ino
		       ? NULL
		       : text("lock %s: another directory is there by now", path);
}

char *directory_lock(const char *path, int *ret)
{
	int fd = open_to_lock(path);
	char *why_not = NULL;

	*ret = -1;
	if (fd < 0)
		return text("open %s: %s", path, reason_of(path, errno));
	if (wait_for_lock(fd) == 0)
		why_not = look_again(path, fd);
	else if (errno == ETIMEDOUT)
		why_not = text(
			"lock %s: somebody has held the lock on it for %d seconds (see lslocks)",
			path, PATIENCE_S);
	else
		why_not = text("lock %s: %s", path, reason_of(path, errno));
	if (why_not)
		close(fd);
	else
		*ret = fd;
	return why_not;
}
