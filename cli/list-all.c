/* SPDX-License-Identifier: MIT */
/* netns list --all: every network namespace of the machine */
#include <errno.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "census.h"
#include "cli.h"
#include "facts.h"
#include "list.h"
#include "number-map.h"
#include "plain-table.h"
#include "procfs.h"
#include "table.h"

enum {
	NAME,
	HELD,
	PROCS,
	PID,
	USER,
	ID,
	INODE,
	COMMAND,
	NETNS_ID,
	STATE,
	OWNER,
	OWNER_USER,
	LINKS,
	CREATED,
};

static const struct column columns[] = {
	[NAME] = {"NAME", "NAMES", "names", 0},
	[HELD] = {"HELD", NULL, "held", 0},
	[PROCS] = {"PROCS", "NPROCS", "procs", COLUMN_NUMBER},
	[PID] = {"PID", NULL, "pid", COLUMN_NUMBER},
	[USER] = {"USER", NULL, "user", 0},
	[ID] = {"ID", "NSID", "id", COLUMN_NUMBER},
	[INODE] = {"INODE", "NS", "inode", COLUMN_NUMBER},
	[COMMAND] = {"COMMAND", NULL, "command", COLUMN_LONG},
	[NETNS_ID] = {"NETNS-ID", NULL, "netns-id", COLUMN_NUMBER},
	[STATE] = {"STATE", NULL, "state", 0},
	[OWNER] = {"OWNER", NULL, "owner", COLUMN_NUMBER},
	[OWNER_USER] = {"OWNER-USER", NULL, "owner-user", 0},
	[LINKS] = {"LINKS", NULL, "links", COLUMN_NUMBER},
	[CREATED] = {"CREATED", NULL, "created", 0},
	{0},
};

/* A namespace, or a name without one, or, in a tree, a user namespace. */
struct row {
	const struct namespace *ns;
	const struct dead_name *dead;
	uint64_t owner; /* the inode of the user namespace; 0: unknown */
	uid_t uid;      /* of a user namespace */
	struct facts facts;
};

/* The user namespaces of a tree are found on the way, each before what it owns. */
struct rows {
	struct row *v;
	ssize_t *parents;
	size_t n;
	unsigned wanted; /* facts */
	struct nsids nsids;
	struct map owners; /* the inode of a user namespace leads to 1 + its row */
};

static size_t add_row(struct rows *rows, struct row row, ssize_t parent)
{
	/* grows at the powers of two */
	if ((rows->n & (rows->n + 1)) == 0) {
		size_t room = 2 * (rows->n + 1);

		rows->v = need(reallocarray(rows->v, room, sizeof(*rows->v)));
		rows->parents = need(reallocarray(rows->parents, room, sizeof(*rows->parents)));
	}
	rows->parents[rows->n] = parent;
	rows->v[rows->n] = row;
	return rows->n++;
}

static struct cell names_cell(const struct namespace *ns)
{
	struct cell cell = {.kind = CELL_EMPTY};
	size_t n = 0;

	if (!ns->name)
		return cell;
	cell = (struct cell){.kind = CELL_LIST};
	cell.list = need(calloc(ns->n_holders + 1, sizeof(*cell.list)));
	for (size_t i = 0; i < ns->n_holders && ns->holders[i].kind == HELD_BY_NAME; i++) {
		const char *name = short_name(ns->holders[i].path);

		/* mounted twice in one place */
		if (n == 0 || strcmp(cell.list[n - 1], name) != 0)
			cell.list[n++] = name;
	}
	return cell;
}

static struct cell held_cell(const struct namespace *ns)
{
	struct cell cell = {.kind = CELL_LIST};
	size_t n = 0;

	cell.list = need(calloc(N_HOLDER_KINDS + 1, sizeof(*cell.list)));
	for (unsigned kind = 0; kind < N_HOLDER_KINDS; kind++)
		if (ns->kinds & 1u << kind)
			cell.list[n++] = holder_words[kind];
	return cell;
}

static struct cell dead_cell(const struct dead_name *dead, size_t column)
{
	struct cell cell = {.kind = CELL_EMPTY};

	if (column == NAME) {
		cell.kind = CELL_LIST;
		cell.list = need(calloc(2, sizeof(*cell.list)));
		cell.list[0] = short_name(dead->path);
	}
	if (column == STATE || (column == HELD && !globals.json)) {
		cell = text_cell(state_word(dead->state));
		cell.colour = dead->state == NETNS_STALE ? "red" : NULL;
	}
	return cell;
}

/* The first process inside, or else somebody who holds it from outside. */
static pid_t first_pid(const struct namespace *ns)
{
	if (ns->first)
		return ns->first;
	for (size_t i = 0; i < ns->n_holders; i++)
		if (ns->holders[i].pid)
			return ns->holders[i].pid;
	return 0;
}

static struct cell process_cell(pid_t pid, size_t column)
{
	if (!pid)
		return (struct cell){.kind = CELL_EMPTY};
	if (column == PID)
		return number_cell((uint64_t)pid);
	return column == USER ? text_cell(procfs_user(pid)) : owned_cell(procfs_command(pid));
}

static const unsigned fact_of[] = {
	[ID] = FACT_NSID,
	[NETNS_ID] = FACT_NETNS_ID,
	[OWNER] = FACT_OWNER,
	[OWNER_USER] = FACT_OWNER_USER,
	[LINKS] = FACT_LINKS,
	[CREATED] = FACT_CREATED,
};

/* All that the columns want is asked at once, so that the namespace is opened once. */
static struct cell fact_cell(struct rows *rows, struct row *row, size_t column)
{
	struct facts *facts = &row->facts;

