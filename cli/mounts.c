/* SPDX-License-Identifier: MIT */
/*
 * A mount namespace in which /sys and /etc are those of the network namespace
 * that the calling thread is in. Nothing of it is seen outside; what is mounted
 * outside is seen inside.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli.h"

/* Since Linux 5.2; glibc has them since 2.36. */
#ifndef SYS_open_tree
#define SYS_open_tree  428
#define SYS_move_mount 429
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x4
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

static int clone_mount(const char *path, unsigned flags)
{
	return (int)syscall(
		SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

/* Unlike mount(2), does not follow a symbolic link at the end of `to`. */
static int attach_mount(int fd, const char *to)
{
	return (int)syscall(SYS_move_mount, fd, "", AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH);
}

/* A mount on the old /sys, on its way to the new one. */
struct submount {
	char *path;
	int fd;
	bool cloned; /* else `fd` only refers to it */
	struct submount *next;
};

/* The number of the mount that a path is on, as in mountinfo; -1 if it cannot be told. */
static int mount_of(const char *path)
{
	char proc[64], *line = NULL;
	size_t size = 0;
	int id = -1, fd;
	FILE *f;

	fd = open(path, O_PATH | O_CLOEXEC);
	snprintf(proc, sizeof(proc), "/proc/self/fdinfo/%d", fd);
	f = fopen(proc, "re");
	while (f && getline(&line, &size, f) > 0)
		if (sscanf(line, "mnt_id: %d", &id) == 1)
			break;
	free(line);
	if (f)
		fclose(f);
	if (fd >= 0)
		close(fd);
	return id;
}

/* mountinfo writes blanks and backslashes as \ooo */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; to++) {
		if (s[0] == '\\' && s[1] && s[2] && s[3]) {
			*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to = *s++;
		}
	}
	*to = '\0';
}

static struct submount *pick_up(char *path)
{
	struct submount *sub = need(calloc(1, sizeof(*sub)));

	unescape(path);
	sub->path = path;
	sub->fd = clone_mount(path, AT_RECURSIVE);
	sub->cloned = sub->fd >= 0;
	if (!sub->cloned)
		sub->fd = open(path, O_PATH | O_CLOEXEC);
	return sub;
}

/* All that is mounted directly on /sys; what is mounted on that comes with it. */
static struct submount *pick_up_all(void)
{
	struct submount *first = NULL, **last = &first;
	int sys = mount_of("/sys");
	char *line = NULL;
	size_t size = 0;
	FILE *f;

	f = sys >= 0 ? fopen("/proc/self/mountinfo", "re") : NULL;
	while (f && getline(&line, &size, f) > 0) {
		char *path = NULL;
		int parent;

		if (sscanf(line, "%*d %d %*s %*s %ms", &parent, &path) != 2 || parent != sys) {
			free(path);
			continue;
		}
		*last = pick_up(path);
		last = &(*last)->next;
	}
	free(line);
	if (f)
		fclose(f);
	return first;
}

static int put_down(const struct submount *sub)
{
	char from[64];

	if (sub->cloned)
		return attach_mount(sub->fd, sub->path);
	snprintf(from, sizeof(from), "/proc/self/fd/%d", sub->fd);
	return mount(from, sub->path, NULL, MS_BIND | MS_REC, NULL);
}

static void put_down_all(struct submount *sub)
{
	while (sub) {
		struct submount *next = sub->next;

		/* ENOENT: it was on a directory that only the other namespace's /sys has */
		if (put_down(sub) < 0 && errno != ENOENT)
			message("%s is missing inside: %s", sub->path, strerror(errno));
		if (sub->fd >= 0)
			close(sub->fd);
		free(sub->path);
		free(sub);
		sub = next;
	}
}

/*
 * Only the mount is made read-only: the file system behind it is shared with
 * others who mount the /sys of this network namespace. In a user namespace the
 * kernel may insist on both.
 */
static int mount_sysfs(unsigned long flags, bool read_only)
{
	if (mount("sysfs", "/sys", "sysfs", flags, NULL) == 0)
		return read_only ? mount(NULL, "/sys", NULL,
					   flags | MS_REMOUNT | MS_BIND | MS_RDONLY, NULL)
				 : 0;
	return read_only ? mount("sysfs", "/sys", "sysfs", flags | MS_RDONLY, NULL) : -1;
}

static int renew_sys(void)
{
	/* these have the same values in statvfs(3) and mount(2) */
	const unsigned long keep = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME;
	struct submount *subs;
	bool all_cloned = true;
	struct statvfs vfs;
	struct statfs fs;

	if (statfs("/sys", &fs) < 0 || fs.f_type != SYSFS_MAGIC || statvfs("/sys", &vfs) < 0)
		return 0;
	subs = pick_up_all();
	for (const struct submount *sub = subs; sub; sub = sub->next)
		all_cloned = all_cloned && sub->cloned;
	/* If not, or if it may not be unmounted, the old one stays, hidden under the new. */
	if (all_cloned)
		umount2("/sys", MNT_DETACH);
	if (mount_sysfs(vfs.f_flag & keep, vfs.f_flag & ST_RDONLY) < 0)
		return -1;
	put_down_all(subs);
	return 0;
}

/*
 * Where /etc has a symbolic link, such as resolv.conf, the file is put over the
 * link itself: over what it points to, it would be lost as soon as that is
 * replaced. Where the kernel does not do so, it is put over what it points to.
 */
static int put_over(const char *from, const char *to)
{
	int fd = clone_mount(from, 0);
	int r = fd >= 0 ? attach_mount(fd, to) : -1;

	if (fd >= 0)
		close(fd);
	return r < 0 ? mount(from, to, NULL, MS_BIND, NULL) : 0;
}

static void renew_etc_file(const char *name, const char *file)
{
	char *from = text("/etc/netns/%s/%s", name, file);
	char *to = text("/etc/%s", file);

	if (put_over(from, to) < 0)
		message("%s: %s is not used in place of %s: %s%s", name, from, to, strerror(errno),
			errno == ENOENT ? " (make one, it may be empty)" : "");
	free(from);
	free(to);
}

static void renew_etc(const char *name)
{
	const struct dirent *entry;
	char *path = text("/etc/netns/%s", name);
	DIR *dir = opendir(path);

	if (!dir && errno != ENOENT)
		message("%s: %s: %s", name, path, strerror(errno));
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			renew_etc_file(name, entry->d_name);
	if (dir)
		closedir(dir);
	free(path);
}

int private_mounts(const char *name)
{
	const char *what = NULL;

	if (unshare(CLONE_NEWNS) < 0)
		what = "no mount namespace could be made";
	else if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		what = "the mounts could not be made private";
	else if (renew_sys() < 0)
		what = "/sys could not be mounted";
	if (what) {
		message("%s%s%s: %s (--no-mounts does without)", name ? name : "", name ? ": " : "",
			what, strerror(errno));
		return STATUS_FAILED;
	}
	if (name)
		renew_etc(name);
	return STATUS_OK;
}
