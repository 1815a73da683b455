/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "layers.h"
#include "place.h"

void layers_add(struct layers *layers, struct mountinfo *mount)
{
	size_t n = layers->n;
	char *place;

	mountinfo_unescape(mount->root);
	place = place_of(mount, layers->dir);
	if (!place)
		return;
	if ((n & (n + 1)) == 0)
		layers->v = need(reallocarray(layers->v, 2 * (n + 1), sizeof(*layers->v)));
	layers->v[n] = (struct layer){.id = mount->id,
		.parent = mount->parent,
		.target = need(strdup(mount->target)),
		.place = place};
	layers->n++;
}

void layers_free(struct layers *layers)
{
	for (size_t i = 0; i < layers->n; i++) {
		free(layers->v[i].target);
		free(layers->v[i].place);
	}
	free(layers->v);
	*layers = (struct layers){0};
}

const struct layer *layer_by_id(const struct layers *layers, int id)
{
	for (size_t i = 0; i < layers->n; i++)
		if (layers->v[i].id == id)
			return &layers->v[i];
	return NULL;
}

bool layers_are_same(const struct layers *layers, int a, int b)
{
	const struct layer *layer_a = layer_by_id(layers, a), *layer_b = layer_by_id(layers, b);

	return layer_a && layer_b && strcmp(layer_a->place, layer_b->place) == 0;
}

bool layers_are_stacked(const struct layers *layers, int upper, int lower)
{
	while (upper != lower) {
		const struct layer *layer = layer_by_id(layers, upper);

		if (!layer || layer->parent == upper || strcmp(layer->target, layers->dir) != 0 ||
			!layers_are_same(layers, upper, layer->parent))
			return false;
		upper = layer->parent;
	}
	return true;
}