	learn_facts(facts, rows->wanted, row->ns, &rows->nsids);
	if (!(facts->known & fact_of[column]))
		return (struct cell){.kind = CELL_EMPTY};
	switch (column) {
	case ID:
		return number_cell(facts->nsid);
	case NETNS_ID:
		return number_cell(facts->netns_id);
	case OWNER:
		return number_cell(facts->owner);
	case OWNER_USER:
		return text_cell(user_name(facts->owner_user));
	case LINKS:
		return number_cell(facts->links);
	}
	return text_cell(facts->created);
}

static struct cell user_namespace_cell(const struct row *row, size_t column)
{
	if (column == NAME)
		return owned_cell(text("user:[%" PRIu64 "]", row->owner));
	if (column == INODE)
		return number_cell(row->owner);
	if ((column == USER || column == OWNER_USER) && row->uid != (uid_t)-1)
		return text_cell(user_name(row->uid));
	return (struct cell){.kind = CELL_EMPTY};
}

static struct cell cell(void *data, size_t at, size_t column)
{
	struct rows *rows = data;
	struct row *row = &rows->v[at];

	if (row->dead)
		return dead_cell(row->dead, column);
	if (!row->ns)
		return user_namespace_cell(row, column);
	switch (column) {
	case NAME:
		return names_cell(row->ns);
	case HELD:
		return held_cell(row->ns);
	case PROCS:
		return number_cell(row->ns->processes);
	case INODE:
		return number_cell(row->ns->inode);
	case STATE:
		return text_cell(state_word(NETNS_LIVE));
	case PID:
	case USER:
	case COMMAND:
		return process_cell(first_pid(row->ns), column);
	}
	return fact_cell(rows, row, column);
}

static const char owners[] = "the owners";

/* The row of a user namespace, below that of its parent; -1: the caller may not know it. */
static ssize_t row_of_owner(struct rows *rows, int fd)
{
	struct row row = {.uid = (uid_t)-1};
	struct stat st;
	ssize_t parent_row;
	size_t *at;
	int is_new, parent;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	at = map_at(&rows->owners, st.st_ino, &is_new);
	if (!is_new)
		return (ssize_t)*at - 1;
	row.owner = st.st_ino;
	ioctl(fd, NS_GET_OWNER_UID, &row.uid);
	parent = ioctl(fd, NS_GET_PARENT);
	note_shortage(owners, parent < 0 ? -errno : 0);
	parent_row = row_of_owner(rows, parent);
	if (parent >= 0)
		close(parent);
	parent_row = (ssize_t)add_row(rows, row, parent_row);
	*map_at(&rows->owners, st.st_ino, &is_new) = (size_t)parent_row + 1;
	return parent_row;
}

static ssize_t find_owner(struct rows *rows, const struct namespace *ns)
{
	struct netns *handle;
	ssize_t row;
	int owner = open_namespace(ns, &handle);

	if (owner < 0) {
		note_shortage(owners, owner);
		return -1;
	}
	owner = netns_open_owner(handle);
	note_shortage(owners, owner);
	row = row_of_owner(rows, owner);
	if (owner >= 0)
		close(owner);
	netns_free(handle);
	return row;
}

static void add_rows(struct rows *rows, const struct census *census, bool tree)
{
	for (size_t i = 0; i < census->n; i++) {
		const struct namespace *ns = &census->v[i];

		add_row(rows, (struct row){.ns = ns}, tree ? find_owner(rows, ns) : -1);
	}
	for (size_t i = 0; i < census->n_dead; i++)
		add_row(rows, (struct row){.dead = &census->dead[i]}, -1);
}

static void choose_columns(struct selection *selection, const struct list_how *how)
{
	if (how->columns)
		select_columns(selection, columns, how->columns);
	else
		for (size_t i = 0; columns[i].heading; i++)
			if (globals.json ? i != LINKS : i <= COMMAND)
				select_column(selection, i);
}

static unsigned facts_for(const struct selection *selection)
{
	unsigned facts = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fact_of); i++)
		if (selection->needed[i])
			facts |= fact_of[i];
	return facts;
}

static void free_rows(struct rows *rows)
{
	nsids_end(&rows->nsids);
	map_free(&rows->owners);
	free(rows->v);
	free(rows->parents);
}

static void print(const struct census *census, const struct list_how *how)
{
	struct selection selection = {0};
	struct rows rows = {0};
	struct table table;

	choose_columns(&selection, how);
	rows.wanted = facts_for(&selection);
	add_rows(&rows, census, how->tree);
	table = (struct table){.columns = columns,
		.selection = &selection,
		.n_rows = rows.n,
		.cell = cell,
		.data = &rows,
		.parents = how->tree ? rows.parents : NULL,
		.raw = how->raw};
	if (!print_plain_table(&table))
		print_table(&table);
	free_rows(&rows);
}

void print_namespace(const struct namespace *ns)
{
	struct selection selection = {0};
	struct rows rows = {0};

	for (size_t i = 0; columns[i].heading; i++)
		if (globals.json || (i != PID && i != USER && i != COMMAND && i != STATE))
			select_column(&selection, i);
	rows.wanted = facts_for(&selection);
	add_row(&rows, (struct row){.ns = ns}, -1);
	print_row(&(struct table){.columns = columns,
			  .selection = &selection,
			  .n_rows = rows.n,
			  .cell = cell,
			  .data = &rows},
		0);
	free_rows(&rows);
}

int list_all(const struct list_how *how)
{
	struct census census;
	int status = take_census(&census, WHETHER_MOUNTED);

	if (status == STATUS_OK) {
		print(&census, how);
		status = tell_missing();
	}
	tell_hidden(&census);
	free_census(&census);
	return status;
}
