/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio_ext.h>
#include <string.h>

#include "cli.h"

int finish_output(int status)
{
	bool failed = ferror(stdout);
	const char *why = NULL;

	/* Never written to: whatever may be wrong with it, nothing is lost. */
	if (__fbufsize(stdout) == 0)
		return status;
	/* closed, not only flushed: some file systems do not tell before */
	if (fclose(stdout) != 0)
		why = strerror(errno);
	if (!failed && !why)
		return status;
	message("the output could not be written%s%s", why ? ": " : "", why ? why : "");
	return status == STATUS_OK ? STATUS_FAILED : status;
}
