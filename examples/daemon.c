/* SPDX-License-Identifier: MIT */
/*
 * One thread, one epoll(7) loop, three network namespaces: an echo service on the same address and
 * port in each. The sockets live inside; the daemon never does. A client in each namespace tries it
 * out, and the daemon ends when all three have been served.
 *
 *	cc daemon.c $(pkg-config --cflags --libs libnetns)
 */
#include <arpa/inet.h>
#include <netns.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 3, PORT = 7000 };

static const struct sockaddr_in address = {.sin_family = AF_INET};

static int fail(const char *what)
{
	perror(what);
	return -1;
}

/* A socket that listens inside ns, made without going there. */
static int listen_in(struct netns *ns)
{
	struct sockaddr_in here = address;
	int fd = netns_socket(ns, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	here.sin_port = htons(PORT);
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0) {
		fprintf(stderr, "%s\n", netns_errmsg());
		return -1;
	}
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0 || listen(fd, 16) < 0)
		return fail("listen");
	return fd;
}

/* A shell inside, which says something to the service and prints the answer. */
static int start_client(struct netns *ns, int i, pid_t *pid)
{
	static char name[] = "bash", option[] = "-c";
	char line[160];
	char *argv[] = {name, option, line, NULL};
	const struct netns_spawn_opts opts = {.size = sizeof(opts), .flags = NETNS_SPAWN_SEARCH};

	snprintf(line, sizeof(line),
		"exec 3<>/dev/tcp/127.0.0.1/%d && echo 'namespace %d' >&3 && read -r answer <&3 &&"
		" echo \"the client heard: $answer\"",
		PORT, i + 1);
	return netns_spawn(ns, name, argv, &opts, pid);
}

static void answer(int connection)
{
	char text[64];
	ssize_t n = read(connection, text, sizeof(text));

	if (n > 0 && write(connection, text, (size_t)n) != n)
		perror("write");
	close(connection);
}

static int serve(const int listeners[N])
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC), served = 0;

	for (int i = 0; i < N; i++) {
		event.data.fd = listeners[i];
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, listeners[i], &event) < 0)
			return fail("epoll_ctl");
	}
	while (served < N && epoll_wait(epoll, &event, 1, -1) > 0) {
		int connection = accept4(event.data.fd, NULL, NULL, SOCK_CLOEXEC);

		if (connection >= 0) {
			answer(connection);
			served++;
		}
	}
	close(epoll);
	return served;
}

int main(void)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .flags = NETNS_CREATE_UNPINNED | NETNS_CREATE_LO_UP};
	struct netns *ns[N] = {NULL};
	int listeners[N], status, served;
	pid_t clients[N];

	for (int i = 0; i < N; i++) {
		int pidfd;

		if (netns_create(&opts, &ns[i]) < 0) {
			fprintf(stderr, "%s\n", netns_errmsg());
			return 1;
		}
		listeners[i] = listen_in(ns[i]);
		pidfd = listeners[i] < 0 ? -1 : start_client(ns[i], i, &clients[i]);
		if (pidfd < 0)
			return 1;
		close(pidfd);
	}
	served = serve(listeners);
	for (int i = 0; i < N; i++) {
		waitpid(clients[i], &status, 0);
		close(listeners[i]);
		netns_free(ns[i]);
	}
	printf("served %d clients in %d namespaces by one thread\n", served, N);
	return served == N ? 0 : 1;
}
