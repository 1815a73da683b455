/* SPDX-License-Identifier: MIT */
/* What the operations of both tables find, and what is looked at and taken back behind them. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include <netns.h>

/* The name that they are about. */
#define NAME "web"

extern struct netns *target; /* what the operations are done to, made once */
extern struct netns *home;   /* where the thread is */
extern struct netns *owner;  /* of a pin, made by set_up() */

void nothing(void);

/* Once, for all runs. */
void make_target(void);

/* The target under the name; the same looked at, and taken away; and the run directory with it. */
void pin_target(void);
void unpin_target(void);
void detach(void);
void detach_and_forget(void);

/* The run directory, if it is still there, and empty. */
void forget_run_dir(void);

void check_absent(void);

/* How many there are, one on the other. */
unsigned count_mounts_on(const char *path);

/* As the library leaves one when it is killed. */
void leave_stale(void);

/* A pin that goes with its handle; that it has gone; closing it. */
void make_owner(void);
void check_closed(void);
void close_owned(void);

#endif
