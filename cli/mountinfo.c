/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "mountinfo.h"

static unsigned number_after(const char *options, const char *word)
{
	const char *found = options ? strstr(options, word) : NULL;

	return found ? (unsigned)strtoul(found + strlen(word), NULL, 10) : 0;
}

/* 36 35 98:0 /root /target rw,noatime master:1 - type source options */
static bool parse(char *line, struct mountinfo *ret)
{
	char *fields[5], *rest = line, *tail = strstr(line, " - ");

	if (!tail)
		return false;
	*tail = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		fields[i] = strsep(&rest, " ");
		if (!fields[i])
			return false;
	}
	ret->id = atoi(fields[0]);
	ret->parent = atoi(fields[1]);
	ret->root = fields[3];
	ret->target = fields[4];
	ret->group = number_after(rest, " shared:");
	ret->master = number_after(rest, " master:");
	ret->type = tail + strlen(" - ");
	ret->type[strcspn(ret->type, " ")] = '\0';
	return true;
}

/* Whole lines only; returns the length of what is left, the beginning of one. */
static size_t each_line(char *text, size_t length, mountinfo_fn *fn, void *arg)
{
	char *end = text + length, *line = text, *newline;

	while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
		struct mountinfo mount;

		*newline = '\0';
		if (parse(line, &mount))
			fn(&mount, arg);
		line = newline + 1;
	}
	memmove(text, line, (size_t)(end - line));
	return (size_t)(end - line);
}

static int read_all(int fd, mountinfo_fn *fn, void *arg)
{
	size_t room = 1 << 16, kept = 0;
	char *buffer = need(malloc(room));
	ssize_t n;

	while ((n = read(fd, buffer + kept, room - kept)) > 0) {
		kept = each_line(buffer, kept + (size_t)n, fn, arg);
		if (kept == room)
			buffer = need(realloc(buffer, room *= 2));
	}
	n = n < 0 ? -errno : 0;
	free(buffer);
	return (int)n;
}

int mountinfo_read(int directory, const char *path, mountinfo_fn *fn, void *arg)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = read_all(fd, fn, arg);
	close(fd);
	return r;
}

static bool is_octal(const char *s)
{
	for (int i = 0; i < 3; i++)
		if (s[i] < '0' || s[i] > '7')
			return false;
	return true;
}

void mountinfo_unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (*s == '\\' && is_octal(s + 1)) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}
