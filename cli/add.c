/* SPDX-License-Identifier: MIT */
/* netns add */
#include "cli.h"

const char add_help[] = "The namespace and its name stay until 'netns delete'.\n"
			"\n"
			"Options:\n"
			"  -u, --up    with the loopback interface up\n"
			"\n"
			"Examples:\n"
			"  netns add web\n"
			"  netns add --up client server\n";

int add_main(int argc, char **argv)
{
	static const struct option longs[] = {{"up", no_argument, NULL, 'u'}, COMMON_OPTIONS};
	struct netns_create_opts opts = {
		.size = sizeof(opts), .dir = globals.run_dir, .flags = NETNS_CREATE_KEEP};
	int status = STATUS_OK;

	while (next_option(argc, argv, ":u" COMMON_SHORTS, longs) != -1)
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
