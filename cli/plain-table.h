/* SPDX-License-Identifier: MIT */
/*
 * A table as libsmartcols would print it where there is no terminal, many times as fast: it measures
 * and pads what is ASCII by counting bytes.
 */
#ifndef PLAIN_TABLE_H
#define PLAIN_TABLE_H

#include "table.h"

/* False, and nothing is printed: there is more to it, and print_table() has to do it. */
bool print_plain_table(const struct table *table);

#endif
