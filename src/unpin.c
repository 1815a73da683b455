/* SPDX-License-Identifier: MIT */
/* Removing pins. */
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>

#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "leftover.h"
#include "nsfs.h"
#include "pin.h"
#include "rundir.h"
#include "unmount.h"

static int unmount_path(const struct rundir *dir, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir->path, name);
	return sys_result(umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW));
}

/* The way through /proc costs a quarter of the whole, and where all is root's there is no need. */
static int unmount_any(const struct rundir *dir, const char *name, int fd)
{
	return rundir_is_default(dir->path) ? unmount_path(dir, name)
					    : unmount_this(fd, dir->fd, name);
}

static void put_back(const struct rundir *dir, const char *name, int nsfd)
{
	int CLEANUP_FD detached = pin_detached(nsfd);
	int CLEANUP_FD file = sys_openat(dir->fd, name, O_PATH | O_NOFOLLOW, 0);

	if (file >= 0)
		pin_attach(file, detached, nsfd);
}

int pin_identify(int nsfd, struct pinned *ret)
{
	struct statx stx;

	if (statx(nsfd, "", AT_EMPTY_PATH, STATX_INO | STATX_CTIME, &stx) < 0)
		return -errno;
	*ret = (struct pinned){
		.inode = {makedev(stx.stx_dev_major, stx.stx_dev_minor), stx.stx_ino},
		.since = stx.stx_ctime,
	};
	return 0;
}

static bool is_same(const struct pinned *a, const struct pinned *b)
{
	return a->inode.dev == b->inode.dev && a->inode.ino == b->inode.ino &&
	       a->since.tv_sec == b->since.tv_sec && a->since.tv_nsec == b->since.tv_nsec;
}

/* For a delete any namespace may go; for a drop only the one that was made, and what is under it not. */
static int may_go(int fd, const struct pinned *only, int top)
{
	struct pinned found;
	int r;

	if (!only)
		return 1;
	if (top >= 0)
		return 0;
	r = pin_identify(fd, &found);
	return r < 0 ? r : is_same(&found, only);
}

/*
 * Unmounts the namespaces under the name: all, or, for a drop, the one of `only` if it is on top.
 * Answers what is under them, as enum leftover; 0 when that is not to be touched or there is
 * nothing. *top is the one unmounted first.
 */
static int clear(const struct rundir *dir, const char *name, const struct pinned *only, int *top)
{
	int tries = 8;

	for (;;) {
		int CLEANUP_FD fd = -1;
		int leftover, r;

		/* first what is expected: a mount, then a bare file */
		r = *top < 0 ? leftover_hold(dir->fd, name, &leftover)
			     : leftover_open(dir->fd, name, &leftover);
		if (r == -ENOENT && (only || *top >= 0))
			return 0;
		if (r == -EAGAIN)
			return r;
		if (r < 0)
			return error_errno(r, "delete %s/%s", dir->path, name);
		if (leftover)
			return leftover;
		fd = r;
		r = may_go(fd, only, *top);
		if (r == 0)
			return 0;
		if (r > 0)
			r = only ? unmount_this(fd, dir->fd, name) : unmount_any(dir, name, fd);
		/* Unmounted since, by ip-netns(8), which does that without the lock. */
		if (r == -EINVAL && --tries > 0)
			continue;
		if (r < 0)
			return error_advise(error_errno(r, "unmount %s/%s", dir->path, name),
				advice_on_mount(r));
		if (*top < 0)
			*top = TAKE_FD(fd);
	}
}

/* -EAGAIN: a name that was made anew meanwhile, by ip-netns(8). */
static int remove_file(const struct rundir *dir, const char *name)
{
	int r = sys_result(unlinkat(dir->fd, name, 0));

	if (r == -EBUSY && leftover_classify(dir->fd, name) == LEFTOVER_MOUNT)
		return -EAGAIN;
	return r < 0 && r != -ENOENT ? error_errno(r, "remove the file %s/%s", dir->path, name) : 0;
}

/* only: NULL for whatever is there. -EAGAIN: a name in the making. */
static int remove_pin(const struct rundir *dir, const char *name, const struct pinned *only)
{
	int CLEANUP_FD top = -1;
	int r;

	r = clear(dir, name, only, &top);
	if (r == LEFTOVER_FOREIGN)
		r = only ? 0
			 : error_text(-EMEDIUMTYPE,
				   "delete %s/%s: not a pin of a network namespace", dir->path,
				   name);
	else if (r == LEFTOVER_YOUNG && top < 0)
		return -EAGAIN;
	else if (r > 0)
		r = remove_file(dir, name);

	/* Not the whole stack, but the name means again what it meant. */
	if (r < 0 && r != -EAGAIN && top >= 0)
		put_back(dir, name, top);
	return r;
}

/* Only a file that a crash left. 1: removed, 0: something else is there, or nothing. */
static int remove_stale(const struct rundir *dir, const char *name)
{
	int r = leftover_classify(dir->fd, name);

	if (r == LEFTOVER_YOUNG)
		return -EAGAIN;
	if (r < 0 && r != -ENOENT)
		return error_errno(r, "look at %s/%s", dir->path, name);
	if (r != LEFTOVER_STALE)
		return 0;
	r = remove_file(dir, name);
	return r < 0 ? r : 1;
}

static const struct pinned stale_only; /* in place of the namespace that may go */

struct removal {
	const char *dir, *name;
	const struct pinned *only; /* as remove_pin(), or &stale_only */
	bool locked;               /* by the caller */
};

