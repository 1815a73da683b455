/* SPDX-License-Identifier: MIT */
/* netns sysctl: /proc/sys/net as it is inside a namespace */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define TOP "/proc/sys/"

enum { LONGEST = 65536 }; /* of a value; the kernel's own are much shorter */

/*
 * As sysctl(8) reads it: the first of '.' and '/' is what separates, and in a key with dots a slash
 * is a dot, so that net.ipv4.conf.eth0/1.forwarding names eth0.1.
 * (With UBSan gcc takes the key for NULL unless told, and warns.)
 */
__attribute__((nonnull)) static char *path_of(const char *key)
{
	char *path = text("%s%s", TOP, key), *at = path + strlen(TOP);
	size_t first = strcspn(key, "./");

	if (key[first] == '.')
		for (char *c = at; *c; c++)
			*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	if (strncmp(at, "net/", 4) != 0 && strcmp(at, "net") != 0)
		usage_error("%s: only what begins with 'net.' belongs to a network namespace", key);
	if (strstr(at, "/../") || strstr(at, "//"))
		usage_error("%s: not a key", key);
	return path;
}

static char *key_of(const char *path)
{
	char *key = need(strdup(path + strlen(TOP)));

	for (char *c = key; *c; c++)
		*c = *c == '/' ? '.' : *c == '.' ? '/' : *c;
	return key;
}

static void show(const char *key, const char *value)
{
	enum escape how;
	char *safe_key, *safe;

	if (globals.json) {
		json_object_begin();
		json_string("key", key);
		json_string("value", value);
		json_object_end();
		return;
	}
	how = escape_for(STDOUT_FILENO);
	safe_key = escape(key, how); /* the name of a link, for one */
	safe = escape(value, how);
	printf("%s = %s\n", safe_key, safe);
	free(safe_key);
	free(safe);
}

static void explain_key(const char *call, const char *path, const char *key, int error)
{
	if (error == ENOENT && has_proc())
		message("%s: no such key", key);
	else
		message("%s %s: %s", call, key, reason_of(path, error));
}

/* Some are written only, and some can be read by others only: not an error of `net.ipv4`. */
static int show_file(const char *path, bool asked_for)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	char *key = key_of(path), *value = need(malloc(LONGEST));
	ssize_t n = fd >= 0 ? read(fd, value, LONGEST - 1) : -1;

	error = errno;
	if (n >= 0) {
		while (n > 0 && value[n - 1] == '\n')
			n--;
		value[n] = '\0';
		show(key, value);
	} else if (asked_for) {
		explain_key(fd < 0 ? "open" : "read", path, key, error);
	}
	if (fd >= 0)
		close(fd);
	free(value);
	free(key);
	return n < 0 && asked_for ? STATUS_FAILED : STATUS_OK;
}

static int show_below(const char *path, bool asked_for)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, versionsort), status = STATUS_OK;

	if (n < 0)
		return show_file(path, asked_for);
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			char *below = text("%s/%s", path, entries[i]->d_name);

			show_below(below, false);
			free(below);
		}
		free(entries[i]);
	}
	free(entries);
	return status;
}

static int set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;
	const char *failed = fd < 0 ? "open" : "write";
	char *key = key_of(path), *line = text("%s\n", value);

	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	free(line);
	if (error == EINVAL)
		message("%s: the kernel does not take '%s'", key, value);
	else if (error)
		explain_key(failed, path, key, error);
	free(key);
	return error ? STATUS_FAILED : STATUS_OK;
}

/* KEY or KEY=VALUE */
static int deal_with(char *word, bool quiet)
{
	char *value = strchr(word, '='), *path;
	int status;

	if (value)
		*value++ = '\0';
	path = path_of(word);
	if (value) {
		status = set(path, value);
		if (status == STATUS_OK && !quiet)
			status = show_file(path, true);
	} else {
		status = show_below(path, true);
	}
	free(path);
	return status;
}

static int enter_for_good(const char *spec)
{
	struct netns *ns = open_spec(spec);
	int r = ns ? netns_set(ns) : -ENOENT;

	if (ns && r < 0)
		explain_spec(spec, r);
	netns_free(ns);
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

static int sysctl_main(int argc, char **argv)
{
	bool all = globals.all, quiet = false;
	char everything[] = "net";
	int c, status;

	while ((c = next_option(argc, argv)) != -1) {
		all = all || c == 'a';
		quiet = quiet || c == 'q';
		globals.json = globals.json || c == 'j';
		globals.pretty = globals.pretty || c == 'p';
	}
	if (optind == argc)
		usage_error("a name is missing");
	if (all ? argc - optind > 1 : argc - optind < 2)
		usage_error(all ? "either keys or --all" : "a key is missing");
	status = enter_for_good(argv[optind++]);
	if (status != STATUS_OK)
		return status;
	if (globals.json)
		json_begin();
	if (all)
		status = deal_with(everything, quiet);
	for (; optind < argc; optind++)
		if (deal_with(argv[optind], quiet) != STATUS_OK)
			status = STATUS_FAILED;
	if (globals.json)
		json_end();
	return status;
}

static const struct cli_option options[] = {
	{'a', "all", NULL, "all keys", NULL},
	{'q', "quiet", NULL, "do not print what was set", NULL},
	{'j', "json", NULL, "an array of objects with key and value", NULL},
	{'p', "pretty", NULL, "with --json: indented", NULL},
	{0},
};

const struct command sysctl_command = {
	.name = "sysctl",
	.usage = "[OPTION]... NAME KEY[=VALUE]...\n"
		 "       netns sysctl --all NAME",
	.summary = "Read and set kernel parameters inside a network namespace",
	.details =
		"A key is written as sysctl(8) has it: net.ipv4.ip_forward. One that holds others\n"
		"(net.ipv4.conf.lo) stands for all of them.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns sysctl web net.ipv4.ip_forward\n"
		    "  netns sysctl web net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1\n"
		    "  netns sysctl --json web net.ipv4.conf.lo\n",
	.operands = "spec sysctl...",
	.run = sysctl_main,
	.flags = TAKES_ALL,
};
