/* SPDX-License-Identifier: MIT */
/* netns attach */
#include <unistd.h>

#include "cli.h"

static int attach_main(int argc, char **argv)
{
	const char *name;
	struct netns *ns;
	int r;

	while (next_option(argc, argv) != -1)
		;
	if (argc - optind < 2)
		usage_error("a name and a process are missing");
	if (argc - optind > 2)
		usage_error("one name for one namespace at a time");
	name = argv[optind];
	ns = open_pid_or_spec(argv[optind + 1]);
	if (!ns)
		return STATUS_FAILED;
	r = netns_attach(ns, globals.run_dir, name);
	if (r < 0)
		explain(name, r);
	netns_free(ns);
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

const struct command attach_command = {
	.name = "attach",
	.usage = "NAME PID",
	.summary = "Give a name to the network namespace of a process",
	.details =
		"Instead of the process, anything that names a namespace may be given: netns(8).\n"
		"A namespace may have several names. It stays as long as it has one.\n",
	.examples = "Examples:\n"
		    "  netns attach web 4711\n"
		    "  netns attach alias /run/netns/web\n"
		    "  netns attach found ino:4026532000\n",
	.operands = "new pid",
	.run = attach_main,
	.flags = FROM_IP,
};
