/* SPDX-License-Identifier: MIT */
/* The topology of this machine: the namespaces of the census, and those that their links lead to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "cli.h"
#include "procfs.h"
#include "topology.h"

static uint64_t inode_of(const char *spec)
{
	struct netns_inode inode = {0};
	struct netns *ns;

	if (netns_open_spec(spec, &ns) < 0)
		return 0;
	netns_get_inode(ns, &inode);
	netns_free(ns);
	return inode.ino;
}

static void add_name(struct topo_namespace *ns, const char *path)
{
	ns->names = need(reallocarray(ns->names, ns->n_names + 1, sizeof(char *)));
	ns->names[ns->n_names++] = need(strdup(short_name(path)));
}

static void add_process(struct topo_namespace *ns, pid_t pid)
{
	size_t n = ns->n_processes;

	if (n > 0 && ns->processes[n - 1] == pid)
		return; /* another thread of it */
	if ((n & (n + 1)) == 0)
		ns->processes = need(reallocarray(ns->processes, 2 * (n + 1), sizeof(pid_t)));
	ns->processes[ns->n_processes++] = pid;
}

static void describe(struct topo_namespace *ns, const struct namespace *found)
{
	for (size_t i = 0; i < found->n_holders; i++) {
		const struct holder *holder = &found->holders[i];

		if (holder->kind == HELD_BY_NAME)
			add_name(ns, holder->path);
		else if (holder->kind == HELD_BY_PROCESS || holder->kind == HELD_BY_THREAD)
			add_process(ns, holder->pid);
	}
}

static int add_all(struct topology *topology, const struct census *census)
{
	for (size_t i = 0; i < census->n; i++) {
		struct topo_namespace *added;
		struct netns *ns;
		int error;

		if (open_namespace(&census->v[i], &ns) < 0)
			continue; /* gone since, or not ours to see */
		added = topology_add(topology, ns, &error);
		netns_free(ns);
		if (!added)
			return error;
		describe(added, &census->v[i]);
	}
	return 0;
}

static char *label_of(const struct topo_namespace *ns)
{
	if (ns->n_names > 0)
		return need(strdup(ns->names[0]));
	if (ns->is_host)
		return need(strdup("host"));
	if (ns->is_self)
		return need(strdup("self"));
	if (ns->n_processes > 0)
		return text("pid:%d", ns->processes[0]);
	return ns->inode ? text("ino:%llu", (unsigned long long)ns->inode)
			 : text("?%zu", ns->position);
}

/* Process 1 may not let the caller look; then it is known by others that are with it. */
static bool is_of_1(const struct topo_namespace *ns, uint64_t inode)
{
	if (inode)
		return ns->inode == inode;
	return ns->n_processes > 0 ? procfs_is_with_1(ns->processes[0])
				   : ns->is_self && procfs_is_with_1(0);
}

static void label(const struct topology *topology)
{
	uint64_t host = inode_of("pid:1"), self = inode_of("self");

	for (size_t i = 0; i < topology->n; i++) {
		struct topo_namespace *ns = topology->v[i];

		ns->is_self = ns->inode && ns->inode == self;
		ns->is_host = ns->inode && is_of_1(ns, host);
		ns->label = label_of(ns);
	}
}

int read_topology(struct topology *ret, const struct census *census)
{
	int r = topology_begin(ret);

	if (r == 0)
		r = add_all(ret, census);
	if (r == 0)
		r = topology_read(ret);
	if (ret->n > 0)
		label(ret);
	return r;
}

void explain_links(int error)
{
	/* of this one only the library knows what it was */
	message("the links could not be read: %s",
		error == -ENOTRECOVERABLE ? netns_errmsg() : reason_for(error));
}

int read_machine(struct topology *ret)
{
	struct census census;
	int r = 0, status;

	*ret = (struct topology){.fd = -1};
	status = take_census(&census, WHETHER_MOUNTED);
	if (status == STATUS_OK)
		r = read_topology(ret, &census);
	free_census(&census);
	if (r < 0)
		explain_links(r);
	return r < 0 ? STATUS_FAILED : status;
}
