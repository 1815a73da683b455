/* SPDX-License-Identifier: MIT */
/* What listing the names and listing everything have in common. */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>

#include "census.h"
#include "cli.h"

struct list_how {
	char *columns; /* NULL: not said */
	bool raw;
	bool tree;
};

extern const struct cli_option list_options[];

/* list-all.c */
int list_all(const struct list_how *how);         /* a status */
void print_namespace(const struct namespace *ns); /* all columns, one a line, or JSON's members */

const char *state_word(int state);

#endif
