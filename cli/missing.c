/* SPDX-License-Identifier: MIT */
/*
 * What an answer lacks though it is there: the rest is printed, and the first reason is told once,
 * after it. What is gone since lacks nothing, nor does what this kernel or this user cannot know.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"

static struct {
	const char *what;
	int error;
} missing;

static void note(const char *what, int error)
{
	if (missing.error)
		return;
	missing.what = what;
	missing.error = error;
}

void note_shortage(const char *what, int error)
{
	if (is_shortage(abs(error)))
		note(what, error);
}

void note_missing(const char *what, int error)
{
	if (geteuid() == 0 && (error == -EPERM || error == -EACCES))
		note(what, error);
	note_shortage(what, error);
}

int tell_missing(void)
{
	if (missing.error)
		message("%s could not be read: %s", missing.what, reason_for(missing.error));
	return missing.error ? STATUS_FAILED : STATUS_OK;
}
