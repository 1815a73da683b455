/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "plain-table.h"

/* The text of all cells, one after the other, each with a byte of no meaning at its end. */
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

/* The number of bytes up to the first that may have to be escaped. */
static size_t plain_length(const char *s)
{
	size_t n = 0;

	while (s[n] >= ' ' && s[n] <= '~' && s[n] != '\\')
		n++;
	return n;
}

static void add_bytes(struct cells *cells, const char *s, size_t length)
{
	memcpy(make_room(cells, length + 1), s, length);
	cells->length += length;
	cells->text[cells->length] = '\0';
}

static void add_text(struct cells *cells, const char *s)
{
	size_t length = plain_length(s);
	char *safe;

	if (!s[length]) {
		add_bytes(cells, s, length);
		return;
	}
	safe = escape(s, ESCAPE_CONTROL);
	for (const char *p = safe; *p; p++)
		cells->ascii &= (unsigned char)*p < 0x80;
	add_bytes(cells, safe, strlen(safe));
	free(safe);
}

static void add_number(struct cells *cells, uint64_t number)
{
	char digits[24], *end = digits + sizeof(digits), *p = end;

	do
		*--p = (char)('0' + number % 10);
	while (number /= 10);
	add_bytes(cells, p, (size_t)(end - p));
}

static void add_cell(struct cells *cells, const struct cell *cell)
{
	if (cell->kind == CELL_EMPTY)
		add_bytes(cells, "", 0);
	if (cell->kind == CELL_TEXT)
		add_text(cells, cell->text);
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
	size_t n = (table->n_rows + 1) * selection->n;

	cells->starts = need(calloc(n + 1, sizeof(*cells->starts)));
	for (size_t at = 0; at < n; at++) {
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
	cells->starts[n] = cells->length;
}

/* In the last column there are no blanks after the text, and none where there is no text. */
static char *put_line(char *p, const struct cells *cells, const struct table *table, size_t row)
{
	size_t n = table->selection->n;

	for (size_t i = 0; i < n; i++) {
		const char *s = cells->text + cells->starts[row * n + i];
		size_t length = cells->starts[row * n + i + 1] - cells->starts[row * n + i] - 1;
		size_t blanks = cells->widths[i] - length;
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
	fill(&cells, table);
	if (cells.ascii)
		put(&cells, table);
	free(cells.starts);
	free(cells.text);
	return cells.ascii;
}
