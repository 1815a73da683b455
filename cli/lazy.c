/* SPDX-License-Identifier: MIT */
#include "lazy.h"
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "libnl.h"
#include "smartcols.h"

static void give_up(void)
{
	message("a library cannot be used: %s", dlerror());
	exit(STATUS_FAILED);
}

void lazy_load(const char *library, const char *const names[], size_t n, void *functions)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);

	if (!handle)
		give_up();
	for (size_t i = 0; i < n; i++) {
		void *function = dlsym(handle, names[i]);

		if (!function)
			give_up();
		memcpy((char *)functions + i * sizeof(function), &function, sizeof(function));
	}
}

#define NAME(function) #function,

#define LAZY(library, file)                                                                        \
	const struct library *library(void)                                                        \
	{                                                                                          \
		static const char *const names[] = {FUNCTIONS_OF_##library(NAME)};                 \
		static struct library functions;                                                   \
		static bool loaded;                                                                \
                                                                                                   \
		if (!loaded)                                                                       \
			lazy_load(file, names, ARRAY_SIZE(names), &functions);                     \
		loaded = true;                                                                     \
		return &functions;                                                                 \
	}

/* and what these are linked with: libnl-3 */
LAZY(libnl, "libnl-route-3.so.200")
LAZY(smartcols, "libsmartcols.so.1")
