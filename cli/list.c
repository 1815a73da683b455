/* SPDX-License-Identifier: MIT */
/* netns list */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "list.h"
#include "table.h"

enum { NAME, ID, INODE, NETNS_ID, STATE };

static const struct column columns[] = {
	[NAME] = {"NAME", "NAMES", "name", 0},
	[ID] = {"ID", "NSID", "id", COLUMN_NUMBER},
	[INODE] = {"INODE", "NS", "inode", COLUMN_NUMBER},
	[NETNS_ID] = {"NETNS-ID", NULL, "netns-id", COLUMN_NUMBER},
	[STATE] = {"STATE", NULL, "state", 0},
	{0},
};

const char *state_word(int state)
{
	return state == NETNS_LIVE ? "live" : state == NETNS_STALE ? "stale" : "foreign";
}

struct rows {
	struct names names;
	struct nsids nsids;
};

static struct cell netns_id_cell(const struct name *name)
{
	struct cell cell = {.kind = CELL_EMPTY};
	struct netns *ns;
	int r = netns_open_name_in(globals.run_dir, name->name, &ns);

	if (r == 0) {
		r = netns_get_id(ns, &cell.number);
		netns_free(ns);
	}
	if (r == 0)
		cell.kind = CELL_NUMBER;
	else
		note_shortage("the NETNS-IDs", r);
	return cell;
}

static struct cell nsid_cell(struct nsids *nsids, const struct name *name)
{
	int nsid = nsid_of(nsids, name);

	return nsid < 0 ? (struct cell){.kind = CELL_EMPTY} : number_cell((uint64_t)nsid);
}

/* Asks the kernel only for what will be shown. */
static struct cell cell(void *data, size_t row, size_t column)
{
	struct rows *rows = data;
	const struct name *name = &rows->names.v[row];

	if (column == NAME)
		return text_cell(name->name);
	if (column == STATE) {
		struct cell cell = text_cell(state_word(name->state));

		cell.colour = name->state == NETNS_STALE ? "red" : NULL;
		return cell;
	}
	if (name->state != NETNS_LIVE)
		return (struct cell){.kind = CELL_EMPTY};
	if (column == INODE)
		return number_cell(name->inode.ino);
	return column == ID ? nsid_cell(&rows->nsids, name) : netns_id_cell(name);
}

static void print_lines(struct rows *rows)
{
	enum escape how = escape_for(STDOUT_FILENO);

	for (size_t i = 0; i < rows->names.n; i++) {
		struct cell id = cell(rows, i, ID);
		char *safe = escape(rows->names.v[i].name, how);

		if (id.kind == CELL_NUMBER)
			printf("%s (id: %" PRIu64 ")\n", safe, id.number);
		else
			puts(safe);
		free(safe);
	}
}

static void print(struct rows *rows, const struct list_how *how)
{
	struct selection selection = {0};
	const struct table table = {.columns = columns,
		.selection = &selection,
		.n_rows = rows->names.n,
		.cell = cell,
		.data = rows,
		.raw = how->raw};

	if (how->columns)
		select_columns(&selection, columns, how->columns);
	else
		for (size_t i = 0; columns[i].heading; i++)
			if (globals.json || i != NETNS_ID)
				select_column(&selection, i);
	if (!globals.json && !how->columns && !how->raw && !isatty(STDOUT_FILENO))
		print_lines(rows);
	else if (globals.json || how->columns || how->raw || rows->names.n > 0)
		print_table(&table);
	else
		puts("No network namespace has a name (netns add NAME makes one).");
}

static int list_names(const struct list_how *how)
{
	struct rows rows = {0};
	int status = read_names(&rows.names);

	if (status == STATUS_OK || rows.names.n > 0)
		print(&rows, how);
	if (tell_missing() != STATUS_OK)
		status = STATUS_FAILED;
	nsids_end(&rows.nsids);
	free_names(&rows.names);
	return status;
}

static int list_main(int argc, char **argv)
{
	struct list_how how = {0};
	bool all = globals.all;
	int c;

	while ((c = next_option(argc, argv)) != -1) {
		all |= c == 'a' || c == 'T';
		how.raw |= c == 'r';
		how.tree |= c == 'T';
		json_option(c);
		if (c == 'o')
			how.columns = optarg;
	}
	if (optind < argc)
		usage_error("takes no name (netns show does): '%s'", argv[optind]);
	if (how.raw + how.tree + globals.json > 1)
		usage_error("only one of --json, --raw and --tree");
	return all ? list_all(&how) : list_names(&how);
}

const struct cli_option list_options[] = {
	{'a', "all", NULL, "every network namespace of the machine, however it is held", NULL},
	{'o', "output", "COLUMN,...",
		"what to show: NAME, ID (the nsid, by which the caller's\n"
		"namespace knows it), INODE, NETNS-ID (64 bits, never\n"
		"given again), STATE (live; stale: the namespace is gone;\n"
		"foreign: no network namespace); with --all also HELD (what\n"
		"keeps it), PROCS, PID, USER, COMMAND, OWNER (the user\n"
		"namespace), OWNER-USER, LINKS, CREATED",
		"words:NAME,ID,INODE,NETNS-ID,STATE,HELD,PROCS,PID,USER,COMMAND,OWNER,"
		"OWNER-USER,LINKS,CREATED"},
	{'r', "raw", NULL, "for programs: columns one blank apart", NULL},
	{'T', "tree", NULL, "all, below the user namespaces that own them", NULL},
	JSON_OPTIONS,
	{0},
};

const struct command list_command = {
	.name = "list",
	.aliases = "ls lst",
	.usage = "[--all] [--json | --raw | --tree] [-o COLUMN,...]",
	.summary = "Show network namespaces: those with a name, or all",
	.details = "Names come sorted, numbers inside them by their value. On a terminal, or with\n"
		   "-o, a table is printed; otherwise the lines of 'ip netns list'.\n"
		   "\n"
		   "With --all, namespaces are shown, not names: also those that only processes,\n"
		   "descriptors, sockets or other mount namespaces hold. Root sees all of them.\n",
	.options = list_options,
	.examples = "Examples:\n"
		    "  netns list\n"
		    "  netns list --all\n"
		    "  netns list --tree --output NAME,HELD,LINKS,COMMAND\n"
		    "  netns list --json | jq -r '.[] | select(.state == \"stale\").name'\n",
	.run = list_main,
	.flags = FROM_IP | TAKES_ALL,
};
