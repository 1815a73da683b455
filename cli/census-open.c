/* SPDX-License-Identifier: MIT */
/* A namespace of a census is opened by whatever holds it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "census.h"
#include "cli.h"
#include "foreign.h"

static int open_by_socket(const struct holder *holder, struct netns **ret)
{
	struct foreign foreign = {.pidfd = -1};
	int sock = foreign_open(&foreign, holder->pid, holder->fd), r;

	foreign_close(&foreign);
	if (sock < 0)
		return sock;
	r = netns_open_socket(sock, ret);
	close(sock);
	return r;
}

static int open_by_path(const struct holder *holder, struct netns **ret)
{
	char *path;
	int r;

	if (holder->kind == HELD_BY_MOUNT && !holder->path)
		return -ENOENT;
	if (holder->kind == HELD_BY_NAME)
		return netns_open(holder->path, ret);
	if (holder->kind == HELD_BY_MOUNT)
		path = text("/proc/%d/root%s", holder->pid, holder->path);
	else if (holder->kind == HELD_BY_DESCRIPTOR)
		path = text("/proc/%d/fd/%d", holder->pid, holder->fd);
	else
		path = text("/proc/%d/task/%d/ns/net", holder->pid, holder->tid);
	r = netns_open(path, ret);
	free(path);
	return r;
}

int open_by_id(uint64_t id, struct netns **ret)
{
	char *spec = text("id:%" PRIu64, id);
	int r = netns_open_spec(spec, ret);

	free(spec);
	return r;
}

static int open_by_holder(
	const struct namespace *ns, const struct holder *holder, struct netns **ret)
{
	switch (holder->kind) {
	case HELD_BY_SOCKET:
	case HELD_BY_TUN:
		return open_by_socket(holder, ret);
	case HELD_UNSEEN:
		return open_by_id(ns->id, ret);
	default:
		return open_by_path(holder, ret);
	}
}

/* What has come in its place since is not taken for it. */
int open_namespace(const struct namespace *ns, struct netns **ret)
{
	struct netns_inode inode;
	int r = -ENOENT;

	for (size_t i = 0; i < ns->n_holders; i++) {
		struct netns *opened;

		r = open_by_holder(ns, &ns->holders[i], &opened);
		if (r < 0)
			continue;
		if (netns_get_inode(opened, &inode) == 0 && inode.ino == ns->inode) {
			*ret = opened;
			return 0;
		}
		netns_free(opened);
		r = -ENOENT;
	}
	return r;
}
