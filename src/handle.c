/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "pin.h"

static struct netns *new_with_room(size_t room)
{
	struct netns *ns = malloc(sizeof(*ns) + room);

	if (ns)
		*ns = (struct netns){.fd = -1};
	return ns;
}

struct netns *handle_new(const char *path)
{
	size_t size = path ? strlen(path) + 1 : 0;
	struct netns *ns = new_with_room(size);

	if (ns && path)
		ns->path = memcpy(ns + 1, path, size);
	return ns;
}

struct netns *handle_new_in(const char *dir, const char *name)
{
	size_t dir_length = strlen(dir), name_size = strlen(name) + 1;
	struct netns *ns = new_with_room(dir_length + 1 + name_size);
	char *path;

	if (!ns)
		return NULL;
	path = (char *)(ns + 1);
	memcpy(path, dir, dir_length);
	path[dir_length] = '/';
	ns->name = memcpy(path + dir_length + 1, name, name_size);
	ns->path = path;
	return ns;
}

void handle_cleanup(struct netns **ns)
{
	netns_free(*ns);
}

int handle_fd(const struct netns *ns)
{
	if (!ns)
		return error_null("the handle");
	if (ns->fd < 0)
		return error_text(-EBADF, "%s: the handle is closed", handle_label(ns));
	return ns->fd;
}

const char *handle_label(const struct netns *ns)
{
	return ns->path ? ns->path : "unnamed network namespace";
}

const char *netns_get_path(const struct netns *ns)
{
	return ns ? ns->path : NULL;
}

int netns_get_fd(const struct netns *ns)
{
	return handle_fd(ns);
}

int netns_close(struct netns *ns)
{
	int r = handle_fd(ns);

	if (r < 0)
		return r;
	if (ns->owns_pin) {
		r = pin_drop(ns->path, ns->name, ns->fd, false);
		if (r < 0)
			return r;
		ns->owns_pin = false;
	}
	if (!ns->borrows_fd)
		sys_close(ns->fd);
	ns->fd = -1;
	return 0;
}

void netns_free(struct netns *ns)
{
	if (!ns)
		return;
	if (ns->fd >= 0 && netns_close(ns) < 0)
		sys_close(ns->fd);
	free(ns);
}
