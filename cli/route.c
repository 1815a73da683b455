/* SPDX-License-Identifier: MIT */
/* netns route */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cable.h"

static const struct cli_option options[] = {
	{'D', "delete", NULL, "take it away", NULL},
	{0},
};

/* As it is written. */
struct words {
	const char *destination;
	const char *via[16];
	size_t n_via;
	const char *dev;
	const char *metric;
};

static const char *next_word(char ***argv, const char *after)
{
	const char *word = *(*argv)++;

	if (!word)
		usage_error("something is missing after '%s'", after);
	return word;
}

static void read_words(char **argv, struct words *ret)
{
	*ret = (struct words){.destination = next_word(&argv, "the namespace")};
	while (*argv) {
		const char *word = *argv++;

		if (strcmp(word, "via") == 0 && ret->n_via < ARRAY_SIZE(ret->via))
			ret->via[ret->n_via++] = next_word(&argv, word);
		else if (strcmp(word, "dev") == 0)
			ret->dev = next_word(&argv, word);
		else if (strcmp(word, "metric") == 0)
			ret->metric = next_word(&argv, word);
		else
			usage_error("'%s' is not understood; there are 'via', 'dev' and 'metric'",
				word);
	}
	if (ret->n_via == 0 && !ret->dev)
		usage_error("the way is missing: 'via' an address, or 'dev' a link");
}

static struct nl_addr *parse(const char *word, int family)
{
	struct nl_addr *address;

	if (nl_addr_parse(word, family, &address) < 0)
		usage_error("'%s' is not an address of IPv%d", word, family == AF_INET6 ? 6 : 4);
	return address;
}

/* "default" alone is of IPv4, as in ip(8). */
static int family_of(const struct words *words)
{
	const char *telling = words->n_via > 0 ? words->via[0] : words->destination;

	return strchr(telling, ':') || strcmp(words->destination, "::/0") == 0 ? AF_INET6 : AF_INET;
}

static void add_hop(struct rtnl_route *route, const char *via, int index, int family)
{
	struct nl_addr *gateway = via ? parse(via, family) : NULL;
	struct rtnl_nexthop *hop = need(rtnl_route_nh_alloc());

	if (gateway) {
		rtnl_route_nh_set_gateway(hop, gateway);
		nl_addr_put(gateway);
	}
	rtnl_route_nh_set_ifindex(hop, index);
	rtnl_route_add_nexthop(route, hop);
}

static struct rtnl_route *make_route(const struct words *words, int index)
{
	struct rtnl_route *route = need(rtnl_route_alloc());
	int family = family_of(words);
	struct nl_addr *destination = parse(words->destination, family);

	if (rtnl_route_set_dst(route, destination) < 0)
		need(NULL);
	nl_addr_put(destination);
	if (words->metric)
		rtnl_route_set_priority(route, (uint32_t)read_number(words->metric, "the metric"));
	for (size_t i = 0; i < words->n_via; i++)
		add_hop(route, words->via[i], index, family);
	if (words->n_via == 0)
		add_hop(route, NULL, index, family);
	return route;
}

static int change(const struct rtnl *rtnl, const struct words *words, bool remove)
{
	struct link_state state = {0};
	struct rtnl_route *route;
	struct batch batch = {0};
	struct nl_msg *msg;
	int r;

	if (words->dev && rtnl_find(rtnl, words->dev, &state) != STATUS_OK)
		return STATUS_FAILED;
	route = make_route(words, state.index);
	r = remove ? rtnl_route_build_del_request(route, 0, &msg)
		   : rtnl_route_build_add_request(route, NLM_F_CREATE | NLM_F_EXCL, &msg);
	batch_add(&batch, r, msg, "%s: %s", rtnl->spec, words->destination);
	rtnl_route_put(route);
	return batch_send(&batch, rtnl);
}

static int route_main(int argc, char **argv)
{
	const char *spec;
	struct words words;
	struct rtnl rtnl;
	bool remove = false;
	int status;

	while (next_option(argc, argv) != -1)
		remove = true;
	if (optind == argc)
		usage_error("a namespace and a destination are missing");
	spec = argv[optind];
	read_words(argv + optind + 1, &words);
	status = rtnl_open(spec, &rtnl);
	if (status == STATUS_OK)
		status = change(&rtnl, &words, remove);
	rtnl_close(&rtnl);
	return status;
}

const struct command route_command = {
	.name = "route",
	.usage = "[--delete] NAMESPACE DESTINATION [via ADDRESS]... [dev LINK] [metric N]",
	.summary = "Give a namespace a route, or take it away",
	.details =
		"The DESTINATION is an address with or without /BITS, or 'default'. With several\n"
		"'via' the kernel spreads what it sends over them.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns route a default via 10.0.0.254\n"
		    "  netns route a fd01::/64 via fd00::ffff\n"
		    "  netns route a 10.1.0.0/16 dev eth0\n",
	.operands = "spec new...",
	.run = route_main,
};
