/* SPDX-License-Identifier: MIT */
/*
 * Run directories with a file system of their own, so that a thousand names go with one unmounting.
 * Such a one is known by the lease on its root (lease.h), which is written before it is seen
 * anywhere: without one it is somebody else's.
 */
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>

#include "advice.h"
#include "cleanup.h"
#include "dir.h"
#include "error.h"
#include "lease.h"
#include "netns.h"
#include "pin.h"
#include "rundir.h"
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

/* An empty directory can be what a crash has left, and nobody's file system is on it. */
static int make_directory(int parent, const char *name)
{
	int r = sys_result(mkdirat(parent, name, 0755));

	if (r != -EEXIST || unlinkat(parent, name, AT_REMOVEDIR) < 0)
		return r;
	return sys_result(mkdirat(parent, name, 0755));
}

static int attach(int tree, int parent, const char *name)
{
	int CLEANUP_FD target = sys_openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	int r = target < 0 ? target : sys_attach_tree(tree, target);

	if (r < 0)
		unlinkat(parent, name, AT_REMOVEDIR);
	return r;
}

static int mount_as(const char *dir, bool leased, char lease[LEASE_SIZE], const char **doing)
{
	char name[NAME_MAX + 1];
	int CLEANUP_FD parent = -1;
	int CLEANUP_FD tree = -1;
	int r;

	*doing = "open what is to hold";
	parent = walk_to_parent(dir, name);
	if (parent < 0)
		return parent;
	*doing = "prepare a tmpfs for";
	tree = detached_tmpfs();
	if (tree < 0)
		return tree == -ENOSYS ? -EOPNOTSUPP : tree;
	*doing = "write a lease for";
	r = mark(tree, leased, lease);
	if (r < 0)
		return r;
	*doing = "make (mkdir)";
	r = make_directory(parent, name);
	if (r < 0)
		return r;
	*doing = "mount a tmpfs on";
	return attach(tree, parent, name);
}

int dir_mount(const char *dir, bool leased, char lease[LEASE_SIZE])
{
	const char *doing;
	int r = rundir_check_dir(&dir);

	if (r < 0)
		return r;
	if (rundir_is_default(dir))
		return error_text(
			-EINVAL, "mount %s: the default run directory is everybody's", dir);
	r = mount_as(dir, leased, lease, &doing);
	if (r == -EEXIST)
		return error_text(r, "%s %s: it exists, and is not empty", doing, dir);
	if (r == -EOPNOTSUPP)
		return error_advise(rundir_error(r, dir, doing),
			"Linux 5.2 is needed, in a user namespace 6.6");
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
	fd = rundir_open(dir, O_PATH);
	r = fd < 0 ? fd : look(fd, text, &lease);
	if (r < 0)
		return refuse(r, dir, "open the run directory");
	*ret = lease;
	return 0;
}

/* By the descriptor: what goes is what was looked at. */
static int unmount(int directory)
{
	char path[FD_PATH_SIZE];

	fd_path(path, directory);
	return sys_result(umount2(path, MNT_DETACH));
}

static void remove_directory(const char *dir)
{
	char name[NAME_MAX + 1];
	int CLEANUP_FD parent = walk_to_parent(dir, name);

	if (parent >= 0)
		unlinkat(parent, name, AT_REMOVEDIR);
}

int dir_delete(const char *dir, const char *wanted)
{
	struct rundir CLEANUP_RUNDIR rundir = RUNDIR_INIT;
	struct netns_lease lease;
	char text[LEASE_SIZE];
	int r;

	/* so that nobody is in the middle of making a name there */
	r = rundir_lock(&rundir, dir);
	if (r == 0) {
		rundir.doing = "look at";
		r = look(rundir.fd, text, &lease);
	}
	if (wanted && (r == -ENOENT || r == -EMEDIUMTYPE || (r == 0 && strcmp(text, wanted) != 0)))
		return 0;
	if (r < 0)
		return refuse(r, dir, rundir.doing);
	r = unmount(rundir.fd);
	if (r < 0)
		return refuse(r, dir, "unmount");
	remove_directory(dir);
	return 0;
}

int netns_dir_delete(const char *dir)
{
	int r;

	if (!dir)
		return error_null("the directory");
	r = rundir_check_dir(&dir);
	return r < 0 ? r : dir_delete(dir, NULL);
}
