/* SPDX-License-Identifier: MIT */
/*
 * Names of network namespaces as they come and go: told when one is really there, which is when it
 * is mounted, and not when its file is.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <netns.h>

struct watched {
	char *name;
	struct netns_inode inode;
	uint64_t id;    /* 64 bits; 0: the kernel does not tell */
	uint64_t mount; /* the id of the mount; 0: the kernel does not tell */
	bool seen;      /* in the look around that is under way */
};

typedef void watch_fn(const struct watched *what, bool is_there, void *arg);

struct watch {
	int fd;        /* wait for `events` on it, then call watch_look() */
	short events;  /* of poll(2) */
	bool by_mount; /* each event tells which mount it is about (fanotify) */
	watch_fn *tell;
	void *arg;
	struct watched *v; /* what is there */
	size_t n;
	size_t room;
};

/* A status. What is there already is told as well. */
int watch_begin(struct watch *watch, watch_fn *tell, void *arg);
int watch_look(struct watch *watch);
void watch_end(struct watch *watch);

#endif
