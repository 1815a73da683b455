/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* What is not said yet; NULL: everything is said at once. */
static struct {
	FILE *stream;
	char *text;
	size_t size;
} held;

static void print(const char *fmt, va_list args, const char *tail)
{
	char *raw, *safe, *line;

	if (vasprintf(&raw, fmt, args) < 0)
		need(NULL);
	safe = escape(raw, escape_for(STDERR_FILENO));
	line = text(
		"netns: %s%s%s%s\n", current ? current->name : "", current ? ": " : "", safe, tail);
	if (held.stream)
		fputs(line, held.stream);
	else
		dprintf(STDERR_FILENO, "%s", line);
	free(line);
	free(safe);
	free(raw);
}

void hold_messages(void)
{
	held.stream = need(open_memstream(&held.text, &held.size));
}

void release_messages(void)
{
	fclose(held.stream);
	held.stream = NULL;
	dprintf(STDERR_FILENO, "%s", held.text);
	free(held.text);
}

void message(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(fmt, args, "");
	va_end(args);
}

void usage_error(const char *fmt, ...)
{
	char tail[64];
	va_list args;

	snprintf(tail, sizeof(tail), " (netns %s%s--help)", current ? current->name : "",
		current ? " " : "");
	va_start(args, fmt);
	print(fmt, args, tail);
	va_end(args);
	exit(STATUS_USAGE);
}

/* What stands under a name, and the name most like it. */
struct search {
	const char *name;
	int state; /* 0: nothing */
	char *near;
	unsigned distance;
};

static void search(struct search *s)
{
	const struct netns_entry *entry;
	struct netns_iter *it;

	if (netns_iter_new(globals.run_dir, &it) < 0)
		return;
	while (netns_iter_next(it, &entry) > 0) {
		unsigned distance = edit_distance(s->name, entry->name);

		if (distance == 0)
			s->state = entry->state;
		if (!is_near(s->name, entry->name) || (s->near && distance >= s->distance))
			continue;
		free(s->near);
		s->near = need(strdup(entry->name));
		s->distance = distance;
	}
	netns_iter_free(it);
}

static const char *run_dir(void)
{
	return globals.run_dir ? globals.run_dir : netns_get_run_dir();
}

static void pass_on(const char *name, int error)
{
	const char *why = netns_errmsg();

	message("%s%s%s", name ? name : "", name ? ": " : "", *why ? why : strerror(error));
}

static bool is_possible(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

/* An error that depends on what stands under the name. */
static void explain_name(const char *name, int error)
{
	struct search s = {.name = name};

	search(&s);
	if (s.state == NETNS_LIVE && error != EEXIST)
		pass_on(name, error); /* it is not about the name, or it was another moment */
	else if (s.state == NETNS_FOREIGN)
		message("%s: %s/%s is something else than a network namespace; left alone", name,
			run_dir(), name);
	else if (error == EEXIST)
		message("%s: already exists (delete it first: netns delete %s)", name, name);
	else if (s.state == NETNS_STALE)
		message("%s: stale, its namespace is gone (remove the name: netns delete %s)", name,
			name);
	else if (s.near)
		message("%s: no such namespace; did you mean '%s'? (netns list)", name, s.near);
	else
		message("%s: no such namespace (netns list)", name);
	free(s.near);
}

void explain(const char *name, int error)
{
	error = abs(error);
	if (name && (error == EEXIST || error == EMEDIUMTYPE ||
			    (error == ENOENT && access(run_dir(), F_OK) == 0)))
		explain_name(name, error);
	else if (name && error == EINVAL && !is_possible(name))
		message("%s: not a possible name (1 to 255 bytes, no '/', not '.' or '..')",
			*name ? name : "''");
	else if (error == EPERM && geteuid() != 0)
		message("%s%snot permitted (try as root, or with CAP_SYS_ADMIN)", name ? name : "",
			name ? ": " : "");
	else if (error == EROFS && name) /* whose advice ends the library's message */
		message("%s: %s, by --run-dir DIR", name, netns_errmsg());
	else
		pass_on(name, error);
}

void explain_locked(const char *name, bool others)
{
	message("%s: %s%s", name, netns_errmsg(), others ? "; the rest was not tried" : "");
}
