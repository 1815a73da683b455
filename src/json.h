/* SPDX-License-Identifier: MIT */
/*
 * Reads values out of a JSON text where they stand. Nothing is built and nothing allocated; the
 * text may hold whatever it likes, it is never read past its end. It is not checked as a whole: in
 * front of the value that is asked for, brackets and strings must close, and no more.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a value begins, and where the text ends. `at` is NULL for "there is none". */
struct json {
	const char *at;
	const char *end;
};

struct json json_text(const char *text, size_t size);

/* The first member of an object with that name. None if it is no object, or of a value that is none. */
struct json json_member(struct json object, const char *name);

/* for (e = json_first(array); e.at; e = json_next(e)) */
struct json json_first(struct json array);
struct json json_next(struct json element);

/* False when it is no string, has a NUL in it, or does not fit. */
bool json_string(struct json value, char *buffer, size_t size);

/* A whole number, 0 or more; also as a string, as some programs write large ones. */
bool json_number(struct json value, uint64_t *ret);

#endif
