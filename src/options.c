/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "error.h"
#include "options.h"

static bool is_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

int options_read(const void *given, void *opts, size_t size, const char *what)
{
	size_t given_size = *(const size_t *)given;

	if (given_size < sizeof(size_t))
		return error_text(-EINVAL, "%s: opts->size is not set", what);
	if (given_size > size) {
		if (!is_zero((const unsigned char *)given + size, given_size - size))
			return error_text(-EINVAL,
				"%s: options that this version of the library does not know", what);
		given_size = size;
	}
	memcpy(opts, given, given_size);
	return 0;
}
