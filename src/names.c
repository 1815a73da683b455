/* SPDX-License-Identifier: MIT */
/* Names given to and taken from namespaces. */
#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "lease.h"
#include "pin.h"
#include "rundir.h"

int netns_attach(struct netns *ns, const char *dir, const char *name)
{
	int fd = handle_fd(ns), r;

	if (fd < 0)
		return fd;
	r = rundir_check(&dir, name);
	return r < 0 ? r : pin_create(dir, name, false, fd);
}

int netns_delete(const char *dir, const char *name)
{
	int r = rundir_check(&dir, name);

	return r < 0 ? r : pin_delete(dir, name);
}

/* What is dropped is the namespace that was judged, or nothing. */
static int collect_orphan(const char *dir, const char *name, bool locked)
{
	struct netns CLEANUP_HANDLE *ns = NULL;
	struct netns_lease lease;
	int r = netns_open_name_in(dir, name, &ns);

	if (r == -ENOENT || r == -EMEDIUMTYPE)
		return 0;
	if (r == 0)
		r = lease_read(dir, name, ns->fd, &lease);
	if (r < 0 || lease.state != NETNS_LEASE_ORPHANED)
		return r;
	r = pin_drop(ns->path, ns->name, ns->fd, locked);
	return r < 0 ? r : 1;
}

int netns_collect(const char *dir, const char *name, unsigned what)
{
	bool locked = what & NETNS_COLLECT_LOCKED;
	int r = rundir_check(&dir, name);

	if (r < 0)
		return r;
	if (what & ~(NETNS_COLLECT_STALE | NETNS_COLLECT_ORPHANED | NETNS_COLLECT_LOCKED))
		return error_text(-EINVAL, "collect %s: unknown flags 0x%x", name, what);
	if (what & NETNS_COLLECT_STALE)
		r = pin_collect(dir, name, locked);
	if (r == 0 && what & NETNS_COLLECT_ORPHANED)
		r = collect_orphan(dir, name, locked);
	return r;
}
