/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contents.h"
#include "rtnl.h"

const char *const section_words[N_SECTIONS] = {
	[LINKS] = "links",
	[ADDRESSES] = "addresses",
	[ROUTES] = "routes",
	[RULES] = "rules",
	[SYSCTLS] = "sysctls",
};

static void add_line(struct lines *lines, char *line)
{
	if ((lines->n & (lines->n + 1)) == 0)
		lines->v = need(reallocarray(lines->v, 2 * (lines->n + 1), sizeof(*lines->v)));
	lines->v[lines->n++] = need(line);
}

static void free_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		free(lines->v[i]);
	free(lines->v);
	*lines = (struct lines){0};
}

static int compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct lines *lines)
{
	if (lines->n > 0)
		qsort(lines->v, lines->n, sizeof(*lines->v), compare);
}

/* ---- what rtnetlink(7) tells ---- */

/* The names of links by their index, which differs between namespaces and is not compared. */
struct reading {
	struct contents *contents;
	struct {
		int index;
		char *name;
	} * links;
	size_t n_links;
};

static const char *link_name(const struct reading *reading, int index)
{
	for (size_t i = 0; i < reading->n_links; i++)
		if (reading->links[i].index == index)
			return reading->links[i].name;
	return "?";
}

static char *kind_of(struct nlattr *linkinfo)
{
	struct nlattr *kind =
		linkinfo ? nla_find(nla_data(linkinfo), nla_len(linkinfo), IFLA_INFO_KIND) : NULL;

	return kind ? nla_get_string(kind) : NULL;
}

/* Hardware addresses are left out: they differ by themselves. */
static void read_link(struct nlmsghdr *header, void *arg)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *tb[IFLA_LINKINFO + 1];
	struct reading *reading = arg;
	const char *name, *kind;

	if (nlmsg_parse(header, sizeof(*info), tb, IFLA_LINKINFO, NULL) < 0 || !tb[IFLA_IFNAME])
		return;
	name = nla_get_string(tb[IFLA_IFNAME]);
	kind = kind_of(tb[IFLA_LINKINFO]);
	reading->links =
		need(reallocarray(reading->links, reading->n_links + 1, sizeof(*reading->links)));
	reading->links[reading->n_links].index = info->ifi_index;
	reading->links[reading->n_links++].name = need(strdup(name));
	add_line(&reading->contents->names, strdup(name));
	add_line(&reading->contents->sections[LINKS],
		text("%s%s%s mtu %u %s", name, kind ? " " : "", kind ? kind : "",
			tb[IFLA_MTU] ? nla_get_u32(tb[IFLA_MTU]) : 0,
			info->ifi_flags & IFF_UP ? "up" : "down"));
}

static char *address_text(int family, struct nlattr *attribute)
{
	char buffer[INET6_ADDRSTRLEN] = "?";

	if (attribute && nla_len(attribute) >= (family == AF_INET ? 4 : 16))
		inet_ntop(family, nla_data(attribute), buffer, sizeof(buffer));
	return need(strdup(buffer));
}

/* Those that a link gave itself come from its hardware address, and differ by themselves. */
static bool is_of_its_own_making(const struct ifaddrmsg *info)
{
	return info->ifa_family == AF_INET6 && info->ifa_scope == RT_SCOPE_LINK;
}

static void read_address(struct nlmsghdr *header, void *arg)
{
	const struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *tb[IFA_MAX + 1];
	struct reading *reading = arg;
	char *address;

	if (nlmsg_parse(header, sizeof(*info), tb, IFA_MAX, NULL) < 0 || is_of_its_own_making(info))
		return;
	address = address_text(info->ifa_family, tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS]);
	add_line(&reading->contents->sections[ADDRESSES],
		text("%s/%u dev %s", address, info->ifa_prefixlen,
			link_name(reading, (int)info->ifa_index)));
	free(address);
}

