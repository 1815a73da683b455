/* SPDX-License-Identifier: MIT */
#ifndef HOLDERS_H
#define HOLDERS_H

#include "census.h"
#include "table.h"

/* What holds a namespace, besides this process. */
struct holders {
	const struct holder **v;
	size_t n;
};

void find_holders(struct holders *ret, const struct namespace *ns); /* to be freed */
void free_holders(struct holders *holders);

/* With the columns of the selection, or, if it is empty, the usual ones, which are put there. */
struct table holders_table(struct holders *holders, struct selection *selection);

#endif
