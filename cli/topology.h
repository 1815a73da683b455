/* SPDX-License-Identifier: MIT */
/* Namespaces, the links in them, and which hangs on which. */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <netns.h>

#include "number-map.h"

struct topo_namespace;

struct topo_link {
	struct topo_namespace *home;
	int index;
	char *name;
	char *kind; /* "veth", "bridge", ...; "" when it has none */
	char *mac;  /* "" when it has none */
	unsigned mtu;
	bool loopback;
	bool up;
	bool running;
	char **addresses; /* with their prefix */
	size_t n_addresses;
	/* How others are named: by index, and the nsid of where they are. */
	int master_index; /* 0: none */
	int other_index;
	int other_nsid;
	/* And found. */
	struct topo_link *master; /* the bridge, or bond, ... that it is a port of */
	struct topo_link *peer;   /* the other end of a cable */
	struct topo_link *lower;  /* what it stands on: that of a VLAN, a macvlan, ... */
};

struct topo_namespace {
	char *label;     /* what it is called, also on the command line, if it can be */
	size_t position; /* in the topology */
	uint64_t inode;  /* 0: unknown, it was found by a link that leads there */
	char **names;    /* by which it is pinned: in the run directory, or paths */
	size_t n_names;
	bool is_self;
	bool is_host;
	bool closed; /* its links could not be read */
	struct topo_link *links;
	size_t n_links;
	pid_t *processes;
	size_t n_processes;
};

/* The position of a namespace in it is its nsid for the socket: nothing of that is seen elsewhere. */
struct topology {
	int fd;
	struct topo_namespace **v;
	size_t n;
	struct map inodes; /* 1 + the position of each */
};

/* 0 or -errno: then there is only topology_end() left to do. */
int topology_begin(struct topology *ret);
/* Adds a namespace, or finds it there. NULL: *error says why not. */
struct topo_namespace *topology_add(struct topology *topology, struct netns *ns, int *error);
/* Reads all links and addresses; adds the namespaces that they lead to. */
int topology_read(struct topology *topology);
void topology_end(struct topology *topology);

/* "b:eth0"; to be freed */
char *topo_link_text(const struct topo_link *link);
/* Not one that every link, or every loopback, has. */
bool topo_address_tells(const char *address);

/* The one with this inode number; NULL: it is not there. */
struct topo_namespace *topology_find(struct topology *topology, uint64_t inode);

/* machine.c: all that there is on this machine. topology_end() in any case. */
struct census;
int read_machine(struct topology *ret);                               /* a status */
int read_topology(struct topology *ret, const struct census *census); /* 0 or -errno */
void explain_links(int error);                                        /* that of read_topology() */

#endif /* TOPOLOGY_H */
