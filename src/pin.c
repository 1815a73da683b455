/* SPDX-License-Identifier: MIT */
/* Making pins. */
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>

#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "lease.h"
#include "leftover.h"
#include "pin.h"
#include "rundir.h"

void fd_path(char path[FD_PATH_SIZE], int fd)
{
	snprintf(path, FD_PATH_SIZE, "/proc/thread-self/fd/%d", fd);
}

int pin_detached(int nsfd)
{
	return sys_clone_tree(nsfd, 0);
}

int pin_attach(int file, int detached, int nsfd)
{
	char from[FD_PATH_SIZE], to[FD_PATH_SIZE];

	if (detached >= 0)
		return sys_attach_tree(detached, file);
	fd_path(from, nsfd);
	fd_path(to, file);
	return sys_result(mount(from, to, "none", MS_BIND, NULL));
}

/*
 * The file to mount on: a new one, or one that a crash left. Mounting goes by this descriptor, so
 * what was checked is what is used. -EAGAIN: a name in the making.
 */
static int claim_file(const struct rundir *dir, const char *name, bool *made)
{
	int CLEANUP_FD fd = -1;
	int r;

	fd = sys_openat(dir->fd, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, LEFTOVER_MARK);
	*made = fd >= 0;
	if (fd >= 0)
		return TAKE_FD(fd);
	if (fd != -EEXIST)
		return error_errno(fd, "create %s/%s", dir->path, name);

	fd = sys_openat(dir->fd, name, O_PATH | O_NOFOLLOW, 0);
	if (fd == -ENOENT)
		return -EAGAIN;
	if (fd < 0)
		return error_errno(fd, "look at %s/%s", dir->path, name);

	r = leftover_classify(fd, "");
	if (r == LEFTOVER_STALE)
		return TAKE_FD(fd);
	if (r == LEFTOVER_YOUNG)
		return -EAGAIN;
	return error_errno(r < 0 ? r : -EEXIST, "create %s/%s", dir->path, name);
}

/* What is to be pinned: all that can be made ready before there is a file for it. */
struct pin {
	int nsfd, detached;
	const char *lease; /* or NULL */
};

/* The lock does not keep ip-netns(8) from removing a file before there is a mount on it. */
static bool is_unlinked(int file)
{
	struct statx stx;

	return statx(file, "", AT_EMPTY_PATH, STATX_NLINK, &stx) == 0 && stx.stx_nlink == 0;
}

/* -EAGAIN: a name in the making, or one that was removed meanwhile. */
static int put(const struct rundir *dir, const char *name, const struct pin *pin)
{
	int CLEANUP_FD file = -1;
	bool made;
	int r;

	file = claim_file(dir, name, &made);
	if (file < 0)
		return file;
	if (!made)
		lease_clear(file);
	if (pin->lease)
		lease_write(file, pin->lease);
	r = pin_attach(file, pin->detached, pin->nsfd);
	if (r < 0 && is_unlinked(file))
		return -EAGAIN;
	if (r < 0 && made)
		unlinkat(dir->fd, name, 0);
	if (r < 0)
		return error_advise(
			error_errno(r, "mount the network namespace on %s/%s", dir->path, name),
			advice_on_mount(r));
	return 0;
}

static int make_and_put(const char *path, const char *name, const struct pin *pin)
{
	struct rundir CLEANUP_RUNDIR dir = RUNDIR_INIT;
	int r;

	r = rundir_make(&dir, path);
	if (r < 0)
		return r;
	r = put(&dir, name, pin);
	if (r < 0 && r != -EAGAIN)
		rundir_undo(&dir);
	return r;
}

int pin_create_from(const char *dir, const char *name, const char *lease, int detached, int nsfd)
{
	const struct pin pin = {.nsfd = nsfd, .detached = detached, .lease = lease};
	long long since = 0;
	int r;

	do {
		r = make_and_put(dir, name, &pin);
	} while (r == -EAGAIN && leftover_wait(&since));

	if (r == -EAGAIN)
		return error_text(
			-EEXIST, "create %s/%s: somebody else keeps making this name", dir, name);
	return r;
}

int pin_create(const char *dir, const char *name, bool leased, int nsfd)
{
	/* Before the file is made, so that the two are as close as can be. */
	int CLEANUP_FD detached = pin_detached(nsfd);
	char lease[LEASE_SIZE];

	if (detached < 0 && detached != -ENOSYS)
		return error_advise(error_errno(detached, "prepare the mount of %s/%s", dir, name),
			advice_on_mount(detached));
	if (leased)
		lease_compose(lease, nsfd);
	return pin_create_from(dir, name, leased ? lease : NULL, detached, nsfd);
}
