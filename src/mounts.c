/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "mounts.h"
#include "rundir.h"
#include "submounts.h"

/* A mount on the old /sys, on its way to the new one. */
struct submount {
	char *path;
	int fd;
	bool cloned; /* else `fd` only refers to it */
	int error;
	struct submount *next;
};

/* A file of /etc/netns/NAME, to be put over the one in /etc. */
struct substitute {
	char *from;
	char *to;
	int error;
	struct substitute *next;
};

struct mounts {
	char *name;
	char *directory; /* /etc/netns/NAME */
	int directory_error;
	struct submount *submounts;
	struct substitute *substitutes;
};

/* Takes the path over. */
static int add_submount(char *path, void *arg)
{
	struct submount ***last = arg;
	struct submount *sub = calloc(1, sizeof(*sub));

	if (!sub) {
		free(path);
		return -ENOMEM;
	}
	sub->path = path;
	sub->fd = -1;
	**last = sub;
	*last = &sub->next;
	return 0;
}

/* What is mounted on these comes with them. */
static int plan_sys(struct mounts *mounts)
{
	struct submount **last = &mounts->submounts;

	return submounts_each("/sys", add_submount, &last);
}

static int add_substitute(struct mounts *mounts, const char *file)
{
	struct substitute *sub = calloc(1, sizeof(*sub));

	if (!sub)
		return -ENOMEM;
	sub->next = mounts->substitutes;
	mounts->substitutes = sub;
	if (asprintf(&sub->from, "%s/%s", mounts->directory, file) < 0)
		sub->from = NULL;
	if (asprintf(&sub->to, "/etc/%s", file) < 0)
		sub->to = NULL;
	return sub->from && sub->to ? 0 : -ENOMEM;
}

