/* SPDX-License-Identifier: MIT */
/* netns up */
#include <errno.h>
#include <getopt.h>
#include <linux/if.h>
#include <stdlib.h>
#include <string.h>

#include "cable.h"

struct all {
	const char *spec;
	struct batch batch;
};

static void set_up(struct nlmsghdr *header, void *arg)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *name = nlmsg_find_attr(header, sizeof(*info), IFLA_IFNAME);
	struct all *all = arg;
	char *label;

	if (info->ifi_flags & IFF_UP || !name)
		return;
	label = text("%s:%s", all->spec, nla_get_string(name));
	request_up(label, info->ifi_index, &all->batch);
	free(label);
}

static int up_all(const char *spec)
{
	struct all all = {.spec = spec};
	struct rtnl rtnl;
	int status = rtnl_open(spec, &rtnl), r;

	if (status == STATUS_OK) {
		/* one that has come meanwhile may be missed: it is not older than the command */
		r = rtnl_list(rtnl.fd, RTM_GETLINK, set_up, &all);
		if (r < 0 && r != -EINTR) {
			message("%s: its links cannot be listed: %s", spec, rtnl_reason(r));
			status = STATUS_FAILED;
		} else {
			status = batch_send(&all.batch, &rtnl);
		}
	}
	rtnl_close(&rtnl);
	return status;
}

static int up_one(const char *word)
{
	struct batch batch = {0};
	struct link_state state;
	struct end end;
	int status;

	end_parse(word, &end);
	if (end.n_addresses > 0)
		usage_error("%s: addresses are given by 'netns addr'", end.label);
	status = end_open(&end);
	if (status == STATUS_OK)
		status = rtnl_find(&end.rtnl, end.link, &state);
	if (status == STATUS_OK) {
		request_up(end.label, state.index, &batch);
		status = batch_send(&batch, &end.rtnl);
	}
	end_free(&end);
	return status;
}

static bool is_namespace(const char *word)
{
	struct netns *ns;

	if (netns_open_spec_in(globals.run_dir, word, &ns) < 0)
		return false;
	netns_free(ns);
	return true;
}

static int up_main(int argc, char **argv)
{
	int status = STATUS_OK;

	while (next_option(argc, argv) != -1)
		;
	if (optind == argc)
		usage_error("a namespace or a link is missing");
	for (; optind < argc; optind++) {
		const char *word = argv[optind];
		bool all = !strchr(word, ':') || is_namespace(word);

		if ((all ? up_all(word) : up_one(word)) != STATUS_OK)
			status = STATUS_FAILED;
	}
	return status;
}

const struct command up_command = {
	.name = "up",
	.usage = "NAMESPACE[:LINK]...",
	.summary = "Set links up",
	.details = "Without LINK: all that there are in the namespace, the loopback among them.\n",
	.examples = "Examples:\n"
		    "  netns up web\n"
		    "  netns up web:lo\n",
	.operands = "link...",
	.run = up_main,
};
