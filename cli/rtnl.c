/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "rtnl.h"

/* Room for the answers to a batch: they are all there before the first is read. */
enum { ANSWERS = 4 << 20, DATAGRAM = 65536 };

int rtnl_open_in(struct netns *ns, const char *label, struct rtnl *ret)
{
	/* connected: what others send there, whoever is root inside for one, is refused */
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	const int on = 1, room = ANSWERS;

	*ret = (struct rtnl){.spec = label, .fd = -1};
	ret->fd = netns_socket(ns, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (ret->fd < 0) {
		explain_spec(label, ret->fd);
		return STATUS_FAILED;
	}
	if (connect(ret->fd, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		message("%s: connect: %s", label, reason_for(errno));
		rtnl_close(ret);
		return STATUS_FAILED;
	}
	setsockopt(ret->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)); /* Linux 4.12 */
	setsockopt(ret->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (setsockopt(ret->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		setsockopt(ret->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return STATUS_OK;
}

int rtnl_open(const char *spec, struct rtnl *ret)
{
	struct netns *ns = open_spec(spec);
	int status;

	*ret = (struct rtnl){.fd = -1};
	if (!ns)
		return STATUS_FAILED;
	status = rtnl_open_in(ns, spec, ret);
	ret->ns = ns;
	return status;
}

void rtnl_close(struct rtnl *rtnl)
{
	if (rtnl->fd >= 0)
		close(rtnl->fd);
	netns_free(rtnl->ns);
	*rtnl = (struct rtnl){.fd = -1};
}

const char *rtnl_reason(int error)
{
	switch (abs(error)) {
	case EEXIST:
		return "already exists";
	case ENODEV:
		return "no such link";
	case EPERM:
		return "not permitted (try as root, or with CAP_NET_ADMIN)";
	case EOPNOTSUPP:
		return "the kernel cannot do that";
	default:
		return reason_for(error);
	}
}

static void append(struct batch *batch, int r, struct request request)
{
	if (r == -NLE_NOMEM)
		need(NULL);
	if (r < 0) {
		/* what libnl refuses does not get as far as the kernel */
		message("%s: %s", request.subject, nl_geterror(r));
		free(request.subject);
		batch->broken = true;
		return;
	}
	batch->v = need(reallocarray(batch->v, batch->n + 1, sizeof(*batch->v)));
	batch->v[batch->n++] = request;
}

void batch_add(struct batch *batch, int r, struct nl_msg *msg, const char *fmt, ...)
{
	struct request request = {.msg = msg};
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&request.subject, fmt, args) < 0)
		need(NULL);
	va_end(args);
	append(batch, r, request);
}

void batch_add_optional(struct batch *batch, int r, struct nl_msg *msg)
{
	if (r == 0)
		append(batch, r, (struct request){.msg = msg, .optional = true});
}

void batch_drop(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		nlmsg_free(batch->v[i].msg);
		free(batch->v[i].subject);
	}
	free(batch->v);
	*batch = (struct batch){0};
}

static int transmit(int fd, struct iovec *iov, size_t n)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct msghdr msg = {.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
		.msg_iov = iov,
		.msg_iovlen = n};
	ssize_t sent;

	do
		sent = sendmsg(fd, &msg, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* The numbers of the requests are 1, 2, ...: the answers bear them. */
static int send_requests(const struct batch *batch, int fd)
{
	struct iovec *iov = need(calloc(batch->n, sizeof(*iov)));
	int r;

	for (size_t i = 0; i < batch->n; i++) {
		struct nlmsghdr *header = nlmsg_hdr(batch->v[i].msg);

		header->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
		header->nlmsg_seq = (uint32_t)i + 1;
		header->nlmsg_pid = 0;
		iov[i] = (struct iovec){header, NLMSG_ALIGN(header->nlmsg_len)};
	}
	r = transmit(fd, iov, batch->n);
	free(iov);
	return r;
}

/* What another than the kernel sent, before the socket was connected, is passed over. */
static ssize_t receive(int fd, char datagram[DATAGRAM], int flags)
{
	struct sockaddr_nl from;
	socklen_t size;
	ssize_t n;

	do {
		from = (struct sockaddr_nl){0};
		size = sizeof(from);
		n = recvfrom(fd, datagram, DATAGRAM, flags, (struct sockaddr *)&from, &size);
	} while (n >= 0 && from.nl_pid != 0);
	return n;
}

struct failure {
	uint32_t request; /* its number; 0: of none */
	int error;
	char kernel[256]; /* what the kernel says to it, which may be nothing */
};

/* Since Linux 4.12 an error may have a text behind it. */
static void read_text(struct nlmsghdr *header, char *ret, size_t size)
{
	struct nlmsgerr *e = nlmsg_data(header);
	size_t before = sizeof(*e);
	struct nlattr *text;

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		before += e->msg.nlmsg_len - NLMSG_HDRLEN;
	if ((size_t)nlmsg_datalen(header) <= before)
		return;
	text = nla_find((struct nlattr *)((char *)e + before), nlmsg_datalen(header) - (int)before,
		NLMSGERR_ATTR_MSG);
	if (text)
		nla_strlcpy(ret, text, size);
}

static bool counts(const struct batch *batch, const struct nlmsghdr *header)
{
	uint32_t request = header->nlmsg_seq;

	return request >= 1 && request <= batch->n && !batch->v[request - 1].optional;
}

/* Returns how many of the requests are answered. */
static size_t read_datagram(
	const struct batch *batch, char *datagram, int length, struct failure *failure)
{
	size_t n = 0;

	for (struct nlmsghdr *h = (void *)datagram; nlmsg_ok(h, length);
		h = nlmsg_next(h, &length)) {
		const struct nlmsgerr *e = nlmsg_data(h);

		if (h->nlmsg_type != NLMSG_ERROR)
			continue;
		n++;
		if (e->error == 0 || failure->error || !counts(batch, h))
			continue;
		failure->error = e->error;
		failure->request = h->nlmsg_seq;
		read_text(h, failure->kernel, sizeof(failure->kernel));
	}
	return n;
}

static void read_answers(const struct batch *batch, int fd, struct failure *failure)
{
	char *datagram = need(malloc(DATAGRAM));

	/* the kernel has answered before it returned */
	for (size_t answered = 0; answered < batch->n;) {
		ssize_t length = receive(fd, datagram, MSG_DONTWAIT);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0) {
			failure->error = failure->error ? failure->error : -errno;
			break;
		}
		answered += read_datagram(batch, datagram, (int)length, failure);
	}
	free(datagram);
}

static void tell(const struct rtnl *rtnl, const struct batch *batch, const struct failure *failure)
{
	const char *subject =
		failure->request ? batch->v[failure->request - 1].subject : rtnl->spec;
	const char *kernel = failure->kernel;

	message("%s: %s%s%s%s%s", subject,
		failure->request ? "" : "rtnetlink: ", rtnl_reason(failure->error),
		*kernel ? " (kernel: " : "", kernel, *kernel ? ")" : "");
}

static int send_batch(struct batch *batch, const struct rtnl *rtnl, bool quietly)
{
	struct failure failure = {0};

	if (batch->broken)
		failure.error = -EINVAL;
	else if (batch->n > 0)
		failure.error = send_requests(batch, rtnl->fd);
	if (failure.error == 0)
		read_answers(batch, rtnl->fd, &failure);
	if (failure.error && !batch->broken && !quietly)
		tell(rtnl, batch, &failure);
	batch_drop(batch);
	return failure.error ? STATUS_FAILED : STATUS_OK;
}

int batch_send(struct batch *batch, const struct rtnl *rtnl)
{
	return send_batch(batch, rtnl, false);
}

int batch_send_quietly(struct batch *batch, const struct rtnl *rtnl)
{
	return send_batch(batch, rtnl, true);
}

struct answer {
	bool over;
	bool torn; /* what was listed has changed meanwhile */
	int error;
};

static void read_part(char *datagram, int length, rtnl_fn fn, void *arg, struct answer *answer)
{
	for (struct nlmsghdr *h = (void *)datagram; nlmsg_ok(h, length);
		h = nlmsg_next(h, &length)) {
		answer->torn |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		answer->over |= h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
		if (h->nlmsg_type == NLMSG_ERROR)
			answer->error = ((struct nlmsgerr *)nlmsg_data(h))->error;
		else if (h->nlmsg_type != NLMSG_DONE)
			fn(h, arg);
	}
}

int rtnl_ask(int fd, struct nlmsghdr *question, rtnl_fn fn, void *arg)
{
	struct iovec iov = {question, question->nlmsg_len};
	struct answer answer = {0};
	char *datagram;
	int r;

	question->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	question->nlmsg_pid = 0;
	r = transmit(fd, &iov, 1);
	if (r < 0)
		return r;
	datagram = need(malloc(DATAGRAM));
	while (!answer.over) {
		ssize_t length = receive(fd, datagram, 0);

		if (length >= 0)
			read_part(datagram, (int)length, fn, arg, &answer);
		else if (errno != EINTR)
			answer = (struct answer){.over = true, .error = -errno};
	}
	free(datagram);
	return answer.error == 0 && answer.torn ? -EINTR : answer.error;
}

int rtnl_list(int fd, int type, rtnl_fn fn, void *arg)
{
	struct rtgenmsg all = {.rtgen_family = AF_UNSPEC};
	struct nl_msg *msg = need(nlmsg_alloc_simple(type, NLM_F_DUMP));
	int r;

	if (nlmsg_append(msg, &all, sizeof(all), NLMSG_ALIGNTO) < 0)
		need(NULL);
	r = rtnl_ask(fd, nlmsg_hdr(msg), fn, arg);
	nlmsg_free(msg);
	return r;
}

static void read_state(struct nlmsghdr *header, void *arg)
{
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *tb[IFLA_OPERSTATE + 1];
	struct link_state *ret = arg;

	/* those behind are passed over */
	if (nlmsg_parse(header, sizeof(*info), tb, IFLA_OPERSTATE, NULL) < 0)
		return;
	ret->index = info->ifi_index;
	ret->flags = info->ifi_flags;
	ret->peer = tb[IFLA_LINK] ? (int)nla_get_u32(tb[IFLA_LINK]) : 0;
	ret->running = tb[IFLA_OPERSTATE] && nla_get_u8(tb[IFLA_OPERSTATE]) == IF_OPER_UP;
	if (tb[IFLA_ADDRESS])
		ret->n_address =
			(size_t)nla_memcpy(ret->address, tb[IFLA_ADDRESS], sizeof(ret->address));
}

int rtnl_look(const struct rtnl *rtnl, int index, const char *link, struct link_state *ret)
{
	struct nl_msg *msg;
	int r = rtnl_link_build_get_request(index, link, &msg);

	if (r < 0)
		need(NULL);
	*ret = (struct link_state){0};
	r = rtnl_ask(rtnl->fd, nlmsg_hdr(msg), read_state, ret);
	nlmsg_free(msg);
	return r;
}

int rtnl_not_found(const char *label, int error)
{
	message("%s: %s%s", label,
		error == -ENODEV ? "" : "cannot be looked up: ", rtnl_reason(error));
	return STATUS_FAILED;
}

int rtnl_find(const struct rtnl *rtnl, const char *link, struct link_state *ret)
{
	int r = rtnl_look(rtnl, 0, link, ret), status = STATUS_OK;
	char *label = text("%s:%s", rtnl->spec, link);

	if (r < 0)
		status = rtnl_not_found(label, r);
	free(label);
	return status;
}

/* Being up is not enough: the kernel looks at the carrier a moment later (linkwatch). */
void rtnl_settle(const struct rtnl *rtnl, int index)
{
	struct timespec moment = {.tv_nsec = 200000};
	struct link_state state;

	for (int i = 0; i < 30; i++) {
		if (rtnl_look(rtnl, index, NULL, &state) < 0 || state.running)
			return;
		nanosleep(&moment, NULL);
		if (moment.tv_nsec < 50000000)
			moment.tv_nsec *= 2;
	}
}
