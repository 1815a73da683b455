/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "link-events.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

struct link_source {
	char *name;
	int nsid; /* in our own namespace */
};

static int failed(const char *what)
{
	message("%s cannot be watched: %s", what, strerror(errno));
	return STATUS_FAILED;
}

int link_events_open(struct link_events *events)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .flags = NETNS_CREATE_UNPINNED};
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK, .nl_groups = 1u << (RTNLGRP_LINK - 1)};
	int on = 1, r;

	*events = (struct link_events){.fd = -1};
	r = netns_create(&opts, &events->own);
	if (r == 0)
		r = events->fd = netns_socket(
			events->own, AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (r < 0) {
		explain(NULL, r);
		return STATUS_FAILED;
	}
	if (setsockopt(events->fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on)) < 0)
		return failed("links of all namespaces");
	if (bind(events->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return failed("links");
	return STATUS_OK;
}

/* The nsid that our own namespace has for it from now on; -1 if it is gone. */
static int give_nsid(struct link_events *events, const char *name)
{
	struct netns_scope scope;
	struct netns *ns;
	int nsid = -1;

	if (netns_open_name_in(globals.run_dir, name, &ns) < 0)
		return -1;
	if (netns_enter(&scope, events->own, NULL) == 0) {
		if (netns_assign_nsid(ns, &nsid) < 0)
			nsid = -1;
		if (netns_leave(&scope) < 0) {
			/* in the wrong namespace, from where no name must be made or told */
			explain(NULL, -ENOTRECOVERABLE);
			exit(STATUS_FAILED);
		}
	}
	netns_free(ns);
	return nsid;
}

void link_events_add(struct link_events *events, const char *name)
{
	int nsid = give_nsid(events, name);

	if (nsid < 0)
		return;
	if (events->n == events->room) {
		events->room = 2 * events->room + 16;
		events->v = need(reallocarray(events->v, events->room, sizeof(*events->v)));
	}
	events->v[events->n++] = (struct link_source){need(strdup(name)), nsid};
}

void link_events_remove(struct link_events *events, const char *name)
{
	for (size_t i = 0; i < events->n; i++)
		if (strcmp(events->v[i].name, name) == 0) {
			free(events->v[i].name);
			events->v[i] = events->v[--events->n];
			return;
		}
}

static const char *name_of_nsid(const struct link_events *events, int nsid)
{
	for (size_t i = 0; i < events->n; i++)
		if (events->v[i].nsid == nsid)
			return events->v[i].name;
	return NULL;
}

static const char *state_of(unsigned flags)
{
	if (!(flags & IFF_UP))
		return "down";
	return flags & IFF_RUNNING ? "up" : "no-carrier";
}

static void read_link(const struct nlmsghdr *head, const char *netns, link_event_fn *fn, void *arg)
{
	const struct ifinfomsg *info = NLMSG_DATA(head);
	struct link_event event = {.netns = netns, .index = info->ifi_index};
	int left = (int)IFLA_PAYLOAD(head);

	/* a bridge tells of its ports by the same message */
	if (head->nlmsg_len < NLMSG_LENGTH(sizeof(*info)) || info->ifi_family != AF_UNSPEC)
		return;
	for (const struct rtattr *a = IFLA_RTA(info); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		const char *name = RTA_DATA(a);

		if (a->rta_type == IFLA_IFNAME && memchr(name, '\0', RTA_PAYLOAD(a)))
			event.link = name;
	}
	if (head->nlmsg_type == RTM_NEWLINK)
		event.state = state_of(info->ifi_flags);
	if (event.link)
		fn(&event, arg);
}

/* Where a datagram is from; -1: our own namespace. */
static int nsid_from(struct msghdr *datagram)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(datagram); c; c = CMSG_NXTHDR(datagram, c))
		if (c->cmsg_level == SOL_NETLINK && c->cmsg_type == NETLINK_LISTEN_ALL_NSID) {
			int nsid;

			memcpy(&nsid, CMSG_DATA(c), sizeof(nsid));
			return nsid;
		}
	return -1;
}

static void read_datagram(struct link_events *events, struct msghdr *datagram, size_t size,
	link_event_fn *fn, void *arg)
{
	const char *netns = name_of_nsid(events, nsid_from(datagram));
	const struct nlmsghdr *head = datagram->msg_iov->iov_base;

	for (; netns && NLMSG_OK(head, size); head = NLMSG_NEXT(head, size))
		if (head->nlmsg_type == RTM_NEWLINK || head->nlmsg_type == RTM_DELLINK)
			read_link(head, netns, fn, arg);
}

int link_events_read(struct link_events *events, link_event_fn *fn, void *arg)
{
	char buffer[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	char control[CMSG_SPACE(sizeof(int)) + 64] __attribute__((aligned(8)));
	struct iovec iov = {buffer, sizeof(buffer)};
	struct msghdr datagram = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(events->fd, &datagram, 0);

	if (n < 0 && errno == ENOBUFS)
		message("events of links were lost, there were too many at once");
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		return failed("links");
	else if (n > 0)
		read_datagram(events, &datagram, (size_t)n, fn, arg);
	return STATUS_OK;
}

void link_events_close(struct link_events *events)
{
	for (size_t i = 0; i < events->n; i++)
		free(events->v[i].name);
	free(events->v);
	if (events->fd >= 0)
		close(events->fd);
	netns_free(events->own);
}
