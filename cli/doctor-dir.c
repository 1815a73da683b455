/* SPDX-License-Identifier: MIT */
/* The run directory itself: its mount, its owner, its mode. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "directory.h"
#include "doctor.h"
#include "mountinfo.h"

/* Making a name makes the directory what it should be, under the lock; and the name goes again. */
static char *share(void *arg)
{
	struct netns *ns;
	char *why;
	int r = netns_create(NULL, &ns);

	(void)arg;
	if (r < 0)
		return why_library(r);
	why = why_library(netns_close(ns));
	netns_free(ns);
	return why;
}

struct topmost {
	const char *target;
	bool found;
	bool shared;
};

/* The last mount on a place is what is seen there. */
static void remember(struct mountinfo *mount, void *arg)
{
	struct topmost *topmost = arg;

	mountinfo_unescape(mount->target);
	if (strcmp(mount->target, topmost->target) != 0)
		return;
	topmost->found = true;
	topmost->shared = mount->group != 0;
}

static void look_at_mount(struct doctor *doctor)
{
	const struct finding not_mounted = {
		.kind = "not-a-mount",
		.remedy = "mount it onto itself, shared, as the first 'netns add' does",
		.fix = share,
	};
	const struct finding not_shared = {
		.kind = "not-shared",
		.remedy = "make the mount shared",
		.fix = share,
	};
	struct topmost topmost = {.target = realpath(doctor->dir, NULL)};
	int r;

	if (!topmost.target) {
		cannot_look(doctor, doctor->dir);
		return;
	}
	r = mountinfo_read(AT_FDCWD, "/proc/self/mountinfo", remember, &topmost);
	if (r < 0) {
		errno = -r;
		cannot_look(doctor, "/proc/self/mountinfo");
	} else if (!topmost.found) {
		finding(doctor, &not_mounted,
			"%s is no mount of its own; what is done in one mount namespace (a "
			"container, "
			"a service) is not seen in others.",
			doctor->dir);
	} else if (!topmost.shared) {
		finding(doctor, &not_shared,
			"%s is a mount that is not shared; names made here are not seen in other "
			"mount "
			"namespaces, and those deleted here stay there.",
			doctor->dir);
	}
	free((char *)topmost.target);
}

/* As it was opened: by its path, who may write above it could have put another there since. */
struct opened {
	const char *path;
	int fd; /* O_PATH */
	struct stat st;
};

static char *set_owner(void *arg)
{
	const struct opened *dir = arg;

	return why_call(fchownat(dir->fd, "", 0, 0, AT_EMPTY_PATH) < 0, "chown", dir->path);
}

/* fchmod(2) takes no descriptor of O_PATH, and fchmodat(2) no empty path before Linux 6.6. */
static char *set_mode(void *arg)
{
	const struct opened *dir = arg;
	char *path = text("/proc/self/fd/%d", dir->fd);
	bool done = fchmodat(dir->fd, ".", 0755, 0) == 0;

	/* who may not go into it yet cannot name it from inside */
	if (!done && errno == EACCES)
		done = chmod(path, 0755) == 0;
	free(path);
	return why_call(!done, "chmod", dir->path);
}

static void look_at_access(struct doctor *doctor, struct opened *dir)
{
	const struct stat *st = &dir->st;
	const struct finding owner = {
		.kind = "wrong-owner",
		.remedy = "give it to root",
		.fix = set_owner,
		.arg = dir,
	};
	const struct finding mode = {
		.kind = "wrong-mode",
		.remedy = "set the mode to 755",
		.fix = set_mode,
		.arg = dir,
	};
	const struct finding of_all = {
		.kind = "wrong-mode",
		.remedy = "use another run directory; this one is for files of everybody",
	};
	/* as /tmp is */
	bool is_of_all = st->st_mode & S_ISVTX && strcmp(dir->path, netns_get_run_dir()) != 0;

	if (st->st_uid != 0)
		finding(doctor, &owner, "%s belongs to user %u, who can put anything there.",
			doctor->dir, st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		finding(doctor, is_of_all ? &of_all : &mode,
			"%s has mode %o: others than its owner can put anything there.",
			doctor->dir, st->st_mode & 07777u);
	else if ((st->st_mode & 0555) != 0555)
		finding(doctor, &mode, "%s has mode %o: not everybody can see the names.",
			doctor->dir, st->st_mode & 07777u);
}

/* Whoever can write to a directory above can put another in its place. */
static void look_above(struct doctor *doctor)
{
	const struct finding found = {
		.kind = "unsafe-parent",
		.remedy = "take the right to write from others, or use another run directory",
	};
	char *path = realpath(doctor->dir, NULL), *slash;
	struct stat st;

	if (!path)
		cannot_look(doctor, doctor->dir);
	while (path && (slash = strrchr(path, '/')) && path[1]) {
		slash[slash == path] = '\0';
		if (stat(path, &st) < 0)
			cannot_look(doctor, path);
		else if (st.st_uid != 0 ||
			 (st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX)))
			finding(doctor, &found,
				"%s, above the run directory, belongs to user %u and has mode %o: "
				"others "
				"than root can put another directory in its place.",
				path, st.st_uid, st.st_mode & 07777u);
	}
	free(path);
}

static void look_at_opened(struct doctor *doctor, struct opened *dir)
{
	/* another directory is used as it is */
	if (strcmp(dir->path, netns_get_run_dir()) == 0)
		look_at_mount(doctor);
	look_at_access(doctor, dir);
	look_above(doctor);
}

/* Asked of the library, which says why not: of all the names below, that is said once. */
static bool is_readable(struct doctor *doctor)
{
	struct netns_iter *it;
	int r = netns_iter_new(globals.run_dir, &it);

	if (r < 0) {
		explain(NULL, r);
		doctor->blind = true;
		return false;
	}
	netns_iter_free(it);
	return true;
}

bool look_at_directory(struct doctor *doctor)
{
	struct opened dir = {.path = doctor->dir};
	int error;

	dir.fd = directory_open(dir.path, &dir.st);
	error = errno;
	if (dir.fd >= 0) {
		look_at_opened(doctor, &dir);
		close(dir.fd);
	}
	/* what hides it may be a mount; else the first name makes it */
	if (dir.fd < 0 && error == ENOENT) {
		look_under(doctor);
		is_readable(doctor);
		return false;
	}
	if (!is_readable(doctor))
		return false;
	if (dir.fd < 0) {
		errno = error;
		cannot_look(doctor, dir.path);
		return false;
	}
	return true;
}
