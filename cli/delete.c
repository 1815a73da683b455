/* SPDX-License-Identifier: MIT */
/* netns delete */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "delete-wait.h"

/* What is to go: names of the command line and of the directory. */
struct selection {
	const char **v;
	size_t n;
};

static void select_name(struct selection *selection, const char *name)
{
	if ((selection->n & (selection->n + 1)) == 0)
		selection->v = need(
			reallocarray(selection->v, 2 * (selection->n + 1), sizeof(*selection->v)));
	selection->v[selection->n++] = name;
}

static bool is_there(const struct names *names, const char *word)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i].name, word) == 0)
			return true;
	return false;
}

static int select_matching(
	struct selection *selection, const struct names *names, const char *pattern)
{
	size_t before = selection->n;
	bool unknown = false;

	for (size_t i = 0; i < names->n; i++) {
		const struct name *name = &names->v[i];

		if (fnmatch(pattern, name->name, FNM_PERIOD) != 0)
			continue;
		unknown |= tell_unknown(name);
		if (name->state != NETNS_FOREIGN)
			select_name(selection, name->name);
	}
	if (selection->n == before && !unknown)
		message("no name matches '%s' (netns list)", pattern);
	return selection->n > before && !unknown ? STATUS_OK : STATUS_FAILED;
}

static int select_all(struct selection *selection, const struct names *names)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < names->n; i++)
		if (tell_unknown(&names->v[i]))
			status = STATUS_FAILED;
		else if (names->v[i].state == NETNS_FOREIGN)
			message("%s: no network namespace; left alone", names->v[i].name);
		else
			select_name(selection, names->v[i].name);
	return status;
}

static bool is_pattern(const char *word)
{
	return strpbrk(word, "*?[");
}

static bool holds_pattern(size_t n, char **words)
{
	for (size_t i = 0; i < n; i++)
		if (is_pattern(words[i]))
			return true;
	return false;
}

/* A word that is a name is that name, whatever characters it has. */
static int select_words(
	struct selection *selection, const struct names *names, size_t n, char **words)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < n; i++) {
		if (!is_pattern(words[i]) || is_there(names, words[i]))
			select_name(selection, words[i]);
		else if (select_matching(selection, names, words[i]) != STATUS_OK)
			status = STATUS_FAILED;
	}
	return status;
}

static int delete_one_by_one(const struct selection *selection, int *errors)
{
	int status = STATUS_OK;

	free(errors);
	for (size_t i = 0; i < selection->n; i++) {
		int r = netns_delete(globals.run_dir, selection->v[i]);

		if (r == 0)
			continue;
		status = STATUS_FAILED;
		if (r == -ETIMEDOUT) {
			explain_locked(selection->v[i], i + 1 < selection->n);
			break;
		}
		explain(selection->v[i], r);
	}
	return status;
}

/*
 * For the message; it may also succeed. Not where the reason is known and it would only wait as long
 * again, which somebody who may write to the directory, or open it, could do with each name.
 */
static int delete_again(const char *name, int error, bool *locked)
{
	if (error == -EBUSY) {
		message("%s: unmount or remove: %s (what is mounted there may be hidden, or "
			"somebody else keeps making this name: netns doctor)",
			name, strerror(EBUSY));
		return STATUS_FAILED;
	}
	if (!*locked)
		error = netns_delete(globals.run_dir, name);
	*locked |= error == -ETIMEDOUT;
	if (error < 0)
		explain(name, error);
	return error < 0 ? STATUS_FAILED : STATUS_OK;
}

enum { UNTOUCHED = 1 }; /* in place of an answer, which is never positive */

static int delete_selected(const struct selection *selection)
{
	int *errors = need(calloc(selection->n + 1, sizeof(*errors)));
	int status = STATUS_OK, interrupted, r;
	size_t left = 0, retried = 0;
	bool locked;

	errors[0] = UNTOUCHED;
	progress_begin();
	r = netns_delete_many(
		globals.run_dir, selection->v, selection->n, errors, progress_tell, NULL);
	interrupted = progress_end();
	if (r < 0 && selection->n > 0 && errors[0] == UNTOUCHED) /* one of the names is bad */
		return delete_one_by_one(selection, errors);
	locked = r == -ETIMEDOUT;
	for (size_t i = 0; i < selection->n; i++) {
		left += errors[i] == -ECANCELED;
		if (errors[i] == 0 || errors[i] == -ECANCELED)
			continue;
		retried++;
		if (delete_again(selection->v[i], errors[i], &locked) != STATUS_OK)
			status = STATUS_FAILED;
	}
	if (r < 0 && retried == 0 && left == 0) {
		explain(NULL, r);
		status = STATUS_FAILED;
	}
	if (left > 0) {
		message("interrupted; %zu of %zu names are left", left, selection->n);
		status = 128 + interrupted;
	}
	free(errors);
	return status;
}

