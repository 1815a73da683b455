/* SPDX-License-Identifier: MIT */
/* What a handle is made of. */
#ifndef HANDLE_H
#define HANDLE_H

#include <stdbool.h>

#include "netns.h"

struct netns {
	int fd;           /* -1: closed */
	bool owns_pin;    /* path names a pin that goes with the handle */
	bool borrows_fd;  /* fd is somebody else's to close */
	const char *path; /* NULL: it has none */
	const char *name; /* the last component of path, when it is in a run directory */
};

/* One block with the strings behind it; the fd is still to be set. All three may be NULL. */
struct netns *handle_new(const char *path);
struct netns *handle_new_in(const char *dir, const char *name);

void handle_cleanup(struct netns **ns);
#define CLEANUP_HANDLE CLEANUP(handle_cleanup)

/* The descriptor of an open handle; else -EINVAL or -EBADF, with the message set. */
int handle_fd(const struct netns *ns);

/* For messages: the path, or a word for a handle without one. */
const char *handle_label(const struct netns *ns);

#endif
