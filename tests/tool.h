/* SPDX-License-Identifier: MIT */
/* The tool as a child process, and what it says. */
#ifndef TESTS_TOOL_H
#define TESTS_TOOL_H

#include <sys/types.h>

/* Opens what it writes to; the first start_tool() would do so, too. */
void prepare_tool(void);

/* Starts it with this standard input; to be waited for. argv ends with NULL. */
pid_t start_tool(const char *const argv[], int input);

/* What the last one has written to its standard output and error. */
const char *tool_message(void);

#endif