struct wait {
	bool wanted;
	bool force;
	unsigned seconds;
};

enum { WAIT_SECONDS = 10 };

/* What has to stay is taken out of the selection. */
static int prepare(struct selection *selection, const struct wait *wait, struct deleted *deleted)
{
	size_t kept = 0;

	for (size_t i = 0; i < selection->n; i++) {
		deleted[kept].name = selection->v[i];
		if (delete_wait_prepare(selection->v[i], wait->force, &deleted[kept].inode) ==
			STATUS_OK)
			selection->v[kept++] = selection->v[i];
	}
	if (kept == selection->n)
		return STATUS_OK;
	selection->n = kept;
	return STATUS_FAILED;
}

static int delete_and_wait(struct selection *selection, const struct wait *wait)
{
	struct deleted *deleted = need(calloc(selection->n + 1, sizeof(*deleted)));
	int status = prepare(selection, wait, deleted);
	int r = delete_selected(selection);

	if (r == STATUS_OK)
		r = delete_wait(deleted, selection->n, wait->seconds);
	free(deleted);
	return r != STATUS_OK ? r : status;
}

static bool read_options(int argc, char **argv, struct wait *wait)
{
	bool all = globals.all;
	int c;

	while ((c = next_option(argc, argv)) != -1) {
		all = all || c == 'a';
		wait->wanted = wait->wanted || c == 'w';
		wait->force = wait->force || c == 'f';
		if (c == 'w' && optarg)
			wait->seconds = (unsigned)read_number(optarg, "--wait");
	}
	if (wait->force && !wait->wanted)
		usage_error("--force goes with --wait");
	if (all && optind < argc)
		usage_error("either names or --all");
	if (!all && optind == argc)
		usage_error("a name is missing");
	return all;
}

/* A run directory of `netns add --mount`: whatever is in it. */
static bool goes_as_one(void)
{
	struct netns_lease lease;

	return globals.run_dir && netns_dir_get_lease(globals.run_dir, &lease) == 0;
}

static int delete_as_one(void)
{
	int r = netns_dir_delete(globals.run_dir);

	if (r < 0)
		explain(NULL, r);
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

static int delete_these(struct selection *selection, const struct wait *wait)
{
	return wait->wanted ? delete_and_wait(selection, wait) : delete_selected(selection);
}

static int delete_all(const struct wait *wait)
{
	struct selection selection = {0};
	struct names names = {0};
	int status, selected;

	if (goes_as_one() && !wait->wanted)
		return delete_as_one();
	status = read_names(&names);
	if (status == STATUS_OK) {
		selected = select_all(&selection, &names);
		status = delete_these(&selection, wait);
		if (status == STATUS_OK)
			status = selected;
	}
	if (status == STATUS_OK && goes_as_one())
		status = delete_as_one();
	free(selection.v);
	free_names(&names);
	return status;
}

static int delete_words(size_t n, char **words, const struct wait *wait)
{
	struct selection selection = {0};
	struct names names = {0};
	int status = holds_pattern(n, words) ? read_names(&names) : STATUS_OK, r;

	/* of half the names it is not known what matches */
	if (status == STATUS_OK) {
		status = select_words(&selection, &names, n, words);
		r = delete_these(&selection, wait);
		status = r != STATUS_OK ? r : status;
	}
	free(selection.v);
	free_names(&names);
	return status;
}

static int delete_main(int argc, char **argv)
{
	struct wait wait = {.seconds = WAIT_SECONDS};

	return read_options(argc, argv, &wait)
		       ? delete_all(&wait)
		       : delete_words((size_t)(argc - optind), argv + optind, &wait);
}

static const struct cli_option options[] = {
	{'a', "all", NULL, "all names, the stale ones too", NULL},
	{'w', "wait", "[=SECONDS]",
		"remove the links first, so that their names are free, and\n"
		"wait until nobody holds the namespace; after so many\n"
		"seconds (else 10) say who does",
		"number"},
	{'f', "force", NULL, "with --wait: also when physical links are inside", NULL},
	{0},
};

const struct command delete_command = {
	.name = "delete",
	.usage = "[--wait[=SECONDS] [--force]] NAME... | PATTERN... | --all",
	.summary = "Remove names, and so the namespaces that nothing else uses",
	.details = "A namespace itself ends when nothing uses it any more: no process, open file,\n"
		   "socket, or other name. A quoted pattern stands for all names that match.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns delete web\n"
		    "  netns delete client server\n"
		    "  netns delete 'web-*'\n"
		    "  netns delete --wait web && netns link web2:eth0 host:veth0\n"
		    "  netns delete --all\n",
	.operands = "name...",
	.run = delete_main,
	.flags = FROM_IP | TAKES_ALL,
};
