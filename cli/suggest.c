/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli.h"

enum { LONGEST = 255 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours, one each. */
unsigned edit_distance(const char *a, const char *b)
{
	unsigned char rows[3][LONGEST + 1];
	unsigned char *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t la = strnlen(a, LONGEST), lb = strnlen(b, LONGEST);

	for (size_t j = 0; j <= lb; j++)
		last[j] = (unsigned char)j;
	for (size_t i = 1; i <= la; i++) {
		row[0] = (unsigned char)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned d = last[j - 1] + (a[i - 1] != b[j - 1]);

			d = least(d, least(last[j], row[j - 1]) + 1u);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, before[j - 2] + 1u);
			row[j] = (unsigned char)d;
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[lb];
}

/* Fewer mistakes than letters, and no more than a typing error or two. */
bool is_near(const char *typed, const char *known)
{
	size_t length = strlen(typed);
	unsigned allowed = length < 3 ? 1 : length < 6 ? 2 : 3;

	return edit_distance(typed, known) <= allowed && allowed < length;
}
