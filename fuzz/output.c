/* SPDX-License-Identifier: MIT */
/* Names that anybody chose, on the way to a terminal or into JSON. */
#include <stdio.h>

#include "cli.h"
#include "fuzz.h"

void leave(int status); /* exit() of cli/, to which nothing here leads */

void leave(int status)
{
	(void)status;
	abort();
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Nothing that could break a line or a terminal, and readable in one way only. */
static void check_escaped(const char *s)
{
	char *escaped = escape(s, ESCAPE_CONTROL), *to = need(malloc(strlen(escaped) + 1)),
	     *end = to;

	for (const char *c = escaped; *c; c++) {
		MUST((unsigned char)*c >= ' ' && *c != 0x7f);
		if (c[0] == '\\' && c[1] == 'x') {
			*end++ = (char)(digit(c[2]) << 4 | digit(c[3]));
			c += 3;
		} else {
			*end++ = *c;
		}
	}
	*end = '\0';
	MUST(strcmp(to, s) == 0);
	free(to);
	free(escaped);
	free(escape(s, ESCAPE_TERMINAL));
}

/* A string of JSON from its first quote to behind its last. */
static const char *pass_string(const char *s)
{
	MUST(*s++ == '"');
	while (*s != '"') {
		size_t n = utf8_length(s);

		MUST((unsigned char)*s >= ' ' && n > 0);
		if (*s == '\\') {
			MUST(s[1] == '"' || s[1] == '\\' || s[1] == 'u');
			n = s[1] == 'u' ? 6 : 2;
			MUST(strnlen(s, n) == n);
		}
		s += n;
	}
	return s + 1;
}

static void check_json(const char *s)
{
	static const char before[] = "[{\"name\":", after[] = ",\"nsid\":7}]\n";
	FILE *out = stdout;
	size_t size;
	char *json;
	const char *rest;

	stdout = open_memstream(&json, &size);
	MUST(stdout);
	json_begin();
	json_object_begin();
	json_string("name", s);
	json_number("nsid", 7);
	json_object_end();
	json_end();
	fclose(stdout);
	stdout = out;
	MUST(strncmp(json, before, strlen(before)) == 0);
	rest = pass_string(json + strlen(before));
	MUST(strcmp(rest, after) == 0);
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = fuzz_string(data, size);

	check_escaped(s);
	check_json(s);
	free(s);
	return 0;
}
