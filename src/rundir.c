/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>

#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "netns.h"
#include "rundir.h"
#include "walk.h"

/* For the lock, which is held for some ten microseconds, or while the directory is made. */
#define MIN_PAUSE_NS 20000L
#define MAX_PAUSE_NS 2000000L
#define PATIENCE_S   10

static const char default_path[] = NETNS_RUN_DIR;

const char *netns_get_run_dir(void)
{
	return default_path;
}

static bool name_is_good(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

int rundir_check_dir(const char **dir)
{
	if (!*dir)
		*dir = default_path;
	if (**dir != '/')
		return error_text(-EINVAL, "run directory '%s': not an absolute path", *dir);
	return 0;
}

int rundir_check(const char **dir, const char *name)
{
	int r = rundir_check_dir(dir);

	if (r < 0)
		return r;
	if (!name)
		return error_null("the name");
	if (!name_is_good(name))
		return error_text(-EINVAL,
			"bad name '%s': 1 to 255 bytes without '/', not '.' or '..'", name);
	return 0;
}

bool rundir_is_default(const char *path)
{
	return strcmp(path, default_path) == 0;
}

/* On the way to the default one there is nobody's link but root's. */
int rundir_open(const char *path, int flags)
{
	return rundir_is_default(path) ? sys_open(path, flags | O_DIRECTORY)
				       : walk_open(path, flags);
}

int rundir_error(int error, const char *path, const char *what)
{
	if (error == -ELOOP && !rundir_is_default(path))
		return error_text(error,
			"%s %s: a symbolic link on the way is neither root's nor the caller's own "
			"(or there are too many)",
			what, path);
	if (error == -ETIMEDOUT)
		return error_text(error,
			"%s %s: somebody has held the lock on it for %d seconds (see lslocks)",
			what, path, PATIENCE_S);
	return error_errno(error, "%s %s", what, path);
}

void rundir_release(struct rundir *rundir)
{
	cleanup_fd(&rundir->fd);
	cleanup_fd(&rundir->lock);
	*rundir = (struct rundir)RUNDIR_INIT;
}

/*
 * Who may open the directory can lock it, and need not let go: flock(2) would wait for ever. Others
 * wait as well, so it is not asked for with signals blocked.
 */
static int lock_directory(struct rundir *rundir)
{
	long long begin = sys_now_ns(CLOCK_MONOTONIC);
	long pause = MIN_PAUSE_NS;

	rundir->doing = "lock (flock) the run directory";
	while (flock(rundir->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (sys_now_ns(CLOCK_MONOTONIC) - begin > PATIENCE_S * SECOND_NS)
			return -ETIMEDOUT;
		sys_pause(pause);
		pause = pause < MAX_PAUSE_NS ? 2 * pause : pause;
	}
	return 0;
}

static int open_again(struct rundir *rundir)
{
	cleanup_fd(&rundir->fd);
	rundir->doing = "open the run directory";
	rundir->fd = rundir_open(rundir->path, O_RDONLY);
	return rundir->fd < 0 ? rundir->fd : 0;
}

static int lock_path(struct rundir *rundir)
{
	int r;

	cleanup_fd(&rundir->lock);
	rundir->lock = -1;
	r = open_again(rundir);
	return r < 0 ? r : lock_directory(rundir);
}

/*
 * Opens the path again, now that nobody else changes it: before, who had the lock can have
 * mounted the directory onto itself, or removed it and made it anew.
 */
static int look_again(struct rundir *rundir)
{
	int r;

	for (;;) {
		if (rundir->lock < 0)
			rundir->lock = TAKE_FD(rundir->fd);
		r = open_again(rundir);
		if (r < 0)
			return r;
		r = sys_same_inode(rundir->fd, rundir->lock);
		if (r != 0)
			return r < 0 ? r : 0;
		r = lock_path(rundir);
		if (r < 0)
			return r;
	}
}

/*
 * Whoever had it before may have removed the directory (rmdir, netns_dir_delete()); not the default
 * one, once that is the root of a mount, which it stays.
 */
static int lock_and_settle(struct rundir *rundir)
{
	int r = lock_path(rundir);

	if (r < 0 || (rundir_is_default(rundir->path) && sys_is_mount_root(rundir->fd)))
		return r;
	return look_again(rundir);
}

int rundir_lock(struct rundir *rundir, const char *path)
{
	rundir->path = path;
	return lock_and_settle(rundir);
}

int rundir_take(struct rundir *rundir, const char *path)
{
	rundir->path = path;
	return open_again(rundir);
}

/* The mode is exact whatever the umask is, which is not ours to change. */
static int make_directory(struct rundir *rundir)
{
	char name[NAME_MAX + 1];
	int CLEANUP_FD parent = walk_to_parent(rundir->path, name);
	int CLEANUP_FD fd = -1;

	if (parent < 0)
		return parent;
	rundir->doing = "make (mkdir) the run directory";
	if (mkdirat(parent, name, 0755) < 0)
		return errno == EEXIST ? 0 : -errno;
	rundir->made = true;
	rundir->doing = "open the new run directory";
	fd = sys_openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	rundir->doing = "set the mode (chmod) of the run directory";
	return sys_result(fchmodat(fd, ".", 0755, 0));
}

/*
 * Mounts the directory onto itself as iproute2 does, but on a detached copy of the mount, so that
 * it appears whole: a copy is in the peer group of what it was copied from, and must leave that
 * before it is shared, or each pin would appear twice.
 */
static int mount_onto_itself(struct rundir *rundir)
{
	int CLEANUP_FD tree = sys_clone_tree(rundir->fd, TREE_RECURSIVE);
	int r;

	if (tree < 0)
		return tree;
	r = sys_set_propagation(tree, TREE_RECURSIVE, MS_PRIVATE);
	if (r == 0)
		r = sys_set_propagation(tree, TREE_RECURSIVE, MS_SHARED);
	if (r == 0)
		r = sys_attach_tree(tree, rundir->fd);
	return r;
}

/* The same before Linux 5.12, in steps that others can see. */
static int mount_onto_itself_stepwise(struct rundir *rundir)
{
	const char *path = rundir->path;
	int r = sys_result(mount(path, path, "none", MS_BIND | MS_REC, NULL));

	if (r < 0)
		return r;
	r = sys_result(mount("none", path, "none", MS_PRIVATE | MS_REC, NULL));
	if (r == 0)
		r = sys_result(mount("none", path, "none", MS_SHARED | MS_REC, NULL));
	if (r < 0)
		umount2(path, MNT_DETACH);
	return r;
}

static const char sharing[] = "share (mount) the run directory";

static int set_shared(struct rundir *rundir)
{
	int r;

	rundir->doing = sharing;
	r = sys_set_propagation(rundir->fd, 0, MS_SHARED);
	if (r != -ENOSYS)
		return r;
	/* By path, which can lead to a mount that was made since the directory was opened. */
	r = look_again(rundir);
	if (r < 0)
		return r;
	rundir->doing = sharing;
	return sys_result(mount("none", rundir->path, "none", MS_SHARED, NULL));
}

/* Costs the same however many names there are: not recursive when it is a mount already. */
static int share(struct rundir *rundir)
{
	int r = set_shared(rundir);

	if (r != -EINVAL)
		return r;
	/* No mount, or not when it was opened. */
	r = look_again(rundir);
	if (r == 0)
		r = set_shared(rundir);
	if (r != -EINVAL)
		return r;

	r = mount_onto_itself(rundir);
	if (r == -ENOSYS || r == -EINVAL)
		r = mount_onto_itself_stepwise(rundir);
	if (r < 0)
		return r;
	rundir->mounted = true;
	return look_again(rundir);
}

/* Another directory than the default is the caller's own business, and not shared. */
static int lock_as_needed(struct rundir *rundir)
{
	return rundir_is_default(rundir->path) ? lock_path(rundir) : lock_and_settle(rundir);
}

static int make_and_lock(struct rundir *rundir)
{
	int r = lock_as_needed(rundir);

	if (r == -ENOENT) {
		r = make_directory(rundir);
		if (r == 0)
			r = lock_as_needed(rundir);
	}
	if (r == 0 && rundir_is_default(rundir->path))
		r = share(rundir);
	if (r < 0)
		error_advise(rundir_error(r, rundir->path, rundir->doing),
			rundir->doing == sharing ? advice_on_mount(r) : NULL);
	return r;
}

int rundir_make(struct rundir *rundir, const char *path)
{
	int r;

	rundir->path = path;
	r = make_and_lock(rundir);
	if (r < 0)
		rundir_undo(rundir);
	return r;
}

static void remove_directory(const char *path)
{
	char name[NAME_MAX + 1];
	int CLEANUP_FD parent = walk_to_parent(path, name);

	if (parent >= 0)
		unlinkat(parent, name, AT_REMOVEDIR);
}

void rundir_undo(struct rundir *rundir)
{
	/* Neither if somebody uses it already: who knows a name may be mounted there by now. */
	cleanup_fd(&rundir->fd);
	rundir->fd = -1;
	if (rundir->mounted)
		umount2(rundir->path, 0);
	if (rundir->made)
		remove_directory(rundir->path);
}
