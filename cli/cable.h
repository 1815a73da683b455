/* SPDX-License-Identifier: MIT */
/* Links of the tool's own making: what has one, what it is like, and that it is whole or not there. */
#ifndef CABLE_H
#define CABLE_H

#include "rtnl.h"

/* end.c: a link in a namespace, as it is written: SPEC:LINK=ADDRESS,... */
struct end {
	char *label; /* without the addresses: for messages */
	char *spec;
	const char *link;
	struct nl_addr **addresses;
	size_t n_addresses;
	struct nl_addr *mac; /* NULL: the kernel's choice */
	bool is_port;        /* of a bridge, which has the addresses in its place */
	struct rtnl rtnl;
};
/* These do not return when the word is not understood. */
void end_parse(const char *word, struct end *ret);
void end_add_address(struct end *end, const char *text);
void end_set_mac(struct end *end, const char *text);
int end_open(struct end *end); /* a status */
void end_free(struct end *end);
/* The addresses of the end, for the link with this index. */
void end_request_addresses(const struct end *end, int index, bool remove, struct batch *batch);
void request_up(const char *label, int index, struct batch *batch);
/* Gives the link with this index all that the end shall have (shape: NULL for none). A status. */
struct shape;
int end_set_up(const struct end *end, int index, const struct shape *shape);

/* shape.c: how a cable treats what is sent over it */
struct shape {
	unsigned mtu;  /* 0: as it comes */
	int delay;     /* microseconds */
	uint32_t loss; /* of 2^32 packets */
	int rate;      /* bytes in a second; 0: no limit */
};
enum { SHAPE_MTU = OPTION_LONG + 64 }; /* whose options stand among those of others */
#define SHAPE_OPTIONS                                                                              \
	{SHAPE_MTU, "mtu", "BYTES", "the largest packet", "number"},                               \
		{'D', "delay", "TIME", "each way: 10ms, 200us, 1s", "number"},                     \
		{'L', "loss", "PERCENT", "of the packets, each way: 1%, 0.1%", "number"},          \
	{                                                                                          \
		'R', "rate", "RATE", "each way: 10mbit, 1gbit, 500kbit", "number"                  \
	}
bool shape_option(int option, const char *argument, struct shape *shape); /* is it one of these? */
void shape_request(
	const struct shape *shape, const struct end *end, int index, struct batch *batch);

/*
 * guard.c: what is being built in a namespace is marked, and a process of its own waits
 * to remove whatever bears the mark, should this one be killed.
 */
struct guard {
	const struct rtnl *rtnl;
	uint32_t mark; /* the group of the links while they are in the making */
	int *links;    /* the index of each */
	size_t n_links;
	pid_t pid;
	int pipe;
};
int guard_begin(struct guard *guard, const struct rtnl *rtnl); /* a status */
void guard_add(struct guard *guard, int index);
int guard_end(struct guard *guard, int status); /* lets all stay when it is STATUS_OK, or none */

/* cable.c */
/*
 * A veth between two ends, whose namespaces are open, the near one's under guard. The near one
 * may be a port of the bridge with this index, and is then called something like "port%d". What is
 * sent gets through afterwards. A status.
 */
int cable_lay(struct end *near, struct end *far, const struct shape *shape, int bridge,
	struct guard *guard);
/* One cable for itself: whole or not there. Both ends are parsed, not open. A status. */
int cable_connect(struct end *near, struct end *far, const struct shape *shape);

#endif /* CABLE_H */
