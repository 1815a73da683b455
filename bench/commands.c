/* SPDX-License-Identifier: MIT */
/* Whole processes of the tool, beside those that do the same: `ip netns`, nsenter, lsns. */
#include <stdio.h>
#include <unistd.h>

#include "frame.h"

#include "process.h"

static char own_pid[16], n7[280], n7_by_path[300], fresh[300];

static void spawn_true(void)
{
	RUN("true");
}

static void our_version(void)
{
	RUN("netns", "--version");
}

static void ip_version(void)
{
	RUN("ip", "-Version");
}

static void ip_list(void)
{
	RUN("ip", "netns", "list");
}

static void our_list(void)
{
	RUN("netns", "list");
}

static void bare_list(void)
{
	RUN("netns-bare", "list", netns_get_run_dir());
}

static void lsns_list(void)
{
	RUN("lsns", "-t", "net");
}

static void our_list_all(void)
{
	RUN("netns", "list", "--all");
}

static void ip_add(void)
{
	RUN("ip", "netns", "add", "fresh");
}

static void our_add(void)
{
	RUN("netns", "add", "fresh");
}

static void bare_add(void)
{
	RUN("netns-bare", "add", fresh);
}

static void remove_fresh(void)
{
	check(netns_delete(NULL, "fresh"), "netns_delete");
}

static void ip_exec(void)
{
	RUN("ip", "netns", "exec", "n7", "true");
}

static void our_exec(void)
{
	RUN("netns", "exec", "n7", "true");
}

static void our_exec_no_mounts(void)
{
	RUN("netns", "exec", "--no-mounts", "n7", "true");
}

static void bare_exec(void)
{
	RUN("netns-bare", "exec", n7, "true");
}

static void bare_exec_no_mounts(void)
{
	RUN("netns-bare", "exec-no-mounts", n7, "true");
}

static void nsenter(void)
{
	RUN("nsenter", n7_by_path, "true");
}

static void ip_identify(void)
{
	RUN("ip", "netns", "identify", own_pid);
}

static void our_identify(void)
{
	RUN("netns", "identify", own_pid);
}

static void bench_at(int n)
{
	char title[4][32], number[16];
	const struct job jobs[] = {
		{title[0], 51, 1, 0, 0, 0,
			{{.what = "ip netns list", .run = ip_list},
				{.what = "netns list", .run = our_list},
				{.what = "the bare calls", .run = bare_list}}},
		{title[1], 51, 1, 0, 0, 0,
			{{.what = "lsns -t net", .run = lsns_list},
				{.what = "netns list --all", .run = our_list_all}}},
		{title[2], 101, 1, 0, 0, 0,
			{{.what = "ip netns exec", .run = ip_exec},
				{.what = "netns exec", .run = our_exec},
				{.what = "the bare calls", .run = bare_exec},
				{.what = "netns exec --no-mounts", .run = our_exec_no_mounts},
				{.what = "the bare calls, no mounts", .run = bare_exec_no_mounts},
				{.what = "nsenter --net=...", .run = nsenter}}},
		{title[3], 51, 1, 0, 0, 0,
			{{.what = "ip netns identify", .run = ip_identify},
				{.what = "netns identify", .run = our_identify}}},
	};

	snprintf(number, sizeof(number), "%d", n);
	snprintf(own_pid, sizeof(own_pid), "%d", getpid());
	snprintf(n7, sizeof(n7), "%s/n7", netns_get_run_dir());
	snprintf(n7_by_path, sizeof(n7_by_path), "--net=%s", n7);
	RUN("netns", "add", "--count", number, "n%d");
	snprintf(title[0], sizeof(title[0]), "list @%d", n);
	snprintf(title[1], sizeof(title[1]), "list all @%d", n);
	snprintf(title[2], sizeof(title[2]), "exec true @%d", n);
	snprintf(title[3], sizeof(title[3]), "identify @%d", n);
	set_live(n);
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		measure(&jobs[i]);
	set_live(0);
	RUN("netns", "delete", "--all");
	calm();
}

void bench_commands(void)
{
	static const struct job startup = {"start a process", 201, 1, 0, 0, 0,
		{{.what = "true", .run = spawn_true},
			{.what = "netns --version", .run = our_version},
			{.what = "ip -Version", .run = ip_version}}};
	static const struct job one = {"add, a process", 101, 1, 0, 2000, 0,
		{{.what = "ip netns add", .run = ip_add, .after = remove_fresh},
			{.what = "netns add", .run = our_add, .after = remove_fresh},
			{.what = "the bare calls", .run = bare_add, .after = remove_fresh}}};

	snprintf(fresh, sizeof(fresh), "%s/fresh", netns_get_run_dir());
	measure(&startup);
	measure(&one);
	bench_at(200);
	bench_at(1000);
}
