/* SPDX-License-Identifier: MIT */
/*
 * A veth whose ends are born in their namespaces under their final names: one request
 * makes both. What follows goes by one system call for each end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cable.h"

static void describe(struct rtnl_link *link, const struct end *end, const struct shape *shape)
{
	rtnl_link_set_name(link, end->link);
	if (shape->mtu)
		rtnl_link_set_mtu(link, shape->mtu);
	if (end->mac)
		rtnl_link_set_addr(link, end->mac);
}

static int create(const struct end *near, const struct end *far, const struct shape *shape,
	int bridge, const struct guard *guard)
{
	struct rtnl_link *link = need(rtnl_link_veth_alloc());
	struct rtnl_link *peer = rtnl_link_veth_get_peer(link);
	struct batch batch = {0};
	struct nl_msg *msg;
	int r;

	describe(link, near, shape);
	describe(peer, far, shape);
	rtnl_link_set_group(link, guard->mark);
	if (bridge)
		rtnl_link_set_master(link, bridge);
	rtnl_link_set_ns_fd(peer, netns_get_fd(far->rtnl.ns));
	r = rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &msg);
	batch_add(&batch, r, msg, "%s - %s", near->label, far->label);
	rtnl_link_put(peer);
	rtnl_link_put(link);
	return batch_send(&batch, &near->rtnl);
}

/* The kernel would say so too, but not of which. */
static int refuse_existing(const struct end *end)
{
	struct link_state state;
	int r = rtnl_look(&end->rtnl, 0, end->link, &state);

	if (r == -ENODEV)
		return STATUS_OK;
	if (r < 0)
		return rtnl_not_found(end->label, r);
	message("%s: already exists", end->label);
	return STATUS_FAILED;
}

int cable_lay(struct end *near, struct end *far, const struct shape *shape, int bridge,
	struct guard *guard)
{
	struct link_state state;
	int status = refuse_existing(near);

	if (status == STATUS_OK)
		status = refuse_existing(far);
	if (status == STATUS_OK)
		status = create(near, far, shape, bridge, guard);
	if (status == STATUS_OK)
		status = rtnl_find(&far->rtnl, far->link, &state);
	if (status != STATUS_OK)
		return status;
	guard_add(guard, state.peer);
	status = end_set_up(far, state.index, shape);
	if (status == STATUS_OK)
		status = end_set_up(near, state.peer, shape);
	if (status == STATUS_OK) {
		rtnl_settle(&far->rtnl, state.index);
		rtnl_settle(&near->rtnl, state.peer);
	}
	return status;
}

static int connect_open(struct end *near, struct end *far, const struct shape *shape)
{
	struct guard guard;
	int status = guard_begin(&guard, &near->rtnl);

	if (status == STATUS_OK)
		status = cable_lay(near, far, shape, 0, &guard);
	return guard_end(&guard, status);
}

int cable_connect(struct end *near, struct end *far, const struct shape *shape)
{
	int status = end_open(near);

	if (status == STATUS_OK)
		status = end_open(far);
	return status == STATUS_OK ? connect_open(near, far, shape) : status;
}
