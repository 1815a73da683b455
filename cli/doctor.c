/* SPDX-License-Identifier: MIT */
/* netns doctor: what is wrong with the run directory, why that matters, and mending it */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "directory.h"
#include "doctor.h"

char nothing_was_wrong[] = "";

char *why_library(int r)
{
	return r < 0 ? text("%s", netns_errmsg()) : NULL;
}

char *why_call(bool failed, const char *call, const char *path)
{
	return failed ? text("%s %s: %s", call, path, reason_of(path, errno)) : NULL;
}

char *doctor_lock(struct doctor *doctor, int *ret)
{
	char *why_not;

	*ret = -1;
	if (doctor->locked)
		return text("not tried: the lock could not be had, as was said");
	why_not = directory_lock(doctor->dir, ret);
	doctor->locked = why_not;
	return why_not;
}

void cannot_look(struct doctor *doctor, const char *path)
{
	char *line = text("look at %s: %s", path, reason_of(path, errno));

	doctor->blind = true;
	if (!doctor->told || strcmp(doctor->told, line) != 0)
		message("%s", line);
	free(doctor->told);
	doctor->told = line;
}

static const char *result_word(
	const struct doctor *doctor, const struct finding *found, const char *why_not)
{
	if (!doctor->fix)
		return found->fix ? "Would fix" : "To do";
	return !found->fix ? "To do" : !why_not ? "Fixed" : "Not fixed";
}

/* 0: not a terminal, or one that does not know. */
static size_t terminal_width(void)
{
	struct winsize size;

	return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col
										     : 0;
}

static size_t characters(const char *s, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* Two blanks in; on a terminal, with line breaks between words and not within. */
static void print_indented(const char *s)
{
	size_t width = terminal_width(), column = 0;

	for (; *s; s += *s == ' ') {
		size_t bytes = strcspn(s, " "), n = characters(s, bytes);

		if (column == 0 || (width && column + 1 + n > width)) {
			printf("%s  ", column ? "\n" : "");
			column = 2;
		} else {
			putchar(' ');
			column++;
		}
		fwrite(s, 1, bytes, stdout);
		column += n;
		s += bytes;
	}
	putchar('\n');
}

static void print_finding(const struct doctor *doctor, const struct finding *found,
	const char *explanation, const char *why_not)
{
	char *name = found->name ? escape(found->name, escape_for(STDOUT_FILENO)) : NULL;
	char *why = escape(explanation, escape_for(STDOUT_FILENO));
	char *result = text("%s: %s", result_word(doctor, found, why_not), found->remedy);

	printf("%s%s%s\n", found->kind, name ? ": " : "", name ? name : "");
	print_indented(why);
	print_indented(result);
	if (why_not) {
		char *safe = escape(why_not, escape_for(STDOUT_FILENO));

		print_indented(safe);
		free(safe);
	}
	free(result);
	free(why);
	free(name);
}

static void print_json(const struct doctor *doctor, const struct finding *found,
	const char *explanation, const char *why_not)
{
	json_object_begin();
	json_string("finding", found->kind);
	if (found->name)
		json_string("name", found->name);
	json_string("explanation", explanation);
	json_string("remedy", found->remedy);
	json_string("state", doctor->fix && found->fix && !why_not ? "fixed"
			     : found->fix                          ? "fixable"
								   : "manual");
	if (why_not)
		json_string("error", why_not);
	json_object_end();
}

void finding(struct doctor *doctor, const struct finding *found, const char *explanation, ...)
{
	va_list args;
	char *why, *why_not = NULL;

	va_start(args, explanation);
	if (vasprintf(&why, explanation, args) < 0)
		need(NULL);
	va_end(args);
	if (doctor->fix && found->fix)
		why_not = found->fix(found->arg);
	if (why_not == nothing_was_wrong) {
		free(why);
		return;
	}
	doctor->found++;
	if (!doctor->fix || !found->fix || why_not)
		doctor->left++;
	if (globals.json)
		print_json(doctor, found, why, why_not);
	else
		print_finding(doctor, found, why, why_not);
	free(why_not);
	free(why);
}

static int doctor_main(int argc, char **argv)
{
	struct doctor doctor = {.dir = globals.run_dir ? globals.run_dir : netns_get_run_dir()};
	int c;

	while ((c = next_option(argc, argv)) != -1) {
		doctor.fix = doctor.fix || c == 'f';
		globals.json = globals.json || c == 'j';
		globals.pretty = globals.pretty || c == 'p';
	}
	if (optind < argc)
		usage_error("takes no name: '%s'", argv[optind]);
	doctor.dir = globals.run_dir ? globals.run_dir : netns_get_run_dir();
	if (globals.json)
		json_begin();
	if (look_at_directory(&doctor)) {
		look_at_names(&doctor);
		look_under(&doctor);
	}
	if (globals.json)
		json_end();
	else if (doctor.found == 0 && !doctor.blind)
		printf("Nothing is wrong with %s.\n", doctor.dir);
	free(doctor.told);
	return doctor.left > 0 || doctor.blind ? STATUS_FAILED : STATUS_OK;
}

static const struct cli_option options[] = {
	{'f', "fix", NULL, "mend what can be mended without a loss", NULL},
	{'j', "json", NULL, "an array of objects", NULL},
	{'p', "pretty", NULL, "with --json: indented", NULL},
	{0},
};

const struct command doctor_command = {
	.name = "doctor",
	.usage = "[--fix] [--json]",
	.summary = "Find out what is wrong with the run directory, and mend it",
	.details = "Tells what it finds, what that means, and what --fix would do. A namespace "
		   "that is\n"
		   "alive is never destroyed.\n",
	.options = options,
	.examples = "Exit status: 0 if nothing is wrong (any more), 1 if something is.\n"
		    "\n"
		    "Examples:\n"
		    "  netns doctor\n"
		    "  netns doctor --fix\n"
		    "  netns doctor --json | jq -r '.[].finding'\n",
	.run = doctor_main,
};