static const char *route_type(unsigned type)
{
	static const char *const words[] = {[RTN_BLACKHOLE] = "blackhole ",
		[RTN_UNREACHABLE] = "unreachable ",
		[RTN_PROHIBIT] = "prohibit ",
		[RTN_THROW] = "throw "};

	return type < ARRAY_SIZE(words) && words[type] ? words[type] : "";
}

/* Of all tables but `local`, which the kernel fills from the addresses. */
static void read_route(struct nlmsghdr *header, void *arg)
{
	const struct rtmsg *info = nlmsg_data(header);
	struct nlattr *tb[RTA_TABLE + 1];
	struct reading *reading = arg;
	char *to, *via = NULL, *dev = NULL;
	unsigned table;

	if (nlmsg_parse(header, sizeof(*info), tb, RTA_TABLE, NULL) < 0)
		return;
	table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : info->rtm_table;
	if (table == RT_TABLE_LOCAL || info->rtm_flags & RTM_F_CLONED ||
		(info->rtm_family != AF_INET && info->rtm_family != AF_INET6))
		return;
	to = tb[RTA_DST] ? address_text(info->rtm_family, tb[RTA_DST]) : NULL;
	if (tb[RTA_GATEWAY])
		via = address_text(info->rtm_family, tb[RTA_GATEWAY]);
	if (tb[RTA_OIF])
		dev = text(" dev %s", link_name(reading, (int)nla_get_u32(tb[RTA_OIF])));
	if (!(to && strncmp(to, "fe80:", 5) == 0) && !(to && strncmp(to, "ff00:", 5) == 0))
		add_line(&reading->contents->sections[ROUTES],
			to ? text("%s%s/%u%s%s%s table %u metric %u", route_type(info->rtm_type),
				     to, info->rtm_dst_len, via ? " via " : "", via ? via : "",
				     dev ? dev : "", table,
				     tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0)
			   : text("%sdefault (IPv%d)%s%s%s table %u metric %u",
				     route_type(info->rtm_type),
				     info->rtm_family == AF_INET ? 4 : 6, via ? " via " : "",
				     via ? via : "", dev ? dev : "", table,
				     tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0));
	free(to);
	free(via);
	free(dev);
}

static char *selector(const char *word, int family, struct nlattr *address, unsigned length)
{
	char *is = address ? address_text(family, address) : NULL, *all;

	all = is ? text(" %s %s/%u", word, is, length) : need(strdup(""));
	free(is);
	return all;
}

static void read_rule(struct nlmsghdr *header, void *arg)
{
	const struct fib_rule_hdr *info = nlmsg_data(header);
	struct nlattr *tb[FRA_TABLE + 1];
	struct reading *reading = arg;
	char *from, *to;

	if (nlmsg_parse(header, sizeof(*info), tb, FRA_TABLE, NULL) < 0 ||
		(info->family != AF_INET && info->family != AF_INET6))
		return;
	from = selector("from", info->family, tb[FRA_SRC], info->src_len);
	to = selector("to", info->family, tb[FRA_DST], info->dst_len);
	add_line(&reading->contents->sections[RULES],
		text("IPv%d priority %u%s%s%s%s%s%s action %u table %u",
			info->family == AF_INET ? 4 : 6,
			tb[FRA_PRIORITY] ? nla_get_u32(tb[FRA_PRIORITY]) : 0, from, to,
			tb[FRA_IIFNAME] ? " iif " : "",
			tb[FRA_IIFNAME] ? nla_get_string(tb[FRA_IIFNAME]) : "",
			tb[FRA_FWMARK] ? " fwmark" : "",
			info->flags & FIB_RULE_INVERT ? " not" : "", info->action,
			tb[FRA_TABLE] ? nla_get_u32(tb[FRA_TABLE]) : info->table));
	free(from);
	free(to);
}

