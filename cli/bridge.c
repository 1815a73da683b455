/* SPDX-License-Identifier: MIT */
/*
 * netns bridge: a switch in one namespace, and a cable to each of the others. All of it is under
 * one guard: it is whole or not there.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cable.h"

enum { OPTION_PORTS = OPTION_LONG };

static const struct cli_option options[] = {
	{'i', "in", "NAMESPACE", "where the bridge is; default: here", "spec"},
	{OPTION_PORTS, "ports", "NAMESPACE:LINK,...", "the same as operands", "link"},
	SHAPE_OPTIONS,
	{0},
};

struct plan {
	struct end bridge;
	struct end *ports; /* the far ends; or links of the bridge's own namespace */
	size_t n_ports;
	struct shape shape;
};

static void add_port(struct plan *plan, const char *word)
{
	plan->ports = need(reallocarray(plan->ports, plan->n_ports + 1, sizeof(struct end)));
	end_parse(word, &plan->ports[plan->n_ports++]);
}

static void add_ports(struct plan *plan, char *list)
{
	char *word;

	while ((word = strsep(&list, ",")))
		add_port(plan, word);
}

/* Without a colon in front of the addresses it is a link's name alone. */
static void parse_bridge(struct plan *plan, const char *in, const char *word)
{
	size_t length = strcspn(word, "=");
	bool alone = !memchr(word, ':', length);
	char *whole;

	if (in && !alone)
		usage_error("%s: a namespace already, and one by --in", word);
	whole = alone ? text("%s:%s", in ? in : "self", word) : need(strdup(word));
	end_parse(whole, &plan->bridge);
	free(whole);
}

static int open_all(struct plan *plan)
{
	int status = end_open(&plan->bridge);

	for (size_t i = 0; i < plan->n_ports && status == STATUS_OK; i++)
		status = end_open(&plan->ports[i]);
	return status;
}

static int create_bridge(const struct end *end, struct guard *guard, int *index)
{
	struct rtnl_link *link = need(rtnl_link_bridge_alloc());
	struct batch batch = {0};
	struct link_state state;
	struct nl_msg *msg;
	int r, status;

	rtnl_link_set_name(link, end->link);
	rtnl_link_set_group(link, guard->mark);
	r = rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &msg);
	batch_add(&batch, r, msg, "%s", end->label);
	rtnl_link_put(link);
	status = batch_send(&batch, &end->rtnl);
	if (status == STATUS_OK)
		status = rtnl_find(&end->rtnl, end->link, &state);
	if (status == STATUS_OK) {
		*index = state.index;
		guard_add(guard, state.index);
	}
	return status;
}

static int lay_cable(struct plan *plan, struct end *port, int bridge, struct guard *guard)
{
	struct end near = {
		.label = text("%s:port", plan->bridge.spec),
		.spec = plan->bridge.spec,
		.link = "port%d",
		.is_port = true,
		.rtnl = plan->bridge.rtnl,
	};
	int status = cable_lay(&near, port, &plan->shape, bridge, guard);

	free(near.label);
	return status;
}

/* A link that there is already becomes a port. */
static int plug_in(struct end *port, int bridge)
{
	struct rtnl_link *link = need(rtnl_link_alloc()), *change = need(rtnl_link_alloc());
	struct batch batch = {0};
	struct link_state state;
	struct nl_msg *msg;
	int status = rtnl_find(&port->rtnl, port->link, &state);

	if (status == STATUS_OK) {
		int r;

		rtnl_link_set_ifindex(link, state.index);
		rtnl_link_set_master(change, bridge);
		r = rtnl_link_build_change_request(link, change, 0, &msg);
		batch_add(&batch, r, msg, "%s", port->label);
		end_request_addresses(port, state.index, false, &batch);
		request_up(port->label, state.index, &batch);
		status = batch_send(&batch, &port->rtnl);
	}
	rtnl_link_put(change);
	rtnl_link_put(link);
	return status;
}

/* The bridge is set up last: its hardware address is that of one of its ports. */
static int build(struct plan *plan, struct guard *guard)
{
	int bridge = 0, status = create_bridge(&plan->bridge, guard, &bridge);

	for (size_t i = 0; i < plan->n_ports && status == STATUS_OK; i++) {
		struct end *port = &plan->ports[i];

		status = netns_is_same(port->rtnl.ns, plan->bridge.rtnl.ns) == 1
				 ? plug_in(port, bridge)
				 : lay_cable(plan, port, bridge, guard);
	}
	if (status == STATUS_OK)
		status = end_set_up(&plan->bridge, bridge, NULL);
	if (status == STATUS_OK && plan->n_ports > 0)
		rtnl_settle(&plan->bridge.rtnl, bridge);
	return status;
}

static int carry_out(struct plan *plan)
{
	struct guard guard;
	int status = open_all(plan);

	if (status != STATUS_OK)
		return status;
	status = guard_begin(&guard, &plan->bridge.rtnl);
	if (status == STATUS_OK)
		status = build(plan, &guard);
	return guard_end(&guard, status);
}

static int bridge_main(int argc, char **argv)
{
	struct plan plan = {0};
	const char *in = NULL;
	int c, status;

	while ((c = next_option(argc, argv)) != -1) {
		if (c == 'i')
			in = optarg;
		else if (!shape_option(c, optarg, &plan.shape))
			add_ports(&plan, optarg);
	}
	if (optind == argc)
		usage_error("the bridge is missing: [NAMESPACE:]BRIDGE");
	parse_bridge(&plan, in, argv[optind]);
	while (++optind < argc)
		add_port(&plan, argv[optind]);
	status = carry_out(&plan);
	for (size_t i = 0; i < plan.n_ports; i++)
		end_free(&plan.ports[i]);
	free(plan.ports);
	end_free(&plan.bridge);
	return status;
}

const struct command bridge_command = {
	.name = "bridge",
	.usage = "[OPTION]... [NAMESPACE:]BRIDGE[=ADDRESS,...] [NAMESPACE:LINK[=ADDRESS,...]]...",
	.summary = "Make a bridge, with a cable to each of several namespaces",
	.details = "A LINK in another namespace is made: the far end of a cable whose near end is "
		   "a port.\n"
		   "One in the bridge's own namespace is there already, and becomes a port.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns bridge lan:br0 a:eth0=10.0.0.1/24 b:eth0=10.0.0.2/24\n"
		    "  netns bridge br0=10.9.0.1/24 --ports a:eth0,b:eth0\n"
		    "  netns bridge --in lan br1 lan:eth1\n",
	.operands = "link...",
	.run = bridge_main,
};
