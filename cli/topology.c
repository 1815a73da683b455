/* SPDX-License-Identifier: MIT */
/*
 * The links of any number of namespaces by one socket, which lives in a namespace of its own and
 * so may give nsids as it likes: they end with it. RTM_NEWNSID for each namespace, then its
 * links and addresses are asked for by IFLA_TARGET_NETNSID (Linux 4.20, strict checking 4.20).
 * The kernel names the other end of a cable by such an nsid too; where that has none yet, it gives
 * one, by which a namespace is found and asked that nothing else leads to.
 */
#include "topology.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/net_namespace.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtnl.h"

enum { ATTEMPTS = 20 }; /* to read what goes on changing */

int topology_begin(struct topology *ret)
{
	const struct netns_create_opts opts = {
		.size = sizeof(opts), .flags = NETNS_CREATE_UNPINNED};
	const int on = 1;
	struct netns *scratch;
	int r;

	*ret = (struct topology){.fd = -1};
	r = netns_create(&opts, &scratch);
	if (r < 0)
		return r;
	ret->fd = netns_socket(scratch, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	netns_free(scratch);
	if (ret->fd < 0)
		return ret->fd;
	if (setsockopt(ret->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)) < 0)
		return errno == ENOPROTOOPT ? -EOPNOTSUPP : -errno;
	return 0;
}

static struct topo_namespace *append(struct topology *topology, uint64_t inode)
{
	struct topo_namespace *ns = need(calloc(1, sizeof(*ns)));

	/* grows at the powers of two */
	if ((topology->n & (topology->n + 1)) == 0)
		topology->v = need(reallocarray(
			topology->v, 2 * (topology->n + 1), sizeof(struct topo_namespace *)));
	ns->position = topology->n;
	ns->inode = inode;
	topology->v[topology->n++] = ns;
	return ns;
}

static struct nl_msg *new_message(int type, int flags, const void *header, size_t length)
{
	struct nl_msg *msg = need(nlmsg_alloc_simple(type, flags));

	if (nlmsg_append(msg, (void *)header, length, NLMSG_ALIGNTO) < 0)
		need(NULL);
	return msg;
}

static void put_number(struct nl_msg *msg, int attribute, int value)
{
	if (nla_put_s32(msg, attribute, value) < 0)
		need(NULL);
}

static void ignore(struct nlmsghdr *header, void *arg)
{
	(void)header;
	(void)arg;
}

static int give_nsid(const struct topology *topology, int ns_fd, int nsid)
{
	const struct rtgenmsg header = {.rtgen_family = AF_UNSPEC};
	struct nl_msg *msg = new_message(RTM_NEWNSID, 0, &header, sizeof(header));
	int r;

	put_number(msg, NETNSA_FD, ns_fd);
	put_number(msg, NETNSA_NSID, nsid);
	r = rtnl_ask(topology->fd, nlmsg_hdr(msg), ignore, NULL);
	nlmsg_free(msg);
	return r;
}

struct topo_namespace *topology_add(struct topology *topology, struct netns *ns, int *error)
{
	struct topo_namespace *added;
	struct netns_inode inode;
	size_t *position;
	int is_new;

	*error = netns_get_inode(ns, &inode);
	if (*error < 0)
		return NULL;
	position = map_at(&topology->inodes, inode.ino, &is_new);
	if (*position)
		return topology->v[*position - 1];
	*error = give_nsid(topology, netns_get_fd(ns), (int)topology->n);
	if (*error < 0)
		return NULL;
	added = append(topology, inode.ino);
	*position = topology->n;
	return added;
}

struct topo_namespace *topology_find(struct topology *topology, uint64_t inode)
{
	int is_new;
	size_t position = *map_at(&topology->inodes, inode, &is_new);

	return position ? topology->v[position - 1] : NULL;
}

/* What has an nsid that was not given here: the kernel gives the lowest that is free. */
static void make_room(struct topology *topology, int nsid)
{
	while (nsid >= 0 && (size_t)nsid >= topology->n)
		append(topology, 0);
}

