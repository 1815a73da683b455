/* SPDX-License-Identifier: MIT */
/* netns gc: what crashes have left in the run directory */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "directory.h"
#include "elsewhere.h"
#include "pins.h"
#include "settled.h"

struct gc {
	const char *dir;
	bool dry_run;
	unsigned what; /* NETNS_COLLECT_* */
	size_t found;
	struct names names;
};

static const char *kind_word(unsigned kind)
{
	return kind == NETNS_COLLECT_STALE ? "stale" : "orphaned";
}

static void report(const struct gc *gc, const char *name, unsigned kind, pid_t pid)
{
	char *safe;

	if (globals.json) {
		json_object_begin();
		json_string("name", name);
		json_string("reason", kind_word(kind));
		if (pid)
			json_number("pid", (uint64_t)pid);
		json_object_end();
		return;
	}
	safe = escape(name, escape_for(STDOUT_FILENO));
	printf("%s %s: ", gc->dry_run ? "would remove" : "removed", safe);
	if (kind == NETNS_COLLECT_STALE)
		puts("stale, its namespace is gone");
	else
		printf("orphaned, process %d that made it is gone\n", pid);
	free(safe);
}

/* A status. */
static int collect(struct gc *gc, const struct name *name, unsigned kind, pid_t pid)
{
	int r = 1;

	if (!gc->dry_run)
		r = netns_collect(globals.run_dir, name->name, kind | NETNS_COLLECT_LOCKED);
	if (r < 0) {
		explain(name->name, r);
		return STATUS_FAILED;
	}
	if (r > 0) {
		report(gc, name->name, kind, pid);
		gc->found++;
	}
	return STATUS_OK;
}

/* What is a pin elsewhere is marked as what is left alone. */
static void spare(const struct elsewhere *found, void *arg)
{
	char *where = found->here  ? text("at %s", found->here)
		      : found->pid ? text("where process %s is", found->pid)
				   : text("in mount namespace %ju", (uintmax_t)found->mounts);

	(void)arg;
	message("%s: left alone: mounted %s (netns doctor)", found->name->name, where);
	free(where);
	found->name->state = NETNS_FOREIGN;
}

/* Nor is what was mounted over. */
static void spare_hidden(struct name *name)
{
	message("%s: left alone: what is mounted there is hidden (netns doctor)", name->name);
	name->state = NETNS_FOREIGN;
}

/* What may be a pin as well, since it could not be looked everywhere. */
static int spare_all(struct gc *gc, const char *why_not)
{
	size_t spared = 0;

	for (size_t i = 0; i < gc->names.n; i++)
		if (gc->names.v[i].state == NETNS_STALE) {
			gc->names.v[i].state = NETNS_FOREIGN;
			spared++;
		}
	if (spared == 0)
		return STATUS_OK;
	message("%zu stale left alone, which may be mounted elsewhere: %s (" TO_LOOK_EVERYWHERE ")",
		spared, why_not);
	return STATUS_FAILED;
}

static int spare_pins(struct gc *gc)
{
	int r = pins_each_hidden(gc->dir, &gc->names, spare_hidden), status = STATUS_OK;
	char *why_not = each_elsewhere(gc->dir, &gc->names, spare, NULL);

	if (r < 0 && !why_not)
		why_not = text("/proc/self/mountinfo: %s", strerror(-r));
	if (why_not)
		status = spare_all(gc, why_not);
	free(why_not);
	return status;
}

static int collect_stale(struct gc *gc)
{
	int status = spare_pins(gc);

	for (size_t i = 0; i < gc->names.n; i++)
		if (gc->names.v[i].state == NETNS_STALE &&
			!is_being_made(gc->dir, &gc->names.v[i]) &&
			collect(gc, &gc->names.v[i], NETNS_COLLECT_STALE, 0) != STATUS_OK)
			status = STATUS_FAILED;
	return status;
}

/* The process that made it and is gone; 0: it is no orphan, or -1 after an error. */
static pid_t orphaned_by(const struct name *name)
{
	struct netns_lease lease;
	int r = netns_get_lease(globals.run_dir, name->name, &lease);

	if (r == -ENOENT || r == -EMEDIUMTYPE) /* gone since */
		return 0;
	if (r == 0)
		return lease.state == NETNS_LEASE_ORPHANED ? lease.pid : 0;
	explain(name->name, r);
	return -1;
}

/* Another has given its file a meaning there; the same namespace is a copy of what is here. */
static void spare_if_other(const struct elsewhere *found, void *arg)
{
	if (found->inode != found->name->inode.ino)
		spare(found, arg);
}

