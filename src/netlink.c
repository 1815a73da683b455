/* SPDX-License-Identifier: MIT */
#include <linux/netlink.h>
#include <pthread.h>
#include <stdio.h>

#include "cleanup.h"
#include "netlink.h"

static void cleanup_socket(struct mnl_socket **socket)
{
	if (*socket)
		mnl_socket_close(*socket);
}

static int read_extack(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		snprintf(data, EXTACK_SIZE, "%s", mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

struct exchange {
	mnl_cb_t answer;
	void *data;
	char *extack;
	int error;
};

/* Takes the errno from the message itself: libmnl's own handling drops the extack. */
static int on_error(const struct nlmsghdr *message, void *data)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
	struct exchange *exchange = data;
	size_t offset = sizeof(*error);

	if (message->nlmsg_len < mnl_nlmsg_size(sizeof(*error))) {
		exchange->error = -EBADMSG;
		return MNL_CB_STOP;
	}
	exchange->error = error->error;
	if (message->nlmsg_flags & NLM_F_ACK_TLVS) {
		if (!(message->nlmsg_flags & NLM_F_CAPPED))
			offset += mnl_nlmsg_get_payload_len(&error->msg);
		mnl_attr_parse(message, (unsigned)offset, read_extack, exchange->extack);
	}
	return MNL_CB_STOP;
}

static int on_answer(const struct nlmsghdr *message, void *data)
{
	struct exchange *exchange = data;

	return exchange->answer ? exchange->answer(message, exchange->data) : MNL_CB_OK;
}

static int receive(struct mnl_socket *socket, unsigned seq, struct exchange *exchange)
{
	mnl_cb_t control[NLMSG_MIN_TYPE] = {[NLMSG_ERROR] = on_error};
	char buffer[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t n;
	int r;

	do {
		n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r = mnl_cb_run2(buffer, (size_t)n, seq, mnl_socket_get_portid(socket), on_answer,
			exchange, control, NLMSG_MIN_TYPE);
		if (r == MNL_CB_ERROR)
			return -errno;
	} while (n < 0 || r != MNL_CB_STOP);
	return exchange->error;
}

static int converse(struct nlmsghdr *request, struct exchange *exchange)
{
	struct mnl_socket CLEANUP(cleanup_socket) *socket = NULL;
	int on = 1;

	socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!socket)
		return -errno;
	/* Without them (Linux < 4.12) there is only less to say about a failure. */
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;

	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = 1;
	while (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		if (errno != EINTR)
			return -errno;
	return receive(socket, request->nlmsg_seq, exchange);
}

int netlink_ask(struct nlmsghdr *request, mnl_cb_t answer, void *data, char extack[EXTACK_SIZE])
{
	struct exchange exchange = {.answer = answer, .data = data, .extack = extack};
	int cancel, r;

	extack[0] = '\0';
	/* libmnl sends and receives by calls that are cancellation points. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	r = converse(request, &exchange);
	pthread_setcancelstate(cancel, NULL);
	return r;
}
