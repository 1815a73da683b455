/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "json.h"

static const struct json none;

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* These answer NULL when the text ends before. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && ++p == end)
			return NULL;
	return p < end ? p + 1 : NULL;
}

static bool ends_word(char c)
{
	return c == '\0' || strchr(" \t\n\r{}[],:\"", c);
}

/* A number, true, false, null. */
static const char *skip_word(const char *p, const char *end)
{
	const char *begin = p;

	while (p < end && !ends_word(*p))
		p++;
	return p > begin ? p : NULL;
}

/* Counts brackets rather than to follow them: depth costs no memory. */
static const char *skip_value(const char *p, const char *end)
{
	size_t depth = 0;

	do {
		p = skip_space(p, end);
		if (p == end)
			return NULL;
		if (*p == '{' || *p == '[') {
			depth++;
			p++;
		} else if (*p == '"') {
			p = skip_string(p, end);
		} else if (!strchr("}],:", *p) || !*p) {
			p = skip_word(p, end);
		} else if (depth == 0) {
			return NULL;
		} else {
			depth -= *p == '}' || *p == ']';
			p++;
		}
	} while (p && depth > 0);
	return p;
}

static struct json value_at(const char *p, const char *end)
{
	p = skip_space(p, end);
	return p < end ? (struct json){p, end} : none;
}

static bool begins_with(struct json value, char c)
{
	return value.at && *value.at == c;
}

struct json json_text(const char *text, size_t size)
{
	return value_at(text, text + size);
}

/* The next element or member's name; none at the closing bracket. */
static struct json after_comma(const char *p, const char *end)
{
	p = skip_space(p, end);
	return p < end && *p == ',' ? value_at(p + 1, end) : none;
}

static struct json first_inside(struct json value)
{
	struct json first = value_at(value.at + 1, value.end);

	return begins_with(first, ']') || begins_with(first, '}') ? none : first;
}

static bool is_called(struct json key, const char *after, const char *name)
{
	size_t length = strlen(name);

	return (size_t)(after - key.at) == length + 2 && memcmp(key.at + 1, name, length) == 0;
}

struct json json_member(struct json object, const char *name)
{
	struct json key, value;
	const char *p;

	if (!begins_with(object, '{'))
		return none;
	for (key = first_inside(object); begins_with(key, '"'); key = after_comma(p, key.end)) {
		p = skip_string(key.at, key.end);
		if (!p)
			return none;
		value = value_at(p, key.end);
		if (!begins_with(value, ':'))
			return none;
		value = value_at(value.at + 1, value.end);
		if (!value.at || is_called(key, p, name))
			return value;
		p = skip_value(value.at, value.end);
		if (!p)
			return none;
	}
	return none;
}

struct json json_first(struct json array)
{
	return begins_with(array, '[') ? first_inside(array) : none;
}

struct json json_next(struct json element)
{
	const char *p = skip_value(element.at, element.end);

	return p ? after_comma(p, element.end) : none;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)((found - digits) & 15) : -1;
}

/* Four digits, of a character outside the surrogates; 0 when they are none, which no string has. */
static unsigned read_unicode(const char *p, const char *end)
{
	unsigned c = 0;

	if (end - p < 4)
		return 0;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return 0;
		c = 16 * c + (unsigned)digit;
	}
	return c >= 0xd800 && c < 0xe000 ? 0 : c;
}

static size_t encode(unsigned c, char utf8[3])
{
	if (c < 0x80) {
		utf8[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		utf8[0] = (char)(0xc0 | c >> 6);
		utf8[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	utf8[0] = (char)(0xe0 | c >> 12);
	utf8[1] = (char)(0x80 | (c >> 6 & 0x3f));
	utf8[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* What stands behind a backslash, as bytes; their number, 0 for what is no escape. */
static size_t unescape(const char **p, const char *end, char bytes[3])
{
	static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char c = *(*p)++;
	const char *found = c ? strchr(escapes, c) : NULL;
	unsigned unicode;

	if (found) {
		bytes[0] = meant[found - escapes];
		return 1;
	}
	unicode = c == 'u' ? read_unicode(*p, end) : 0;
	if (!unicode)
		return 0;
	*p += 4;
	return encode(unicode, bytes);
}

bool json_string(struct json value, char *buffer, size_t size)
{
	const char *p, *end;
	size_t n = 0;

	if (!begins_with(value, '"'))
		return false;
	end = skip_string(value.at, value.end);
	if (!end)
		return false;
	for (p = value.at + 1, end--; p < end;) {
		char bytes[3] = {*p++};
		size_t length = bytes[0] == '\\' ? unescape(&p, end, bytes) : 1;

		if (length == 0 || !bytes[0] || n + length >= size)
			return false;
		memcpy(buffer + n, bytes, length);
		n += length;
	}
	buffer[n] = '\0';
	return true;
}

bool json_number(struct json value, uint64_t *ret)
{
	bool quoted = begins_with(value, '"');
	uint64_t number = 0;
	const char *p, *begin;

	if (!value.at)
		return false;
	for (p = begin = value.at + quoted; p < value.end && *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return false;
		number = 10 * number + digit;
	}
	if (p == begin || (quoted ? p == value.end || *p != '"' : p < value.end && !ends_word(*p)))
		return false;
	*ret = number;
	return true;
}
