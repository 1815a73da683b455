/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "mountinfo.h"

/* Of "word:number"; 0 if it is another word. */
static unsigned number_of(const char *field, const char *word)
{
	size_t length = strlen(word);

	return strncmp(field, word, length) == 0 ? (unsigned)strtoul(field + length, NULL, 10) : 0;
}

/* The field at *line, of which only the last has no blank behind it; NULL: that is behind us. */
static char *next_field(char **line)
{
	char *field = *line, *blank = field ? strchr(field, ' ') : NULL;

	*line = blank ? blank + 1 : NULL;
	if (blank)
		*blank = '\0';
	return field;
}

/* 36 35 98:0 /root /target rw,noatime master:1 - type source options */
static bool parse(char *line, struct mountinfo *ret)
{
	const char *id = next_field(&line), *parent = next_field(&line);
	char *field;

	ret->device = next_field(&line);
	ret->root = next_field(&line);
	ret->target = next_field(&line);
	next_field(&line);
	ret->group = ret->master = 0;
	while ((field = next_field(&line)) && strcmp(field, "-") != 0) {
		ret->group |= number_of(field, "shared:");
		ret->master |= number_of(field, "master:");
	}
	ret->type = next_field(&line);
	if (!ret->type)
		return false;
	ret->id = atoi(id);
	ret->parent = atoi(parent);
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

int mountinfo_read_open(int fd, mountinfo_fn *fn, void *arg)
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
	r = mountinfo_read_open(fd, fn, arg);
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
