/* SPDX-License-Identifier: MIT */
/* netns list-id */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { NONE = -1 };

/* The names, and the nsids that this namespace has for what is behind them. */
struct known {
	struct names names;
	int *nsid;
};

static int learn(struct known *known)
{
	int status = read_known_names(&known->names);
	struct nsids nsids = {0};

	known->nsid = need(calloc(known->names.n + 1, sizeof(*known->nsid)));
	for (size_t i = 0; i < known->names.n; i++)
		known->nsid[i] = nsid_of(&nsids, &known->names.v[i]);
	nsids_end(&nsids);
	return status;
}

static void forget(struct known *known)
{
	free_names(&known->names);
	free(known->nsid);
}

static const char *name_with(const struct known *known, int nsid)
{
	for (size_t i = 0; nsid != NONE && i < known->names.n; i++)
		if (known->nsid[i] == nsid)
			return known->names.v[i].name;
	return NULL;
}

static void print_number(const char *what, int nsid)
{
	if (nsid == NONE)
		printf("%s unassigned ", what);
	else
		printf("%s %d ", what, nsid);
}

/* As ip(8) has it, with the blank at the end. */
static void print_line(const struct netns_nsid *pair, bool of_target, const char *name)
{
	print_number("nsid", pair->nsid);
	if (of_target)
		print_number("current-nsid", pair->current);
	if (name) {
		char *safe = escape(name, escape_for(STDOUT_FILENO));

		printf("(iproute2 netns name: %s)", safe);
		free(safe);
	}
	putchar('\n');
}

static void print_object(const struct netns_nsid *pair, bool of_target, const char *name)
{
	json_object_begin();
	if (pair->nsid != NONE)
		json_number("nsid", (uint64_t)pair->nsid);
	if (of_target && pair->current != NONE)
		json_number("current-nsid", (uint64_t)pair->current);
	if (name)
		json_string("name", name);
	json_object_end();
}

static int print(const struct netns_nsid *pairs, size_t n, bool of_target)
{
	struct known known;
	int status = learn(&known);

	if (globals.json)
		json_begin();
	for (size_t i = 0; i < n; i++)
		(globals.json ? print_object : print_line)(
			&pairs[i], of_target, name_with(&known, pairs[i].current));
	if (globals.json)
		json_end();
	forget(&known);
	return tell_missing() != STATUS_OK ? STATUS_FAILED : status;
}

static int by_nsid(const void *a, const void *b)
{
	const struct netns_nsid *x = a, *y = b;

	return (x->nsid > y->nsid) - (x->nsid < y->nsid);
}

static int list(int target, struct netns_nsid **ret)
{
	int n = netns_list_nsids(target, ret);

	if (n < 0)
		message("%s", netns_errmsg());
	else if (n > 0)
		qsort(*ret, (size_t)n, sizeof(**ret), by_nsid);
	return n;
}

/* The one that this namespace calls `here`: what the target calls it. */
static struct netns_nsid find(const struct netns_nsid *pairs, int n, int here)
{
	for (int i = 0; i < n; i++)
		if (pairs[i].current == here)
			return pairs[i];
	return (struct netns_nsid){.nsid = NONE, .current = here};
}

static int list_one(int target, int nsid)
{
	struct netns_nsid *pairs, found;
	int n = list(NONE, &pairs);

	if (n < 0)
		return STATUS_FAILED;
	found = find(pairs, n, nsid);
	free(pairs);
	if (found.nsid == NONE) {
		message("no namespace has the nsid %d here", nsid);
		return STATUS_FAILED;
	}
	if (target != NONE) {
		n = list(target, &pairs);
		if (n < 0)
			return STATUS_FAILED;
		found = find(pairs, n, nsid);
		free(pairs);
	}
	return print(&found, 1, target != NONE);
}

static int list_all(int target)
{
	struct netns_nsid *pairs;
	int n = list(target, &pairs), status;

	if (n < 0)
		return STATUS_FAILED;
	status = print(pairs, (size_t)n, target != NONE);
	free(pairs);
	return status;
}

static void read_keyword(char **argv, const char *keyword, int *number)
{
	if (*number != NONE)
		usage_error("'%s' twice", keyword);
	if (!argv[1])
		usage_error("a number is missing after '%s'", keyword);
	*number = read_number(argv[1], "an nsid");
}

static int list_id_main(int argc, char **argv)
{
	int target = NONE, nsid = NONE, c;

	while ((c = next_option(argc, argv)) != -1)
		json_option(c);
	for (argv += optind; *argv; argv += 2) {
		if (strcmp(*argv, "target-nsid") == 0)
			read_keyword(argv, *argv, &target);
		else if (strcmp(*argv, "nsid") == 0)
			read_keyword(argv, *argv, &nsid);
		else
			usage_error("'target-nsid' or 'nsid' is expected, not '%s'", *argv);
	}
	return nsid == NONE ? list_all(target) : list_one(target, nsid);
}

static const struct cli_option options[] = {
	JSON_OPTIONS,
	{0},
};

const struct command list_id_command = {
	.name = "list-id",
	.usage = "[--json] [target-nsid NSID] [nsid NSID]",
	.summary = "Show the numbers by which this namespace knows others",
	.details = "With 'target-nsid', those of the namespace that has this number here. With "
		   "'nsid',\n"
		   "only what is known about the one that has this number here.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns list-id\n"
		    "  netns list-id nsid 5\n"
		    "  netns list-id target-nsid 5\n"
		    "  netns --netns web list-id        as seen from 'web'\n",
	.operands = "words:target-nsid,nsid number...",
	.run = list_id_main,
	.flags = FROM_IP,
};
