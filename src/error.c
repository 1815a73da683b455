/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "advice.h"
#include "error.h"
#include "netns.h"

/* The longest path there is, and room for the sentence around it. */
static _Thread_local char message[PATH_MAX + 512];

static int format_message(const char *fmt, va_list args)
{
	int n = vsnprintf(message, sizeof(message), fmt, args);

	return n < 0 ? 0 : n;
}

int error_errno(int error, const char *fmt, ...)
{
	va_list args;
	size_t n;

	va_start(args, fmt);
	n = (size_t)format_message(fmt, args);
	va_end(args);

	if (n < sizeof(message)) {
		errno = -error;
		snprintf(message + n, sizeof(message) - n, ": %m");
	}
	return error_advise(error, advice_on(error));
}

int error_advise(int error, const char *advice)
{
	size_t n = strlen(message);

	if (advice)
		snprintf(message + n, sizeof(message) - n, " (%s)", advice);
	return error;
}

int error_text(int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format_message(fmt, args);
	va_end(args);
	return error;
}

int error_null(const char *what)
{
	return error_text(-EINVAL, "%s: NULL was given", what);
}

const char *netns_errmsg(void)
{
	return message;
}
