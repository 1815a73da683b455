/* SPDX-License-Identifier: MIT */
/* What a handle and an entry of a pool take of this process, and a namespace of the kernel. */
#include <dirent.h>
#include <err.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"

enum { N = 1000, FEW = 1, MANY = 257, TIMES = 5 };

static double heap(void)
{
	return (double)mallinfo2().uordblks;
}

static double descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	double n = 0;

	if (!dir)
		err(1, "/proc/self/fd");
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void create_all(void)
{
	const struct netns_batch_opts opts = {
		.size = sizeof(opts), .pattern = "n%d", .n = N, .flags = NETNS_CREATE_KEEP};
	struct netns_batch *batch;

	check(netns_create_many(&opts, &batch), "netns_create_many");
	netns_batch_free(batch);
}

static void delete_all(void)
{
	char name[16];

	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		check(netns_delete(NULL, name), "netns_delete");
	}
	calm();
}

/* ---- a handle ---- */

static void measure_handles(void)
{
	static const char a_handle[] = "a handle";
	static struct netns *handles[N];
	double bytes, fds;
	char name[16];

	create_all();
	bytes = heap();
	fds = descriptors();
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		check(netns_open_name(name, &handles[i]), "netns_open_name");
	}
	state(a_handle, "heap", (heap() - bytes) / N, "bytes");
	state(a_handle, "descriptors", (descriptors() - fds) / N, "");
	for (int i = 0; i < N; i++)
		netns_free(handles[i]);
	delete_all();
}

/* ---- an entry of a pool ---- */

static void fill_pool(unsigned n, double *bytes, double *fds)
{
	const struct netns_pool_opts opts = {.size = sizeof(opts), .ready = n};
	double bytes_before = heap(), fds_before = descriptors();
	struct netns_pool *pool;

	check(netns_pool_new(&opts, &pool), "netns_pool_new");
	check(netns_pool_wait(pool, n, 60000), "netns_pool_wait");
	*bytes = heap() - bytes_before;
	*fds = descriptors() - fds_before;
	netns_pool_free(pool);
	calm();
}

/* What a pool takes besides its entries falls out of the difference of two. */
static void measure_pool(void)
{
	static const char an_entry[] = "a pooled entry";
	double few_bytes, few_fds, bytes, fds;

	fill_pool(FEW, &few_bytes, &few_fds);
	fill_pool(FEW, &few_bytes, &few_fds); /* the first fills caches */
	fill_pool(MANY, &bytes, &fds);
	state(an_entry, "heap", (bytes - few_bytes) / (MANY - FEW), "bytes");
	state(an_entry, "descriptors", (fds - few_fds) / (MANY - FEW), "");
	state("a pool besides", "heap", few_bytes - (bytes - few_bytes) / (MANY - FEW), "bytes");
}

/* ---- a namespace ---- */

enum { UNRECLAIMABLE, RECLAIMABLE, PERCPU, N_FIELDS };

static const char *const fields[] = {"SUnreclaim", "SReclaimable", "Percpu"};

static void read_meminfo(double bytes[N_FIELDS])
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128], name[64];
	double kib;

	if (!file)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%63[^:]: %lf", name, &kib) == 2)
			for (int i = 0; i < N_FIELDS; i++)
				if (strcmp(name, fields[i]) == 0)
					bytes[i] = kib * 1024;
	fclose(file);
}

static double middle(double *of)
{
	qsort(of, TIMES, sizeof(double), compare_doubles);
	return of[TIMES / 2];
}

/*
 * Others take and give memory meanwhile, too: the medians of a few. MemAvailable says less than that,
 * since it does not have what the kernel's processors keep of what was freed just before.
 */
static void measure_kernel(void)
{
	static const char ours[] = "a namespace, kernel's";
	double each[N_FIELDS][TIMES];

	for (int t = 0; t < TIMES; t++) {
		double before[N_FIELDS] = {0}, after[N_FIELDS] = {0};

		read_meminfo(before);
		create_all();
		read_meminfo(after);
		delete_all();
		for (int i = 0; i < N_FIELDS; i++)
			each[i][t] = (after[i] - before[i]) / N;
	}
	state(ours, "more SUnreclaim", middle(each[UNRECLAIMABLE]), "bytes");
	state(ours, "more SReclaimable", middle(each[RECLAIMABLE]), "bytes");
	state(ours, "more Percpu", middle(each[PERCPU]), "bytes");
}

void bench_memory(void)
{
	measure_handles();
	measure_pool();
	measure_kernel();
}
