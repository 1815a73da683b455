/* SPDX-License-Identifier: MIT */
/* The links of a namespace that is to go. */
#ifndef WIND_UP_H
#define WIND_UP_H

#include <stdbool.h>

#include <netns.h>

/*
 * Removes the virtual links of a namespace, and so the far ends of its cables, before it goes: the
 * kernel would do so a while later. What the kernel keeps (lo) is passed over. A status.
 */
int remove_links(struct netns *ns, const char *name);

/*
 * The names of the physical ones, with blanks between; to be freed. NULL: there are none. A status:
 * who could not look does not know that there are none.
 */
int physical_links(struct netns *ns, const char *name, char **ret);

#endif
