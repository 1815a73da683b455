/* SPDX-License-Identifier: MIT */
/*
 * ip(8) gives a bare array, and no key for what is not there; libsmartcols can
 * do neither.
 */
#include <inttypes.h>

#include "cli.h"

static bool first_object, first_member;

static void separate(bool *first, unsigned depth)
{
	if (!*first)
		putchar(',');
	*first = false;
	if (globals.pretty)
		printf("\n%*s", 4 * (int)depth, "");
}

void json_begin(void)
{
	first_object = true;
	putchar('[');
}

void json_end(void)
{
	if (globals.pretty && !first_object)
		putchar('\n');
	puts("]");
}

void json_object_begin(void)
{
	separate(&first_object, 1);
	first_member = true;
	putchar('{');
}

void json_object_end(void)
{
	if (globals.pretty && !first_member)
		printf("\n    ");
	putchar('}');
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
	separate(&first_member, 2);
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

void json_true(const char *name)
{
	key(name);
	fputs("true", stdout);
}

void json_line_begin(void)
{
	globals.pretty = false;
	first_object = true;
	json_object_begin();
}

void json_line_end(void)
{
	json_object_end();
	putchar('\n');
}