static char *attribute_text(struct nlattr *attribute)
{
	return need(strdup(attribute ? nla_get_string(attribute) : ""));
}

static char *kind_text(struct nlattr *info)
{
	return attribute_text(
		info ? nla_find(nla_data(info), nla_len(info), IFLA_INFO_KIND) : NULL);
}

static char *mac_text(struct nlattr *attribute)
{
	const uint8_t *bytes = attribute ? nla_data(attribute) : NULL;
	int n = attribute ? nla_len(attribute) : 0;
	char *s = need(calloc((size_t)n + 1, 3));

	for (int i = 0; i < n; i++)
		sprintf(s + (i ? 3 * i - 1 : 0), i ? ":%02x" : "%02x", bytes[i]);
	return s;
}

static void read_link(struct nlmsghdr *header, void *arg)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *tb[IFLA_MAX + 1];
	struct topo_namespace *ns = arg;
	struct topo_link *link;

	if (header->nlmsg_type != RTM_NEWLINK ||
		nlmsg_parse(header, sizeof(*info), tb, IFLA_MAX, NULL) < 0)
		return;
	if ((ns->n_links & (ns->n_links + 1)) == 0)
		ns->links =
			need(reallocarray(ns->links, 2 * (ns->n_links + 1), sizeof(*ns->links)));
	link = &ns->links[ns->n_links++];
	*link = (struct topo_link){
		.home = ns,
		.index = info->ifi_index,
		.name = attribute_text(tb[IFLA_IFNAME]),
		.kind = kind_text(tb[IFLA_LINKINFO]),
		.mac = mac_text(tb[IFLA_ADDRESS]),
		.mtu = tb[IFLA_MTU] ? nla_get_u32(tb[IFLA_MTU]) : 0,
		.loopback = info->ifi_flags & IFF_LOOPBACK,
		.up = info->ifi_flags & IFF_UP,
		.running = info->ifi_flags & IFF_RUNNING,
		.master_index = tb[IFLA_MASTER] ? (int)nla_get_u32(tb[IFLA_MASTER]) : 0,
		.other_index = tb[IFLA_LINK] ? (int)nla_get_u32(tb[IFLA_LINK]) : 0,
		.other_nsid = tb[IFLA_LINK_NETNSID] ? nla_get_s32(tb[IFLA_LINK_NETNSID]) : -1,
	};
}

static struct topo_link *find_link(const struct topo_namespace *ns, int index)
{
	size_t low = 0, high = ns->n_links;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ns->links[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ns->n_links && ns->links[low].index == index ? &ns->links[low] : NULL;
}

static void read_address(struct nlmsghdr *header, void *arg)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *tb[IFA_LOCAL + 1], *address;
	const struct topo_namespace *ns = arg;
	char s[INET6_ADDRSTRLEN];
	struct topo_link *link;

	if (header->nlmsg_type != RTM_NEWADDR ||
		nlmsg_parse(header, sizeof(*info), tb, IFA_LOCAL, NULL) < 0)
		return;
	address = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	link = find_link(ns, (int)info->ifa_index);
	if (!link || !address || !inet_ntop(info->ifa_family, nla_data(address), s, sizeof(s)))
		return;
	link->addresses =
		need(reallocarray(link->addresses, link->n_addresses + 1, sizeof(char *)));
	link->addresses[link->n_addresses++] = text("%s/%u", s, info->ifa_prefixlen);
}

static void forget_links(struct topo_namespace *ns)
{
	for (size_t i = 0; i < ns->n_links; i++) {
		struct topo_link *link = &ns->links[i];

		for (size_t j = 0; j < link->n_addresses; j++)
			free(link->addresses[j]);
		free(link->addresses);
		free(link->name);
		free(link->kind);
		free(link->mac);
	}
	free(ns->links);
	ns->links = NULL;
	ns->n_links = 0;
}

