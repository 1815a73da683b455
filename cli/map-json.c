/* SPDX-License-Identifier: MIT */
/* netns map, as JSON: what there is not is left out. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "map.h"
#include "procfs.h"

static void print_other(const char *key, const struct topo_link *other)
{
	if (!other)
		return;
	json_member_begin(key);
	json_string("namespace", other->home->label);
	json_string("link", other->name);
	json_object_end();
}

static void print_list(const char *key, char **list, size_t n)
{
	const char **terminated = need(calloc(n + 1, sizeof(char *)));

	for (size_t i = 0; i < n; i++)
		terminated[i] = list[i];
	json_strings(key, terminated);
	free(terminated);
}

static void print_link(const struct topo_link *link)
{
	json_object_begin();
	json_string("name", link->name);
	json_number("index", (uint64_t)link->index);
	json_string("kind", link->loopback ? "loopback" : *link->kind ? link->kind : "other");
	json_string("state", !link->up ? "down" : link->running ? "up" : "no-carrier");
	json_number("mtu", link->mtu);
	if (*link->mac)
		json_string("mac", link->mac);
	if (link->master)
		json_string("master", link->master->name);
	print_other("peer", link->peer);
	print_other("lower", link->lower);
	print_list("addresses", link->addresses, link->n_addresses);
	json_object_end();
}

static void print_process(pid_t pid)
{
	char *command = procfs_command(pid);

	json_object_begin();
	json_number("pid", (uint64_t)pid);
	if (command)
		json_string("command", command);
	json_object_end();
	free(command);
}

void map_links_json(const char *key, const struct topo_namespace *ns)
{
	json_array_begin(key);
	for (size_t i = 0; i < ns->n_links; i++)
		print_link(&ns->links[i]);
	json_array_end();
}

static void print_namespace(const struct topo_namespace *ns)
{
	json_object_begin();
	json_string("namespace", ns->label);
	print_list("names", ns->names, ns->n_names);
	if (ns->inode)
		json_number("inode", ns->inode);
	map_links_json("links", ns);
	json_array_begin("processes");
	for (size_t i = 0; i < ns->n_processes; i++)
		print_process(ns->processes[i]);
	json_array_end();
	json_object_end();
}

void map_json(struct topology *topology)
{
	struct topo_namespace **order = map_order(topology);

	json_begin();
	for (size_t i = 0; i < topology->n; i++)
		print_namespace(order[i]);
	json_end();
	free(order);
}
