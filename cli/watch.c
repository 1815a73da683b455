/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel has mount events (Linux 6.15, with privilege), each names the mount it is about,
 * and only that name is looked at. Elsewhere /proc/self/mountinfo tells that some mount has come or
 * gone, and all names are looked at. inotify(7) would tell too early, before the mount, and then
 * not again.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "mount-events.h"
#include "watch.h"

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000 /* Linux 5.8 */
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000 /* never given again; Linux 6.8 */
#endif

/* Of the descriptor itself, so of what was opened, whatever is under the name by now. */
static uint64_t mount_of(int fd, bool *unique)
{
	/* stx_mnt_id, which headers before Linux 5.8 do not name */
	enum { AT = 0x90 };
	struct statx stx;
	uint64_t id;

	*unique = false;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_MNT_ID_UNIQUE, &stx) < 0 ||
		!(stx.stx_mask & (STATX_MNT_ID | STATX_MNT_ID_UNIQUE)))
		return 0;
	*unique = stx.stx_mask & STATX_MNT_ID_UNIQUE;
	memcpy(&id, (const char *)&stx + AT, sizeof(id));
	return id;
}

static struct watched *find(struct watch *watch, const char *name)
{
	for (size_t i = 0; i < watch->n; i++)
		if (strcmp(watch->v[i].name, name) == 0)
			return &watch->v[i];
	return NULL;
}

static struct watched *find_mount(struct watch *watch, uint64_t mount)
{
	for (size_t i = 0; i < watch->n; i++)
		if (watch->v[i].mount == mount)
			return &watch->v[i];
	return NULL;
}

static void is_gone(struct watch *watch, struct watched *what)
{
	watch->tell(what, false, watch->arg);
	free(what->name);
	*what = watch->v[--watch->n];
}

static void is_there(struct watch *watch, const struct watched *what)
{
	if (watch->n == watch->room) {
		watch->room = 2 * watch->room + 16;
		watch->v = need(reallocarray(watch->v, watch->room, sizeof(*watch->v)));
	}
	watch->v[watch->n] = *what;
	watch->v[watch->n].name = need(strdup(what->name));
	watch->tell(&watch->v[watch->n++], true, watch->arg);
}

/*
 * Another namespace, or the one that was there? Inode numbers are given again at once, and before
 * Linux 6.8 those of mounts as well.
 */
static bool is_same(
	const struct watched *before, struct watched *now, bool unique, struct netns *ns)
{
	bool alike = before && before->inode.ino == now->inode.ino &&
		     before->inode.dev == now->inode.dev;

	if (alike && unique && before->mount == now->mount) {
		now->id = before->id;
		return true;
	}
	if (netns_get_id(ns, &now->id) < 0)
		now->id = 0;
	return alike && before->id == now->id && (now->id || before->mount == now->mount);
}

/* Looks at one name, and tells if that has changed anything. */
static void look_at(struct watch *watch, char *name)
{
	struct watched *before = find(watch, name), now = {.name = name, .seen = true};
	struct netns *ns;
	bool unique;
	int r = netns_open_name_in(globals.run_dir, name, &ns);

	if (r < 0) {
		if (r != -ENOENT && r != -EMEDIUMTYPE) {
			/* whether it is still there is not known */
			explain(name, r);
			if (before)
				before->seen = true;
		} else if (before) {
			is_gone(watch, before);
		}
		return;
	}
	netns_get_inode(ns, &now.inode);
	now.mount = mount_of(netns_get_fd(ns), &unique);
	if (is_same(before, &now, unique, ns)) {
		/* with a second mount of it on top, or without */
		before->mount = now.mount;
		before->seen = true;
	} else {
		if (before)
			is_gone(watch, before);
		is_there(watch, &now);
	}
	netns_free(ns);
}

static int look_around(struct watch *watch)
{
	struct names names;
	int status = read_names(&names);

	for (size_t i = 0; i < watch->n; i++)
		watch->v[i].seen = false;
	for (size_t i = 0; i < names.n; i++)
		/* if it could not be looked at, opening it says why */
		if (names.v[i].state == NETNS_LIVE || names.v[i].error)
			look_at(watch, names.v[i].name);
	for (size_t i = watch->n; status == STATUS_OK && i-- > 0;)
		if (!watch->v[i].seen)
			is_gone(watch, &watch->v[i]);
	free_names(&names);
	return status;
}

/* The name, if it is in the run directory, which may lie behind symbolic links. */
static char *name_in_run_dir(char *path)
{
	char *slash = strrchr(path, '/'), *name = NULL, *real;

	real = realpath(globals.run_dir ? globals.run_dir : netns_get_run_dir(), NULL);
	if (real && slash) {
		*slash = '\0';
		name = strcmp(path, real) == 0 ? slash + 1 : NULL;
	}
	free(real);
	return name;
}

static void on_mount_event(const struct mount_event *event, void *arg)
{
	struct watch *watch = arg;
	struct watched *known;
	char path[PATH_MAX], *name;

	if (event->mount == 0) {
		look_around(watch);
	} else if (event->attached) {
		name = mount_point(event->mount, path, sizeof(path)) ? name_in_run_dir(path) : NULL;
		if (name)
			look_at(watch, name);
	} else {
		known = find_mount(watch, event->mount);
		if (known) {
			name = need(strdup(known->name));
			look_at(watch, name);
			free(name);
		}
	}
}

int watch_look(struct watch *watch)
{
	int r;

	if (!watch->by_mount)
		return look_around(watch);
	r = mount_events_read(watch->fd, on_mount_event, watch);
	if (r == 0)
		return STATUS_OK;
	message("mount events cannot be read: %s", strerror(-r));
	return STATUS_FAILED;
}

int watch_begin(struct watch *watch, watch_fn *tell, void *arg)
{
	*watch = (struct watch){
		.fd = mount_events_open(), .events = POLLIN, .tell = tell, .arg = arg};
	watch->by_mount = watch->fd >= 0;
	if (!watch->by_mount) {
		watch->fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
		watch->events = POLLPRI;
	}
	if (watch->fd < 0) {
		message("open /proc/self/mountinfo: %s", reason_of("/proc/self/mountinfo", errno));
		return STATUS_FAILED;
	}
	/* after it is open, so that nothing is missed between */
	return look_around(watch);
}

void watch_end(struct watch *watch)
{
	for (size_t i = 0; i < watch->n; i++)
		free(watch->v[i].name);
	free(watch->v);
	if (watch->fd >= 0)
		close(watch->fd);
}
