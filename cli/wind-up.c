/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "rtnl.h"
#include "wind-up.h"

struct link_list {
	int *virtual;
	size_t n;
	char *physical;
};

/* A device of the machine has no kind, and loopback neither. */
static void note_link(struct nlmsghdr *header, void *arg)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *tb[IFLA_LINKINFO + 1], *kind = NULL;
	struct link_list *list = arg;
	char *before = list->physical;

	if (info->ifi_type == ARPHRD_LOOPBACK ||
		nlmsg_parse(header, sizeof(*info), tb, IFLA_LINKINFO, NULL) < 0)
		return;
	if (tb[IFLA_LINKINFO])
		kind = nla_find(
			nla_data(tb[IFLA_LINKINFO]), nla_len(tb[IFLA_LINKINFO]), IFLA_INFO_KIND);
	if (kind) {
		list->virtual = need(
			reallocarray(list->virtual, list->n + 1, sizeof(*list->virtual)));
		list->virtual[list->n++] = info->ifi_index;
	} else if (tb[IFLA_IFNAME]) {
		list->physical = text("%s%s%s", before ? before : "", before ? " " : "",
			nla_get_string(tb[IFLA_IFNAME]));
		free(before);
	}
}

static int read_links(const struct rtnl *rtnl, struct link_list *list)
{
	int r, tries = 8;

	do {
		free(list->virtual);
		free(list->physical);
		*list = (struct link_list){0};
		r = rtnl_list(rtnl->fd, RTM_GETLINK, note_link, list);
	} while (r == -EINTR && --tries > 0);
	return r;
}

/* One that went with another is no failure, and neither is one that the kernel keeps. */
static void remove_listed(const struct rtnl *rtnl, const struct link_list *list)
{
	struct batch batch = {0};

	for (size_t i = 0; i < list->n; i++) {
		struct rtnl_link *link = need(rtnl_link_alloc());
		struct nl_msg *msg;
		int r;

		rtnl_link_set_ifindex(link, list->virtual[i]);
		r = rtnl_link_build_delete_request(link, &msg);
		batch_add_optional(&batch, r, msg);
		rtnl_link_put(link);
	}
	batch_send_quietly(&batch, rtnl);
}

int remove_links(struct netns *ns, const char *name)
{
	struct link_list list = {0};
	struct rtnl rtnl;
	int status = rtnl_open_in(ns, name, &rtnl), r = 0;

	if (status == STATUS_OK)
		r = read_links(&rtnl, &list);
	if (status == STATUS_OK && r == 0)
		remove_listed(&rtnl, &list);
	if (r < 0) {
		message("%s: its links cannot be listed: %s", name, rtnl_reason(r));
		status = STATUS_FAILED;
	}
	rtnl_close(&rtnl);
	free(list.virtual);
	free(list.physical);
	return status;
}

int physical_links(struct netns *ns, const char *name, char **ret)
{
	struct link_list list = {0};
	struct rtnl rtnl;
	int status = rtnl_open_in(ns, name, &rtnl), r = 0;

	if (status == STATUS_OK)
		r = read_links(&rtnl, &list);
	if (r < 0) {
		message("%s: its links cannot be listed: %s", name, rtnl_reason(r));
		status = STATUS_FAILED;
	}
	rtnl_close(&rtnl);
	free(list.virtual);
	*ret = list.physical;
	return status;
}
