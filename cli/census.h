/* SPDX-License-Identifier: MIT */
/*
 * All network namespaces of the machine, and what holds each of them: names, processes and threads,
 * descriptors, sockets, tun and tap devices, and mounts in other mount namespaces.
 */
#ifndef CENSUS_H
#define CENSUS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <netns.h>

enum holder_kind {
	HELD_BY_NAME,       /* a mount in the caller's mount namespace */
	HELD_BY_MOUNT,      /* and in another one */
	HELD_BY_PROCESS,    /* its main thread is inside */
	HELD_BY_THREAD,     /* another thread is, while the main one is elsewhere */
	HELD_BY_DESCRIPTOR, /* of the namespace's file */
	HELD_BY_SOCKET,
	HELD_BY_TUN, /* made inside, wherever the device is now */
	HELD_UNSEEN, /* so the kernel says, and nothing that the caller can see does it */
	N_HOLDER_KINDS,
};

struct holder {
	enum holder_kind kind;
	pid_t pid; /* mount: some process that sees it; name: 0 */
	pid_t tid;
	int fd;
	unsigned threads; /* of a process, inside */
	uint64_t inode;   /* of what the descriptor is of */
	char *path;       /* where it is mounted; NULL: see WHETHER_MOUNTED */
};

struct namespace
{
	uint64_t inode;
	uint64_t id; /* if it is held unseen; else 0 */
	struct holder *holders;
	size_t n_holders;
	unsigned kinds;   /* a bit for each that there is */
	size_t processes; /* with a thread inside */
	pid_t first;      /* of them; 0: none */
	pid_t last;
	const char *name; /* as first_name() has it, short; or NULL */
};

/* A name without a namespace. */
struct dead_name {
	char *path;
	int state; /* enum netns_state */
};

struct census {
	struct namespace *v; /* what has a name comes first, in the order of the names */
	size_t n;
	struct dead_name *dead;
	size_t n_dead;
	size_t hidden; /* processes that the caller may not look into */
};

enum census_depth {
	EACH_MOUNT,      /* all that hold a namespace */
	WHETHER_MOUNTED, /* of the mounts in other mount namespaces only the first, maybe without path */
};

/* A status; what went wrong has been said. */
int take_census(struct census *ret, enum census_depth depth);
void free_census(struct census *census);
void order_census(struct census *census);      /* take_census() has done it */
void tell_hidden(const struct census *census); /* if there is anything */

extern const char *const holder_words[N_HOLDER_KINDS];

/* The path of a pin, or only the name where the run directory is the one in use. */
const char *short_name(const char *path);
const char *first_name(const struct namespace *ns); /* NULL: has none */

/* Without a search where the kernel finds it, Linux 6.19. A negative errno. */
int open_by_id(uint64_t id, struct netns **ret);

/* Opens it by any holder that lets it; a negative errno. */
int open_namespace(const struct namespace *ns, struct netns **ret);

#endif
