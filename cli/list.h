/* SPDX-License-Identifier: MIT */
/* What listing the names and listing everything have in common. */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>

struct list_how {
	char *columns; /* NULL: not said */
	bool raw;
	bool tree;
};

int list_all(const struct list_how *how); /* list-all.c; a status */

const char *state_word(int state);

#endif
