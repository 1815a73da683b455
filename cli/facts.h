/* SPDX-License-Identifier: MIT */
/* What can be asked only of a network namespace that is open. */
#ifndef FACTS_H
#define FACTS_H

#include "census.h"
#include "cli.h"

enum fact {
	FACT_NETNS_ID = 1 << 0,
	FACT_NSID = 1 << 1,
	FACT_OWNER = 1 << 2,
	FACT_OWNER_USER = 1 << 3,
	FACT_LINKS = 1 << 4,
	FACT_CREATED = 1 << 5,
};

struct facts {
	unsigned asked;
	unsigned known; /* which of these there are */
	uint64_t netns_id;
	uint64_t nsid;
	uint64_t owner; /* the inode of the user namespace */
	uid_t owner_user;
	uint64_t links;
	char created[32];
};

/* Asks for what was not asked for yet. The namespace is opened if it must be, and closed again. */
void learn_facts(
	struct facts *facts, unsigned wanted, const struct namespace *ns, struct nsids *nsids);

#endif
