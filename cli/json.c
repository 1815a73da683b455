/* SPDX-License-Identifier: MIT */
/*
 * ip(8) gives a bare array, and no key for what is not there; libsmartcols can
 * do neither.
 */
#include <inttypes.h>

#include "cli.h"

enum { DEEPEST = 8 };

static unsigned depth;
static bool empty[DEEPEST + 1]; /* nothing there yet, at each depth */

static void separate(void)
{
	if (!empty[depth])
		putchar(',');
	empty[depth] = false;
	if (globals.pretty)
		printf("\n%*s", 4 * (int)depth, "");
}

static void begin(char bracket)
{
	putchar(bracket);
	if (depth < DEEPEST)
		depth++;
	empty[depth] = true;
}

static void end(char bracket)
{
	bool was_empty = empty[depth];

	depth--;
	if (globals.pretty && !was_empty)
		printf("\n%*s", 4 * (int)depth, "");
	putchar(bracket);
}

void json_begin(void)
{
	depth = 0;
	begin('[');
}

void json_end(void)
{
	end(']');
	putchar('\n');
}

void json_object_begin(void)
{
	separate();
	begin('{');
}

void json_object_end(void)
{
	end('}');
}

/* JSON is UTF-8: a byte that is not becomes U+FFFD. */
static void quote(const char *s)
{
	size_t n;

	putchar('"');
	for (; *s; s += n ? n : 1) {
		n = utf8_length(s);
		if (n == 0)
			fputs("\xef\xbf\xbd", stdout);
		else if ((unsigned char)*s < ' ' || *s == 0x7f)
			printf("\\u%04x", (unsigned)*s);
		else if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else
			fwrite(s, 1, n, stdout);
	}
	putchar('"');
}

static void key(const char *name)
{
	separate();
	printf("\"%s\":%s", name, globals.pretty ? " " : "");
}

void json_string(const char *name, const char *value)
{
	key(name);
	quote(value);
}

void json_number(const char *name, uint64_t value)
{
	key(name);
	printf("%" PRIu64, value);
}

void json_strings(const char *name, const char **list)
{
	key(name);
	putchar('[');
	for (size_t i = 0; list[i]; i++) {
		if (i > 0)
			fputs(globals.pretty ? ", " : ",", stdout);
		quote(list[i]);
	}
	putchar(']');
}

void json_array_begin(const char *name)
{
	key(name);
	begin('[');
}

void json_array_end(void)
{
	end(']');
}

void json_member_begin(const char *name)
{
	key(name);
	begin('{');
}

void json_true(const char *name)
{
	key(name);
	fputs("true", stdout);
}

void json_line_begin(void)
{
	globals.pretty = false;
	depth = 0;
	empty[0] = true;
	json_object_begin();
}

void json_line_end(void)
{
	json_object_end();
	putchar('\n');
}
