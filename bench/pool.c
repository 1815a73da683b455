/* SPDX-License-Identifier: MIT */
/*
 * Namespaces taken from a pool under a name, beside as little as that can be: the mount is there,
 * detached, and is only put on a new file.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../src/kernel.h"
#include "frame.h"

enum {
	READY = 256, /* in the pool */
	ROW = 128,   /* are taken before all is made ready again */
	REMOVED = 1000,
};

static struct netns_pool *pool;

static void fill(void)
{
	check(netns_pool_wait(pool, READY, 600000), "netns_pool_wait");
	calm();
}

/* What was taken; of the bare calls also what they are to take, made ready in advance. */
static struct {
	int n;
	struct netns *ns[ROW];
	char names[ROW][16];
} taken;

static struct {
	int n, ready;
	struct netns *ns[ROW];
	int detached[ROW];
	char paths[ROW][300];
} bare;

static void drop_bare(void)
{
	for (int i = 0; i < bare.n; i++) {
		check(umount2(bare.paths[i], MNT_DETACH), "umount");
		check(unlink(bare.paths[i]), "unlink");
	}
	for (int i = 0; i < bare.ready; i++) {
		close(bare.detached[i]);
		netns_free(bare.ns[i]);
	}
	bare.n = bare.ready = 0;
}

static void make_bare_ready(void)
{
	fill();
	while (bare.ready < ROW) {
		int i = bare.ready++;

		check(netns_pool_take(pool, &bare.ns[i]), "netns_pool_take");
		bare.detached[i] = sys_clone_tree(netns_get_fd(bare.ns[i]), 0);
		check(bare.detached[i], "open_tree");
	}
	fill();
}

static void before_bare(void)
{
	if (bare.n < bare.ready)
		return;
	drop_bare();
	make_bare_ready();
}

static void take_bare(void)
{
	int file = open(bare.paths[bare.n], O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	check(file, "creat");
	check(sys_attach_tree(bare.detached[bare.n++], file), "move_mount");
	close(file);
}

static void drop_taken(void)
{
	while (taken.n > 0)
		netns_free(taken.ns[--taken.n]);
}

static void before_take(void)
{
	if (taken.n < ROW)
		return;
	drop_taken();
	fill();
}

static void take(void)
{
	check(netns_pool_take_named(pool, NULL, taken.names[taken.n], 0, &taken.ns[taken.n]),
		"netns_pool_take_named");
	taken.n++;
}

static void name_all(void)
{
	for (int i = 0; i < ROW; i++) {
		snprintf(taken.names[i], sizeof(taken.names[i]), "taken%d", i);
		snprintf(bare.paths[i], sizeof(bare.paths[i]), "%s/bare%d", netns_get_run_dir(), i);
	}
}

static void remove_many(void)
{
	const struct netns_batch_opts opts = {.size = sizeof(opts), .n = REMOVED};
	struct netns_batch *batch;

	check(netns_create_many(&opts, &batch), "netns_create_many");
	check(netns_batch_delete(batch), "netns_batch_delete");
	netns_batch_free(batch);
}

#define WAYS_TO_TAKE                                                                               \
	{                                                                                          \
		{.what = "creat, move_mount", .before = before_bare, .run = take_bare},            \
			{.what = "netns_pool_take_named", .before = before_take, .run = take},     \
	}

/* Caches are warm in a row and cold after a pause: that is a factor of three for the bare calls. */
void bench_pool(void)
{
	const struct netns_pool_opts opts = {.size = sizeof(opts), .ready = READY};
	static const struct job row = {"taken in a row", 3 * ROW - 1, 1, 0, 0, 0, WAYS_TO_TAKE};
	static const struct job alone = {"taken now and then", 255, 1, 0, 2000, 0, WAYS_TO_TAKE};
	static const struct job storm = {"taken in a storm", ROW - 1, 1, 0, 0, 0, WAYS_TO_TAKE};

	name_all();
	check(netns_pool_new(&opts, &pool), "netns_pool_new");
	measure(&row);
	measure(&alone);
	drop_taken();
	drop_bare();
	make_bare_ready();
	remove_many();
	measure(&storm);
	drop_taken();
	drop_bare();
	netns_pool_free(pool);
	calm();
}
