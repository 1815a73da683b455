/* SPDX-License-Identifier: MIT */
/* Names given to and taken from namespaces. */
#include "error.h"
#include "handle.h"
#include "pin.h"
#include "rundir.h"

int netns_attach(struct netns *ns, const char *dir, const char *name)
{
	int fd = handle_fd(ns), r;

	if (fd < 0)
		return fd;
	r = rundir_check(&dir, name);
	return r < 0 ? r : pin_create(dir, name, fd);
}

int netns_delete(const char *dir, const char *name)
{
	int r = rundir_check(&dir, name);

	return r < 0 ? r : pin_delete(dir, name);
}
