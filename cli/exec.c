/* SPDX-License-Identifier: MIT */
/* netns exec */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { OPTION_BLOCKS = OPTION_LONG, OPTION_JOBS };

static void read_options(int argc, char **argv, struct exec_how *how)
{
	int c;

	while ((c = next_option(argc, argv)) != -1) {
		if (identity_option(c, optarg, &how->identity))
			continue;
		switch (c) {
		case 'a':
			how->all = true;
			break;
		case 'm':
			how->mounts = false;
			break;
		case OPTION_JOBS:
			how->jobs = (unsigned)read_number(optarg, "--jobs");
			if (how->jobs == 0)
				usage_error("--jobs: at least one is needed");
			break;
		case OPTION_BLOCKS:
			how->blocks = true;
			break;
		case 'j':
			globals.json = true;
			break;
		case 'p':
			globals.pretty = true;
			break;
		}
	}
	find_identity(&how->identity);
	if (!how->all && (how->jobs || how->blocks || globals.json))
		usage_error("--jobs, --blocks and --json go with --all");
}

static int exec_one(const struct exec_how *how, const char *name, char **command)
{
	struct netns *ns = open_spec(name);
	int r;

	if (!ns)
		return STATUS_FAILED;
	r = enter(ns, name, how->mounts);
	netns_free(ns);
	if (r == STATUS_OK)
		r = assume_identity(&how->identity);
	return r == STATUS_OK ? run_program(command) : r;
}

static int exec_main(int argc, char **argv)
{
	struct exec_how how = {.mounts = true, .all = globals.all};
	const char *name = NULL;
	int status;

	read_options(argc, argv, &how);
	if (!how.all) {
		if (optind == argc)
			usage_error("a name and a command are missing");
		name = argv[optind++];
		if (optind < argc && strcmp(argv[optind], "--") == 0)
			optind++;
		if (optind == argc)
			usage_error("a command to run in '%s' is missing", name);
	} else if (optind == argc) {
		usage_error("a command is missing");
	}
	status = how.all ? exec_all(&how, argv + optind) : exec_one(&how, name, argv + optind);
	free(how.identity.groups);
	return status;
}

static const struct cli_option options[] = {
	{'m', "no-mounts", NULL, "leave /sys and /etc as they are", NULL},
	IDENTITY_OPTIONS,
	{'a', "all", NULL,
		"in every namespace with a name, at once; each line of\n"
		"the output begins with the name",
		NULL},
	{OPTION_JOBS, "jobs", "N",
		"with --all: no more than N at a time; else twice as many\n"
		"as there are processors",
		"number"},
	{OPTION_BLOCKS, "blocks", NULL, "with --all: the output of each in one piece", NULL},
	{'j', "json", NULL, "with --all: name, status, stdout and stderr of each", NULL},
	{'p', "pretty", NULL, "with --json: indented", NULL},
	{0},
};

const struct command exec_command = {
	.name = "exec",
	.usage = "[OPTION]... NAME COMMAND [ARGUMENT]...\n"
		 "       netns exec --all [OPTION]... COMMAND [ARGUMENT]...",
	.summary = "Run a command inside a network namespace",
	.details =
		"The command takes the place of this process. It sees /sys as it is inside, and\n"
		"what is in /etc/netns/NAME in place of the same in /etc. NAME may be whatever\n"
		"names a namespace, such as pid:4711 or a path: netns(8). With --all the command "
		"is\n"
		"run in every namespace with a name, with an empty input.\n",
	.options = options,
	.examples =
		"Exit status: the command's; 126 if it could not be run, 127 if it was not found,\n"
		"1 if the namespace could not be entered. With --all: 0 if all succeeded, else 1.\n"
		"\n"
		"Examples:\n"
		"  netns exec web ip address\n"
		"  netns exec web sh -c 'ss -tln | head'\n"
		"  netns exec pid:4711 ip link\n"
		"  netns exec --user nobody --cwd / web python3 -m http.server\n"
		"  netns exec --all ip -brief address\n"
		"  netns exec --all --json -- ss -tln | jq -r '.[] | select(.status != 0).name'\n",
	.operands = "spec command",
	.run = exec_main,
	.flags = FROM_IP | OPTIONS_FIRST | TAKES_ALL,
};
