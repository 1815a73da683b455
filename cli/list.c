/* SPDX-License-Identifier: MIT */
/* netns list */
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum column { COLUMN_NAME, COLUMN_ID, COLUMN_INODE, COLUMN_NETNS_ID, COLUMN_STATE, N_COLUMNS };

static const struct {
	const char *heading;
	const char *key;
	bool number;
} columns[N_COLUMNS] = {
	[COLUMN_NAME] = {"NAME", "name", false},
	[COLUMN_ID] = {"ID", "id", true},
	[COLUMN_INODE] = {"INODE", "inode", true},
	[COLUMN_NETNS_ID] = {"NETNS-ID", "netns-id", true},
	[COLUMN_STATE] = {"STATE", "state", false},
};

struct selection {
	enum column v[16];
	size_t n;
	bool needed[N_COLUMNS];
	struct nsids *nsids;
};

struct row {
	const struct name *name;
	bool known[N_COLUMNS];
	uint64_t number[N_COLUMNS];
};

static void select_column(struct selection *selection, enum column column)
{
	if (selection->n == ARRAY_SIZE(selection->v))
		usage_error("too many columns");
	selection->v[selection->n++] = column;
	selection->needed[column] = true;
}

static void select_by_heading(struct selection *selection, const char *word)
{
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (strcasecmp(word, columns[i].heading) == 0) {
			select_column(selection, (enum column)i);
			return;
		}
	usage_error("no column '%s'; there are NAME, ID, INODE, NETNS-ID and STATE", word);
}

static void select_columns(struct selection *selection, char *list)
{
	char *word;

	while ((word = strsep(&list, ",")))
		select_by_heading(selection, word);
}

static const char *state_word(int state)
{
	return state == NETNS_LIVE ? "live" : state == NETNS_STALE ? "stale" : "foreign";
}

static void set(struct row *row, enum column column, uint64_t number)
{
	row->known[column] = true;
	row->number[column] = number;
}

/* Asks the kernel only for what will be shown. */
static struct row look(const struct name *name, const struct selection *selection)
{
	struct row row = {.name = name};
	struct netns *ns;
	uint64_t id;
	int nsid = selection->needed[COLUMN_ID] ? nsid_of(selection->nsids, name) : -1;

	if (name->state != NETNS_LIVE)
		return row;
	set(&row, COLUMN_INODE, name->inode.ino);
	if (nsid >= 0)
		set(&row, COLUMN_ID, (uint64_t)nsid);
	if (!selection->needed[COLUMN_NETNS_ID] ||
		netns_open_name_in(globals.run_dir, name->name, &ns) < 0)
		return row; /* gone since */
	if (netns_get_id(ns, &id) == 0)
		set(&row, COLUMN_NETNS_ID, id);
	netns_free(ns);
	return row;
}

static void print_lines(const struct names *names, struct nsids *nsids)
{
	const struct selection selection = {.needed = {[COLUMN_ID] = true}, .nsids = nsids};

	for (size_t i = 0; i < names->n; i++) {
		struct row row = look(&names->v[i], &selection);
		char *safe = escape(row.name->name, escape_for(STDOUT_FILENO));

		if (row.known[COLUMN_ID])
			printf("%s (id: %" PRIu64 ")\n", safe, row.number[COLUMN_ID]);
		else
			puts(safe);
		free(safe);
	}
}

static void print_json(const struct names *names, const struct selection *selection)
{
	json_begin();
	for (size_t i = 0; i < names->n; i++) {
		struct row row = look(&names->v[i], selection);

		json_object_begin();
		for (size_t j = 0; j < selection->n; j++) {
			enum column c = selection->v[j];

			if (c == COLUMN_NAME)
				json_string(columns[c].key, row.name->name);
			else if (c == COLUMN_STATE)
				json_string(columns[c].key, state_word(row.name->state));
			else if (row.known[c])
				json_number(columns[c].key, row.number[c]);
		}
		json_object_end();
	}
	json_end();
}

