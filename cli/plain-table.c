/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "plain-table.h"

/* The text of all cells, one after the other, each with a zero byte at its end. */
struct cells {
	char *text;
	size_t length;
	size_t room;
	size_t *starts;
	size_t widths[32];
	bool ascii;
};

static char *make_room(struct cells *cells, size_t length)
{
	if (cells->room - cells->length < length) {
		cells->room = 2 * cells->room + length;
		cells->text = need(realloc(cells->text, cells->room));
	}
	return cells->text + cells->length;
}

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || *s == '\\')
			return false;
	return true;
}

static void add_text(struct cells *cells, const char *s)
{
	char *safe = is_plain(s) ? NULL : escape(s, ESCAPE_CONTROL);
	size_t length;

	if (safe)
		s = safe;
	length = strlen(s);
	for (size_t i = 0; i < length && cells->ascii; i++)
		cells->ascii = (unsigned char)s[i] < 0x80;
	memcpy(make_room(cells, length + 1), s, length + 1);
	cells->length += length;
	free(safe);
}

static void add_number(struct cells *cells, uint64_t number)
{
	char digits[24], *p = digits + sizeof(digits);

	*--p = '\0';
	do
		*--p = (char)('0' + number % 10);
	while (number /= 10);
	add_text(cells, p);
}

static void add_cell(struct cells *cells, const struct cell *cell)
{
	add_text(cells, cell->kind == CELL_TEXT ? cell->text : "");
	if (cell->kind == CELL_NUMBER)
		add_number(cells, cell->number);
	for (const char **s = cell->list; s && *s; s++) {
		if (s != cell->list)
			add_text(cells, ",");
		add_text(cells, *s);
	}
	cells->length++;
}

/* Row by row; the first one is that of the headings. */
static void fill(struct cells *cells, const struct table *table)
{
	const struct selection *selection = table->selection;

	for (size_t at = 0; at < (table->n_rows + 1) * selection->n; at++) {
		size_t i = at % selection->n, column = selection->v[i], width;
		struct cell cell = {
			.text = (char *)table->columns[column].heading, .kind = CELL_TEXT};
		bool is_heading = at < selection->n;

		if (!is_heading)
			cell = table->cell(table->data, at / selection->n - 1, column);
		cells->starts[at] = cells->length;
		add_cell(cells, &cell);
		width = cells->length - 1 - cells->starts[at];
		if (width > cells->widths[i])
			cells->widths[i] = width;
		if (is_heading)
			continue;
		free(cell.text);
		free(cell.list);
	}
}

/* In the last column there are no blanks after the text, and none where there is no text. */
static char *put_line(char *p, const struct cells *cells, const struct table *table, size_t row)
{
	size_t n = table->selection->n;

	for (size_t i = 0; i < n; i++) {
		const char *s = cells->text + cells->starts[row * n + i];
		size_t length = strlen(s), blanks = cells->widths[i] - length;
		bool right = table->columns[table->selection->v[i]].flags & COLUMN_NUMBER;

		if (i == n - 1 && length == 0)
			break;
		if (right)
			p = (char *)memset(p, ' ', blanks) + blanks;
		p = mempcpy(p, s, length);
		if (i == n - 1)
			break;
		if (!right)
			p = (char *)memset(p, ' ', blanks) + blanks;
		*p++ = ' ';
	}
	*p++ = '\n';
	return p;
}

static void put(const struct cells *cells, const struct table *table)
{
	size_t width = 1;
	char *line, *end;

	for (size_t i = 0; i < table->selection->n; i++)
		width += cells->widths[i] + 1;
	line = need(malloc(width));
	for (size_t row = 0; row <= table->n_rows; row++) {
		end = put_line(line, cells, table, row);
		fwrite_unlocked(line, 1, (size_t)(end - line), stdout);
	}
	free(line);
}

bool print_plain_table(const struct table *table)
{
	struct cells cells = {.ascii = true};

	/* libsmartcols prints no headings where there is nothing else */
	if (globals.json || table->raw || table->parents || table->n_rows == 0 ||
		isatty(STDOUT_FILENO))
		return false;
	cells.starts =
		need(calloc((table->n_rows + 1) * table->selection->n, sizeof(*cells.starts)));
	fill(&cells, table);
	if (cells.ascii)
		put(&cells, table);
	free(cells.starts);
	free(cells.text);
	return cells.ascii;
}
