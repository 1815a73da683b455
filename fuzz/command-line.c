/* SPDX-License-Identifier: MIT */
/*
 * The command line of the tool, an argument a line: its table, options and messages are the real
 * ones. No command is started: its options are read, as each does first, and nothing is done. What
 * completes a word only looks, and runs.
 */
#include <getopt.h>

#include "cli.h"
#include "leave.h"

int netns_main(int argc, char **argv); /* main() of cli/main.c */

/* In place of those of the same name in cli/. */
int dispatch(int argc, char **argv)
{
	optind = 0;
	if (strcmp(current->name, "complete") == 0)
		return current->run(argc, argv);
	while (next_option(argc, argv) != -1)
		;
	return STATUS_OK;
}

int finish_output(int status)
{
	return status;
}

enum { MOST = 64 };

static int split(char *line, char **argv)
{
	static char program[] = "netns";
	int argc = 0;

	argv[argc++] = program;
	while (line && argc < MOST)
		argv[argc++] = strsep(&line, "\n");
	argv[argc] = NULL;
	return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = fuzz_string(data, size), *argv[MOST + 1];
	int argc = split(line, argv);

	current = NULL;
	memset(&globals, 0, sizeof(globals));
	optind = 0;
	if (setjmp(way_out) == 0)
		netns_main(argc, argv);
	free(line);
	return 0;
}
