/* SPDX-License-Identifier: MIT */
/*
 * Words for namespaces, netns_open_spec(3). Opening only looks, and the run directory does not
 * exist; what would take its time, through containers and all of /proc, finds nothing.
 */
#include <errno.h>

#include "container.h"
#include "fuzz.h"
#include "netns.h"
#include "search.h"

/* In place of those of the library. */
int search_namespace(struct search *search)
{
	(void)search;
	return -ENOENT;
}

int container_open_docker(const char *name, char path[PATH_MAX])
{
	(void)name;
	(void)path;
	return -ENOENT;
}

int container_open_podman(const char *name, char path[PATH_MAX])
{
	return container_open_docker(name, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *spec = fuzz_string(data, size);
	struct netns *ns;

	if (netns_open_spec_in("/nonexistent", spec, &ns) == 0)
		netns_free(ns);
	free(spec);
	return 0;
}
