/* SPDX-License-Identifier: MIT */
/* netns map */
#include "map.h"

#include <errno.h>
#include <getopt.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

enum { OPTION_DOT = OPTION_LONG, OPTION_SVG, OPTION_PNG };

static const struct cli_option options[] = {
	{OPTION_DOT, "dot", NULL, "print it for graphviz, dot(1)", NULL},
	{OPTION_SVG, "svg", "FILE", "draw it, by dot(1); '-' for standard output", "file"},
	{OPTION_PNG, "png", "FILE", "the same", "file"},
	JSON_OPTIONS,
	{0},
};

struct wish {
	bool dot;
	const char *format; /* of the picture; NULL: none */
	const char *file;
};

struct topo_namespace **map_order(const struct topology *topology)
{
	struct topo_namespace **order =
		need(calloc(topology->n + 1, sizeof(struct topo_namespace *)));
	size_t n = 0;

	for (int host = 1; host >= 0; host--)
		for (size_t i = 0; i < topology->n; i++)
			if (topology->v[i]->is_host == (host == 1))
				order[n++] = topology->v[i];
	return order;
}

/* The program reads the file from its beginning. */
static int run_dot(int input, const struct wish *wish)
{
	char *format = text("-T%s", wish->format), *output = text("-o%s", wish->file);
	bool to_file = strcmp(wish->file, "-") != 0;
	static char program[] = "dot";
	char *argv[] = {program, format, to_file ? output : NULL, NULL};
	posix_spawn_file_actions_t actions;
	int r, status = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	r = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	free(output);
	free(format);
	if (r != 0) {
		message("a picture is drawn by dot(1), which %s (install graphviz, or use --dot)",
			r == ENOENT ? "is not there" : strerror(r));
		return STATUS_FAILED;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		message("%s: dot(1) has not drawn it", wish->file);
	return status != 0 ? STATUS_FAILED : STATUS_OK;
}

static int draw(const struct topology *topology, const struct wish *wish)
{
	int fd = memfd_create("netns-map", MFD_CLOEXEC), status = STATUS_FAILED;
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (out) {
		map_dot(topology, out);
		if (fflush(out) == 0 && lseek(fd, 0, SEEK_SET) == 0)
			status = run_dot(fd, wish);
		fclose(out);
	} else {
		message("a file for dot(1): %s", reason_for(errno));
	}
	return status;
}

static int show(struct topology *topology, const struct wish *wish)
{
	if (wish->format)
		return draw(topology, wish);
	if (wish->dot)
		map_dot(topology, stdout);
	else if (globals.json)
		map_json(topology);
	else
		map_tree(topology);
	return STATUS_OK;
}

static int map_main(int argc, char **argv)
{
	struct topology topology;
	struct wish wish = {0};
	int c, status;

	while ((c = next_option(argc, argv)) != -1) {
		if (c == OPTION_SVG || c == OPTION_PNG) {
			wish.format = c == OPTION_SVG ? "svg" : "png";
			wish.file = optarg;
		} else if (c == OPTION_DOT) {
			wish.dot = true;
		} else {
			json_option(c);
		}
	}
	if (optind < argc)
		usage_error("takes no name: '%s'", argv[optind]);
	status = read_machine(&topology);
	if (status == STATUS_OK)
		status = show(&topology, &wish);
	topology_end(&topology);
	return status;
}

const struct command map_command = {
	.name = "map",
	.usage = "[--json | --dot | --svg FILE | --png FILE]",
	.summary = "Show what hangs together: namespaces, links, bridges, processes",
	.details =
		"Namespaces without a name are found too: by their processes, whatever else holds\n"
		"them, and the links that lead there.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns map\n"
		    "  netns map --svg lab.svg\n"
		    "  netns map --json | jq -r '.[].links[].peer.namespace'\n",
	.run = map_main,
};
