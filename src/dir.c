/* SPDX-License-Identifier: MIT */
/*
 * Run directories with a file system of their own, so that a thousand names go with one unmounting.
 * Such a one is known by the lease on its root (lease.h), which is written before it is seen
 * anywhere: without one it is somebody else's.
 */
#include <dirent.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>

#include "advice.h"
#include "cleanup.h"
#include "dir.h"
#include "error.h"
#include "lease.h"
#include "netns.h"
#include "rundir.h"
#include "unmount.h"
#include "walk.h"

/* ---- making ---- */

static int detached_tmpfs(void)
{
	int CLEANUP_FD context = sys_fsopen("tmpfs");
	int r;

	if (context < 0)
		return context;
	r = sys_fsconfig(context, FS_SET_STRING, "source", "netns");
	if (r == 0)
		r = sys_fsconfig(context, FS_SET_STRING, "mode", "0755");
	if (r == 0)
		r = sys_fsconfig(context, FS_CREATE, NULL, NULL);
	return r < 0 ? r : sys_fsmount(context, FS_INERT);
}

static int mark(int tree, bool leased, char lease[LEASE_SIZE])
{
	int CLEANUP_FD root = sys_openat(tree, ".", O_RDONLY | O_DIRECTORY, 0);

	return root < 0 ? root : lease_write_dir(root, leased, lease);
}

/* Is there nothing but "." and ".."? */
static int is_empty(int directory)
{
	char entries[512];
	long n;

	while ((n = syscall(SYS_getdents64, directory, entries, sizeof(entries))) > 0)
		for (long at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(entries + at);

			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				return 0;
			at += entry->d_reclen;
		}
	return n < 0 ? -errno : 1;
}

/* Nobody makes a name in it, or mounts on it as we do, as long as we have the lock. */
static int may_be_mounted_on(int directory, int parent, const char *name)
{
	struct statx stx;
	struct inode inode = {0};
	int r;

	do {
		r = sys_result(flock(directory, LOCK_EX | LOCK_NB));
	} while (r == -EINTR);
	if (r < 0)
		return r == -EWOULDBLOCK ? 0 : r;
	r = sys_inode(directory, &inode);
	if (r < 0)
		return r;
	/* what is there by now, if another has mounted since it was opened */
	if (statx(parent, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_INO, &stx) < 0)
		return -errno;
	if (stx.stx_ino != inode.ino ||
		makedev(stx.stx_dev_major, stx.stx_dev_minor) != inode.dev ||
		stx.stx_attributes & STATX_IS_MOUNT_ROOT)
		return 0;
	return is_empty(directory);
}

/* An empty directory can be what a crash has left. */
static int attach(int tree, int parent, const char *name, const char **doing)
{
	int made = sys_result(mkdirat(parent, name, 0755)), r = made;
	int CLEANUP_FD target = -1;

	if (r < 0 && r != -EEXIST)
		return r;
	target = sys_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	r = target == -ENOTDIR || target == -ELOOP ? -EEXIST : target;
	if (r >= 0) {
		*doing = "lock and read what is there before a tmpfs is mounted on";
		r = may_be_mounted_on(target, parent, name);
	}
	if (r == 0)
		return -EEXIST; /* whoever has it, has it */
	if (r > 0) {
		*doing = "mount a tmpfs on";
		r = sys_attach_tree(tree, target);
	}
	if (r < 0 && made == 0)
		unlinkat(parent, name, AT_REMOVEDIR);
	return r;
}

/* By whatever path: what is in it is everybody's. */
static bool is_default_place(int parent, const char *name)
{
	char default_name[NAME_MAX + 1];
	int CLEANUP_FD default_parent = walk_to_parent(netns_get_run_dir(), default_name);

	return default_parent >= 0 && strcmp(name, default_name) == 0 &&
	       sys_same_inode(parent, default_parent) == 1;
}

static int mount_as(
	int parent, const char *name, bool leased, char lease[LEASE_SIZE], const char **doing)
{
	int CLEANUP_FD tree = -1;
	int r;

	*doing = "prepare a tmpfs for";
	tree = detached_tmpfs();
	if (tree < 0)
		return tree == -ENOSYS ? -EOPNOTSUPP : tree;
	*doing = "write a lease for";
	r = mark(tree, leased, lease);
	if (r < 0)
		return r;
	*doing = "make (mkdir) and open";
	return attach(tree, parent, name, doing);
}

int dir_mount(const char *dir, bool leased, char lease[LEASE_SIZE])
{
	char name[NAME_MAX + 1];
	int CLEANUP_FD parent = -1;
	const char *doing;
	int r = rundir_check_dir(&dir);

	if (r < 0)
		return r;
	parent = walk_to_parent(dir, name);
	if (parent < 0)
		return rundir_error(parent, dir, "open what is to hold");
	if (is_default_place(parent, name))
		return error_text(
			-EINVAL, "mount %s: the default run directory is everybody's", dir);
	r = mount_as(parent, name, leased, lease, &doing);
	if (r == -EEXIST)
		return error_text(r, "mount %s: it exists, and is not empty", dir);
	if (r == -EOPNOTSUPP)
		return error_advise(rundir_error(r, dir, doing),
			"Linux 5.2, /proc, and a tmpfs with extended attributes are needed");
	return r < 0 ? error_advise(rundir_error(r, dir, doing), advice_on_mount(r)) : 0;
}

