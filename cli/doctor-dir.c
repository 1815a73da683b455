/* SPDX-License-Identifier: MIT */
/* The run directory itself: its mount, its owner, its mode. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
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

static char *set_owner(void *arg)
{
	return why_call(chown(arg, 0, 0) < 0, "chown", arg);
}

static char *set_mode(void *arg)
{
	return why_call(chmod(arg, 0755) < 0, "chmod", arg);
}

static void look_at_access(struct doctor *doctor, const struct stat *st)
{
	const struct finding owner = {
		.kind = "wrong-owner",
		.remedy = "give it to root",
		.fix = set_owner,
		.arg = (void *)doctor->dir,
	};
	const struct finding mode = {
		.kind = "wrong-mode",
		.remedy = "set the mode to 755",
		.fix = set_mode,
		.arg = (void *)doctor->dir,
	};

	if (st->st_uid != 0)
		finding(doctor, &owner, "%s belongs to user %u, who can put anything there.",
			doctor->dir, st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		finding(doctor, &mode,
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

void look_at_directory(struct doctor *doctor)
{
	struct stat st;

	if (stat(doctor->dir, &st) < 0) {
		if (errno != ENOENT)
			cannot_look(doctor, doctor->dir);
		return; /* the first name makes it */
	}
	/* another directory is used as it is */
	if (strcmp(doctor->dir, netns_get_run_dir()) == 0)
		look_at_mount(doctor);
	look_at_access(doctor, &st);
	look_above(doctor);
}
