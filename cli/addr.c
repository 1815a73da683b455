/* SPDX-License-Identifier: MIT */
/* netns addr */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cable.h"

static const struct cli_option options[] = {
	{'D', "delete", NULL, "take them away", NULL},
	{0},
};

static int change(struct end *end, bool remove)
{
	struct batch batch = {0};
	struct link_state state;
	int status = end_open(end);

	if (status == STATUS_OK)
		status = rtnl_find(&end->rtnl, end->link, &state);
	if (status != STATUS_OK)
		return status;
	end_request_addresses(end, state.index, remove, &batch);
	return batch_send(&batch, &end->rtnl);
}

static int addr_main(int argc, char **argv)
{
	bool remove = false;
	struct end end;
	int status;

	while (next_option(argc, argv) != -1)
		remove = true;
	if (optind == argc)
		usage_error("a link is missing: NAMESPACE:LINK");
	end_parse(argv[optind++], &end);
	for (; optind < argc; optind++)
		end_add_address(&end, argv[optind]);
	if (end.n_addresses == 0)
		usage_error("%s: an address is missing: 10.0.0.1/24, fd00::1/64", end.label);
	status = change(&end, remove);
	end_free(&end);
	return status;
}

const struct command addr_command = {
	.name = "addr",
	.usage = "[--delete] NAMESPACE:LINK ADDRESS[/BITS]...",
	.summary = "Give addresses to a link, or take them away",
	.details = "Addresses of IPv6 can be used at once: duplicates are not looked for.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns addr web:eth0 10.0.0.1/24 fd00::1/64\n"
		    "  netns addr --delete web:eth0 10.0.0.1/24\n",
	.operands = "link new...",
	.run = addr_main,
};