/* Their names are looked for as those of empty files are, since the file goes as well. */
static int collect_orphans(struct gc *gc)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < gc->names.n; i++) {
		struct name *name = &gc->names.v[i];
		pid_t pid = name->state == NETNS_LIVE ? orphaned_by(name) : 0;

		name->state = pid > 0 ? NETNS_STALE : NETNS_FOREIGN;
		if (pid < 0)
			status = STATUS_FAILED;
	}
	/* where it cannot be looked there may be another; but who is no root could clean up nothing */
	free(each_elsewhere(gc->dir, &gc->names, spare_if_other, NULL));
	for (size_t i = 0; i < gc->names.n; i++) {
		struct name *name = &gc->names.v[i];
		pid_t pid = name->state == NETNS_STALE ? orphaned_by(name) : 0;

		if (pid > 0 && collect(gc, name, NETNS_COLLECT_ORPHANED, pid) != STATUS_OK)
			status = STATUS_FAILED;
	}
	return status;
}

static void spare_what_is_not_made_for_names(struct gc *gc)
{
	size_t n = spare_unlikely(gc->dir, &gc->names);

	if (n > 0)
		message("%s: %zu empty %s left alone, not made for names", gc->dir, n,
			n == 1 ? "file" : "files");
}

/* A directory of names that a program had for itself goes as one. -1 after an error. */
static int collect_directory(struct gc *gc)
{
	struct netns_lease lease;
	int r;

	if (!globals.run_dir || !(gc->what & NETNS_COLLECT_ORPHANED) ||
		netns_dir_get_lease(globals.run_dir, &lease) < 0 ||
		lease.state != NETNS_LEASE_ORPHANED)
		return 0;
	r = gc->dry_run ? 1 : netns_dir_collect(globals.run_dir);
	if (r < 0)
		explain(NULL, r);
	if (r <= 0)
		return r < 0 ? -1 : 0;
	report(gc, globals.run_dir, NETNS_COLLECT_ORPHANED, lease.pid);
	gc->found++;
	return 1;
}

/*
 * From the first look to the last removal nobody makes a name, in whatever mount namespace: what was
 * stale when all of them were looked at could be a name by the time that its file is removed.
 */
static int lock_and_read_again(struct gc *gc, int *lock)
{
	char *why_not = directory_lock(gc->dir, lock);

	if (why_not) {
		message("%s; nothing was removed", why_not);
	}
	free(why_not);
	free_names(&gc->names);
	gc->names = (struct names){0};
	if (*lock < 0)
		return STATUS_FAILED;
	return read_names(&gc->names);
}

static int collect_names(struct gc *gc)
{
	int status = read_settled_names(gc->dir, &gc->names), lock = -1;
	bool orphans = gc->what & NETNS_COLLECT_ORPHANED && gc->names.n > 0;

	if (!gc->dry_run && (orphans || has_stale(&gc->names)))
		status = lock_and_read_again(gc, &lock);
	for (size_t i = 0; i < gc->names.n; i++)
		if (tell_unknown(&gc->names.v[i]))
			status = STATUS_FAILED;
	spare_what_is_not_made_for_names(gc);
	if (collect_stale(gc) != STATUS_OK)
		status = STATUS_FAILED;
	if (orphans && collect_orphans(gc) != STATUS_OK)
		status = STATUS_FAILED;
	free_names(&gc->names);
	if (lock >= 0)
		close(lock);
	return status;
}

static int gc_main(int argc, char **argv)
{
	struct gc gc = {.what = NETNS_COLLECT_STALE};
	int c, status = STATUS_OK, r;

	while ((c = next_option(argc, argv)) != -1) {
		if (c == 'n')
			gc.dry_run = true;
		else if (c == 'o')
			gc.what |= NETNS_COLLECT_ORPHANED;
		globals.json = globals.json || c == 'j';
		globals.pretty = globals.pretty || c == 'p';
	}
	if (optind < argc)
		usage_error("takes no name: '%s'", argv[optind]);
	if (globals.json)
		json_begin();
	gc.dir = globals.run_dir ? globals.run_dir : netns_get_run_dir();
	r = collect_directory(&gc);
	if (r < 0)
		status = STATUS_FAILED;
	else if (r == 0)
		status = collect_names(&gc);
	if (globals.json)
		json_end();
	else if (gc.found == 0 && status == STATUS_OK && isatty(STDOUT_FILENO))
		puts("Nothing was left behind.");
	return status;
}

static const struct cli_option options[] = {
	{'n', "dry-run", NULL, "only say what would be removed", NULL},
	{'o', "orphans", NULL,
		"also the names that were to go with a process which is\n"
		"gone: of 'netns run --name', and those that programs made\n"
		"for themselves by the library",
		NULL},
	{'j', "json", NULL, "an array of objects with name, reason and pid", NULL},
	{'p', "pretty", NULL, "with --json: indented", NULL},
	{0},
};

const struct command gc_command = {
	.name = "gc",
	.usage = "[--dry-run] [--orphans]",
	.summary = "Remove names that crashes have left",
	.details = "Removes stale names: files without a namespace, older than a second. Nothing "
		   "that\n"
		   "is in use is touched.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns gc --dry-run --orphans\n"
		    "  netns gc --orphans --json | jq length\n",
	.run = gc_main,
};
