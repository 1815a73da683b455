/* SPDX-License-Identifier: MIT */
/* netns add */
#include <unistd.h>

#include "cli.h"

static int add_main(int argc, char **argv)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .dir = globals.run_dir, .flags = NETNS_CREATE_KEEP};
	int status = STATUS_OK;

	while (next_option(argc, argv) != -1)
		opts.flags |= NETNS_CREATE_LO_UP;
	opts.dir = globals.run_dir;
	if (optind == argc)
		usage_error("a name is missing");
	for (; optind < argc; optind++) {
		struct netns *ns;
		int r;

		opts.name = argv[optind];
		r = netns_create(&opts, &ns);
		if (r < 0) {
			explain(argv[optind], r);
			status = STATUS_FAILED;
		} else {
			netns_free(ns);
		}
	}
	return status;
}

static const struct cli_option options[] = {
	{'u', "up", NULL, "with the loopback interface up", NULL},
	{0},
};

const struct command add_command = {
	.name = "add",
	.usage = "[--up] NAME...",
	.summary = "Make network namespaces with a name",
	.details = "The namespace and its name stay until 'netns delete'.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns add web\n"
		    "  netns add --up client server\n",
	.operands = "new...",
	.run = add_main,
	.flags = FROM_IP,
};
