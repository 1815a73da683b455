/* SPDX-License-Identifier: MIT */
/* netns: the table of the commands, the options before them, and the way to them. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "cli.h"

#define COMMAND(name) &name##_command,
const struct command *const commands[] = {
#include "commands.list"
};
#undef COMMAND
const size_t n_commands = ARRAY_SIZE(commands);

const struct command *current;
struct globals globals;

/* Is `word` one of the words of `list`, or, if `whole` is false, the beginning of one? */
static bool is_among(const char *word, const char *list, bool whole)
{
	size_t length = strlen(word);

	while (list && *list) {
		size_t n = strcspn(list, " ");

		if (strncmp(word, list, length) == 0 && (whole ? n == length : n >= length))
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

static const struct command *find_exact(const char *word)
{
	for (size_t i = 0; i < n_commands; i++)
		if (is_among(word, commands[i]->name, true) ||
			is_among(word, commands[i]->aliases, true))
			return commands[i];
	return NULL;
}

/*
 * ip(8) takes the first verb that begins so; among our own only a unique beginning
 * will do; if another one begins so, that is *other.
 */
static const struct command *find_abbreviation(const char *word, const struct command **other)
{
	const struct command *found = NULL;

	*other = NULL;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *c = commands[i];

		if (c->flags & HIDDEN ||
			(!is_among(word, c->name, false) && !is_among(word, c->aliases, false)))
			continue;
		if (c->flags & FROM_IP)
			return c;
		if (found)
			*other = c;
		else
			found = c;
	}
	return found;
}

const struct command *look_up_command(const char *word)
{
	const struct command *found = find_exact(word), *other = NULL;

	if (!found && *word)
		found = find_abbreviation(word, &other);
	return other ? NULL : found;
}

static void refuse_command(const char *word)
{
	const char *nearest = NULL;

	for (size_t i = 0; i < n_commands; i++) {
		const char *name = commands[i]->name;

		if (!(commands[i]->flags & HIDDEN) && is_near(word, name) &&
			(!nearest || edit_distance(word, name) < edit_distance(word, nearest)))
			nearest = name;
	}
	if (nearest)
		usage_error("no command '%s'; did you mean '%s'?", word, nearest);
	usage_error("no command '%s'", word);
}

const struct command *find_command(const char *word)
{
	const struct command *found = look_up_command(word), *other;

	if (found)
		return found;
	found = find_abbreviation(word, &other);
	if (found && *word)
		usage_error("'%s' may mean '%s' or '%s'", word, found->name, other->name);
	refuse_command(word);
	return NULL;
}

/*
 * A file opened as descriptor 1 would be taken for the output. What is opened
 * here cannot be written to, and is closed again for a command that is run.
 */
static void occupy_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", (fd == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

const struct cli_option global_options[] = {
	{'j', "json", NULL, "print JSON where there is output", NULL},
	{'p', "pretty", NULL, "print JSON for reading", NULL},
	{'n', "netns", "NAME", "look from inside this namespace", "spec"},
	{'a', "all", NULL, "netns --all COMMAND is netns COMMAND --all", NULL},
	{'V', "version", NULL, "print the version", NULL},
	{0},
};

static void read_global_options(int argc, char **argv)
{
	int c;

	while ((c = next_option(argc, argv)) != -1) {
		switch (c) {
		case 'a':
			globals.all = true;
			break;
		case 'j':
		case 'p':
			json_option(c);
			break;
		case 'n':
			globals.netns = optarg;
			break;
		case 'V':
			puts("netns " VERSION);
			exit(finish_output(STATUS_OK));
		}
	}
}

/* As `ip -n NAME netns ...`: the command runs there. Names stay those of this mount namespace. */
static bool go_inside(const char *spec)
{
	struct netns *ns = open_spec(spec);
	int r;

	if (!ns)
		return false;
	r = netns_set(ns);
	if (r < 0)
		explain_spec(spec, r);
	netns_free(ns);
	return r == 0;
}

/* Weak, so that fuzz/command-line.c can put one in its place that does nothing. */
__attribute__((weak)) int dispatch(int argc, char **argv)
{
	if (globals.netns && !go_inside(globals.netns))
		return STATUS_FAILED;
	optind = 0;
	return current->run(argc, argv);
}

int main(int argc, char **argv)
{
	static char list[] = "list";
	char *bare[] = {list, NULL};

	occupy_standard_descriptors();
	if (getauxval(AT_SECURE)) {
		message("refusing to run set-user-ID or with file capabilities");
		return STATUS_FAILED;
	}
	read_global_options(argc, argv);
	argc -= optind;
	argv += optind;
	if (argc < 1) {
		argc = 1;
		argv = bare;
	}
	current = find_command(argv[0]);
	if (globals.all && !(current->flags & TAKES_ALL))
		usage_error("--all means nothing here");
	return finish_output(dispatch(argc, argv));
}