static int by_index(const void *a, const void *b)
{
	const struct topo_link *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static int read_links_of(const struct topology *topology, struct topo_namespace *ns, int nsid)
{
	const struct ifinfomsg header = {.ifi_family = AF_UNSPEC};
	struct nl_msg *msg = new_message(RTM_GETLINK, NLM_F_DUMP, &header, sizeof(header));
	int r;

	put_number(msg, IFLA_TARGET_NETNSID, nsid);
	put_number(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	r = rtnl_ask(topology->fd, nlmsg_hdr(msg), read_link, ns);
	nlmsg_free(msg);
	if (ns->n_links > 1)
		qsort(ns->links, ns->n_links, sizeof(*ns->links), by_index);
	return r;
}

static int read_addresses_of(const struct topology *topology, struct topo_namespace *ns, int nsid)
{
	const struct ifaddrmsg header = {.ifa_family = AF_UNSPEC};
	struct nl_msg *msg = new_message(RTM_GETADDR, NLM_F_DUMP, &header, sizeof(header));
	int r;

	put_number(msg, IFA_TARGET_NETNSID, nsid);
	r = rtnl_ask(topology->fd, nlmsg_hdr(msg), read_address, ns);
	nlmsg_free(msg);
	return r;
}

/* What changes while it is read is read again. */
static int read_namespace(const struct topology *topology, struct topo_namespace *ns, int nsid)
{
	int r = -EINTR;

	for (int i = 0; i < ATTEMPTS && r == -EINTR; i++) {
		forget_links(ns);
		r = read_links_of(topology, ns, nsid);
		if (r == 0)
			r = read_addresses_of(topology, ns, nsid);
	}
	return r;
}

static struct topo_link *find_other(
	const struct topology *topology, const struct topo_link *link, int nsid, int index)
{
	const struct topo_namespace *ns = link->home;

	if (nsid >= 0)
		ns = (size_t)nsid < topology->n ? topology->v[nsid] : NULL;
	return ns && index > 0 ? find_link(ns, index) : NULL;
}

static bool is_cable(const struct topo_link *link)
{
	return strcmp(link->kind, "veth") == 0 || strcmp(link->kind, "netkit") == 0;
}

static void resolve(const struct topology *topology, struct topo_link *link)
{
	struct topo_link *other = find_other(topology, link, link->other_nsid, link->other_index);

	link->master = find_other(topology, link, -1, link->master_index);
	if (other == link)
		return;
	if (is_cable(link))
		link->peer = other;
	else
		link->lower = other;
}

int topology_read(struct topology *topology)
{
	/* there may become more of them */
	for (size_t i = 0; i < topology->n; i++) {
		struct topo_namespace *ns = topology->v[i];
		int r = read_namespace(topology, ns, (int)i);

		if (r < 0 && ns->inode && r != -EPERM && r != -EACCES && r != -EINVAL)
			return r;
		ns->closed = r < 0; /* or gone since */
		for (size_t j = 0; j < ns->n_links; j++)
			make_room(topology, ns->links[j].other_nsid);
	}
	for (size_t i = 0; i < topology->n; i++)
		for (size_t j = 0; j < topology->v[i]->n_links; j++)
			resolve(topology, &topology->v[i]->links[j]);
	return 0;
}

static void free_namespace(struct topo_namespace *ns)
{
	forget_links(ns);
	free(ns->processes);
	for (size_t i = 0; i < ns->n_names; i++)
		free(ns->names[i]);
	free(ns->names);
	free(ns->label);
	free(ns);
}

void topology_end(struct topology *topology)
{
	map_free(&topology->inodes);
	for (size_t i = 0; i < topology->n; i++)
		free_namespace(topology->v[i]);
	free(topology->v);
	if (topology->fd >= 0)
		close(topology->fd);
	*topology = (struct topology){.fd = -1};
}

char *topo_link_text(const struct topo_link *link)
{
	return text("%s:%s", link->home->label, link->name);
}

bool topo_address_tells(const char *address)
{
	return strncmp(address, "fe80:", 5) != 0 && strncmp(address, "127.", 4) != 0 &&
	       strcmp(address, "::1/128") != 0;
}
