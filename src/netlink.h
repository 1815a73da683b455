/* SPDX-License-Identifier: MIT */
/* One question to the kernel by rtnetlink, and its answer. */
#ifndef NETLINK_H
#define NETLINK_H

#include <libmnl/libmnl.h>

#define EXTACK_SIZE 256

/*
 * Sends a request from the calling thread's namespace and gives the answers to `answer`, which
 * may be NULL where only success or failure is of interest. The request's sequence number and
 * NLM_F_REQUEST | NLM_F_ACK are set here.
 *
 * Returns 0 or a negative errno; then `extack` holds what the kernel said beside it, or "".
 */
int netlink_ask(struct nlmsghdr *request, mnl_cb_t answer, void *data, char extack[EXTACK_SIZE]);

/*
 * The same for a request that is answered by many messages; NLM_F_DUMP is set here. `alone` gets
 * the size of the answer if it was a single datagram, which holds NETLINK_DUMP_SIZE bytes at most;
 * else 0.
 */
#define NETLINK_DUMP_SIZE 32768
int netlink_dump(struct nlmsghdr *request, mnl_cb_t answer, void *data, char extack[EXTACK_SIZE],
	size_t *alone);

#endif
