/* SPDX-License-Identifier: MIT */
/* Tables of things of one kind: as text by libsmartcols, or as JSON. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum column_flags {
	COLUMN_NUMBER = 1 << 0, /* to the right; in JSON without quotes */
	COLUMN_LONG = 1 << 1,   /* cut off where the terminal is too narrow */
};

/* A list of them ends with {0}. */
struct column {
	const char *heading;
	const char *other; /* a heading by which other tools know it; or NULL */
	const char *key;   /* in JSON */
	unsigned flags;
};

/* What is to be shown, in this order. */
struct selection {
	size_t v[32];
	size_t n;
	bool needed[32];
};
void select_column(struct selection *selection, size_t column);
void select_columns(struct selection *selection, const struct column *columns, char *list);

struct cell {
	enum { CELL_EMPTY, CELL_NUMBER, CELL_TEXT, CELL_LIST } kind;
	uint64_t number;
	char *text;        /* to be freed */
	const char **list; /* ends with NULL; to be freed, but not what is in it */
	const char *colour;
};
struct cell text_cell(const char *text); /* a copy; NULL: empty */
struct cell owned_cell(char *text);      /* is freed with the cell; NULL: empty */
struct cell number_cell(uint64_t number);

struct table {
	const struct column *columns;
	const struct selection *selection;
	size_t n_rows;
	struct cell (*cell)(void *data, size_t row, size_t column);
	void *data;
	const ssize_t *parents; /* of the rows, -1 for none; NULL: it is no tree */
	bool raw;               /* for programs: no alignment, "-" for what is not there */
};
void print_table(const struct table *table); /* or JSON, if that is wanted */
/* Parts of something larger: all of an array of objects; of one row, its members in JSON, or as text
   a line for each column. */
void print_json_objects(const struct table *table);
void print_row(const struct table *table, size_t row);

#endif
