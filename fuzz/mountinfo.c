/* SPDX-License-Identifier: MIT */
/* A process's table of mounts, in which paths and sources are others' to choose. */
#include "fuzz.h"

#include "../cli/mountinfo.c"

static void look(struct mountinfo *mount, void *arg)
{
	size_t *n = arg;

	mountinfo_unescape(mount->root);
	mountinfo_unescape(mount->target);
	*n += strlen(mount->root) + strlen(mount->target) + strlen(mount->type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *lines = fuzz_string(data, size);
	size_t n = 0, left = each_line(lines, size, look, &n);

	MUST(left <= size && n <= size);
	MUST(!memchr(lines, '\n', left));
	free(lines);
	return 0;
}
