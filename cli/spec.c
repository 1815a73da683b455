/* SPDX-License-Identifier: MIT */
/* What names a namespace on the command line: netns_open_spec(3). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* A name, as far as can be told from outside: the others have one of these in them. */
static bool looks_like_name(const char *spec)
{
	return !strpbrk(spec, "/:");
}

void explain_spec(const char *spec, int error)
{
	if (!spec || looks_like_name(spec) || (abs(error) == EPERM && geteuid() != 0))
		explain(spec, error);
	else if (abs(error) == ENOENT && strncmp(spec, "/proc/", 6) == 0 && !has_proc())
		message("%s: %s", spec, reason_of(spec, error));
	else
		message("%s: %s", spec, netns_errmsg());
}

struct netns *open_spec(const char *spec)
{
	struct netns *ns;
	int r = netns_open_spec_in(globals.run_dir, spec, &ns);

	if (r == 0)
		return ns;
	explain_spec(spec, r);
	return NULL;
}

struct netns *open_pid_or_spec(const char *word)
{
	struct netns *ns;
	char *pid;

	if (!*word || word[strspn(word, "0123456789")])
		return open_spec(word);
	pid = text("pid:%s", word);
	ns = open_spec(pid);
	free(pid);
	return ns;
}

const char *name_of(const struct netns *ns)
{
	const char *dir = globals.run_dir ? globals.run_dir : netns_get_run_dir();
	const char *path = netns_get_path(ns);
	size_t length = strlen(dir);

	if (!path || strncmp(path, dir, length) != 0 || path[length] != '/' ||
		strchr(path + length + 1, '/'))
		return NULL;
	return path + length + 1;
}
