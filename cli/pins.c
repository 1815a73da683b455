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

/* The rest of a path below a directory, from the slash on; NULL: it is not below that. */
static const char *rest_below(const char *dir, const char *path)
{
	size_t length = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	if (strncmp(path, dir, length) != 0 || (path[length] && path[length] != '/'))
		return NULL;
	return path + length;
}

static void remember_layer(struct pins *pins, struct mountinfo *mount)
{
	const char *rest = rest_below(mount->target, pins->dir);
	size_t n = pins->n_layers;

	if (!rest)
		return;
	mountinfo_unescape(mount->root);
	if ((n & (n + 1)) == 0)
		pins->layers = need(reallocarray(pins->layers, 2 * (n + 1), sizeof(*pins->layers)));
	pins->layers[n] = (struct layer){.id = mount->id,
		.parent = mount->parent,
		.is_whole = !*rest,
		.place = text("%s %s%s", mount->device,
			strcmp(mount->root, "/") == 0 ? "" : mount->root, rest)};
	pins->n_layers++;
}

static void remember(struct mountinfo *mount, void *arg)
{
	struct pins *pins = arg;
	size_t length = strlen(pins->dir);
	unsigned long long inode;

	mountinfo_unescape(mount->target);
	pins->has_mounts |= mount->parent == pins->dir_mount;
	remember_layer(pins, mount);
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
	for (size_t i = 0; i < pins->n_layers; i++)
		free(pins->layers[i].place);
	free(pins->v);
	free(pins->layers);
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

static const struct layer *layer_by_id(const struct pins *pins, int id)
{
	for (size_t i = 0; i < pins->n_layers; i++)
		if (pins->layers[i].id == id)
			return &pins->layers[i];
	return NULL;
}

bool pins_hides_itself(const struct pins *pins, int mount)
{
	const struct layer *upper = layer_by_id(pins, pins->dir_mount), *lower;

	if (mount == pins->dir_mount)
		return false;
	for (; upper && upper->id != mount; upper = lower) {
		lower = layer_by_id(pins, upper->parent);
		if (!upper->is_whole || !lower || lower == upper ||
			strcmp(lower->place, upper->place) != 0)
			return false;
	}
	return upper != NULL;
}
