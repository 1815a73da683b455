/* SPDX-License-Identifier: MIT */
/*
 * What the targets share. A target is a file here, a directory of seeds in corpus/, and a row in
 * meson.build; `make fuzz` runs each for FUZZ_SECONDS.
 *
 * What is static is reached by including its source file: the object of the same name is then left
 * where it is, in the archive.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for any input; not assert(), which may be compiled away. */
#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

/* The input as a string, to be freed; a NUL in it ends it. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	MUST(s);
	if (size > 0)
		memcpy(s, data, size);
	s[size] = '\0';
	return s;
}

#endif
