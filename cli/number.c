/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "cli.h"

int read_number(const char *word, const char *what)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(word, &end, 0);
	if (errno || end == word || *end || number < 0 || number > INT_MAX)
		usage_error("%s is a number from 0 to %d, not '%s'", what, INT_MAX, word);
	return (int)number;
}
