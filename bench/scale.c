/* SPDX-License-Identifier: MIT */
/* The same jobs with 1, 10, ... 5,000 names: what lists them may grow, nothing else. */
#include <sched.h>
#include <stdio.h>

#include "../src/kernel.h"
#include "frame.h"

#include "bare.h"
#include "peers.h"
#include "process.h"
#include "search.h"

static char scratch[256];

static int nothing(struct netns *host, void *arg)
{
	(void)host;
	(void)arg;
	return 0;
}

/* ---- calls ---- */

static struct netns *created;

static void go_home(void)
{
	check(setns(netns_get_fd(home), CLONE_NEWNET), "setns");
}

static void bare_create(void)
{
	bare_pin_new(scratch);
}

static void bare_delete(void)
{
	bare_unpin(scratch);
}

static void after_bare_create(void)
{
	go_home();
	bare_delete();
}

static void before_delete(void)
{
	bare_create();
	go_home();
}

static void our_create(void)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = "fresh"};

	check(netns_create(&opts, &created), "netns_create");
}

static void after_our_create(void)
{
	netns_free(created);
}

static void our_delete(void)
{
	check(netns_delete(NULL, "fresh"), "netns_delete");
}

static void our_open(void)
{
	struct netns *ns;

	check(netns_open_name("target", &ns), "netns_open_name");
	netns_free(ns);
}

static void bare_pair(void)
{
	check(setns(netns_get_fd(target), CLONE_NEWNET), "setns");
	go_home();
}

static void our_do(void)
{
	check(netns_do(target, nothing, NULL), "netns_do");
}

static struct netns_inode sought;

static void bare_look(void)
{
	bare_search(&sought);
}

static void our_look(void)
{
	our_search(&sought);
}

/* ---- processes ---- */

static void ip_add(void)
{
	RUN("ip", "netns", "add", "fresh");
}

static void add(void)
{
	RUN("netns", "add", "fresh");
}

static void ip_delete(void)
{
	RUN("ip", "netns", "delete", "fresh");
}

static void delete (void)
{
	RUN("netns", "delete", "fresh");
}

static void ip_list(void)
{
	RUN("ip", "netns", "list");
}

static void list(void)
{
	RUN("netns", "list");
}

static void ip_exec(void)
{
	RUN("ip", "netns", "exec", "target", "true");
}

static void exec(void)
{
	RUN("netns", "exec", "target", "true");
}

static void exec_no_mounts(void)
{
	RUN("netns", "exec", "--no-mounts", "target", "true");
}

static const struct job jobs[] = {
	{"create", 51, 1, 0, 3000, 0,
		{{.what = "unshare, creat, mount", .run = bare_create, .after = after_bare_create},
			{.what = "netns_create", .run = our_create, .after = after_our_create},
			PEER(CNI, "CNI NewNS", "create"),
			PEER(VISHVANANDA, "vishvananda NewNamed", "create"),
			PEER(PYROUTE2, "pyroute2 netns.create", "create")}},
	{"delete", 51, 1, 0, 3000, 0,
		{{.what = "umount, unlink", .before = before_delete, .run = bare_delete},
			{.what = "netns_delete", .before = before_delete, .run = our_delete},
			PEER(CNI, "CNI UnmountNS", "delete"),
			PEER(VISHVANANDA, "vishvananda DeleteNamed", "delete")}},
	{"do", 51, 50, 0, 0, 0,
		{{.what = "two setns, home known", .run = bare_pair},
			{.what = "netns_do", .run = our_do}, PEER(CNI, "CNI ns.Do", "do")}},
	{"open by name", 51, 50, 0, 0, 0,
		{{.what = "netns_open_name, netns_free", .run = our_open},
			PEER(CNI, "CNI GetNS, Close", "open")}},
	{"list", 51, 1, 0, 0, 0,
		{{.what = "readdir, statx", .run = bare_look},
			{.what = "netns_iter_next", .run = our_look},
			PEER(PYROUTE2, "pyroute2 pid_to_ns", "search")}},
	{"add, a process", 51, 1, 0, 3000, 0,
		{{.what = "ip netns add", .run = ip_add, .after = our_delete},
			{.what = "netns add", .run = add, .after = our_delete}}},
	{"delete, a process", 51, 1, 0, 3000, 0,
		{{.what = "ip netns delete", .before = before_delete, .run = ip_delete},
			{.what = "netns delete", .before = before_delete, .run = delete}}},
	{"list, a process", 21, 1, 0, 0, 0,
		{{.what = "ip netns list", .run = ip_list}, {.what = "netns list", .run = list}}},
	{"exec true, a process", 21, 1, 0, 0, 0,
		{{.what = "ip netns exec", .run = ip_exec}, {.what = "netns exec", .run = exec},
			{.what = "netns exec --no-mounts", .run = exec_no_mounts}}},
};

/* `target` is one of them. */
static void have(int n)
{
	static int live = 1;
	const struct netns_batch_opts opts = {.size = sizeof(opts),
		.pattern = "n%d",
		.first = (unsigned)live,
		.n = (unsigned)(n - live),
		.flags = NETNS_CREATE_KEEP};
	struct netns_batch *batch;

	if (n == live)
		return;
	check(netns_create_many(&opts, &batch), "netns_create_many");
	netns_batch_free(batch);
	live = n;
	calm();
}

void bench_scale(void)
{
	static const int numbers[] = {1, 10, 100, 500, 1000, 2000, 5000};

	check(netns_get_inode(target, &sought), "netns_get_inode");
	snprintf(scratch, sizeof(scratch), "%s/fresh", netns_get_run_dir());
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		have(numbers[i]);
		set_live(numbers[i]);
		printf("\nwith %d live:\n", numbers[i]);
		for (size_t j = 0; j < sizeof(jobs) / sizeof(jobs[0]); j++)
			measure(&jobs[j]);
	}
	RUN("netns", "delete", "n*");
	calm();
}
