/* SPDX-License-Identifier: MIT */
/* netns delete */
#include <unistd.h>

#include "cli.h"

static int delete_one(const char *name)
{
	int r = netns_delete(globals.run_dir, name);

	if (r < 0)
		explain(name, r);
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

static int delete_all(void)
{
	struct names names;
	int status = read_names(&names);

	for (size_t i = 0; i < names.n; i++) {
		const char *name = names.v[i].name;

		if (names.v[i].state == NETNS_FOREIGN)
			message("%s: no network namespace; left alone", name);
		else if (delete_one(name) != STATUS_OK)
			status = STATUS_FAILED;
	}
	free_names(&names);
	return status;
}

static int delete_main(int argc, char **argv)
{
	bool all = globals.all;
	int status = STATUS_OK;

	while (next_option(argc, argv) != -1)
		all = true;
	if (all && optind < argc)
		usage_error("either names or --all");
	if (all)
		return delete_all();
	if (optind == argc)
		usage_error("a name is missing");
	for (; optind < argc; optind++)
		if (delete_one(argv[optind]) != STATUS_OK)
			status = STATUS_FAILED;
	return status;
}

static const struct cli_option options[] = {
	{'a', "all", NULL, "all names, the stale ones too", NULL},
	{0},
};

const struct command delete_command = {
	.name = "delete",
	.usage = "NAME... | --all",
	.summary = "Remove names, and so the namespaces that nothing else uses",
	.details = "A namespace itself ends when nothing uses it any more: no process, open file,\n"
		   "socket, or other name.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns delete web\n"
		    "  netns delete client server\n"
		    "  netns delete --all\n",
	.operands = "name...",
	.run = delete_main,
	.flags = FROM_IP | TAKES_ALL,
};