static char *cell_text(const struct row *row, enum column column)
{
	if (column == COLUMN_NAME)
		return escape(row->name->name, escape_for(STDOUT_FILENO));
	if (column == COLUMN_STATE)
		return need(strdup(state_word(row->name->state)));
	return row->known[column] ? text("%" PRIu64, row->number[column]) : NULL;
}

static void add_line(
	struct libscols_table *table, const struct row *row, const struct selection *selection)
{
	struct libscols_line *line = need(scols_table_new_line(table, NULL));

	for (size_t i = 0; i < selection->n; i++) {
		if (scols_line_refer_data(line, i, cell_text(row, selection->v[i])) < 0)
			need(NULL);
		if (selection->v[i] == COLUMN_STATE && row->name->state == NETNS_STALE)
			scols_cell_set_color(scols_line_get_cell(line, i), "red");
	}
}

static bool colours_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static void print_table(const struct names *names, const struct selection *selection)
{
	struct libscols_table *table;

	use_locale(); /* for the width of what is not ASCII */
	table = need(scols_new_table());
	scols_table_enable_noencoding(table, 1); /* escape() has done it */
	scols_table_enable_colors(table, colours_wanted());
	for (size_t i = 0; i < selection->n; i++)
		need(scols_table_new_column(table, columns[selection->v[i]].heading, 0,
			columns[selection->v[i]].number ? SCOLS_FL_RIGHT : 0));
	for (size_t i = 0; i < names->n; i++) {
		struct row row = look(&names->v[i], selection);

		add_line(table, &row, selection);
	}
	scols_print_table(table);
	scols_unref_table(table);
}

static void print(const struct names *names, struct selection *selection)
{
	bool chosen = selection->n > 0;
	struct nsids nsids;

	if (!chosen)
		for (size_t i = 0; i < N_COLUMNS; i++)
			if (globals.json || i != COLUMN_NETNS_ID)
				select_column(selection, (enum column)i);
	if (selection->needed[COLUMN_ID])
		nsids_begin(&nsids);
	selection->nsids = &nsids;
	if (globals.json)
		print_json(names, selection);
	else if (!chosen && !isatty(STDOUT_FILENO))
		print_lines(names, &nsids);
	else if (names->n > 0 || chosen)
		print_table(names, selection);
	else
		puts("No network namespace has a name (netns add NAME makes one).");
	if (selection->needed[COLUMN_ID])
		nsids_end(&nsids);
}

static int list_main(int argc, char **argv)
{
	struct selection selection = {0};
	struct names names;
	int c, status;

	while ((c = next_option(argc, argv)) != -1) {
		json_option(c);
		if (c == 'o')
			select_columns(&selection, optarg);
	}
	if (optind < argc)
		usage_error("takes no name: '%s'", argv[optind]);
	status = read_names(&names);
	if (status == STATUS_OK || names.n > 0)
		print(&names, &selection);
	free_names(&names);
	return status;
}

static const struct cli_option options[] = {
	{'o', "output", "COLUMN,...",
		"what to show: NAME, ID (the nsid, by which the caller's\n"
		"namespace knows it), INODE, NETNS-ID (64 bits, never\n"
		"given again), STATE (live; stale: the namespace is gone;\n"
		"foreign: no network namespace)",
		"words:NAME,ID,INODE,NETNS-ID,STATE"},
	JSON_OPTIONS,
	{0},
};

const struct command list_command = {
	.name = "list",
	.aliases = "ls show lst",
	.usage = "[--json] [-o COLUMN,...]",
	.summary = "Show the names of network namespaces",
	.details = "Names come sorted, numbers inside them by their value. On a terminal, or with\n"
		   "-o, a table is printed; otherwise the lines of 'ip netns list'.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns list\n"
		    "  netns list --output NAME,STATE\n"
		    "  netns list --json | jq -r '.[] | select(.state == \"stale\").name'\n",
	.run = list_main,
	.flags = FROM_IP,
};
