/* SPDX-License-Identifier: MIT */
/*
 * Talking to the kernel about the links of a namespace: rtnetlink(7). The messages
 * are libnl's, the sockets libnetns'.
 */
#ifndef RTNL_H
#define RTNL_H

#include <linux/rtnetlink.h>

#include "cli.h"
#include "libnl.h"

/* A namespace that is talked about. */
struct rtnl {
	const char *spec; /* as the user calls it */
	struct netns *ns;
	int fd; /* a socket inside */
};
int rtnl_open(const char *spec, struct rtnl *ret); /* a status; close it in any case */
/* The same for one that is open, and stays the caller's; `label` is what to call it. */
int rtnl_open_in(struct netns *ns, const char *label, struct rtnl *ret);
void rtnl_close(struct rtnl *rtnl);

/*
 * Requests that the kernel works off within one system call, in this order, so that
 * a signal finds none or all of them done. One that fails does not stop the others.
 */
struct request {
	struct nl_msg *msg;
	char *subject; /* what a message about it begins with */
	bool optional; /* it may fail */
};
struct batch {
	struct request *v;
	size_t n;
	bool broken; /* one could not be made, as has been told: none will be sent */
};
/* Takes over msg, which libnl made with the answer r. */
void batch_add(struct batch *batch, int r, struct nl_msg *msg, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void batch_add_optional(struct batch *batch, int r, struct nl_msg *msg);
/* Empties the batch. A status: of the first that failed, the reason has been told. */
int batch_send(struct batch *batch, const struct rtnl *rtnl);
int batch_send_quietly(struct batch *batch, const struct rtnl *rtnl);
void batch_drop(struct batch *batch);

/* fn gets each message of the answer. 0 or -errno; -EINTR: what was listed has changed meanwhile. */
typedef void (*rtnl_fn)(struct nlmsghdr *header, void *arg);
int rtnl_ask(int fd, struct nlmsghdr *question, rtnl_fn fn, void *arg);
int rtnl_list(int fd, int type, rtnl_fn fn, void *arg); /* all of a type: RTM_GETLINK, ... */

/* What is known of one link. */
struct link_state {
	int index;
	int peer; /* of a veth: the index of the other end, wherever that is */
	unsigned flags;
	bool running; /* what is sent gets to the other end */
	uint8_t address[32];
	size_t n_address;
};
/* By name, or, when that is NULL, by index. 0 or -errno. */
int rtnl_look(const struct rtnl *rtnl, int index, const char *link, struct link_state *ret);
int rtnl_find(const struct rtnl *rtnl, const char *link, struct link_state *ret); /* a status */
/* Says that it was not, and why; STATUS_FAILED. */
int rtnl_not_found(const char *label, int error);

/* Waits until what is sent there gets through; not for ever. */
void rtnl_settle(const struct rtnl *rtnl, int index);

/* The words for an error of rtnetlink. */
const char *rtnl_reason(int error);

#endif /* RTNL_H */
