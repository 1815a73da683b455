/* SPDX-License-Identifier: MIT */
/*
 * What the library and the tool cost beside the bare system calls and beside others.
 *
 *	bench [--json FILE] [--only TEXT] [calls] [many] [pool] [commands] [memory] [scale]
 *
 * --only: the jobs that have TEXT in their name. Without a part named: all but scale, which takes as
 * long as the others together. The peers are the programs in peers/ beside this, as
 * bench/peers/build makes them; those that are not there are left out.
 */
#include <err.h>
#include <libgen.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "frame.h"

#include "peers.h"

struct netns *target, *home;

static struct {
	const char *name;
	void (*run)(void);
	int asked;    /* only when it is asked for */
	double spent; /* microseconds; 0: has not run */
} parts[] = {
	{"calls", bench_calls, 0, 0},
	{"many", bench_many, 0, 0},
	{"pool", bench_pool, 0, 0},
	{"commands", bench_commands, 0, 0},
	{"memory", bench_memory, 0, 0},
	{"scale", bench_scale, 1, 0},
};

enum { N_PARTS = sizeof(parts) / sizeof(parts[0]) };

/* The machine's own names are neither seen nor touched. */
static void cover(const char *dir)
{
	check(mount("bench", dir, "tmpfs", 0, NULL), "mount tmpfs");
}

static void private_run_dir(void)
{
	char parent[128];
	char *slash;

	snprintf(parent, sizeof(parent), "%s", netns_get_run_dir());
	slash = strrchr(parent, '/');
	*slash = '\0';
	check(unshare(CLONE_NEWNS), "unshare");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
	cover(parent);
	if (strcmp(parent, "/run") != 0)
		cover("/run"); /* there are the names of `ip` and of the peers in any case */
}

/* The tool and netns-bare that were built beside this. */
static void put_tools_first(const char *self)
{
	char *copy = strdup(self), *path = NULL;
	const char *before = getenv("PATH");

	const char *here = copy ? dirname(copy) : NULL;

	if (!here || asprintf(&path, "%s/../cli:%s:%s:/usr/sbin:/sbin", here, here,
			     before ? before : "/usr/bin:/bin") < 0)
		errx(1, "no memory");
	setenv("PATH", path, 1);
	free(path);
	free(copy);
}

static void allow_descriptors(void)
{
	struct rlimit limit = {8192, 8192};

	setrlimit(RLIMIT_NOFILE, &limit);
}

static int is_wanted(int part, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], parts[part].name) == 0)
			return 1;
	return argc == 0 && !parts[part].asked;
}

static void refuse_unknown(int argc, char **argv)
{
	int known = 0;

	for (int i = 0; i < argc; i++) {
		for (int j = 0; j < N_PARTS; j++)
			known += is_wanted(j, 1, argv + i);
		if (known != i + 1)
			errx(2, "there is no part %s", argv[i]);
	}
}

static void run_part(int i, const char *peers_dir)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = "target"};
	static int told;

	check(netns_create(&opts, &target), "netns_create");
	start_peers(peers_dir);
	if (!told++)
		tell_missing_peers();
	begin_part(parts[i].name);
	parts[i].spent = -now_us();
	parts[i].run();
	parts[i].spent += now_us();
	end_peers();
	netns_free(target);
}

static void print_parts(void)
{
	printf("\nparts:");
	for (int i = 0; i < N_PARTS; i++) {
		printf("%s %s ", i ? "," : "", parts[i].name);
		if (parts[i].spent > 0)
			printf("%.0f s", parts[i].spent / 1e6);
		else
			printf("not run");
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	char *copy = strdup(argv[0]), *peers_dir;
	int first = 1;

	if (geteuid() != 0)
		errx(1, "needs root: network namespaces are entered");
	for (; first + 1 < argc; first += 2)
		if (strcmp(argv[first], "--json") == 0)
			begin_json(argv[first + 1]);
		else if (strcmp(argv[first], "--only") == 0)
			measure_only(argv[first + 1]);
		else
			break;
	refuse_unknown(argc - first, argv + first);
	if (!copy || asprintf(&peers_dir, "%s/peers", dirname(copy)) < 0)
		errx(1, "no memory");
	put_tools_first(argv[0]);
	allow_descriptors();
	private_run_dir();
	check(netns_open_current(&home), "netns_open_current");
	print_heading();
	for (int i = 0; i < N_PARTS; i++)
		if (is_wanted(i, argc - first, argv + first))
			run_part(i, peers_dir);
	print_parts();
	end_json();
	netns_free(home);
	free(peers_dir);
	free(copy);
	return 0;
}
