/* SPDX-License-Identifier: MIT */
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wctype.h>

#include "cli.h"

void *need(void *p)
{
	if (p)
		return p;
	static const char why[] = "netns: out of memory\n";
	if (write(STDERR_FILENO, why, sizeof(why) - 1) < 0)
		_exit(STATUS_FAILED);
	_exit(STATUS_FAILED);
}

char *text(const char *fmt, ...)
{
	char *s = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&s, fmt, args) < 0)
		need(NULL);
	va_end(args);
	return s;
}

/* Not at every start: it opens files, and few names have anything but ASCII. */
void use_locale(void)
{
	static bool done;

	if (!done)
		setlocale(LC_CTYPE, "");
	done = true;
}

bool is_utf8_locale(void)
{
	use_locale();
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Decodes one character of more than one byte; returns its length or 0. */
static size_t decode(const unsigned char *s, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t c;

	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	c = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

size_t utf8_length(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t c;

	return u[0] < 0x80 ? 1 : decode(u, &c);
}

/* Line and paragraph separators, and what turns the direction of the text around it. */
static bool is_deceptive(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The number of bytes at s that can be shown as they are; 0: its first byte cannot. */
static size_t harmless(const unsigned char *s, enum escape how)
{
	uint32_t c;
	size_t n;

	/* "\x" itself is escaped, so that an escaped name can be read in one way only */
	if (s[0] < 0x80)
		return s[0] >= ' ' && s[0] != 0x7f && !(s[0] == '\\' && s[1] == 'x');
	n = decode(s, &c);
	if (n == 0 || is_deceptive(c))
		return 0;
	if (how == ESCAPE_TERMINAL && !(is_utf8_locale() && iswprint((wint_t)c)))
		return 0;
	return n;
}

char *escape(const char *s, enum escape how)
{
	const unsigned char *u = (const unsigned char *)s;
	char *out = need(malloc(4 * strlen(s) + 1)), *p = out;

	while (*u) {
		size_t n = harmless(u, how);

		if (n > 0)
			p = mempcpy(p, u, n);
		else
			p += sprintf(p, "\\x%02x", *u);
		u += n > 0 ? n : 1;
	}
	*p = '\0';
	return out;
}

enum escape escape_for(int fd)
{
	return isatty(fd) ? ESCAPE_TERMINAL : ESCAPE_CONTROL;
}
