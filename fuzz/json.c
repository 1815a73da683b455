/* SPDX-License-Identifier: MIT */
/* JSON that others wrote: each value in it is reached by every way that there is. */
#include "json.h"
#include "fuzz.h"

static void walk(struct json value, int depth)
{
	char small[8], large[4096];
	uint64_t number;

	if (!value.at || depth > 20)
		return;
	MUST(value.at < value.end);
	if (json_string(value, large, sizeof(large)))
		MUST(strlen(large) < sizeof(large));
	if (json_string(value, small, sizeof(small)))
		MUST(strlen(small) < sizeof(small));
	json_number(value, &number);
	walk(json_member(value, "a"), depth + 1);
	walk(json_member(value, "Name"), depth + 1);
	for (struct json e = json_first(value); e.at; e = json_next(e))
		walk(e, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1); /* so that a byte too many is noticed */

	MUST(copy);
	if (size > 0)
		memcpy(copy, data, size);
	walk(json_text(copy, size), 0);
	free(copy);
	return 0;
}
