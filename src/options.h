/* SPDX-License-Identifier: MIT */
/* Options handed over in a struct that begins with its size and grows at its end. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>

/*
 * Copies what the caller gave into `opts` of `size` bytes, which is zeroed but for its size. The
 * caller may have been built against a header with fewer members, or more. 0, or -EINVAL with the
 * message set, which begins with `what`.
 */
int options_read(const void *given, void *opts, size_t size, const char *what);

#endif
