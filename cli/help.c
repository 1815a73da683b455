/* SPDX-License-Identifier: MIT */
/* netns help, and what --help prints */
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* "-n, --name NAME"; without a letter, as far to the right. */
static void print_option_words(const struct cli_option *o, size_t width)
{
	int used = printf("  ");

	used += o->value < OPTION_LONG ? printf("-%c, ", o->value) : printf("    ");
	used += printf("--%s", o->name);
	if (o->argument)
		used += printf("%s%s", *o->argument == '[' ? "" : " ", o->argument);
	printf("%*s", (int)width - used, "");
}

static size_t option_width(const struct cli_option *o)
{
	return strlen("  -x, --") + strlen(o->name) +
	       (!o->argument ? 0 : strlen(o->argument) + (*o->argument != '['));
}

static size_t widest(const struct cli_option *options, size_t width)
{
	for (const struct cli_option *o = options; o && o->name; o++)
		width = option_width(o) > width ? option_width(o) : width;
	return width;
}

/* Two columns; the help's own lines are kept. */
static void print_options(const struct cli_option *options, size_t width)
{
	for (const struct cli_option *o = options; o->name; o++) {
		const char *line = o->help;

		print_option_words(o, width);
		for (;;) {
			size_t n = strcspn(line, "\n");

			printf("%.*s\n", (int)n, line);
			line += n;
			if (!*line++)
				break;
			printf("%*s", (int)width, "");
		}
	}
}

void print_help(const struct command *command)
{
	printf("Usage: netns %s%s%s\n\n%s.\n", command->name, *command->usage ? " " : "",
		command->usage, command->summary);
	if (command->details)
		printf("\n%s", command->details);
	if (command->options) {
		printf("\nOptions%s:\n",
			command->flags & OPTIONS_FIRST ? " (before what is run)" : "");
		print_options(command->options, widest(command->options, 0) + 2);
	}
	if (command->examples)
		printf("\n%s", command->examples);
	if (command->aliases)
		printf("\nAlso called: %s\n", command->aliases);
	puts("\nEvery command knows -h, --help and -d, --run-dir DIR; '--' ends the options.\n"
	     "There are manual pages: netns(8), netns-COMMAND(8).");
}

static void print_commands(void)
{
	for (size_t i = 0; i < n_commands; i++)
		if (!(commands[i]->flags & HIDDEN))
			printf("  %-8s  %s\n", commands[i]->name, commands[i]->summary);
}

void print_overview(void)
{
	size_t width;

	puts("Usage: netns [OPTION]... [COMMAND [ARGUMENT]...]\n"
	     "\n"
	     "Make, show, enter and remove network namespaces.\n"
	     "\n"
	     "Commands (the beginning of a name is enough; without a command: list):");
	print_commands();
	puts("\nOptions:");
	width = widest(common_options, widest(global_options, 0)) + 2;
	print_options(global_options, width);
	print_options(common_options, width);
	printf("\n"
	       "The default directory of the names is %s.\n"
	       "\n"
	       "Examples:\n"
	       "  netns run --up ping -c 1 127.0.0.1   in a new namespace, gone afterwards\n"
	       "  netns add --up web                   a namespace with a name\n"
	       "  netns exec web ip address            a command inside it\n"
	       "  netns delete web                     and the name is gone\n",
		netns_get_run_dir());
}

static int help_main(int argc, char **argv)
{
	if (next_option(argc, argv) != -1)
		return STATUS_USAGE;
	if (argc - optind > 1)
		usage_error("one command at a time");
	if (argc > optind)
		print_help(find_command(argv[optind]));
	else
		print_overview();
	return STATUS_OK;
}

const struct command help_command = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "Explain a command",
	.examples = "Examples:\n"
		    "  netns help run   how to run a command in a throw-away namespace\n",
	.operands = "verb",
	.run = help_main,
	.flags = FROM_IP,
};