static int lock_and_remove(const struct removal *it)
{
	struct rundir CLEANUP_RUNDIR dir = RUNDIR_INIT;
	int r = it->locked ? rundir_take(&dir, it->dir) : rundir_lock(&dir, it->dir);

	if (r == -ELOOP || r == -ETIMEDOUT)
		return rundir_error(r, it->dir, dir.doing);
	if (r < 0)
		return error_errno(r, "delete %s/%s: %s", it->dir, it->name, dir.doing);
	return it->only == &stale_only ? remove_stale(&dir, it->name)
				       : remove_pin(&dir, it->name, it->only);
}

/* *since is 0, or from when on it has been waited, for others that were as young as this one. */
static int remove_when_settled(const struct removal *it, long long *since)
{
	int r;

	do {
		r = lock_and_remove(it);
	} while (r == -EAGAIN && leftover_wait(since));

	if (r == -EAGAIN)
		return error_text(-EBUSY, "delete %s/%s: somebody else keeps making this name",
			it->dir, it->name);
	return r;
}

static int remove_one(const struct removal *it)
{
	long long since = 0;

	return remove_when_settled(it, &since);
}

/*
 * What is expected where it went well before: a namespace, on a file that can be removed. Not to
 * hold it meanwhile saves a quarter of the whole, and costs that there is nothing to put back
 * should the file stay after all. -EAGAIN: something else is there.
 */
static int remove_expected(const struct rundir *dir, const char *name)
{
	struct inode inode;
	int r;

	if (!rundir_is_default(dir->path) || nsfs_look(dir->fd, name, &inode) <= 0 ||
		unmount_path(dir, name) < 0)
		return -EAGAIN;
	r = leftover_classify(dir->fd, name);
	if (r == -ENOENT)
		return 0;
	return r == LEFTOVER_STALE || r == LEFTOVER_YOUNG ? remove_file(dir, name) : -EAGAIN;
}

/* Those that must be waited for are taken without the lock, one by one. */
static int remove_under_lock(const char *path, const char *const names[], const struct pinned *only,
	size_t n, int errors[])
{
	struct rundir CLEANUP_RUNDIR dir = RUNDIR_INIT;
	int r = rundir_lock(&dir, path);

	if (r < 0)
		return rundir_error(r, path, dir.doing);
	for (size_t i = 0; i < n; i++) {
		bool went_well = i > 0 && errors[i - 1] == 0;

		errors[i] = went_well && !only ? remove_expected(&dir, names[i]) : -EAGAIN;
		if (errors[i] == -EAGAIN)
			errors[i] = remove_pin(&dir, names[i], only ? &only[i] : NULL);
	}
	return 0;
}

static void fill(int errors[], size_t n, int error)
{
	for (size_t i = 0; i < n; i++)
		errors[i] = error;
}

/*
 * The first error; but -ETIMEDOUT if the lock was not to be had for one of them: then it is not tried
 * for the others. However many names somebody keeps young, they are waited for together.
 */
static int remove_some(const char *dir, const char *const names[], const struct pinned *only,
	size_t n, int errors[])
{
	int first = remove_under_lock(dir, names, only, n, errors);
	bool locked = false;
	long long since = 0;

	if (first < 0) {
		fill(errors, n, first);
		return first;
	}
	for (size_t i = 0; i < n; i++) {
		struct removal it = {dir, names[i], only ? &only[i] : NULL, false};

		if (errors[i] == -EAGAIN)
			errors[i] = locked ? -ETIMEDOUT : remove_when_settled(&it, &since);
		locked |= errors[i] == -ETIMEDOUT;
		first = first ? first : errors[i];
	}
	return locked ? -ETIMEDOUT : first;
}

int pin_delete_many(const char *dir, const char *const names[], size_t n, int errors[],
	netns_progress_fn progress, void *arg)
{
	int here[PIN_AT_ONCE], first = 0;

	for (size_t done = 0; done < n;) {
		size_t some = n - done < PIN_AT_ONCE ? n - done : PIN_AT_ONCE;
		int r = remove_some(dir, names + done, NULL, some, errors ? errors + done : here);

		first = first ? first : r;
		done += some;
		if (r == -ETIMEDOUT) { /* the others would wait as long */
			if (errors)
				fill(errors + done, n - done, r);
			return r;
		}
		if (progress && progress(done, n, arg) != 0 && done < n) {
			if (errors)
				fill(errors + done, n - done, -ECANCELED);
			return error_text(-ECANCELED,
				"delete: stopped by the caller after %zu of %zu names", done, n);
		}
	}
	return first;
}

int pin_collect(const char *dir, const char *name, bool locked)
{
	return remove_one(&(struct removal){dir, name, &stale_only, locked});
}

int pin_delete(const char *dir, const char *name)
{
	return remove_one(&(struct removal){dir, name, NULL, false});
}

int pin_drop(const char *path, const char *name, int nsfd, bool locked)
{
	struct pinned only;
	char dir[PATH_MAX];
	int r = pin_identify(nsfd, &only);

	if (r < 0)
		return error_errno(r, "look at what is pinned at %s", path);
	/* A longer one could not have been opened when the pin was made. */
	snprintf(dir, sizeof(dir), "%.*s", (int)(name - path - 1), path);
	r = remove_one(&(struct removal){dir, name, &only, locked});
	return r == -ENOENT ? 0 : r;
}

int pin_drop_some(const char *dir, const char *const names[], const struct pinned only[], size_t n,
	int errors[])
{
	int first = 0;

	remove_some(dir, names, only, n, errors);
	for (size_t i = 0; i < n; i++) {
		if (errors[i] == -ENOENT)
			errors[i] = 0;
		first = first ? first : errors[i];
	}
	return first;
}
