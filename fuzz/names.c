/* SPDX-License-Identifier: MIT */
/* Names and run directories: an accepted name can name nothing but an entry of the directory. */
#include <limits.h>

#include "fuzz.h"
#include "rundir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = fuzz_string(data, size);
	const char *dir = name, *none = NULL;

	if (rundir_check(&none, name) == 0) {
		MUST(*name && strlen(name) <= NAME_MAX && !strchr(name, '/'));
		MUST(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
	}
	MUST((rundir_check_dir(&dir) == 0) == (name[0] == '/'));
	free(name);
	return 0;
}
