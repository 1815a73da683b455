/* SPDX-License-Identifier: MIT */
/* netns exec */
#include <string.h>
#include <unistd.h>

#include "cli.h"

static int exec_main(int argc, char **argv)
{
	bool mounts = true;
	struct netns *ns;
	const char *name;
	int r;

	while (next_option(argc, argv) != -1)
		mounts = false;
	if (optind == argc)
		usage_error("a name and a command are missing");
	name = argv[optind++];
	if (optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	if (optind == argc)
		usage_error("a command to run in '%s' is missing", name);
	ns = open_spec(name);
	if (!ns)
		return STATUS_FAILED;
	r = enter(ns, name, mounts);
	netns_free(ns);
	return r == STATUS_OK ? run_program(argv + optind) : r;
}

static const struct cli_option options[] = {
	{'m', "no-mounts", NULL, "leave /sys and /etc as they are", NULL},
	{0},
};

const struct command exec_command = {
	.name = "exec",
	.usage = "[--no-mounts] NAME COMMAND [ARGUMENT]...",
	.summary = "Run a command inside a network namespace",
	.details =
		"The command takes the place of this process. It sees /sys as it is inside, and\n"
		"what is in /etc/netns/NAME in place of the same in /etc. NAME may be whatever\n"
		"names a namespace, such as pid:4711 or a path: netns(8).\n",
	.options = options,
	.examples =
		"Exit status: the command's; 126 if it could not be run, 127 if it was not found,\n"
		"1 if the namespace could not be entered.\n"
		"\n"
		"Examples:\n"
		"  netns exec web ip address\n"
		"  netns exec web sh -c 'ss -tln | head'\n"
		"  netns exec pid:4711 ip link\n",
	.operands = "spec command",
	.run = exec_main,
	.flags = FROM_IP | OPTIONS_FIRST,
};
