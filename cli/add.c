/* SPDX-License-Identifier: MIT */
/* netns add */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* As far as possible, each with its own message. */
static int add_names(unsigned flags, size_t n, char **names)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .dir = globals.run_dir, .flags = flags};
	int status = STATUS_OK;

	for (size_t i = 0; i < n; i++) {
		struct netns *ns;
		int r;

		opts.name = names[i];
		r = netns_create(&opts, &ns);
		if (r == 0) {
			netns_free(ns);
			continue;
		}
		status = STATUS_FAILED;
		if (r == -ETIMEDOUT) {
			explain_locked(names[i], i + 1 < n);
			break;
		}
		explain(names[i], r);
	}
	return status;
}

/* All or none. */
static int add_numbered(unsigned flags, unsigned first, size_t n, const char *pattern)
{
	const struct netns_batch_opts opts = {
		.size = sizeof(opts),
		.dir = globals.run_dir,
		.pattern = pattern,
		.first = first,
		.n = n,
		.flags = flags,
		.progress = progress_tell,
	};
	struct netns_batch *batch;
	int interrupted, r;

	progress_begin();
	r = netns_create_many(&opts, &batch);
	interrupted = progress_end();
	if (r == -ECANCELED && interrupted) {
		message("interrupted; none were made");
		return 128 + interrupted;
	}
	if (r < 0) {
		message("%s; none were made", netns_errmsg());
		return STATUS_FAILED;
	}
	netns_batch_free(batch);
	return STATUS_OK;
}

enum { OPTION_COUNT = OPTION_LONG, OPTION_FIRST, OPTION_MOUNT };

static int add_main(int argc, char **argv)
{
	unsigned flags = NETNS_CREATE_KEEP;
	int c, count = -1, first = 0;

	while ((c = next_option(argc, argv)) != -1) {
		if (c == 'u')
			flags |= NETNS_CREATE_LO_UP;
		else if (c == OPTION_MOUNT)
			flags |= NETNS_BATCH_MOUNT;
		else if (c == OPTION_COUNT)
			count = read_number(optarg, "--count");
		else
			first = read_number(optarg, "--first");
	}
	if (optind == argc)
		usage_error("a name is missing");
	if (flags & NETNS_BATCH_MOUNT && (count < 0 || !globals.run_dir))
		usage_error("--mount goes with --count and a --run-dir");
	if (count < 0)
		return add_names(flags, (size_t)(argc - optind), argv + optind);
	if (argc - optind > 1)
		usage_error("one pattern at a time");
	if (!strchr(argv[optind], '%'))
		usage_error("with --count, the name needs a number in it: '%s-%%d'", argv[optind]);
	return add_numbered(flags, (unsigned)first, (size_t)count, argv[optind]);
}

static const struct cli_option options[] = {
	{'u', "up", NULL, "with the loopback interface up", NULL},
	{OPTION_COUNT, "count", "N",
		"so many, all or none; the name is a pattern with one\n"
		"number in it: web-%d, web-%04d",
		"number"},
	{OPTION_FIRST, "first", "N", "with --count: the first number, else 0", "number"},
	{OPTION_MOUNT, "mount", NULL,
		"with --count: make the --run-dir, with a file system of its\n"
		"own, so that 'netns delete --all' there takes milliseconds",
		NULL},
	{0},
};

const struct command add_command = {
	.name = "add",
	.usage = "[--up] NAME...\n"
		 "       netns add [--up] [--mount] --count N [--first N] PATTERN",
	.summary = "Make network namespaces with a name",
	.details = "The namespace and its name stay until 'netns delete'.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns add web\n"
		    "  netns add --up client server\n"
		    "  netns add --count 1000 'web-%04d'\n"
		    "  netns add --run-dir /run/lab --mount --count 1000 'n%d'\n",
	.operands = "new...",
	.run = add_main,
	.flags = FROM_IP,
};
