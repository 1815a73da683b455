/* SPDX-License-Identifier: MIT */
/* netns map: the forms in which a topology is shown. */
#ifndef MAP_H
#define MAP_H

#include <stdio.h>

#include "topology.h"

void map_tree(struct topology *topology);
void map_json(struct topology *topology);
void map_dot(const struct topology *topology, FILE *out);

/* Of one namespace, the links only. */
void map_links_tree(const struct topo_namespace *ns);
void map_links_json(const char *key, const struct topo_namespace *ns);

/* The order in which they are shown: the host's first. */
struct topo_namespace **map_order(const struct topology *topology); /* to be freed */

#endif /* MAP_H */
