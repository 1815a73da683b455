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

/* What is to be done with a name, and what has come of it. */
struct leftover {
	unsigned kind; /* NETNS_COLLECT_*; 0: none */
	pid_t pid;     /* that has made an orphan */
	bool removed;
};

struct gc {
	const char *dir;
	bool dry_run;
	unsigned what; /* NETNS_COLLECT_* */
	size_t found;
	struct names names;         /* what may go is stale; an orphan is taken for it */
	struct leftover *leftovers; /* of each of the names */
};

static const char *kind_word(unsigned kind)
{
	return kind == NETNS_COLLECT_STALE ? "stale" : "orphaned";
}

static void report(struct gc *gc, const char *name, unsigned kind, pid_t pid)
{
	char *safe;

	gc->found++;
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

static struct leftover *leftover_of(const struct gc *gc, const struct name *name)
{
	return &gc->leftovers[name - gc->names.v];
}

/* ---- which may go ---- */

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

static int judge(struct gc *gc, struct name *name)
{
	struct leftover *leftover = leftover_of(gc, name);

	if (tell_unknown(name))
		return STATUS_FAILED;
	if (name->state == NETNS_STALE && !is_being_made(gc->dir, name))
		leftover->kind = NETNS_COLLECT_STALE;
	else if (name->state == NETNS_LIVE && gc->what & NETNS_COLLECT_ORPHANED)
		leftover->pid = orphaned_by(name);
	if (leftover->pid > 0)
		leftover->kind = NETNS_COLLECT_ORPHANED;
	/* its file goes as well, so it is looked for as those of the stale ones are */
	name->state = leftover->kind ? NETNS_STALE : NETNS_FOREIGN;
	return leftover->pid < 0 ? STATUS_FAILED : STATUS_OK;
}

static int judge_all(struct gc *gc)
{
	int status = STATUS_OK;

	gc->leftovers = need(calloc(gc->names.n + 1, sizeof(*gc->leftovers)));
	for (size_t i = 0; i < gc->names.n; i++)
		if (judge(gc, &gc->names.v[i]) != STATUS_OK)
			status = STATUS_FAILED;
	return status;
}

/* What is a pin elsewhere stays; but an orphan's copies are the same namespace. */
static void spare(const struct elsewhere *found, void *arg)
{
	struct name *name = found->name;
	char *where;

	if (leftover_of(arg, name)->kind == NETNS_COLLECT_ORPHANED &&
		found->inode == name->inode.ino)
		return;
	where = found->here  ? text("at %s", found->here)
		: found->pid ? text("where process %s is", found->pid)
			     : text("in mount namespace %ju", (uintmax_t)found->mounts);
	message("%s: left alone: mounted %s (netns doctor)", name->name, where);
	free(where);
	name->state = NETNS_FOREIGN;
}

/* Nor does what was mounted over go. */
static void spare_hidden(struct name *name)
{
	message("%s: left alone: what is mounted there is hidden (netns doctor)", name->name);
	name->state = NETNS_FOREIGN;
}

/*
 * What may be a pin as well, since it could not be looked everywhere. Not an orphan: who is not root
 * can never look everywhere, and it is known to have been a name of here.
 */
static int spare_all_stale(struct gc *gc, const char *why_not)
{
	size_t spared = 0;

	for (size_t i = 0; i < gc->names.n; i++)
		if (gc->names.v[i].state == NETNS_STALE &&
			gc->leftovers[i].kind == NETNS_COLLECT_STALE) {
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
	char *why_not = each_elsewhere(gc->dir, &gc->names, spare, gc);

	if (r < 0 && !why_not)
		why_not = text("/proc/self/mountinfo: %s", strerror(-r));
	if (why_not)
		status = spare_all_stale(gc, why_not);
	free(why_not);
	return status;
}

static void spare_what_is_not_made_for_names(struct gc *gc)
{
	size_t n = spare_unlikely(gc->dir, &gc->names);

	if (n > 0)
		message("%s: %zu empty %s left alone, not made for names", gc->dir, n,
			n == 1 ? "file" : "files");
}

/* ---- and goes ---- */

static int collect(struct gc *gc, const struct name *name)
{
	struct leftover *leftover = leftover_of(gc, name);
	int r = 1;

	if (name->state != NETNS_STALE)
		return STATUS_OK;
	if (!gc->dry_run)
		r = netns_collect(
			globals.run_dir, name->name, leftover->kind | NETNS_COLLECT_LOCKED);
	if (r < 0)
		explain(name->name, r);
	leftover->removed = r > 0;
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

static int collect_all(struct gc *gc)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < gc->names.n; i++)
		if (collect(gc, &gc->names.v[i]) != STATUS_OK)
			status = STATUS_FAILED;
	return status;
}

/*
 * From the look to the removal nobody makes a name, in whatever mount namespace: what was stale when
 * all of them were looked at could be a name by the time that its file is removed. Nothing is said
 * meanwhile, for who reads it may be slow.
 */
static int look_again_and_collect(struct gc *gc)
{
	int lock, status;
	char *why_not = directory_lock(gc->dir, &lock);

	if (why_not) {
		message("%s; nothing was removed", why_not);
		free(why_not);
		return STATUS_FAILED;
	}
	hold_messages();
	status = spare_pins(gc);
	if (collect_all(gc) != STATUS_OK)
		status = STATUS_FAILED;
	close(lock);
	release_messages();
	return status;
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
	return 1;
}

static int collect_names(struct gc *gc)
{
	int status = read_settled_names(gc->dir, &gc->names);

	spare_what_is_not_made_for_names(gc);
	if (judge_all(gc) != STATUS_OK)
		status = STATUS_FAILED;
	if (spare_pins(gc) != STATUS_OK)
		status = STATUS_FAILED;
	if (has_stale(&gc->names) &&
		(gc->dry_run ? collect_all(gc) : look_again_and_collect(gc)) != STATUS_OK)
		status = STATUS_FAILED;
	for (size_t i = 0; i < gc->names.n; i++)
		if (gc->leftovers[i].removed)
			report(gc, gc->names.v[i].name, gc->leftovers[i].kind,
				gc->leftovers[i].pid);
	free(gc->leftovers);
	free_names(&gc->names);
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