int netns_dir_mount(const char *dir, unsigned flags)
{
	char lease[LEASE_SIZE];

	if (!dir)
		return error_null("the directory");
	if (flags & ~NETNS_CREATE_KEEP)
		return error_text(-EINVAL, "mount %s: unknown flags 0x%x", dir, flags);
	return dir_mount(dir, !(flags & NETNS_CREATE_KEEP), lease);
}

/* ---- removing ---- */

/* -EMEDIUMTYPE: not one that was made above. */
static int look(int directory, char text[LEASE_SIZE], struct netns_lease *lease)
{
	long type = sys_fs_type(directory);
	struct statx stx;
	int r;

	if (type < 0)
		return (int)type;
	if (statx(directory, "", AT_EMPTY_PATH, 0, &stx) < 0)
		return -errno;
	if (type != TMPFS_MAGIC || (stx.stx_attributes_mask & STATX_IS_MOUNT_ROOT &&
					   !(stx.stx_attributes & STATX_IS_MOUNT_ROOT)))
		return -EMEDIUMTYPE;
	r = lease_read_dir(directory, text, lease);
	return r == -ENODATA ? -EMEDIUMTYPE : r;
}

static int refuse(int error, const char *dir, const char *doing)
{
	if (error == -EMEDIUMTYPE)
		return error_text(error, "%s: no file system that netns_dir_mount() made", dir);
	return error_advise(rundir_error(error, dir, doing), advice_on_mount(error));
}

int netns_dir_get_lease(const char *dir, struct netns_lease *ret)
{
	struct netns_lease lease;
	char text[LEASE_SIZE];
	int CLEANUP_FD fd = -1;
	int r;

	if (!dir || !ret)
		return error_null(dir ? "the lease" : "the directory");
	r = rundir_check_dir(&dir);
	if (r < 0)
		return r;
	fd = rundir_open(dir, O_RDONLY);
	r = fd < 0 ? fd : look(fd, text, &lease);
	if (r < 0)
		return refuse(r, dir, "open the run directory");
	*ret = lease;
	return 0;
}

/* Of the names in it, those of processes that are there keep it from being an orphan. */
static int is_orphaned(const char *dir, const struct netns_lease *lease)
{
	const struct netns_entry *entry;
	struct netns_iter *it;
	int r, held = 0;

	if (lease->state != NETNS_LEASE_ORPHANED)
		return 0;
	r = netns_iter_new(dir, &it);
	if (r < 0)
		return r;
	while (!held && (r = netns_iter_next(it, &entry)) > 0) {
		struct netns_lease its;

		held = entry->state == NETNS_LIVE && netns_get_lease(dir, entry->name, &its) == 0 &&
		       (its.state == NETNS_LEASE_HELD || its.state == NETNS_LEASE_UNKNOWN);
	}
	netns_iter_free(it);
	return r < 0 ? r : !held;
}

/* By its root, which was looked at; then the directory below, if that can be. */
static int unmount(const char *dir, int root)
{
	char name[NAME_MAX + 1];
	int CLEANUP_FD parent = walk_to_parent(dir, name);
	int r = parent < 0 ? parent : unmount_this(root, parent, name);

	if (r == 0)
		unlinkat(parent, name, AT_REMOVEDIR);
	return r;
}

/* Which one may go: NULL for whatever was made above, else the one with that text. */
struct which {
	const char *text;
	bool orphaned;
};

/* 1: it is gone; 0: it is none that may. */
static int delete_which(const char *dir, const struct which *which)
{
	struct rundir CLEANUP_RUNDIR rundir = RUNDIR_INIT;
	struct netns_lease lease;
	char text[LEASE_SIZE];
	int r;

	/* so that nobody is in the middle of making a name there, or of judging */
	r = rundir_lock(&rundir, dir);
	if (r == -ENOENT && which->text)
		return 0;
	if (r < 0)
		return refuse(r, dir, rundir.doing);
	r = look(rundir.fd, text, &lease);
	if (which->text && r == -EMEDIUMTYPE)
		return 0;
	if (which->text && r == 0 && strcmp(text, which->text) != 0)
		return -ESTALE;
	if (r < 0)
		return refuse(r, dir, "look at");
	if (which->orphaned) {
		r = is_orphaned(dir, &lease);
		if (r <= 0)
			return r;
	}
	r = unmount(dir, rundir.fd);
	return r < 0 ? refuse(r, dir, "unmount") : 1;
}

int dir_delete(const char *dir, const char *lease)
{
	return delete_which(dir, &(struct which){.text = lease});
}

static int check_and_delete(const char *dir, const struct which *which)
{
	int r;

	if (!dir)
		return error_null("the directory");
	r = rundir_check_dir(&dir);
	return r < 0 ? r : delete_which(dir, which);
}

int netns_dir_delete(const char *dir)
{
	int r = check_and_delete(dir, &(struct which){0});

	return r < 0 ? r : 0;
}

int netns_dir_collect(const char *dir)
{
	return check_and_delete(dir, &(struct which){.orphaned = true});
}
