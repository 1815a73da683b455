/* SPDX-License-Identifier: MIT */
/* netns exec */
#include <string.h>

#include "cli.h"

const char exec_help[] =
	"The command takes the place of this process. It sees /sys as it is inside, and\n"
	"what is in /etc/netns/NAME in place of the same in /etc.\n"
	"\n"
	"Options (before NAME):\n"
	"  -m, --no-mounts   leave /sys and /etc as they are\n"
	"\n"
	"Exit status: the command's; 126 if it could not be run, 127 if it was not found,\n"
	"1 if the namespace could not be entered.\n"
	"\n"
	"Examples:\n"
	"  netns exec web ip address\n"
	"  netns exec web sh -c 'ss -tln | head'\n";

int exec_main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"no-mounts", no_argument, NULL, 'm'}, COMMON_OPTIONS};
	bool mounts = true;
	struct netns *ns;
	const char *name;
	int r;

	while (next_option(argc, argv, "+:m" COMMON_SHORTS, longs) != -1)
		mounts = false;
	if (optind == argc)
		usage_error("a name and a command are missing");
	name = argv[optind++];
	if (optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	if (optind == argc)
		usage_error("a command to run in '%s' is missing", name);
	r = netns_open_name_in(globals.run_dir, name, &ns);
	if (r < 0) {
		explain(name, r);
		return STATUS_FAILED;
	}
	r = enter(ns, name, mounts);
	netns_free(ns);
	return r == STATUS_OK ? run_program(argv + optind) : r;
}
