/* SPDX-License-Identifier: MIT */
#include <linux/netlink.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

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
	size_t datagrams; /* that the answer came in, ... */
	size_t size;      /* ... and its size in all */
};

static void read_extacks(const struct nlmsghdr *message, size_t offset, struct exchange *exchange)
{
	if (message->nlmsg_flags & NLM_F_ACK_TLVS && offset <= mnl_nlmsg_get_payload_len(message))
		mnl_attr_parse(message, (unsigned)offset, read_extack, exchange->extack);
}

/* As the kernel knows them, MAX_ERRNO. */
static int check_errno(int error)
{
	return error <= 0 && error >= -4095 ? error : -EBADMSG;
}

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
	exchange->error = check_errno(error->error);
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		offset += mnl_nlmsg_get_payload_len(&error->msg);
	read_extacks(message, offset, exchange);
	return MNL_CB_STOP;
}

/* The end of a dump, which tells if it has failed. */
static int on_done(const struct nlmsghdr *message, void *data)
{
	const int *error = mnl_nlmsg_get_payload(message);
	struct exchange *exchange = data;

	if (message->nlmsg_len >= mnl_nlmsg_size(sizeof(*error))) {
		exchange->error = check_errno(*error);
		read_extacks(message, sizeof(*error), exchange);
	}
	return MNL_CB_STOP;
}

static int on_answer(const struct nlmsghdr *message, void *data)
{
	struct exchange *exchange = data;

	return exchange->answer ? exchange->answer(message, exchange->data) : MNL_CB_OK;
}

/* libmnl takes a length of 2 GiB and more for a negative one, which any rest is enough for. */
static bool lengths_are_good(const char *buffer, size_t size)
{
	while (size >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *message = (const void *)buffer;
		size_t step = NLMSG_ALIGN((size_t)message->nlmsg_len);

		if (message->nlmsg_len < sizeof(*message) || message->nlmsg_len > size)
			return false;
		if (step > size)
			return true;
		buffer += step;
		size -= step;
	}
	return true;
}

/* The length of a datagram of the kernel's; another sender's is passed over. */
static ssize_t read_datagram(struct mnl_socket *socket, char *buffer, size_t size, int flags)
{
	struct sockaddr_nl from;
	struct iovec iov = {buffer, size};
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	do {
		from = (struct sockaddr_nl){0};
		n = recvmsg(mnl_socket_get_fd(socket), &msg, flags);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
	if (n < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -ENOSPC;
	return lengths_are_good(buffer, (size_t)n) ? n : -EBADMSG;
}

static int receive(struct mnl_socket *socket, unsigned seq, char *buffer, size_t size,
	struct exchange *exchange)
{
	mnl_cb_t control[NLMSG_MIN_TYPE] = {[NLMSG_ERROR] = on_error, [NLMSG_DONE] = on_done};
	ssize_t n;
	int r;

	do {
		n = read_datagram(socket, buffer, size, 0);
		if (n < 0)
			return (int)n;
		exchange->datagrams++;
		exchange->size += (size_t)n;
		r = mnl_cb_run2(buffer, (size_t)n, seq, mnl_socket_get_portid(socket), on_answer,
			exchange, control, NLMSG_MIN_TYPE);
		if (r == MNL_CB_ERROR)
			return -errno;
	} while (r != MNL_CB_STOP);
	return exchange->error;
}

static int talk(struct mnl_socket *socket, struct nlmsghdr *request, unsigned seq, char *buffer,
	size_t size, struct exchange *exchange)
{
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = seq;
	while (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		if (errno != EINTR)
			return -errno;
	return receive(socket, seq, buffer, size, exchange);
}

/*
 * Whoever is root in the namespace can send here too, and need not guess more than a process id.
 * From the moment the socket is connected the kernel refuses that; what came before is dropped, so
 * that there is room for the answer.
 */
static int connect_to_kernel(struct mnl_socket *socket)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int fd = mnl_socket_get_fd(socket);
	char byte[1];

	if (connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	while (recv(fd, byte, 1, MSG_DONTWAIT) >= 0 || errno == EINTR || errno == ENOBUFS)
		;
	return 0;
}

static int open_socket(struct mnl_socket **ret)
{
	int on = 1;

	*ret = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!*ret)
		return -errno;
	/* Without them (Linux < 4.12) there is only less to say about a failure. */
	mnl_socket_setsockopt(*ret, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(*ret, NETLINK_CAP_ACK, &on, sizeof(on));
	if (mnl_socket_bind(*ret, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return connect_to_kernel(*ret);
}

static int converse(struct nlmsghdr *request, struct exchange *exchange)
{
	struct mnl_socket CLEANUP(cleanup_socket) *socket = NULL;
	char buffer[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	int r = open_socket(&socket);

	return r < 0 ? r : talk(socket, request, 1, buffer, sizeof(buffer), exchange);
}

static void cleanup_buffer(char **buffer)
{
	free(*buffer);
}

/*
 * The kernel makes its datagrams as large as what it was read with last, and the first one of a
 * dump before that is read. So something is read before.
 */
static int converse_at_length(struct nlmsghdr *request, struct exchange *exchange)
{
	struct mnl_socket CLEANUP(cleanup_socket) *socket = NULL;
	char CLEANUP(cleanup_buffer) *buffer = malloc(NETLINK_DUMP_SIZE);
	struct nlmsghdr nothing = {.nlmsg_len = sizeof(nothing), .nlmsg_type = NLMSG_NOOP};
	struct exchange before = {.extack = exchange->extack};
	int on = 1, r;

	if (!buffer)
		return -ENOMEM;
	r = open_socket(&socket);
	if (r < 0)
		return r;
	/* Without it the kernel leaves what narrows a dump down unread; Linux 4.20. */
	mnl_socket_setsockopt(socket, NETLINK_STRICT_CHECK, &on, sizeof(on));
	r = talk(socket, &nothing, 1, buffer, NETLINK_DUMP_SIZE, &before);
	if (r < 0)
		return r;
	request->nlmsg_flags |= NLM_F_DUMP;
	return talk(socket, request, 2, buffer, NETLINK_DUMP_SIZE, exchange);
}

/* libmnl sends and receives by calls that are cancellation points. */
static int uncancelled(int (*fn)(struct nlmsghdr *request, struct exchange *exchange),
	struct nlmsghdr *request, struct exchange *exchange)
{
	int cancel, r;

	exchange->extack[0] = '\0';
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	r = fn(request, exchange);
	pthread_setcancelstate(cancel, NULL);
	return r;
}

int netlink_ask(struct nlmsghdr *request, mnl_cb_t answer, void *data, char extack[EXTACK_SIZE])
{
	struct exchange exchange = {.answer = answer, .data = data, .extack = extack};

	return uncancelled(converse, request, &exchange);
}

int netlink_dump(struct nlmsghdr *request, mnl_cb_t answer, void *data, char extack[EXTACK_SIZE],
	size_t *alone)
{
	struct exchange exchange = {.answer = answer, .data = data, .extack = extack};
	int r = uncancelled(converse_at_length, request, &exchange);

	*alone = exchange.datagrams == 1 ? exchange.size : 0;
	return r;
}
