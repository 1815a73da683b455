/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "smartcols.h"
#include "table.h"

void select_column(struct selection *selection, size_t column)
{
	if (selection->n == ARRAY_SIZE(selection->v))
		usage_error("too many columns");
	selection->v[selection->n++] = column;
	selection->needed[column] = true;
}

static void refuse_column(const struct column *columns, const char *word)
{
	char *known = need(strdup(columns[0].heading));

	for (size_t i = 1; columns[i].heading; i++) {
		char *longer = text(
			columns[i + 1].heading ? "%s, %s" : "%s and %s", known, columns[i].heading);

		free(known);
		known = longer;
	}
	usage_error("no column '%s'; there are %s", word, known);
}

static void select_by_heading(
	struct selection *selection, const struct column *columns, const char *word)
{
	for (size_t i = 0; columns[i].heading; i++)
		if (strcasecmp(word, columns[i].heading) == 0 ||
			(columns[i].other && strcasecmp(word, columns[i].other) == 0)) {
			select_column(selection, i);
			return;
		}
	refuse_column(columns, word);
}

void select_columns(struct selection *selection, const struct column *columns, char *list)
{
	char *word;

	while ((word = strsep(&list, ",")))
		select_by_heading(selection, columns, word);
}

struct cell owned_cell(char *text)
{
	return (struct cell){.kind = text ? CELL_TEXT : CELL_EMPTY, .text = text};
}

struct cell text_cell(const char *text)
{
	return owned_cell(text ? need(strdup(text)) : NULL);
}

struct cell number_cell(uint64_t number)
{
	return (struct cell){.kind = CELL_NUMBER, .number = number};
}

static void free_cell(struct cell *cell)
{
	free(cell->text);
	free(cell->list);
}

static void print_json_cell(const char *key, const struct cell *cell)
{
	switch (cell->kind) {
	case CELL_EMPTY:
		break;
	case CELL_NUMBER:
		json_number(key, cell->number);
		break;
	case CELL_TEXT:
		json_string(key, cell->text);
		break;
	case CELL_LIST:
		json_strings(key, cell->list);
		break;
	}
}

static void print_json_members(const struct table *table, size_t row)
{
	for (size_t i = 0; i < table->selection->n; i++) {
		size_t column = table->selection->v[i];
		struct cell cell = table->cell(table->data, row, column);

		print_json_cell(table->columns[column].key, &cell);
		free_cell(&cell);
	}
}

void print_json_objects(const struct table *table)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		json_object_begin();
		print_json_members(table, i);
		json_object_end();
	}
}

/* In raw output libsmartcols escapes what is no letter by itself. */
static char *make_safe(const char *s, enum escape how, bool raw)
{
	return raw ? need(strdup(s)) : escape(s, how);
}

static char *join(const char **list, enum escape how, bool raw)
{
	char *all = NULL;

	for (; *list; list++) {
		char *safe = make_safe(*list, how, raw), *longer;

		if (!all) {
			all = safe;
			continue;
		}
		longer = text("%s,%s", all, safe);
		free(safe);
		free(all);
		all = longer;
	}
	return all;
}

static char *cell_text(const struct cell *cell, enum escape how, bool raw)
{
	switch (cell->kind) {
	case CELL_NUMBER:
		return text("%" PRIu64, cell->number);
	case CELL_TEXT:
		return make_safe(cell->text, how, raw);
	case CELL_LIST:
		return join(cell->list, how, raw);
	case CELL_EMPTY:
		break;
	}
	return NULL;
}

static void fill_line(
	const struct table *table, struct libscols_line *line, size_t row, enum escape how)
{
	for (size_t i = 0; i < table->selection->n; i++) {
		struct cell cell = table->cell(table->data, row, table->selection->v[i]);
		char *data = cell_text(&cell, how, table->raw);

		if (!data && table->raw)
			data = need(strdup("-"));
		if (scols_line_refer_data(line, i, data) < 0)
			need(NULL);
		if (cell.colour)
			scols_cell_set_color(scols_line_get_cell(line, i), cell.colour);
		free_cell(&cell);
	}
}

static bool colours_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static struct libscols_table *new_table(const struct table *table)
{
	struct libscols_table *new;

	use_locale(); /* for the width of what is not ASCII */
	new = need(scols_new_table());
	scols_table_enable_noencoding(new, 1); /* escape() has done it */
	scols_table_enable_colors(new, colours_wanted());
	scols_table_enable_raw(new, table->raw);
	for (size_t i = 0; i < table->selection->n; i++) {
		const struct column *column = &table->columns[table->selection->v[i]];
		int flags = column->flags & COLUMN_NUMBER ? SCOLS_FL_RIGHT : 0;

		if (column->flags & COLUMN_LONG)
			flags |= SCOLS_FL_TRUNC;
		if (table->parents && i == 0)
			flags |= SCOLS_FL_TREE;
		need(scols_table_new_column(new, column->heading, 0, flags));
	}
	return new;
}

static void print_text(const struct table *table)
{
	struct libscols_table *new = new_table(table);
	struct libscols_line **lines = need(calloc(table->n_rows + 1, sizeof(*lines)));
	enum escape how = escape_for(STDOUT_FILENO);

	for (size_t i = 0; i < table->n_rows; i++) {
		ssize_t parent = table->parents ? table->parents[i] : -1;

		lines[i] = need(scols_table_new_line(new, parent < 0 ? NULL : lines[parent]));
		fill_line(table, lines[i], i, how);
	}
	scols_print_table(new);
	scols_unref_table(new);
	free(lines);
}

void print_table(const struct table *table)
{
	if (!globals.json) {
		print_text(table);
		return;
	}
	json_begin();
	print_json_objects(table);
	json_end();
}

static void print_lines(const struct table *table, size_t row)
{
	enum escape how = escape_for(STDOUT_FILENO);

	for (size_t i = 0; i < table->selection->n; i++) {
		size_t column = table->selection->v[i];
		struct cell cell = table->cell(table->data, row, column);
		char *data = cell_text(&cell, how, false);

		printf("%-11s%s\n", table->columns[column].heading, data ? data : "-");
		free(data);
		free_cell(&cell);
	}
}

void print_row(const struct table *table, size_t row)
{
	if (globals.json)
		print_json_members(table, row);
	else
		print_lines(table, row);
}
