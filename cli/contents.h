/* SPDX-License-Identifier: MIT */
/* What is in a namespace, as lines that can be compared: for `netns diff`. */
#ifndef CONTENTS_H
#define CONTENTS_H

#include <stdbool.h>
#include <stddef.h>

enum section { LINKS, ADDRESSES, ROUTES, RULES, SYSCTLS, N_SECTIONS };

extern const char *const section_words[N_SECTIONS];

struct lines {
	char **v; /* sorted */
	size_t n;
};

struct contents {
	struct lines sections[N_SECTIONS];
	struct lines names; /* of the links */
	bool incomplete;    /* some was passed over, which has been said */
};

int read_contents(const char *spec, struct contents *ret); /* a status; to be freed in any case */
void free_contents(struct contents *contents);

#endif
