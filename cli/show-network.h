/* SPDX-License-Identifier: MIT */
/* netns show: the links and routes of a namespace. */
#ifndef SHOW_NETWORK_H
#define SHOW_NETWORK_H

#include "census.h"
#include "topology.h"

/* As text, or as members of a JSON object; nothing if they could not be read. */
void show_network(struct topology *topology, const struct namespace *ns);

#endif /* SHOW_NETWORK_H */
