/* SPDX-License-Identifier: MIT */
/* netns diff: what is in one namespace and not in another */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "contents.h"

static bool has(const struct lines *lines, const char *line)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strcmp(lines->v[i], line) == 0)
			return true;
	return false;
}

/* net.ipv4.conf.NAME. and the like, of a link that the other has not got: told once, as a link. */
static bool is_of_a_missing_link(
	const char *key, const struct lines *own, const struct lines *others)
{
	for (size_t i = 0; i < own->n; i++) {
		char *part = text(".%s.", own->v[i]);
		bool found = strstr(key, part) && !has(others, own->v[i]);

		free(part);
		if (found)
			return true;
	}
	return false;
}

static void print_line(char sign, const char *line, enum section section, const char *spec)
{
	char *safe;

	if (globals.json) {
		json_object_begin();
		json_string("section", section_words[section]);
		json_string("only", spec);
		json_string("line", line);
		json_object_end();
		return;
	}
	safe = escape(line, escape_for(STDOUT_FILENO));
	printf("%c %s\n", sign, safe);
	free(safe);
}

struct side {
	const char *spec;
	struct contents contents;
	char sign;
};

/* What `own` has and `other` has not. The lines are sorted, so those that belong together meet. */
static size_t print_only(
	const struct side *own, const struct side *other, enum section section, size_t found)
{
	const struct lines *lines = &own->contents.sections[section];

	for (size_t i = 0; i < lines->n; i++) {
		if (has(&other->contents.sections[section], lines->v[i]))
			continue;
		if (section == SYSCTLS && is_of_a_missing_link(lines->v[i], &own->contents.names,
						  &other->contents.names))
			continue;
		if (!globals.json && found == 0)
			printf("%s\n", section_words[section]);
		print_line(own->sign, lines->v[i], section, own->spec);
		found++;
	}
	return found;
}

static size_t print_differences(const struct side *a, const struct side *b)
{
	size_t all = 0;

	if (globals.json)
		json_begin();
	for (int section = 0; section < N_SECTIONS; section++) {
		size_t found = print_only(a, b, (enum section)section, 0);

		all += print_only(b, a, (enum section)section, found);
	}
	if (globals.json)
		json_end();
	return all;
}

/* As diff(1) has it. */
enum { SAME = 0, DIFFERENT = 1, TROUBLE = 2 };

static int diff_main(int argc, char **argv)
{
	struct side a = {.sign = '-'}, b = {.sign = '+'};
	int c, status = TROUBLE;

	while ((c = next_option(argc, argv)) != -1)
		json_option(c);
	if (argc - optind != 2)
		usage_error("two namespaces can be compared");
	a.spec = argv[optind];
	b.spec = argv[optind + 1];
	if (read_contents(a.spec, &a.contents) == STATUS_OK &&
		read_contents(b.spec, &b.contents) == STATUS_OK)
		status = print_differences(&a, &b) > 0 ? DIFFERENT : SAME;
	if (a.contents.incomplete || b.contents.incomplete)
		status = TROUBLE;
	free_contents(&a.contents);
	free_contents(&b.contents);
	return status;
}

static const struct cli_option options[] = {
	{'j', "json", NULL, "an array of objects with section, only and line", NULL},
	{'p', "pretty", NULL, "with --json: indented", NULL},
	{0},
};

const struct command diff_command = {
	.name = "diff",
	.usage = "[--json] NAME NAME",
	.summary = "Show what differs between two network namespaces",
	.details =
		"Links, addresses, routes, rules and kernel parameters: what only the first has\n"
		"begins with '-', what only the second has with '+'. Hardware addresses and what\n"
		"comes from them are left out.\n",
	.options = options,
	.examples =
		"Exit status: 0 if nothing differs, 1 if something does, 2 if there was trouble.\n"
		"\n"
		"Examples:\n"
		"  netns diff web1 web2\n"
		"  netns diff host pid:4711\n",
	.operands = "spec...",
	.run = diff_main,
};
