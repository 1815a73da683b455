/* SPDX-License-Identifier: MIT */
/* Many namespaces made, and many names removed, at once. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "birth.h"
#include "cleanup.h"
#include "dir.h"
#include "error.h"
#include "handle.h"
#include "options.h"
#include "pin.h"
#include "random-name.h"
#include "rundir.h"
#include "workers.h"

#define ALL_FLAGS (NETNS_CREATE_KEEP | NETNS_CREATE_LO_UP | NETNS_BATCH_PARTIAL | NETNS_BATCH_MOUNT)

struct member {
	char *name;
	int error;     /* 0: made */
	char *message; /* of the error, which is another thread's; or NULL */
	struct pinned made;
};

struct netns_batch {
	char *dir;
	bool keep, lo_up, partial, random;
	bool mount;   /* the names have a file system of their own, */
	bool mounted; /* which is there, */
	char lease[LEASE_SIZE];
	size_t n;
	struct member members[];
};

/* ---- names ---- */

/* One %d or %u, with flags and a width, and %% as often as one likes. */
static bool pattern_is_good(const char *pattern)
{
	unsigned numbers = 0;

	for (const char *c = strchr(pattern, '%'); c; c = strchr(c, '%')) {
		c++;
		if (*c == '%') {
			c++;
			continue;
		}
		c += strspn(c, "0");
		if (strspn(c, "0123456789") > 2)
			return false;
		c += strspn(c, "0123456789");
		if (*c != 'd' && *c != 'u')
			return false;
		numbers++;
	}
	return numbers == 1;
}

static char *numbered_name(const char *pattern, unsigned number)
{
	char *name;

	/* checked by pattern_is_good() */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return asprintf(&name, pattern, number) < 0 ? NULL : name;
#pragma GCC diagnostic pop
}

static int name_member(const struct netns_batch_opts *opts, size_t i, struct member *member)
{
	char random[RANDOM_NAME_SIZE];
	int r = 0;

	if (opts->names) {
		member->name = opts->names[i] ? strdup(opts->names[i]) : NULL;
		if (!opts->names[i])
			return error_null("one of the names");
	} else if (opts->pattern) {
		member->name = numbered_name(opts->pattern, opts->first + (unsigned)i);
	} else {
		r = random_name(random);
		member->name = r < 0 ? NULL : strdup(random);
	}
	if (r < 0)
		return r;
	return member->name ? 0 : error_errno(-ENOMEM, "allocate a name");
}

static int check_opts(const struct netns_batch_opts *opts)
{
	if (opts->flags & ~ALL_FLAGS || opts->reserved)
		return error_text(-EINVAL, "create many: unknown flags 0x%x", opts->flags);
	if (opts->names && opts->pattern)
		return error_text(-EINVAL, "create many: names and a pattern");
	if (opts->pattern && (opts->first > INT_MAX || opts->n > INT_MAX - (size_t)opts->first))
		return error_text(-EINVAL, "create many: numbers above %d", INT_MAX);
	if (opts->pattern && !pattern_is_good(opts->pattern))
		return error_text(-EINVAL,
			"create many: the pattern '%s' is to have one number, such as %%d or %%04d",
			opts->pattern);
	return 0;
}

/* Nothing was made. */
static int refuse(struct netns_batch *batch, int r)
{
	batch->keep = true;
	netns_batch_free(batch);
	return r;
}

static int new_batch(const struct netns_batch_opts *opts, struct netns_batch **ret)
{
	struct netns_batch *batch;
	const char *dir = opts->dir;
	int r = rundir_check_dir(&dir);

	if (r < 0)
		return r;
	if (opts->n > (SIZE_MAX - sizeof(*batch)) / sizeof(struct member))
		return error_errno(-ENOMEM, "allocate a batch of %zu", opts->n);
	batch = calloc(1, sizeof(*batch) + opts->n * sizeof(struct member));
	if (!batch)
		return error_errno(-ENOMEM, "allocate a batch of %zu", opts->n);
	batch->keep = opts->flags & NETNS_CREATE_KEEP;
	batch->lo_up = opts->flags & NETNS_CREATE_LO_UP;
	batch->partial = opts->flags & NETNS_BATCH_PARTIAL;
	batch->mount = opts->flags & NETNS_BATCH_MOUNT;
	batch->random = !opts->names && !opts->pattern;
	batch->dir = strdup(dir);
	r = batch->dir ? 0 : error_errno(-ENOMEM, "allocate a batch of %zu", opts->n);
	for (; r == 0 && batch->n < opts->n; batch->n++) {
		struct member *member = &batch->members[batch->n];

		member->error = -ECANCELED; /* until it is begun */
		r = name_member(opts, batch->n, member);
		if (r == 0)
			r = rundir_check(&dir, member->name);
	}
	if (r < 0)
		return refuse(batch, r);
	*ret = batch;
	return 0;
}

/* ---- making ---- */

/* The thread that does this is born anew each time, and ends in the last of them. */
static int make_member(struct netns_batch *batch, struct member *member)
{
	int CLEANUP_FD fd = birth_here(member->name, batch->lo_up);
	int r;

	if (fd < 0)
		return fd;
	r = pin_identify(fd, &member->made);
	if (r < 0)
		return error_errno(r, "look at the new network namespace %s", member->name);
	return pin_create(batch->dir, member->name, !batch->keep && !batch->mount, fd);
}

