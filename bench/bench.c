/* SPDX-License-Identifier: MIT */
/*
 * What the library and the tool cost beside the bare system calls and beside others.
 *
 *	bench [--json FILE] [calls] [many] [commands]
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

struct netns *target, *home;

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{"calls", bench_calls},
	{"many", bench_many},
	{"commands", bench_commands},
};

/* The machine's own names are neither seen nor touched. */
static void private_run_dir(void)
{
	char parent[128];
	char *slash;

	snprintf(parent, sizeof(parent), "%s", netns_get_run_dir());
	slash = strrchr(parent, '/');
	*slash = '\0';
	check(unshare(CLONE_NEWNS), "unshare");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
	check(mount("bench", parent, "tmpfs", 0, NULL), "mount tmpfs");
}

/* The tool that was built beside this. */
static void put_tool_first(const char *self)
{
	char *copy = strdup(self), *path = NULL;
	const char *before = getenv("PATH");

	if (!copy || asprintf(&path, "%s/../cli:%s:/usr/sbin:/sbin", dirname(copy),
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

static int is_wanted(const char *part, int argc, char **argv)
{
	if (argc == 0)
		return 1;
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], part) == 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = "target"};
	int first = 1;

	if (geteuid() != 0)
		errx(1, "needs root: network namespaces are entered");
	if (argc > 2 && strcmp(argv[1], "--json") == 0) {
		begin_json(argv[2]);
		first = 3;
	}
	put_tool_first(argv[0]);
	allow_descriptors();
	private_run_dir();
	check(netns_open_current(&home), "netns_open_current");
	print_heading();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!is_wanted(parts[i].name, argc - first, argv + first))
			continue;
		check(netns_create(&opts, &target), "netns_create");
		parts[i].run();
		netns_free(target);
	}
	end_json();
	netns_free(home);
	return 0;
}
