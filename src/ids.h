/* SPDX-License-Identifier: MIT */
/* The ids of all network namespaces, as listns(2) tells them. */
#ifndef IDS_H
#define IDS_H

#include <stdint.h>
#include <stdlib.h>

/* Ascending; how many, or a negative errno: -ENOSYS before Linux 6.19. No message. */
int ids_list(uint64_t **ret);

static inline void cleanup_ids(uint64_t **ids)
{
	free(*ids);
}

#endif
