/* SPDX-License-Identifier: MIT */
/* netns map, as a tree: the links of each namespace, ports below their bridge, processes. */
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "cli.h"
#include "map.h"
#include "procfs.h"
#include "table.h"

enum { MOST_PROCESSES = 5 }; /* with a line for each */

enum column_number { COLUMN_NAME, COLUMN_KIND, COLUMN_STATE, COLUMN_PEER, COLUMN_ADDRESSES };

static const struct column columns[] = {
	[COLUMN_NAME] = {.heading = "NAME"},
	[COLUMN_KIND] = {.heading = "KIND"},
	[COLUMN_STATE] = {.heading = "STATE"},
	[COLUMN_PEER] = {.heading = "PEER"},
	[COLUMN_ADDRESSES] = {.heading = "ADDRESSES"},
	{0},
};

struct row {
	const struct topo_namespace *ns;
	const struct topo_link *link; /* or a process, or all of them, or the namespace itself */
	pid_t pid;
	bool all_processes;
};

struct rows {
	struct row *v;
	ssize_t *parents;
	size_t n;
};

static ssize_t add(struct rows *rows, struct row row, ssize_t parent)
{
	if ((rows->n & (rows->n + 1)) == 0) {
		rows->v = need(reallocarray(rows->v, 2 * (rows->n + 1), sizeof(*rows->v)));
		rows->parents =
			need(reallocarray(rows->parents, 2 * (rows->n + 1), sizeof(ssize_t)));
	}
	rows->v[rows->n] = row;
	rows->parents[rows->n] = parent;
	return (ssize_t)rows->n++;
}

static void add_links(struct rows *rows, const struct topo_namespace *ns,
	const struct topo_link *master, ssize_t parent)
{
	for (size_t i = 0; i < ns->n_links; i++) {
		const struct topo_link *link = &ns->links[i];
		ssize_t row;

		if (link->master != master || link == master)
			continue;
		row = add(rows, (struct row){.ns = ns, .link = link}, parent);
		add_links(rows, ns, link, row);
	}
}

static void add_namespace(struct rows *rows, const struct topo_namespace *ns)
{
	ssize_t parent = add(rows, (struct row){.ns = ns}, -1);

	add_links(rows, ns, NULL, parent);
	if (ns->n_processes > MOST_PROCESSES) {
		add(rows, (struct row){.ns = ns, .all_processes = true}, parent);
		return;
	}
	for (size_t i = 0; i < ns->n_processes; i++)
		add(rows, (struct row){.ns = ns, .pid = ns->processes[i]}, parent);
}

static struct cell taken(char *s)
{
	struct cell cell = text_cell(s);

	free(s);
	return cell;
}

static const char *state_of(const struct topo_link *link)
{
	return !link->up ? "down" : link->running ? "up" : "no carrier";
}

static struct cell peer_of(const struct topo_link *link)
{
	const struct topo_link *other = link->peer ? link->peer : link->lower;

	const char *before = link->lower ? "on " : is_utf8_locale() ? "↔ " : "";

	if (!other)
		return text_cell(NULL);
	if (other->home == link->home)
		return taken(text("%s%s", before, other->name));
	return taken(text("%s%s:%s", before, other->home->label, other->name));
}

static struct cell addresses_of(const struct topo_link *link)
{
	struct cell cell = {.kind = CELL_LIST};
	size_t n = 0;

	cell.list = need(calloc(link->n_addresses + 1, sizeof(char *)));
	for (size_t i = 0; i < link->n_addresses; i++)
		if (topo_address_tells(link->addresses[i]))
			cell.list[n++] = link->addresses[i];
	return cell;
}

static struct cell link_cell(const struct topo_link *link, size_t column)
{
	struct cell cell;

	switch (column) {
	case COLUMN_NAME:
		return text_cell(link->name);
	case COLUMN_KIND:
		return text_cell(link->kind);
	case COLUMN_STATE:
		cell = text_cell(state_of(link));
		cell.colour = !link->up ? "red" : link->running ? NULL : "yellow";
		return cell;
	case COLUMN_PEER:
		return peer_of(link);
	default:
		return addresses_of(link);
	}
}

static struct cell process_cell(pid_t pid, size_t column)
{
	char *command, *cell;

	if (column == COLUMN_KIND)
		return text_cell("process");
	if (column != COLUMN_NAME)
		return text_cell(NULL);
	command = procfs_short_command(pid);
	cell = text("%s (%d)", command, pid);
	free(command);
	return taken(cell);
}

static struct cell namespace_cell(const struct topo_namespace *ns, size_t column)
{
	struct cell cell;

	if (column != COLUMN_NAME)
		return text_cell(NULL);
	cell = text_cell(ns->label);
	cell.colour = "bold";
	return cell;
}

static struct cell cell_of(void *data, size_t number, size_t column)
{
	const struct row *row = &((const struct rows *)data)->v[number];

	if (row->link)
		return link_cell(row->link, column);
	if (row->pid)
		return process_cell(row->pid, column);
	if (!row->all_processes)
		return namespace_cell(row->ns, column);
	return column == COLUMN_NAME ? taken(text("%zu processes", row->ns->n_processes))
				     : text_cell(NULL);
}

static void print_rows(struct rows *rows)
{
	struct selection selection = {0};

	for (size_t i = 0; i < ARRAY_SIZE(columns) - 1; i++)
		select_column(&selection, i);
	print_table(&(struct table){
		.columns = columns,
		.selection = &selection,
		.n_rows = rows->n,
		.cell = cell_of,
		.data = rows,
		.parents = rows->parents,
	});
	free(rows->v);
	free(rows->parents);
}

void map_tree(struct topology *topology)
{
	struct topo_namespace **order = map_order(topology);
	struct rows rows = {0};

	for (size_t i = 0; i < topology->n; i++)
		add_namespace(&rows, order[i]);
	print_rows(&rows);
	free(order);
}

void map_links_tree(const struct topo_namespace *ns)
{
	struct rows rows = {0};

	add_links(&rows, ns, NULL, -1);
	print_rows(&rows);
}
