/* SPDX-License-Identifier: MIT */
/* A thousand namespaces at once: made, visited, taken from a pool, removed. */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../src/kernel.h"
#include "frame.h"

enum { N = 1000, THREADS = 2, POOL = 64 };

/* As long as the kernel needs for the clean-up of a thousand, and then some. */
enum { CALM_US = 1500000 };

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
		check(unshare(CLONE_NEWNET), "unshare");
		close(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
		check(mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL), "mount");
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

/* ---- removed ---- */

static void bare_delete(void)
{
	char path[300];

	for (int i = 0; i < N; i++) {
		path_of(path, i);
		check(umount2(path, MNT_DETACH), "umount2");
		check(unlink(path), "unlink");
	}
}

static void our_delete(void)
{
	check(netns_delete_many(NULL, name_list, N, NULL, NULL, NULL), "netns_delete_many");
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

/* ---- taken from a pool ---- */

static struct netns_pool *pool;
static struct netns *taken;
static int detached = -1;
static char pooled[300];

static void fill(void)
{
	check(netns_pool_wait(pool, 1, 60000), "netns_pool_wait");
}

static void take(void)
{
	check(netns_pool_take_named(pool, NULL, "pooled", 0, &taken), "netns_pool_take_named");
}

static void put_back(void)
{
	netns_free(taken);
}

/* As little as it can be: the mount is there, detached, and is only put on a new file. */
static void prepare_bare(void)
{
	check(netns_pool_wait(pool, 1, 60000), "netns_pool_wait");
	check(netns_pool_take(pool, &taken), "netns_pool_take");
	detached = sys_clone_tree(netns_get_fd(taken), 0);
	check(detached, "open_tree");
}

static void take_bare(void)
{
	int file = open(pooled, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	check(file, "creat");
	check(sys_attach_tree(detached, file), "move_mount");
	close(file);
}

static void drop_bare(void)
{
	umount2(pooled, MNT_DETACH);
	unlink(pooled);
	close(detached);
	netns_free(taken);
}

static void bench_pool(void)
{
	const struct netns_pool_opts opts = {.size = sizeof(opts), .ready = POOL};
	static const struct job quiet = {"named, from a pool", 301, 1, 0, 2000,
		{{"creat, move_mount", prepare_bare, take_bare, drop_bare},
			{"netns_pool_take_named", fill, take, put_back}}};
	static const struct job storm = {"after 1,000 deletions", 101, 1, 0, 0,
		{{"creat, move_mount", prepare_bare, take_bare, drop_bare},
			{"netns_pool_take_named", fill, take, put_back}}};

	snprintf(pooled, sizeof(pooled), "%s/pooled", netns_get_run_dir());
	check(netns_pool_new(&opts, &pool), "netns_pool_new");
	check(netns_pool_wait(pool, POOL, 60000), "netns_pool_wait");
	measure(&quiet);
	our_create();
	our_delete();
	measure(&storm);
	netns_pool_free(pool);
	usleep(CALM_US);
}

void bench_many(void)
{
	static const struct job creation = {"1,000 created, each", 7, 1, N, CALM_US,
		{{"unshare, creat, mount; 2 threads", NULL, bare_create, our_delete},
			{"netns_create_many", NULL, our_create, our_delete}}};
	static const struct job deletion = {"1,000 deleted, each", 7, 1, N, CALM_US,
		{{"umount, unlink", our_create, bare_delete, NULL},
			{"netns_delete_many", our_create, our_delete, NULL}}};
	static const struct job visits = {"1,000 visited, each", 51, 1, N, 0,
		{{"setns", NULL, bare_visit, NULL}, {"netns_visit", NULL, our_visit, NULL},
			{"netns_do", NULL, our_dos, NULL}}};

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
	our_delete();
	usleep(CALM_US);
	bench_pool();
}