static int read_kernel_lists(const struct rtnl *rtnl, struct reading *reading)
{
	static const struct {
		int type;
		const char *name;
		rtnl_fn read;
	} lists[] = {
		{RTM_GETLINK, "links", read_link},
		{RTM_GETADDR, "addresses", read_address},
		{RTM_GETROUTE, "routes", read_route},
		{RTM_GETRULE, "rules", read_rule},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		int r = rtnl_list(rtnl->fd, lists[i].type, lists[i].read, reading);

		/* changed while it was listed: what has been read is what is compared */
		if (r < 0 && r != -EINTR && r != -EOPNOTSUPP) {
			message("%s: its %s cannot be listed: %s", rtnl->spec, lists[i].name,
				rtnl_reason(r));
			return STATUS_FAILED;
		}
	}
	return STATUS_OK;
}

/* ---- what /proc/sys/net tells ---- */

static void read_sysctls_below(
	int parent, const char *name, const char *key, struct contents *contents);

static void pass_over(const char *key, struct contents *contents)
{
	message("read %s, which is passed over: %s", key, reason_for(errno));
	contents->incomplete = true;
}

static void read_sysctl(int fd, const char *key, struct contents *contents)
{
	char value[4096];
	ssize_t n = read(fd, value, sizeof(value) - 1);

	if (n < 0 && errno != EIO) /* such as that of a stable_secret that was never set */
		pass_over(key, contents);
	if (n < 0)
		return;
	while (n > 0 && value[n - 1] == '\n')
		n--;
	value[n] = '\0';
	for (char *c = value; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	add_line(&contents->sections[SYSCTLS], text("%s = %s", key, value));
}

static void read_sysctl_directory(int fd, const char *key, struct contents *contents)
{
	const struct dirent *entry;
	DIR *dir = fdopendir(fd);

	while (dir && (errno = 0, entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			char *below = text("%s%s%s", key, *key ? "." : "", entry->d_name);

			read_sysctls_below(dirfd(dir), entry->d_name, below, contents);
			free(below);
		}
	if (errno != 0 && errno != ENOENT) /* gone, with a link */
		pass_over(key, contents);
	if (dir)
		closedir(dir);
	else
		close(fd);
}

static void read_sysctls_below(
	int parent, const char *name, const char *key, struct contents *contents)
{
	int fd = openat(parent, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd >= 0) {
		read_sysctl_directory(fd, key, contents);
		return;
	}
	fd = openat(parent, name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		read_sysctl(fd, key, contents);
		close(fd);
	} else if ((errno != EACCES && errno != ENOENT) || parent == AT_FDCWD) {
		pass_over(key, contents); /* not only to be written, or gone */
	}
}

/* Each look into a directory of /proc is from where the thread is. */
static int read_sysctls(struct netns *host, void *arg)
{
	(void)host;
	read_sysctls_below(AT_FDCWD, "/proc/sys/net", "net", arg);
	return 0;
}

/* ---- all of it ---- */

int read_contents(const char *spec, struct contents *ret)
{
	struct reading reading = {.contents = ret};
	struct rtnl rtnl;
	int status, r;

	*ret = (struct contents){0};
	status = rtnl_open(spec, &rtnl);
	if (status == STATUS_OK)
		status = read_kernel_lists(&rtnl, &reading);
	if (status == STATUS_OK) {
		r = netns_do(rtnl.ns, read_sysctls, ret);
		if (r < 0) {
			explain_spec(spec, r);
			status = STATUS_FAILED;
		}
	}
	rtnl_close(&rtnl);
	for (size_t i = 0; i < reading.n_links; i++)
		free(reading.links[i].name);
	free(reading.links);
	for (int i = 0; i < N_SECTIONS; i++)
		sort(&ret->sections[i]);
	sort(&ret->names);
	return status;
}

void free_contents(struct contents *contents)
{
	for (int i = 0; i < N_SECTIONS; i++)
		free_lines(&contents->sections[i]);
	free_lines(&contents->names);
}
