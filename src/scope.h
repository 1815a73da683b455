/* SPDX-License-Identifier: MIT */
/* Going somewhere and coming back: what everything that runs inside a namespace stands on. */
#ifndef SCOPE_H
#define SCOPE_H

#include "netns.h"

/*
 * Enters a namespace, whose handle is open. The way back is `home_fd`, which the caller keeps open, or is
 * looked up when that is -1; then `path`, if not NULL, gets HERE_PATH_SIZE bytes.
 */
int scope_enter(struct netns_scope *scope, const struct netns *ns, int home_fd, char path[]);

/* The message about a setns(2) that failed. Answers the error. */
int scope_cannot_enter(int error, const struct netns *ns);

/*
 * Keeps the way back without entering anything: the thread may go wherever it likes until
 * netns_leave().
 */
int scope_prepare(struct netns_scope *scope, int home_fd);

/* netns_leave() for the end of a block, when an exception or a cancellation passes. */
void scope_cleanup(struct netns_scope *scope);
#define CLEANUP_SCOPE CLEANUP(scope_cleanup)

#endif
