/* SPDX-License-Identifier: MIT */
/* netns identify */
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"

static void print_name(const char *name)
{
	char *safe;

	if (globals.json) {
		json_object_begin();
		json_string("name", name);
		json_object_end();
		return;
	}
	safe = escape(name, escape_for(STDOUT_FILENO));
	puts(safe);
	free(safe);
}

static int print_names_of(const struct netns_inode *inode)
{
	struct names names;
	int status = read_known_names(&names);

	if (globals.json)
		json_begin();
	for (size_t i = 0; i < names.n; i++)
		if (names.v[i].state == NETNS_LIVE && names.v[i].inode.ino == inode->ino &&
			names.v[i].inode.dev == inode->dev)
			print_name(names.v[i].name);
	if (globals.json)
		json_end();
	free_names(&names);
	return status;
}

/* Asked of the kernel, which on Linux 6.11 and newer takes no /proc. */
static struct netns *open_own(void)
{
	struct netns *ns;
	int r = netns_open_current(&ns);

	if (r == 0)
		return ns;
	explain(NULL, r);
	return NULL;
}

static int identify_main(int argc, char **argv)
{
	struct netns_inode inode;
	struct netns *ns;
	int c, r;

	while ((c = next_option(argc, argv)) != -1)
		json_option(c);
	if (argc - optind > 1)
		usage_error("one process at a time");
	ns = argc > optind ? open_pid_or_spec(argv[optind]) : open_own();
	if (!ns)
		return STATUS_FAILED;
	r = netns_get_inode(ns, &inode);
	netns_free(ns);
	if (r < 0) {
		explain(NULL, r);
		return STATUS_FAILED;
	}
	return print_names_of(&inode);
}

static const struct cli_option options[] = {
	JSON_OPTIONS,
	{0},
};

const struct command identify_command = {
	.name = "identify",
	.usage = "[--json] [PID]",
	.summary = "Show the names of the network namespace of a process",
	.details =
		"Without PID: of this one. Instead of the process, anything that names a "
		"namespace\n"
		"may be given: netns(8). Prints all names that it has, one a line; none, and done\n"
		"all the same, if it has none.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns identify\n"
		    "  netns identify $(pidof nginx)\n"
		    "  netns identify ino:4026532000\n",
	.operands = "pid",
	.run = identify_main,
	.flags = FROM_IP,
};
