/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"
#include "leftovers.h"

static void add(struct inventory *inventory, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct inventory *inventory, const char *fmt, ...)
{
	va_list args;
	char *line;

	va_start(args, fmt);
	CHECK(vasprintf(&line, fmt, args) >= 0);
	va_end(args);
	inventory->lines =
		realloc(inventory->lines, (inventory->n + 1) * sizeof(*inventory->lines));
	CHECK(inventory->lines);
	inventory->lines[inventory->n++] = line;
}

static void add_link(struct inventory *inventory, const char *what, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	/* Which namespace a descriptor is of is not the question here: its inode is given anew. */
	if (strncmp(target, "net:", 4) == 0)
		target[4] = '\0';
	add(inventory, "%s: %s", what, target);
}

static void add_descriptors(struct inventory *inventory)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char path[64], what[64];

	CHECK(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(dir))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%.20s", entry->d_name);
		snprintf(what, sizeof(what), "descriptor %.20s", entry->d_name);
		add_link(inventory, what, path);
	}
	closedir(dir);
}

static void add_names(struct inventory *inventory, const char *path, const char *what)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			add(inventory, "in %s: %s", what, entry->d_name);
	closedir(dir);
}

/* The mount of the default run directory on itself is meant to stay, but there is only one. */
static void add_mounts(struct inventory *inventory)
{
	char run_dir[PATH_MAX], *line = NULL, root[PATH_MAX], point[PATH_MAX];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	size_t size = 0;
	int run_dirs = 0;

	CHECK(file);
	if (!realpath(netns_get_run_dir(), run_dir))
		run_dir[0] = '\0';
	while (getline(&line, &size, file) > 0) {
		CHECK(sscanf(line, "%*d %*d %*s %4095s %4095s", root, point) == 2);
		if (strcmp(point, run_dir) != 0 || run_dirs++ > 0)
			add(inventory, "mount on %s of %s", point, root);
	}
	free(line);
	fclose(file);
}

static void add_status(struct inventory *inventory, pid_t tid)
{
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", (int)tid);
	file = fopen(path, "re");

	CHECK(file);
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "Umask:", 6) == 0 || strncmp(line, "SigBlk:", 7) == 0)
			add(inventory, "%s", line);
	}
	free(line);
	fclose(file);
}

int count_threads(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	int n = -1;
	char line[256];

	CHECK(file);
	while (n < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "Threads: %d", &n) != 1)
			n = -1;
	fclose(file);
	return n;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct inventory take(pid_t tid, bool with_files)
{
	struct inventory inventory = {0};

	add_descriptors(&inventory);
	add_names(&inventory, netns_get_run_dir(), "the run directory");
	if (with_files) {
		add_names(&inventory, tmp_path(".."), "its parent");
		add_names(&inventory, tmp_path(""), "the place for files");
		add_names(&inventory, tmp_path("own"), "a run directory of its own");
	}
	add_mounts(&inventory);
	add_status(&inventory, tid);
	add_link(&inventory, "working directory", "/proc/self/cwd");
	qsort(inventory.lines, inventory.n, sizeof(*inventory.lines), compare);
	return inventory;
}

struct inventory take_inventory(void)
{
	return take(gettid(), false);
}

struct inventory take_inventory_of(pid_t tid)
{
	return take(tid, true);
}

void free_inventory(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->n; i++)
		free(inventory->lines[i]);
	free(inventory->lines);
}

bool same_inventory(const struct inventory *before, const struct inventory *after)
{
	size_t a = 0, b = 0;
	bool same = true;

	while (a < before->n || b < after->n) {
		int order = a == before->n  ? 1
			    : b == after->n ? -1
					    : strcmp(before->lines[a], after->lines[b]);

		if (order < 0)
			fprintf(stderr, "gone: %s\n", before->lines[a]);
		else if (order > 0)
			fprintf(stderr, "left: %s\n", after->lines[b]);
		a += order <= 0;
		b += order >= 0;
		same = same && order == 0;
	}
	return same;
}
