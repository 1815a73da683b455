/* SPDX-License-Identifier: MIT */
/*
 * The network namespace of a container, by what docker and podman write down about it: no daemon
 * is asked, so that it works when that is down or hangs, and needs no group "docker".
 *
 * Two things lead from a container to its namespace. The engine's own file names the pin that it
 * has made, if any. And the runtime below it (runc, crun) keeps the process, and when that was
 * started: what is written down about a process is trusted only if that is still true, since its
 * number may be another's by now.
 */
#ifndef CONTAINER_H
#define CONTAINER_H

#include <limits.h>

/*
 * By name, id, or the beginning of an id. A descriptor, with its path in `path`; or, with the
 * message set:
 *	-EINVAL    no possible name
 *	-ENOENT    no such container
 *	-ENOTUNIQ  several ids begin so
 *	-ESRCH     it is not running
 *	-EACCES    what tells may not be read
 */
int container_open_docker(const char *name, char path[PATH_MAX]);
int container_open_podman(const char *name, char path[PATH_MAX]);

#endif
