/* SPDX-License-Identifier: MIT */
/* A new network namespace, made without moving the calling thread. */
#ifndef BIRTH_H
#define BIRTH_H

#include <stdbool.h>

/* A descriptor of the new namespace, or a negative errno, from *failed_call. */
int birth_netns(bool lo_up, const char **failed_call);

#endif
