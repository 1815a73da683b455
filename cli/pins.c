/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "mountinfo.h"
#include "pins.h"

static void remember(struct mountinfo *mount, void *arg)
{
	struct pins *pins = arg;
	size_t length = strlen(pins->dir);
	unsigned long long inode;

	mountinfo_unescape(mount->target);
	pins->has_mounts |= mount->parent == pins->dir_mount;
	layers_add(&pins->layers, mount);
	if (strcmp(mount->type, "nsfs") != 0 || sscanf(mount->root, "net:[%llu]", &inode) != 1 ||
		strncmp(mount->target, pins->dir, length) != 0 || mount->target[length] != '/' ||
		strchr(mount->target + length + 1, '/'))
		return;
	if ((pins->n & (pins->n + 1)) == 0)
		pins->v = need(reallocarray(pins->v, 2 * (pins->n + 1), sizeof(*pins->v)));
	pins->v[pins->n] = (struct pin){.id = mount->id,
		.parent = mount->parent,
		.inode = inode,
		.path = need(strdup(mount->target))};
	pins->v[pins->n].name = pins->v[pins->n].path + length + 1;
	pins->n++;
}

/*
 * The mount that a path is on, by the number that mountinfo has for it: fdinfo tells on every kernel.
 * The library looks the same thing up for itself (submounts.c) and has no call for it: what it could
 * answer is a number that means something only next to mountinfo, which is read here.
 */
int mount_of(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC), id = -1;
	char *proc = text("/proc/self/fdinfo/%d", fd), *line = NULL;
	FILE *f = fd >= 0 ? fopen(proc, "re") : NULL;
	size_t size = 0;
	int error;

	while (f && getline(&line, &size, f) > 0)
		if (sscanf(line, "mnt_id: %d", &id) == 1)
			break;
	free(line);
	error = errno; /* of the first call that failed */
	if (f)
		fclose(f);
	free(proc);
	if (fd >= 0)
		close(fd);
	errno = error;
	return id;
}

static void measure_depths(struct pins *pins)
{
	for (size_t i = 0; i < pins->n; i++) {
		const struct pin *below = &pins->v[i];

		do {
			pins->v[i].on = below->parent;
			below = pins_by_id(pins, below->parent);
			pins->v[i].depth += below != NULL;
		} while (below);
		if (pins->v[i].depth > pins->depth)
			pins->depth = pins->v[i].depth;
	}
}

/* What is mounted over a directory above hides the directory itself. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL), *above = NULL, *slash = strrchr(path, '/');

	if (real || errno != ENOENT || !slash || slash == path)
		return real;
	above = need(strndup(path, (size_t)(slash - path)));
	real = resolve(above);
	free(above);
	above = real;
	if (!slash[1]) /* no name after the last slash */
		return above;
	real = above ? text("%s%s", strcmp(above, "/") == 0 ? "" : above, slash) : NULL;
	free(above);
	return real;
}

int pins_read(const char *dir, struct pins *ret)
{
	int r = 0;

	*ret = (struct pins){.dir = resolve(dir)};
	if (!ret->dir)
		return -errno;
	if (access(ret->dir, F_OK) == 0 || errno != ENOENT) {
		errno = 0;
		ret->dir_mount = mount_of(ret->dir);
	}
	ret->layers.dir = ret->dir;
	if (ret->dir_mount < 0)
		r = errno ? -errno : -EIO;
	if (r == 0)
		r = mountinfo_read(AT_FDCWD, "/proc/self/mountinfo", remember, ret);
	if (r < 0)
		pins_free(ret);
	measure_depths(ret);
	return r;
}

void pins_free(struct pins *pins)
{
	for (size_t i = 0; i < pins->n; i++)
		free(pins->v[i].path);
	free(pins->v);
	layers_free(&pins->layers);
	free(pins->dir);
	*pins = (struct pins){0};
}

const struct pin *pins_by_id(const struct pins *pins, int id)
{
	for (size_t i = 0; i < pins->n; i++)
		if (pins->v[i].id == id)
			return &pins->v[i];
	return NULL;
}

bool pins_are_hidden(const struct pins *pins, int mount)
{
	return mount != pins->dir_mount && layers_are_same(&pins->layers, pins->dir_mount, mount);
}

static struct name *stale_name(const struct names *names, const char *key)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].state == NETNS_STALE && strcmp(names->v[i].name, key) == 0)
			return &names->v[i];
	return NULL;
}

int pins_each_hidden(const char *dir, const struct names *names, void (*fn)(struct name *name))
{
	struct pins pins;
	int r = has_stale(names) ? pins_read(dir, &pins) : 1;

	if (r != 0)
		return r < 0 ? r : 0;
	for (size_t i = 0; i < pins.n; i++) {
		struct name *name = pins_are_hidden(&pins, pins.v[i].on)
					    ? stale_name(names, pins.v[i].name)
					    : NULL;

		if (name)
			fn(name);
	}
	pins_free(&pins);
	return 0;
}