static int make_one(size_t i, void *arg)
{
	struct netns_batch *batch = arg;
	struct member *member = &batch->members[i];

	member->error = make_member(batch, member);
	if (member->error)
		member->message = strdup(netns_errmsg());
	return batch->partial ? 0 : member->error;
}

/* What stands under a name by now is removed only if it is what was made. */
static int drop_some(const struct netns_batch *batch, struct member *const members[], size_t n)
{
	const char *names[PIN_AT_ONCE];
	struct pinned made[PIN_AT_ONCE];
	int errors[PIN_AT_ONCE], r;

	for (size_t i = 0; i < n; i++) {
		names[i] = members[i]->name;
		made[i] = members[i]->made;
	}
	r = pin_drop_some(batch->dir, names, made, n, errors);
	for (size_t i = 0; i < n; i++)
		if (errors[i] == 0)
			members[i]->error = -ENOENT;
	return r;
}

static int drop_one_by_one(struct netns_batch *batch)
{
	struct member *some[PIN_AT_ONCE];
	size_t n = 0;
	int r = 0, first = 0;

	/* after -ETIMEDOUT the others would wait as long */
	for (size_t i = 0; r != -ETIMEDOUT && i < batch->n; i++) {
		if (batch->members[i].error == 0)
			some[n++] = &batch->members[i];
		if (n > 0 && (n == PIN_AT_ONCE || i + 1 == batch->n)) {
			r = drop_some(batch, some, n);
			first = first ? first : r;
			n = 0;
		}
	}
	return first;
}

/*
 * All at once, if the file system there is still the batch's. What is in another one is another's,
 * though it may have the names, and even the inode numbers, which are given anew.
 */
static int drop_directory(struct netns_batch *batch)
{
	int r = batch->mounted ? dir_delete(batch->dir, batch->lease) : 0;

	if (r < 0 && r != -ESTALE)
		return r;
	batch->mounted = false;
	/* somebody unmounted it while the names were made: some may be in what was below */
	if (r == 0)
		return drop_one_by_one(batch);
	for (size_t i = 0; i < batch->n; i++)
		if (batch->members[i].error == 0)
			batch->members[i].error = -ENOENT;
	return 0;
}

int netns_batch_delete(struct netns_batch *batch)
{
	if (!batch)
		return error_null("the batch");
	return batch->mount ? drop_directory(batch) : drop_one_by_one(batch);
}

static int say_why(const struct netns_batch *batch, int r)
{
	if (r > 0)
		return error_text(
			-ECANCELED, "create many network namespaces: stopped by the caller");
	for (size_t i = 0; i < batch->n; i++)
		if (batch->members[i].error == r && batch->members[i].message)
			return error_text(r, "%s", batch->members[i].message);
	error_errno(r, "create %s%s: make a thread", batch->members[0].name,
		batch->n > 1 ? " and others" : "");
	return error_advise(r, advice_on_thread(r));
}

static int mount_directory(struct netns_batch *batch)
{
	int r;

	if (!batch->mount)
		return 0;
	r = dir_mount(batch->dir, !batch->keep, batch->lease);
	batch->mounted = r == 0;
	return r;
}

/* With the message of the first that failed, from the thread on which it was. */
static int give_up(struct netns_batch *batch, int r)
{
	batch->keep = false;
	netns_batch_delete(batch);
	r = say_why(batch, r);
	netns_batch_free(batch);
	return r;
}

int netns_create_many(const struct netns_batch_opts *given, struct netns_batch **ret)
{
	struct netns_batch_opts opts = {.size = sizeof(opts)};
	struct netns_batch *batch = NULL;
	int r;

	if (!given || !ret)
		return error_null(given ? "the batch" : "the options");
	r = options_read(given, &opts, sizeof(opts), "create many");
	if (r == 0)
		r = check_opts(&opts);
	if (r == 0)
		r = new_batch(&opts, &batch);
	if (r < 0)
		return r;
	r = mount_directory(batch);
	if (r < 0)
		return refuse(batch, r);
	r = workers_run(&(struct work){.do_one = make_one,
		.arg = batch,
		.n = batch->n,
		.threads = opts.threads,
		.progress = opts.progress,
		.progress_arg = opts.arg});
	if (r < 0 || (r > 0 && !batch->partial))
		return give_up(batch, r);
	*ret = batch;
	return 0;
}

size_t netns_batch_get_count(const struct netns_batch *batch)
{
	return batch ? batch->n : 0;
}

const char *netns_batch_get_name(const struct netns_batch *batch, size_t i)
{
	return batch && i < batch->n ? batch->members[i].name : NULL;
}

int netns_batch_get_error(const struct netns_batch *batch, size_t i)
{
	return batch && i < batch->n ? batch->members[i].error : -EINVAL;
}

void netns_batch_free(struct netns_batch *batch)
{
	if (!batch)
		return;
	if (!batch->keep)
		netns_batch_delete(batch);
	for (size_t i = 0; i < batch->n; i++) {
		free(batch->members[i].message);
		free(batch->members[i].name);
	}
	free(batch->dir);
	free(batch);
}

/* ---- removing ---- */

int netns_delete_many(const char *dir, const char *const names[], size_t n, int errors[],
	netns_progress_fn progress, void *arg)
{
	int r = rundir_check_dir(&dir);

	if (r < 0)
		return r;
	if (n > 0 && !names)
		return error_null("the names");
	for (size_t i = 0; i < n; i++) {
		r = rundir_check(&dir, names[i]);
		if (r < 0)
			return r;
	}
	return pin_delete_many(dir, names, n, errors, progress, arg);
}
