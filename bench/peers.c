/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"
#include "peers.h"

extern char **environ;

static struct peer {
	const char *name, *what;
	pid_t pid;
	FILE *to, *from;
} peers[] = {
	{.name = CNI, .what = "CNI's Go package ns"},
	{.name = VISHVANANDA, .what = "vishvananda/netns"},
	{.name = PYROUTE2, .what = "pyroute2"},
};

enum { N_PEERS = sizeof(peers) / sizeof(peers[0]) };

static struct peer *find(const char *name)
{
	for (int i = 0; i < N_PEERS; i++)
		if (strcmp(peers[i].name, name) == 0)
			return &peers[i];
	errx(1, "no peer is called %s", name);
}

static void spawn_with_pipes(struct peer *peer, char *path)
{
	char *argv[] = {path, (char *)netns_get_path(target), NULL};
	posix_spawn_file_actions_t actions;
	int to[2], from[2];

	check(pipe2(to, O_CLOEXEC), "pipe");
	check(pipe2(from, O_CLOEXEC), "pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	if (posix_spawn(&peer->pid, path, &actions, NULL, argv, environ) != 0)
		errx(1, "%s cannot be run", path);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	peer->to = fdopen(to[1], "w");
	peer->from = fdopen(from[0], "r");
}

static void end(struct peer *peer)
{
	int status;

	fclose(peer->to);
	fclose(peer->from);
	waitpid(peer->pid, &status, 0);
	peer->pid = 0;
}

void start_peers(const char *dir)
{
	char path[512], answer[16];

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < N_PEERS; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, peers[i].name);
		if (access(path, X_OK) != 0)
			continue;
		spawn_with_pipes(&peers[i], path);
		if (!fgets(answer, sizeof(answer), peers[i].from) || strcmp(answer, "ready\n") != 0)
			end(&peers[i]);
	}
}

void end_peers(void)
{
	for (int i = 0; i < N_PEERS; i++)
		if (peers[i].pid > 0)
			end(&peers[i]);
}

int peer_is_there(const char *name)
{
	return find(name)->pid > 0;
}

double peer_us(const char *name, const char *operation, int n)
{
	struct peer *peer = find(name);
	char answer[256], *after;
	double ns;

	fprintf(peer->to, "%s %d\n", operation, n);
	fflush(peer->to);
	if (!fgets(answer, sizeof(answer), peer->from))
		errx(1, "%s: has ended", name);
	ns = strtod(answer, &after);
	if (after == answer)
		errx(1, "%s: %s: %s", name, operation, answer);
	return ns / 1e3;
}

void tell_missing_peers(void)
{
	const char *before = "not there, left out: ";

	for (int i = 0; i < N_PEERS; i++)
		if (!peer_is_there(peers[i].name)) {
			printf("%s%s", before, peers[i].what);
			before = ", ";
		}
	if (before[0] == ',')
		printf(" (make bench PEERS=1 installs them)\n");
}
