/* SPDX-License-Identifier: MIT */
/*
 * Starts a program in each of three new network namespaces and waits for them in the order in
 * which they end, with one poll(2) over their pidfds. Shows that each has a network of its own.
 *
 *	cc spawn.c $(pkg-config --cflags --libs libnetns)
 */
#include <netns.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 3 };

static int start(struct netns **ns, pid_t *pid)
{
	struct netns_create_opts create = {
		.size = sizeof(create), .flags = NETNS_CREATE_UNPINNED | NETNS_CREATE_LO_UP};
	struct netns_spawn_opts opts = {
		.size = sizeof(opts), .flags = NETNS_SPAWN_SEARCH | NETNS_SPAWN_MOUNTS};
	static char name[] = "sh", option[] = "-c";
	static char line[] = "echo \"$(readlink /proc/self/ns/net) has $(ls /sys/class/net)\"";
	char *argv[] = {name, option, line, NULL};
	int r = netns_create(&create, ns);

	return r < 0 ? r : netns_spawn(*ns, argv[0], argv, &opts, pid);
}

int main(void)
{
	struct netns *ns[N] = {NULL};
	struct pollfd pidfds[N];
	pid_t pids[N];
	int status, left = N;

	for (int i = 0; i < N; i++) {
		pidfds[i] = (struct pollfd){.fd = start(&ns[i], &pids[i]), .events = POLLIN};
		if (pidfds[i].fd < 0) {
			fprintf(stderr, "%s\n", netns_errmsg());
			return 1;
		}
	}
	while (left > 0 && poll(pidfds, N, -1) > 0)
		for (int i = 0; i < N; i++) {
			if (pidfds[i].fd < 0 || !pidfds[i].revents)
				continue;
			waitpid(pids[i], &status, 0);
			printf("program %d ended with status %d\n", i + 1, WEXITSTATUS(status));
			close(pidfds[i].fd);
			pidfds[i].fd = -1; /* poll(2) passes it over */
			netns_free(ns[i]);
			left--;
		}
	return 0;
}
