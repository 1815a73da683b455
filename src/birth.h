/* SPDX-License-Identifier: MIT */
/* A new network namespace, made without moving the calling thread. */
#ifndef BIRTH_H
#define BIRTH_H

#include <stdbool.h>

/*
 * A descriptor of the new namespace, or a negative errno with the message set; `name` is what it
 * will be called, NULL if it is not known yet.
 */
int birth_netns(const char *name, bool lo_up);

/* The same for a thread that may move: it is inside afterwards. Half the cost. */
int birth_here(const char *name, bool lo_up);

#endif
