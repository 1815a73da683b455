/* SPDX-License-Identifier: MIT */
#include "show-network.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "map.h"
#include "rtnl.h"

static const char *link_name(const struct topo_namespace *ns, int index)
{
	for (size_t i = 0; i < ns->n_links; i++)
		if (ns->links[i].index == index)
			return ns->links[i].name;
	return NULL;
}

static void print_safely(const char *before, const char *s)
{
	char *safe = escape(s, escape_for(STDOUT_FILENO));

	printf("%s%s", before, safe);
	free(safe);
}

/* A route as it is printed; of several ways, each is one. */
struct way {
	const char *destination;
	const char *type; /* NULL: it leads somewhere */
	const char *via;
	const char *link;
	uint32_t metric;
};

/* The routes of a namespace, under way. */
struct routes {
	const struct topo_namespace *ns;
	bool begun;
};

static void print_way(struct routes *routes, const struct way *way)
{
	if (!routes->begun && !globals.json)
		putchar('\n');
	routes->begun = true;
	if (globals.json) {
		json_object_begin();
		json_string("destination", way->destination);
		if (way->via)
			json_string("via", way->via);
		if (way->link)
			json_string("link", way->link);
		if (way->metric)
			json_number("metric", way->metric);
		if (way->type)
			json_string("type", way->type);
		json_object_end();
		return;
	}
	printf("%s%s%s", way->type ? way->type : "", way->type ? " " : "", way->destination);
	if (way->via)
		printf(" via %s", way->via);
	if (way->link)
		print_safely(" dev ", way->link);
	if (way->metric)
		printf(" metric %u", way->metric);
	putchar('\n');
}

static void print_route(struct routes *routes, struct rtnl_route *route)
{
	struct nl_addr *to = rtnl_route_get_dst(route);
	char destination[INET6_ADDRSTRLEN + 8], via[INET6_ADDRSTRLEN + 8], type[32];
	bool unicast = rtnl_route_get_type(route) == RTN_UNICAST;
	struct way way = {.destination = destination, .metric = rtnl_route_get_priority(route)};

	nl_addr2str(to, destination, sizeof(destination));
	if (nl_addr_get_prefixlen(to) == 0)
		strcpy(destination, "default");
	if (strcmp(destination, "fe80::/64") == 0)
		return; /* every link has it */
	way.type = unicast ? NULL : nl_rtntype2str(rtnl_route_get_type(route), type, sizeof(type));
	for (int i = 0; i < rtnl_route_get_nnexthops(route); i++) {
		struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, i);
		struct nl_addr *gateway = rtnl_route_nh_get_gateway(hop);

		way.via = gateway ? nl_addr2str(gateway, via, sizeof(via)) : NULL;
		way.link = link_name(routes->ns, rtnl_route_nh_get_ifindex(hop));
		print_way(routes, &way);
	}
	if (rtnl_route_get_nnexthops(route) == 0)
		print_way(routes, &way);
}

static void found_route(struct nlmsghdr *header, void *arg)
{
	const struct rtmsg *info = nlmsg_data(header);
	struct rtnl_route *route;

	if (header->nlmsg_type != RTM_NEWROUTE || info->rtm_table != RT_TABLE_MAIN ||
		info->rtm_flags & RTM_F_CLONED ||
		(info->rtm_family != AF_INET && info->rtm_family != AF_INET6))
		return;
	if (rtnl_route_parse(header, &route) < 0)
		return;
	print_route(arg, route);
	rtnl_route_put(route);
}

/* Routes are not told across namespaces: a socket inside asks for them. */
static int open_inside(const struct namespace *ns)
{
	struct netns *handle;
	int fd = open_namespace(ns, &handle);

	if (fd < 0)
		return fd;
	fd = netns_socket(handle, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	netns_free(handle);
	return fd;
}

static void print_routes(const struct topo_namespace *inside, const struct namespace *ns)
{
	struct routes routes = {.ns = inside};
	int fd = open_inside(ns);

	if (globals.json)
		json_array_begin("routes");
	if (fd >= 0) {
		rtnl_list(fd, RTM_GETROUTE, found_route, &routes);
		close(fd);
	} else {
		note_missing("the routes", fd);
	}
	if (globals.json)
		json_array_end();
}

void show_network(struct topology *topology, const struct namespace *ns)
{
	const struct topo_namespace *inside = topology_find(topology, ns->inode);

	if (!inside || inside->closed || inside->n_links == 0)
		return;
	if (globals.json) {
		map_links_json("interfaces", inside);
	} else {
		putchar('\n');
		map_links_tree(inside);
	}
	print_routes(inside, ns);
}
