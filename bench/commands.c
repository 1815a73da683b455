/* SPDX-License-Identifier: MIT */
/* Whole processes of the tool, beside those that do the same: `ip netns`, `ip -batch`, lsns. */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"

extern char **environ;

static void run(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0)
		errx(1, "%s cannot be run", argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		errx(1, "%s %s failed", argv[0], argv[1] ? argv[1] : "");
}

#define RUN(...) run((char *const[]){__VA_ARGS__, NULL})

static char ip[] = "ip", netns[] = "netns", list[] = "list", add[] = "add", delete[] = "delete",
	    exec[] = "exec", name[] = "n7", fresh[] = "fresh", truth[] = "true", lsns[] = "lsns",
	    t[] = "-t", net[] = "net", no_mounts[] = "--no-mounts", identify[] = "identify",
	    own_pid[16], count[] = "--count", all[] = "--all", pattern[] = "n%d", number[16],
	    version[] = "--version";

static void spawn_true(void)
{
	RUN(truth);
}

static void our_version(void)
{
	RUN(netns, version);
}

static void ip_list(void)
{
	RUN(ip, netns, list);
}

static void our_list(void)
{
	RUN(netns, list);
}

static void lsns_list(void)
{
	RUN(lsns, t, net);
}

static void our_list_all(void)
{
	RUN(netns, list, all);
}

static void ip_add(void)
{
	RUN(ip, netns, add, fresh);
}

static void our_add(void)
{
	RUN(netns, add, fresh);
}

static void remove_fresh(void)
{
	check(netns_delete(NULL, fresh), "netns_delete");
}

static void ip_exec(void)
{
	RUN(ip, netns, exec, name, truth);
}

static void our_exec(void)
{
	RUN(netns, exec, name, truth);
}

static void our_exec_no_mounts(void)
{
	RUN(netns, exec, no_mounts, name, truth);
}

static void ip_identify(void)
{
	RUN(ip, netns, identify, own_pid);
}

static void our_identify(void)
{
	RUN(netns, identify, own_pid);
}

static void bench_at(int n)
{
	char title[4][32];
	const struct job jobs[] = {
		{title[0], 51, 1, 0, 0,
			{{"ip netns list", NULL, ip_list, NULL},
				{"netns list", NULL, our_list, NULL}}},
		{title[1], 51, 1, 0, 0,
			{{"lsns -t net", NULL, lsns_list, NULL},
				{"netns list --all", NULL, our_list_all, NULL}}},
		{title[2], 101, 1, 0, 0,
			{{"ip netns exec", NULL, ip_exec, NULL},
				{"netns exec", NULL, our_exec, NULL},
				{"netns exec --no-mounts", NULL, our_exec_no_mounts, NULL}}},
		{title[3], 51, 1, 0, 0,
			{{"ip netns identify", NULL, ip_identify, NULL},
				{"netns identify", NULL, our_identify, NULL}}},
	};

	snprintf(number, sizeof(number), "%d", n);
	snprintf(own_pid, sizeof(own_pid), "%d", getpid());
	RUN(netns, add, count, number, pattern);
	snprintf(title[0], sizeof(title[0]), "list @%d", n);
	snprintf(title[1], sizeof(title[1]), "list all @%d", n);
	snprintf(title[2], sizeof(title[2]), "exec true @%d", n);
	snprintf(title[3], sizeof(title[3]), "identify @%d", n);
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		measure(&jobs[i]);
	RUN(netns, delete, all);
}

void bench_commands(void)
{
	static const struct job startup = {"start a process", 201, 1, 0, 0,
		{{"true", NULL, spawn_true, NULL}, {"netns --version", NULL, our_version, NULL}}};
	static const struct job one = {"add, a process", 101, 1, 0, 2000,
		{{"ip netns add", NULL, ip_add, remove_fresh},
			{"netns add", NULL, our_add, remove_fresh}}};

	measure(&startup);
	measure(&one);
	bench_at(200);
	bench_at(1000);
}
