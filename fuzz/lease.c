/* SPDX-License-Identifier: MIT */
/* What stands in the attribute of a name, which its owner may have written: who made it. */
#include "fuzz.h"

#include "../src/lease.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *value = fuzz_string(data, size);
	struct lease lease;

	if (strlen(value) < LEASE_SIZE && parse(value, &lease) == 0) {
		MUST(lease.owner.pid > 0);
		MUST(memchr(lease.owner.boot, '\0', sizeof(lease.owner.boot)));
		MUST(owner_state(&lease.owner) != NETNS_LEASE_NONE);
	}
	free(value);
	return 0;
}
