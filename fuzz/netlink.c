/* SPDX-License-Identifier: MIT */
/*
 * What the kernel answers by netlink, errors and what it says beside them included, as the questions
 * of the library read it. The input is datagrams: the length of each in two bytes, then its bytes.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "netns.h"

static const uint8_t *rest;
static size_t n_rest;

/* In place of libmnl's: a socket that never sends, and receives the input. */
struct mnl_socket {
	char nothing;
};

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	static struct mnl_socket only;

	(void)bus;
	(void)flags;
	return &only;
}

int mnl_socket_bind(struct mnl_socket *socket, unsigned groups, pid_t pid)
{
	(void)socket;
	(void)groups;
	(void)pid;
	return 0;
}

int mnl_socket_close(struct mnl_socket *socket)
{
	(void)socket;
	return 0;
}

unsigned mnl_socket_get_portid(const struct mnl_socket *socket)
{
	(void)socket;
	return 0;
}

int mnl_socket_setsockopt(const struct mnl_socket *socket, int type, void *value, socklen_t size)
{
	(void)socket;
	(void)type;
	(void)value;
	(void)size;
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *socket, const void *request, size_t size)
{
	(void)socket;
	(void)request;
	return (ssize_t)size;
}

int mnl_socket_get_fd(const struct mnl_socket *socket)
{
	(void)socket;
	return -1;
}

static ssize_t next_datagram(struct msghdr *msg)
{
	const struct iovec *iov = msg->msg_iov;
	size_t n;

	if (n_rest < 2) {
		errno = ENOBUFS;
		return -1;
	}
	n = rest[0] | (size_t)rest[1] << 8;
	rest += 2;
	n_rest -= 2;
	if (n > n_rest)
		n = n_rest;
	if (n > iov->iov_len) {
		n = iov->iov_len;
		msg->msg_flags = MSG_TRUNC;
	}
	if (n > 0)
		memcpy(iov->iov_base, rest, n);
	rest += n;
	n_rest -= n;
	return (ssize_t)n;
}

#define connect(fd, address, size)  ((void)(fd), (void)(address), 0)
#define recv(fd, buffer, size, how) ((void)(buffer), errno = EAGAIN, -1)
#define recvmsg(fd, msg, flags)     ((void)(fd), (void)(flags), next_datagram(msg))
#include "../src/netlink.c"

static void restart(const uint8_t *data, size_t size)
{
	rest = data;
	n_rest = size;
}

static int check(int r)
{
	MUST(r >= -4095);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct netns *ns;
	struct netns_nsid *all;
	int nsid;

	if (!ns)
		MUST(netns_open_current(&ns) == 0);
	restart(data, size);
	if (check(netns_get_nsid(ns, &nsid)) == 0)
		MUST(nsid >= 0);
	restart(data, size);
	MUST(check(netns_set_nsid(ns, 1)) <= 0);
	for (int target = -1; target <= 0; target++) {
		restart(data, size);
		if (check(netns_list_nsids(target, &all)) >= 0)
			free(all);
	}
	return 0;
}
