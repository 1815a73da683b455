/* SPDX-License-Identifier: MIT */
/*
 * A daemon with one thread that serves in several network namespaces: it stays where it is and has
 * a listening socket in each of them. It says which port it got in which namespace, then tells
 * every client the namespace that it came through.
 *
 *	listen NAME...
 *
 * Ends after as many clients as there are names.
 */
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netns.h>

#define MOST 64

static int listen_in(const char *name)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	struct netns *ns;
	int sock;

	if (netns_open_name(name, &ns) < 0)
		errx(1, "%s", netns_errmsg());
	sock = netns_socket(ns, AF_INET, SOCK_STREAM, 0);
	if (sock < 0)
		errx(1, "%s", netns_errmsg());
	netns_free(ns); /* the socket stays where it was made */

	if (bind(sock, (struct sockaddr *)&address, size) < 0 || listen(sock, 16) < 0 ||
		getsockname(sock, (struct sockaddr *)&address, &size) < 0)
		err(1, "listen in %s", name);
	printf("%s %d\n", name, ntohs(address.sin_port));
	return sock;
}

static void serve_one(int listener, const char *name)
{
	int client = accept(listener, NULL, NULL);

	if (client < 0)
		err(1, "accept in %s", name);
	dprintf(client, "you came through %s\n", name);
	close(client);
}

int main(int argc, char **argv)
{
	struct pollfd listeners[MOST];
	int n = argc - 1;

	if (n < 1 || n > MOST)
		errx(2, "usage: listen NAME...");
	for (int i = 0; i < n; i++)
		listeners[i] = (struct pollfd){.fd = listen_in(argv[i + 1]), .events = POLLIN};
	fflush(stdout);

	for (int served = 0; served < n;) {
		if (poll(listeners, (nfds_t)n, -1) < 0)
			err(1, "poll");
		for (int i = 0; i < n; i++) {
			if (!(listeners[i].revents & POLLIN))
				continue;
			serve_one(listeners[i].fd, argv[i + 1]);
			served++;
		}
	}
	return 0;
}
