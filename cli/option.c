/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MOST = 32 }; /* options of one command */

const struct cli_option common_options[] = {
	{'d', "run-dir", "DIR", "the directory of the names", "dir"},
	{'h', "help", NULL, "print this", NULL},
	{0},
};

/* What getopt wants to be told. */
struct getopt_tables {
	char shorts[3 + 3 * MOST];
	struct option longs[MOST + 1];
	size_t n_shorts;
	size_t n_longs;
};

static int has_argument(const struct cli_option *o)
{
	return !o->argument          ? no_argument
	       : *o->argument == '[' ? optional_argument
				     : required_argument;
}

static void add(struct getopt_tables *t, const struct cli_option *options)
{
	for (const struct cli_option *o = options; o && o->name && t->n_longs < MOST; o++) {
		t->longs[t->n_longs++] = (struct option){o->name, has_argument(o), NULL, o->value};
		if (o->value >= OPTION_LONG)
			continue;
		t->shorts[t->n_shorts++] = (char)o->value;
		if (has_argument(o) != no_argument)
			t->shorts[t->n_shorts++] = ':';
		if (has_argument(o) == optional_argument)
			t->shorts[t->n_shorts++] = ':';
	}
}

static void set_run_dir(const char *dir)
{
	if (dir[0] != '/')
		usage_error("the run directory must be an absolute path, not '%s'", dir);
	globals.run_dir = dir;
}

void json_option(int value)
{
	globals.json |= value == 'j';
	globals.pretty |= value == 'p';
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

static int scan(int argc, char **argv)
{
	struct getopt_tables t = {0};
	int c;

	if (!current || current->flags & OPTIONS_FIRST)
		t.shorts[t.n_shorts++] = '+';
	t.shorts[t.n_shorts++] = ':';
	add(&t, current ? current->options : global_options);
	add(&t, common_options);
	opterr = 0;
	c = getopt_long_only(argc, argv, t.shorts, t.longs, NULL);
	if (c == '?' || c == ':')
		refuse(c, argv);
	return c;
}

int next_option(int argc, char **argv)
{
	for (;;) {
		int c = scan(argc, argv);

		switch (c) {
		case 'h':
			if (current)
				print_help(current);
			else
				print_overview();
			exit(finish_output(STATUS_OK));
		case 'd':
			set_run_dir(optarg);
			break;
		default:
			return c;
		}
	}
}
