/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pins.h"
#include "place.h"

/* The rest of a path below a directory, from the slash on; NULL: it is not below that. */
static const char *rest_below(const char *dir, const char *path)
{
	size_t length = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	if (strncmp(path, dir, length) != 0 || (path[length] && path[length] != '/'))
		return NULL;
	return strcmp(path + length, "/") == 0 ? "" : path + length;
}

char *place_of(const struct mountinfo *mount, const char *path)
{
	const char *rest = rest_below(mount->target, path);

	return rest ? text("%s %s%s", mount->device,
			      strcmp(mount->root, "/") == 0 ? "" : mount->root, rest)
		    : NULL;
}

bool place_may_be_in(const char *place, const struct mountinfo *mount)
{
	size_t length = strlen(mount->device);

	return strncmp(place, mount->device, length) == 0 && place[length] == ' ';
}

struct finding_place {
	char *dir;
	int mount;
	char *place;
};

static void look_at_mount(struct mountinfo *mount, void *arg)
{
	struct finding_place *finding = arg;

	if (mount->id != finding->mount || finding->place)
		return;
	mountinfo_unescape(mount->root);
	mountinfo_unescape(mount->target);
	finding->place = place_of(mount, finding->dir);
}

char *place_find(const char *dir)
{
	struct finding_place finding = {.dir = realpath(dir, NULL)};
	int error = finding.dir ? 0 : errno;

	errno = 0;
	finding.mount = error == 0 ? mount_of(finding.dir) : -1;
	if (error == 0 && finding.mount < 0)
		error = errno ? errno : EIO;
	if (error == 0)
		error = -mountinfo_read(AT_FDCWD, "/proc/self/mountinfo", look_at_mount, &finding);
	free(finding.dir);
	/* the root directory is none of a mount, and what it is on is not told */
	errno = error ? error : EXDEV;
	return finding.place;
}
