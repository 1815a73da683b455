/* SPDX-License-Identifier: MIT */
/* The cables of a throw-away namespace: run-link.c. */
#ifndef RUN_LINK_H
#define RUN_LINK_H

#include "cable.h"

struct run_links {
	const char *given[8]; /* as they were written */
	size_t n;
	struct shape shape; /* of all of them */
};

void run_links_add(struct run_links *links, const char *given);
int run_links_lay(const struct run_links *links, struct netns *ns); /* a status */
void run_links_cut(const struct run_links *links, struct netns *ns);

#endif
