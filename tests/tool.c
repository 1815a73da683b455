/* SPDX-License-Identifier: MIT */
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "tool.h"

static int output = -1;

void prepare_tool(void)
{
	if (output < 0)
		output = memfd_create("output", MFD_CLOEXEC);
	CHECK(output >= 0);
}

pid_t start_tool(const char *const argv[], int input)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	prepare_tool();
	CHECK(ftruncate(output, 0) == 0);
	CHECK(lseek(output, 0, SEEK_SET) == 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	CHECK_EQ(posix_spawn(
			 &pid, NETNS_TOOL, &actions, NULL, (char *const *)(uintptr_t)argv, environ),
		0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

const char *tool_message(void)
{
	static char text[16384];
	ssize_t n = pread(output, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}
