/* SPDX-License-Identifier: MIT */
/* Ends of cables (NAMESPACE:LINK=ADDRESS,...) and what shapes them; the first byte says which. */
#include "cable.h"
#include "leave.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word = fuzz_string(data, size);
	struct shape shape = {0};
	struct end end;

	if (setjmp(way_out) == 0) {
		if (*word && strchr("mDLR", *word)) {
			MUST(shape_option(*word == 'm' ? SHAPE_MTU : *word, word + 1, &shape));
			MUST(shape.delay >= 0 && shape.rate >= 0);
		} else {
			end_parse(word, &end);
			MUST(*end.link && *end.spec);
			end_free(&end);
		}
	}
	free(word);
	return 0;
}
