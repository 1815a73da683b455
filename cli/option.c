/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

void set_run_dir(const char *dir)
{
	if (dir[0] != '/')
		usage_error("the run directory must be an absolute path, not '%s'", dir);
	globals.run_dir = dir;
}

static void refuse(int problem, char **argv)
{
	const char *word = argv[optind - 1];
	char letter[] = {'-', (char)optopt, '\0'};

	/* of several letters in one word, the one at fault */
	if (optopt > 0 && optopt < OPTION_LONG && strncmp(word, "--", 2) != 0)
		word = letter;
	if (problem == ':')
		usage_error("option '%s' needs a value", word);
	usage_error("no option '%s'%s", word,
		current ? "; what begins with '-' and is none goes after '--'" : "");
}

int scan_option(int argc, char **argv, const char *shorts, const struct option *longs)
{
	int c;

	opterr = 0;
	c = getopt_long_only(argc, argv, shorts, longs, NULL);
	if (c == '?' || c == ':')
		refuse(c, argv);
	return c;
}

int next_option(int argc, char **argv, const char *shorts, const struct option *longs)
{
	for (;;) {
		int c = scan_option(argc, argv, shorts, longs);

		switch (c) {
		case 'h':
			print_help(current);
			exit(finish_output(STATUS_OK));
		case 'd':
			set_run_dir(optarg);
			break;
		default:
			return c;
		}
	}
}
