/* SPDX-License-Identifier: MIT */

#include "birth.h"
#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "options.h"
#include "pin.h"
#include "random-name.h"
#include "rundir.h"

#define ALL_FLAGS (NETNS_CREATE_KEEP | NETNS_CREATE_UNPINNED | NETNS_CREATE_LO_UP)

/* More than a few same names in a row is no chance. */
#define RANDOM_TRIES 16

static int check_opts(struct netns_create_opts *opts)
{
	bool unpinned = opts->flags & NETNS_CREATE_UNPINNED;

	if (opts->flags & ~ALL_FLAGS || opts->reserved)
		return error_text(-EINVAL, "create: unknown flags 0x%x", opts->flags);
	if (unpinned && (opts->name || opts->flags & NETNS_CREATE_KEEP))
		return error_text(-EINVAL, "create %s: unpinned, and so without a name to keep",
			opts->name ? opts->name : "a network namespace");
	return opts->name ? rundir_check(&opts->dir, opts->name) : rundir_check_dir(&opts->dir);
}

/* The handle is made first: pinning is the last thing that can fail. */
static int pin_as(const char *dir, const char *name, bool leased, int fd, struct netns **ret)
{
	struct netns *ns = handle_new_in(dir, name);
	int r;

	if (!ns)
		return error_errno(-ENOMEM, "allocate a handle");
	r = pin_create(dir, name, leased, fd);
	if (r < 0) {
		free(ns);
		return r;
	}
	*ret = ns;
	return 0;
}

static int pin_randomly(const char *dir, bool leased, int fd, struct netns **ret)
{
	char name[RANDOM_NAME_SIZE];
	int r, tries = RANDOM_TRIES;

	do {
		r = random_name(name);
		if (r == 0)
			r = pin_as(dir, name, leased, fd, ret);
	} while (r == -EEXIST && --tries > 0);
	return r;
}

static int make_handle(const struct netns_create_opts *opts, int fd, struct netns **ret)
{
	bool leased = !(opts->flags & NETNS_CREATE_KEEP);

	if (opts->name)
		return pin_as(opts->dir, opts->name, leased, fd, ret);
	if (!(opts->flags & NETNS_CREATE_UNPINNED))
		return pin_randomly(opts->dir, leased, fd, ret);

	*ret = handle_new(NULL);
	return *ret ? 0 : error_errno(-ENOMEM, "allocate a handle");
}

int netns_create(const struct netns_create_opts *given, struct netns **ret)
{
	struct netns_create_opts opts = {.size = sizeof(opts)};
	struct netns *ns = NULL;
	int CLEANUP_FD fd = -1;
	int r = 0;

	if (!ret)
		return error_null("the handle to be created");
	if (given)
		r = options_read(given, &opts, sizeof(opts), "create");
	if (r == 0)
		r = check_opts(&opts);
	if (r < 0)
		return r;

	fd = birth_netns(opts.name, opts.flags & NETNS_CREATE_LO_UP);
	if (fd < 0)
		return fd;
	r = make_handle(&opts, fd, &ns);
	if (r < 0)
		return r;

	ns->fd = TAKE_FD(fd);
	ns->owns_pin = !(opts.flags & (NETNS_CREATE_KEEP | NETNS_CREATE_UNPINNED));
	*ret = ns;
	return 0;
}
