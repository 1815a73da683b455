/* SPDX-License-Identifier: MIT */
/* A thousand namespaces at once: made, visited, removed. */
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "frame.h"

#include "bare.h"
#include "peers.h"
#include "process.h"
#include "search.h"

enum { N = 1000, THREADS = 2 };

static char names[N][16];
static const char *name_list[N];

static void path_of(char path[static 300], int i)
{
	snprintf(path, 300, "%s/n%d", netns_get_run_dir(), i);
}

/* ---- made ---- */

static void *create_half(void *arg)
{
	char path[300];

	for (int i = *(int *)arg; i < N; i += THREADS) {
		path_of(path, i);
		bare_pin_new(path);
	}
	return NULL;
}

static void bare_create(void)
{
	pthread_t threads[THREADS];
	int first[THREADS];

	for (int i = 0; i < THREADS; i++) {
		first[i] = i;
		if (pthread_create(&threads[i], NULL, create_half, &first[i]) != 0)
			errx(1, "pthread_create");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void our_create(void)
{
	const struct netns_batch_opts opts = {
		.size = sizeof(opts), .pattern = "n%d", .n = N, .flags = NETNS_CREATE_KEEP};
	struct netns_batch *batch;

	check(netns_create_many(&opts, &batch), "netns_create_many");
	netns_batch_free(batch);
}

static void our_create_each(void)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .flags = NETNS_CREATE_KEEP};
	struct netns *ns;

	for (int i = 0; i < N; i++) {
		opts.name = names[i];
		check(netns_create(&opts, &ns), "netns_create");
		netns_free(ns);
	}
}

static char batch_file[300];

static void write_batch(const char *what)
{
	FILE *file;

	snprintf(batch_file, sizeof(batch_file), "%s-batch", netns_get_run_dir());
	file = fopen(batch_file, "we");
	if (!file)
		err(1, "%s", batch_file);
	for (int i = 0; i < N; i++)
		fprintf(file, "netns %s %s\n", what, names[i]);
	fclose(file);
}

static void before_ip_add(void)
{
	write_batch("add");
}

static void ip_batch(void)
{
	RUN("ip", "-batch", batch_file);
}

/* ---- removed ---- */

static void bare_delete(void)
{
	char path[300];

	for (int i = 0; i < N; i++) {
		path_of(path, i);
		bare_unpin(path);
	}
}

static void our_delete(void)
{
	check(netns_delete_many(NULL, name_list, N, NULL, NULL, NULL), "netns_delete_many");
}

static void our_delete_each(void)
{
	for (int i = 0; i < N; i++)
		check(netns_delete(NULL, names[i]), "netns_delete");
}

/* All that a batch made, in a directory of its own: one unmounting. */
static struct netns_batch *mounted;

static void create_mounted(void)
{
	struct netns_batch_opts opts = {
		.size = sizeof(opts), .pattern = "n%d", .n = N, .flags = NETNS_BATCH_MOUNT};
	char dir[300];

	snprintf(dir, sizeof(dir), "%s-bench", netns_get_run_dir());
	opts.dir = dir;
	check(netns_create_many(&opts, &mounted), "netns_create_many");
}

static void delete_mounted(void)
{
	check(netns_batch_delete(mounted), "netns_batch_delete");
}

static void free_mounted(void)
{
	netns_batch_free(mounted);
}

static void before_ip_delete(void)
{
	our_create();
	write_batch("delete");
}

/* ---- searched ---- */

static struct netns_inode sought;

static void bare_look(void)
{
	bare_search(&sought);
}

static void our_look(void)
{
	our_search(&sought);
}

/* ---- visited ---- */

static struct netns *handles[N];

static int nothing(struct netns *ns, size_t i, void *arg)
{
	(void)ns;
	(void)i;
	(void)arg;
	return 0;
}

static int nothing_at_all(struct netns *host, void *arg)
{
	(void)host;
	(void)arg;
	return 0;
}

static void bare_visit(void)
{
	for (int i = 0; i < N; i++)
		check(setns(netns_get_fd(handles[i]), CLONE_NEWNET), "setns");
	check(setns(netns_get_fd(home), CLONE_NEWNET), "setns");
}

static void our_visit(void)
{
	check(netns_visit(handles, N, nothing, NULL, NULL), "netns_visit");
}

static void our_dos(void)
{
	for (int i = 0; i < N; i++)
		check(netns_do(handles[i], nothing_at_all, NULL), "netns_do");
}

static void open_all(void)
{
	for (int i = 0; i < N; i++)
		check(netns_open_name(names[i], &handles[i]), "netns_open_name");
}

static void close_all(void)
{
	for (int i = 0; i < N; i++)
		netns_free(handles[i]);
}

void bench_many(void)
{
	static const struct job creation = {"1,000 created, each", 7, 1, N, 0, 1,
		{{.what = "unshare, creat, mount; 2 threads",
			 .run = bare_create,
			 .after = our_delete},
			{.what = "netns_create_many", .run = our_create, .after = our_delete},
			{.what = "netns_create, one by one",
				.run = our_create_each,
				.after = our_delete},
			{.what = "ip -batch",
				.before = before_ip_add,
				.run = ip_batch,
				.after = our_delete},
			PEER(CNI, "CNI NewNS", "create"),
			PEER(VISHVANANDA, "vishvananda NewNamed", "create"),
			PEER(PYROUTE2, "pyroute2 netns.create", "create")}};
	static const struct job deletion = {"1,000 deleted, each", 7, 1, N, 0, 1,
		{{.what = "umount, unlink", .before = our_create, .run = bare_delete},
			{.what = "netns_delete_many", .before = our_create, .run = our_delete},
			{.what = "netns_delete, one by one",
				.before = our_create,
				.run = our_delete_each},
			{.what = "netns_batch_delete, as one",
				.before = create_mounted,
				.run = delete_mounted,
				.after = free_mounted},
			{.what = "ip -batch", .before = before_ip_delete, .run = ip_batch},
			PEER(CNI, "CNI UnmountNS", "delete"),
			PEER(VISHVANANDA, "vishvananda DeleteNamed", "delete"),
			PEER(PYROUTE2, "pyroute2 netns.remove", "delete")}};
	static const struct job visits = {"1,000 visited, each", 51, 1, N, 0, 0,
		{{.what = "setns", .run = bare_visit}, {.what = "netns_visit", .run = our_visit},
			{.what = "netns_do", .run = our_dos}}};
	static const struct job searches = {"1,000 searched, each", 101, 1, N, 0, 0,
		{{.what = "readdir, statx", .run = bare_look},
			{.what = "netns_iter_next", .run = our_look},
			PEER(PYROUTE2, "pyroute2 pid_to_ns", "search")}};

	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		name_list[i] = names[i];
	}
	measure(&creation);
	measure(&deletion);
	our_create();
	open_all();
	measure(&visits);
	close_all();
	check(netns_get_inode(target, &sought), "netns_get_inode");
	measure(&searches);
	our_delete();
	calm();
}
