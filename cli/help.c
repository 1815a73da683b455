/* SPDX-License-Identifier: MIT */
#include "cli.h"

const char help_help[] =
	"Example:\n"
	"  netns help run                 how to run a command in a throw-away namespace\n";

void print_help(const struct command *command)
{
	printf("Usage: netns %s%s%s\n\n%s.\n\n%s", command->name, *command->usage ? " " : "",
		command->usage, command->summary, command->help);
	if (command->aliases)
		printf("\nAlso called: %s\n", command->aliases);
	puts("\nEvery command knows -h, --help and -d, --run-dir DIR; '--' ends the options.\n"
	     "There are manual pages: netns(8), netns-COMMAND(8).");
}

void print_overview(void)
{
	puts("Usage: netns [OPTION]... [COMMAND [ARGUMENT]...]\n"
	     "\n"
	     "Make, show, enter and remove network namespaces.\n"
	     "\n"
	     "Commands (the beginning of a name is enough; without a command: list):");
	for (size_t i = 0; i < n_commands; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
	printf("\n"
	       "Options:\n"
	       "  -j, --json          print JSON where there is output\n"
	       "  -p, --pretty        print JSON for reading\n"
	       "  -a, --all           netns --all COMMAND is netns COMMAND --all\n"
	       "  -d, --run-dir DIR   the directory of the names, instead of\n"
	       "                      %s\n"
	       "  -h, --help          print this; netns COMMAND --help tells of a command\n"
	       "  -V, --version       print the version\n"
	       "\n"
	       "Examples:\n"
	       "  netns run --up ping -c 1 127.0.0.1   in a new namespace, gone afterwards\n"
	       "  netns add --up web                   a namespace with a name\n"
	       "  netns exec web ip address            a command inside it\n"
	       "  netns delete web                     and the name is gone\n",
		netns_get_run_dir());
}

int help_main(int argc, char **argv)
{
	static const struct option longs[] = {COMMON_OPTIONS};

	if (next_option(argc, argv, ":" COMMON_SHORTS, longs) != -1)
		return STATUS_USAGE;
	if (argc - optind > 1)
		usage_error("one command at a time");
	if (argc > optind)
		print_help(find_command(argv[optind]));
	else
		print_overview();
	return STATUS_OK;
}
