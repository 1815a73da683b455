/* SPDX-License-Identifier: MIT */
/* The mounts of a mount namespace: proc_pid_mountinfo(5). */
#ifndef MOUNTINFO_H
#define MOUNTINFO_H

#include <stdbool.h>

struct mountinfo {
	int id;
	int parent;      /* the mount that it is mounted on */
	unsigned group;  /* of peers, that it is in; 0: none */
	unsigned master; /* the group that it gets mounts from; 0: none */
	char *device;    /* of the file system, "major:minor" */
	char *root;      /* what of the file system is mounted */
	char *target;    /* where, as the process sees it */
	char *type;      /* of the file system */
};

/* The strings are still escaped, and the function's to change. */
typedef void mountinfo_fn(struct mountinfo *mount, void *arg);

/* Calls fn for each mount in the file at path, looked for from directory. 0 or a negative errno. */
int mountinfo_read(int directory, const char *path, mountinfo_fn *fn, void *arg);

/* The same, of one that was opened. */
int mountinfo_read_open(int fd, mountinfo_fn *fn, void *arg);

/* In its place: blanks, and whatever else the kernel writes as octal. */
void mountinfo_unescape(char *s);

#endif
