/* SPDX-License-Identifier: MIT */
/* netns link, netns unlink */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cable.h"

static const struct cli_option options[] = {
	SHAPE_OPTIONS,
	{'M', "mac", "MAC[,MAC]", "the hardware address, of the first end and of the second",
		"new"},
	{0},
};

static void set_macs(struct end ends[2], char *list)
{
	for (size_t i = 0; list; i++) {
		const char *mac = strsep(&list, ",");

		if (i == 2)
			usage_error("--mac: a cable has two ends");
		if (*mac)
			end_set_mac(&ends[i], mac);
	}
}

static int link_main(int argc, char **argv)
{
	struct shape shape = {0};
	struct end ends[2];
	char *macs = NULL;
	int c, status;

	while ((c = next_option(argc, argv)) != -1)
		if (!shape_option(c, optarg, &shape))
			macs = optarg;
	if (argc - optind != 2)
		usage_error("a cable has two ends: NAMESPACE:LINK NAMESPACE:LINK");
	end_parse(argv[optind], &ends[0]);
	end_parse(argv[optind + 1], &ends[1]);
	set_macs(ends, macs);
	status = cable_connect(&ends[0], &ends[1], &shape);
	end_free(&ends[0]);
	end_free(&ends[1]);
	return status;
}

const struct command link_command = {
	.name = "link",
	.usage = "[OPTION]... NAMESPACE:LINK[=ADDRESS,...] NAMESPACE:LINK[=ADDRESS,...]",
	.summary = "Run a cable from one namespace to another",
	.details = "Both ends (a veth) are there under their names, with their addresses, and up,\n"
		   "when the command is done; or, if anything fails, neither is.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns link a:eth0=10.0.0.1/24,fd00::1/64 b:eth0=10.0.0.2/24,fd00::2/64\n"
		    "  netns link host:lab=10.9.0.1/24 lab:eth0=10.9.0.2/24\n"
		    "  netns link --delay 10ms --loss 1% --rate 10mbit a:wan b:wan\n",
	.operands = "link...",
	.run = link_main,
};

static int unlink_one(const char *word)
{
	struct end end;
	struct rtnl_link *link;
	struct batch batch = {0};
	struct nl_msg *msg;
	int status, r;

	end_parse(word, &end);
	status = end_open(&end);
	if (status == STATUS_OK) {
		link = need(rtnl_link_alloc());
		rtnl_link_set_name(link, end.link);
		r = rtnl_link_build_delete_request(link, &msg);
		batch_add(&batch, r, msg, "%s", end.label);
		rtnl_link_put(link);
		status = batch_send(&batch, &end.rtnl);
	}
	end_free(&end);
	return status;
}

static int unlink_main(int argc, char **argv)
{
	int status = STATUS_OK;

	while (next_option(argc, argv) != -1)
		;
	if (optind == argc)
		usage_error("a link is missing: NAMESPACE:LINK");
	for (; optind < argc; optind++)
		if (unlink_one(argv[optind]) != STATUS_OK)
			status = STATUS_FAILED;
	return status;
}

const struct command unlink_command = {
	.name = "unlink",
	.usage = "NAMESPACE:LINK...",
	.summary = "Remove links; of a cable, both ends",
	.examples = "Example:\n"
		    "  netns unlink a:eth0\n",
	.operands = "link...",
	.run = unlink_main,
};
