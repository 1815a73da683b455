/* SPDX-License-Identifier: MIT */
/* netns show */
#include <getopt.h>
#include <stdlib.h>

#include "cli.h"
#include "holders.h"
#include "list.h"
#include "show-network.h"
#include "subject.h"

static void print_holders(const struct namespace *ns)
{
	struct selection selection = {0};
	struct holders holders;
	struct table table;

	find_holders(&holders, ns);
	table = holders_table(&holders, &selection);
	if (globals.json) {
		json_array_begin("holders");
		print_json_objects(&table);
		json_array_end();
	} else if (holders.n > 0) {
		putchar('\n');
		print_table(&table);
	}
	free_holders(&holders);
}

static void show(struct topology *topology, const struct namespace *ns, bool first)
{
	if (globals.json)
		json_object_begin();
	else if (!first)
		putchar('\n');
	print_namespace(ns);
	show_network(topology, ns);
	print_holders(ns);
	if (globals.json)
		json_object_end();
}

static int show_each(const struct census *census, char **specs)
{
	struct topology topology;
	bool first = true;
	int status = STATUS_OK, r = read_topology(&topology, census);

	/* a user who may not see the links is told the rest, and nothing is wrong with that */
	note_missing("the links", r);
	if (globals.json)
		json_begin();
	for (; *specs; specs++) {
		const struct namespace *ns = find_subject(census, *specs);

		if (ns)
			show(&topology, ns, first);
		else
			status = STATUS_FAILED;
		first = first && !ns;
	}
	if (globals.json)
		json_end();
	topology_end(&topology);
	return tell_missing() != STATUS_OK ? STATUS_FAILED : status;
}

/* Without a namespace, it is another word for list, as in ip-netns(8). */
static int list(int argc, char **argv)
{
	optind = 0;
	current = &list_command;
	return current->run(argc, argv);
}

static int show_main(int argc, char **argv)
{
	bool lists = globals.all;
	struct census census;
	int c, status;

	while ((c = next_option(argc, argv)) != -1) {
		json_option(c);
		lists |= c != 'j' && c != 'p';
	}
	if (optind == argc)
		return list(argc, argv);
	if (lists)
		usage_error("with a namespace, only --json and --pretty");
	status = take_census(&census, EACH_MOUNT);
	if (status == STATUS_OK)
		status = show_each(&census, argv + optind);
	tell_hidden(&census);
	free_census(&census);
	return status;
}

const struct command show_command = {
	.name = "show",
	.usage = "[--json] NAME...\n"
		 "       netns show [the options of list]",
	.summary = "Show all that is known about a network namespace",
	.details =
		"Its names, numbers, owner and links, and everybody who holds it. Without NAME it\n"
		"is another word for 'list'.\n",
	.options = list_options,
	.examples = "Examples:\n"
		    "  netns show web\n"
		    "  netns show host pid:1234\n"
		    "  netns show --json web | jq '.[0].holders'\n",
	.operands = "spec...",
	.run = show_main,
	.flags = FROM_IP | TAKES_ALL,
};
