/* SPDX-License-Identifier: MIT */
/* The per-thread text behind netns_errmsg(). */
#ifndef ERROR_H
#define ERROR_H

/*
 * Both remember a text and return `error`, a negative errno, so that a failure is one line:
 *
 *	return error_errno(r, "open %s", path);
 */

/* The text and what the errno means. */
int error_errno(int error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Adds what can be done about it (advice.h), unless that is NULL:
 *
 *	return error_advise(error_errno(r, "enter %s", path), advice_on_setns(r));
 */
int error_advise(int error, const char *advice);

/* For an argument that must not be NULL: says which, and answers -EINVAL. */
int error_null(const char *what);

/* The text alone, where it says more than the errno does. */
int error_text(int error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
