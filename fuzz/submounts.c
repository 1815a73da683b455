/* SPDX-License-Identifier: MIT */
/* What is mounted on a mount, as mountinfo has it, in which paths are others' to choose. */
#include "fuzz.h"

#include "../src/submounts.c"

static int look(char *target, void *arg)
{
	size_t *n = arg;

	*n += strlen(target);
	free(target);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	size_t n = 0;

	if (!file)
		return 0;
	MUST(read_lines(file, 1, look, &n) == 0);
	MUST(n <= size);
	fclose(file);
	return 0;
}
