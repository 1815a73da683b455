/* SPDX-License-Identifier: MIT */
/*
 * What happens to the links of many namespaces, on one socket: it lives in a namespace of its own,
 * which knows each of the others by an nsid. So nothing stays behind in the namespace that the
 * caller is in.
 */
#ifndef LINK_EVENTS_H
#define LINK_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

struct netns;

struct link_events {
	int fd; /* to wait on until it can be read; -1: not open */
	struct netns *own;
	struct link_source *v;
	size_t n;
	size_t room;
};

struct link_event {
	const char *netns; /* the name */
	const char *link;
	int index;
	const char *state; /* "up", "no-carrier", "down"; NULL: the link is gone */
};
typedef void link_event_fn(const struct link_event *event, void *arg);

/* A status. */
int link_events_open(struct link_events *events);

/* The namespace under a name counts from now on, or no more. */
void link_events_add(struct link_events *events, const char *name);
void link_events_remove(struct link_events *events, const char *name);

/* Those that are waiting to be read. A status. */
int link_events_read(struct link_events *events, link_event_fn *fn, void *arg);

void link_events_close(struct link_events *events);

#endif