static int plan_etc(struct mounts *mounts)
{
	const struct dirent *entry;
	DIR *dir;
	int r = 0;

	if (asprintf(&mounts->directory, "/etc/netns/%s", mounts->name) < 0) {
		mounts->directory = NULL;
		return -ENOMEM;
	}
	dir = opendir(mounts->directory);
	if (!dir) {
		mounts->directory_error = errno == ENOENT ? 0 : errno;
		return 0;
	}
	while (r == 0 && (errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = add_substitute(mounts, entry->d_name);
	if (r == 0)
		mounts->directory_error = errno;
	closedir(dir);
	return r;
}

int mounts_plan(const char *name, struct mounts **ret)
{
	struct mounts CLEANUP_MOUNTS *mounts = NULL;
	const char *dir = NULL;
	int r = name ? rundir_check(&dir, name) : 0, cancel;

	if (r < 0)
		return r;
	mounts = calloc(1, sizeof(*mounts));
	r = mounts ? 0 : -ENOMEM;
	/* stdio has cancellation points */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	if (r == 0)
		r = plan_sys(mounts);
	if (r == 0 && name) {
		mounts->name = strdup(name);
		r = mounts->name ? plan_etc(mounts) : -ENOMEM;
	}
	pthread_setcancelstate(cancel, NULL);
	if (r < 0)
		return error_errno(r, "plan the mounts for %s", name ? name : "the namespace");
	*ret = TAKE_PTR(mounts);
	return 0;
}

void mounts_free(struct mounts **mounts)
{
	if (!*mounts)
		return;
	for (struct submount *sub = (*mounts)->submounts, *next; sub; sub = next) {
		next = sub->next;
		free(sub->path);
		free(sub);
	}
	for (struct substitute *sub = (*mounts)->substitutes, *next; sub; sub = next) {
		next = sub->next;
		free(sub->from);
		free(sub->to);
		free(sub);
	}
	free((*mounts)->directory);
	free((*mounts)->name);
	free(*mounts);
}

/* What follows runs in the child of a program with threads: system calls only. */

static int clone_mount(const char *path, unsigned flags)
{
	return sys_result(syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | O_CLOEXEC | flags));
}

/* Unlike mount(2), does not follow a symbolic link at the end of `to`. */
static int attach_mount(int fd, const char *to)
{
	return sys_result(syscall(SYS_move_mount, fd, "", AT_FDCWD, to, MOVE_FROM_EMPTY_PATH));
}

/* Returns whether all could be cloned. */
static bool pick_up_all(struct mounts *mounts)
{
	bool all_cloned = true;

	for (struct submount *sub = mounts->submounts; sub; sub = sub->next) {
		sub->fd = clone_mount(sub->path, TREE_RECURSIVE);
		sub->cloned = sub->fd >= 0;
		if (!sub->cloned)
			sub->fd = sys_open(sub->path, O_PATH);
		all_cloned = all_cloned && sub->cloned;
	}
	return all_cloned;
}

/* Without open_tree(2): through the link in /proc, written here without stdio's help. */
static int bind_descriptor(int fd, const char *to)
{
	char from[] = "/proc/thread-self/fd/\0000123456789", *digit = from + strlen(from);
	unsigned divisor = 1;

	while ((unsigned)fd / divisor >= 10)
		divisor *= 10;
	for (; divisor > 0; divisor /= 10)
		*digit++ = (char)('0' + (unsigned)fd / divisor % 10);
	*digit = '\0';
	return sys_result(mount(from, to, "none", MS_BIND | MS_REC, NULL));
}

static void drop_all(struct mounts *mounts)
{
	for (struct submount *sub = mounts->submounts; sub; sub = sub->next)
		cleanup_fd(&sub->fd);
}

static void put_down_all(struct mounts *mounts)
{
	for (struct submount *sub = mounts->submounts; sub; sub = sub->next) {
		int CLEANUP_FD fd = TAKE_FD(sub->fd);

		sub->error = sub->cloned ? attach_mount(fd, sub->path)
			     : fd >= 0   ? bind_descriptor(fd, sub->path)
					 : fd;
	}
}

/*
 * Only the mount is made read-only: the file system behind it is shared with others who mount the
 * /sys of this network namespace. In a user namespace the kernel may insist on both.
 */
static int mount_sysfs(unsigned long flags, bool read_only)
{
	if (mount("sysfs", "/sys", "sysfs", flags, NULL) == 0)
		return !read_only ? 0
				  : sys_result(mount("none", "/sys", "none",
					    flags | MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	return read_only ? sys_result(mount("sysfs", "/sys", "sysfs", flags | MS_RDONLY, NULL))
			 : -errno;
}

static int renew_sys(struct mounts *mounts)
{
	/* these have the same values in statvfs(3) and mount(2) */
	const unsigned long keep = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME;
	struct statvfs vfs;
	struct statfs fs;
	int r;

	if (statfs("/sys", &fs) < 0 || statvfs("/sys", &vfs) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fs.f_type != SYSFS_MAGIC)
		return 0;
	/* If not, or if it may not be unmounted, the old one stays, hidden under the new. */
	if (pick_up_all(mounts))
		umount2("/sys", MNT_DETACH);
	r = mount_sysfs(vfs.f_flag & keep, vfs.f_flag & ST_RDONLY);
	if (r == 0)
		put_down_all(mounts);
	else
		drop_all(mounts);
	return r;
}

/*
 * Where /etc has a symbolic link, such as resolv.conf, the file is put over the link itself: over
 * what it points to, it would be lost as soon as that is replaced. Where the kernel does not do
 * so, it is put over what it points to.
 */
static int put_over(const char *from, const char *to)
{
	int CLEANUP_FD fd = clone_mount(from, 0);

	if (fd >= 0 && attach_mount(fd, to) == 0)
		return 0;
	return sys_result(mount(from, to, "none", MS_BIND, NULL));
}

int mounts_make(struct mounts *mounts, const char **failed)
{
	int r;

	*failed = "make a mount namespace";
	r = sys_result(unshare(CLONE_NEWNS));
	if (r < 0)
		return r;
	*failed = "keep mounts from spreading";
	r = sys_result(mount("none", "/", "none", MS_REC | MS_SLAVE, NULL));
	if (r < 0)
		return r;
	*failed = "mount /sys";
	r = renew_sys(mounts);
	if (r < 0)
		return r;
	for (struct substitute *sub = mounts->substitutes; sub; sub = sub->next)
		sub->error = put_over(sub->from, sub->to);
	return 0;
}

/* And what follows is the planner's again. */

static void tell(netns_warn_fn warn, void *arg, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void tell(netns_warn_fn warn, void *arg, const char *fmt, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, fmt);
	n = vasprintf(&s, fmt, args);
	va_end(args);
	if (n < 0)
		return;
	warn(s, arg);
	free(s);
}

void mounts_tell(const struct mounts *mounts, netns_warn_fn warn, void *arg)
{
	if (!warn)
		return;
	for (const struct submount *sub = mounts->submounts; sub; sub = sub->next)
		/* ENOENT: it was on a directory that only the other namespace's /sys has */
		if (sub->error < 0 && sub->error != -ENOENT)
			tell(warn, arg, "%s is missing inside: %s", sub->path,
				strerror(-sub->error));
	if (mounts->directory_error)
		tell(warn, arg, "%s: %s", mounts->directory, strerror(mounts->directory_error));
	for (const struct substitute *sub = mounts->substitutes; sub; sub = sub->next)
		if (sub->error < 0)
			tell(warn, arg, "%s is not used in place of %s: %s%s", sub->from, sub->to,
				strerror(-sub->error),
				sub->error == -ENOENT ? " (make one, it may be empty)" : "");
}

int netns_private_mounts(const char *name, netns_warn_fn warn, void *arg)
{
	struct mounts CLEANUP_MOUNTS *mounts = NULL;
	const char *failed;
	int r;

	r = mounts_plan(name, &mounts);
	if (r < 0)
		return r;
	r = mounts_make(mounts, &failed);
	if (r < 0)
		return error_advise(error_errno(r, "%s", failed), advice_on_mount(r));
	mounts_tell(mounts, warn, arg);
	return 0;
}
