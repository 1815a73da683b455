/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

void warn_of_mounts(const char *text, void *name)
{
	message("%s%s%s", name ? (const char *)name : "", name ? ": " : "", text);
}

static void explain_mounts(const char *name)
{
	message("%s%s%s (--no-mounts does without)", name ? name : "", name ? ": " : "",
		netns_errmsg());
}

int enter(struct netns *ns, const char *name, bool mounts)
{
	/* /etc/netns is for names; whatever else it was called is for messages only */
	const char *own_name = name_of(ns);
	int r = netns_set(ns);

	if (r < 0) {
		explain_spec(name, r);
		return STATUS_FAILED;
	}
	if (mounts && netns_private_mounts(own_name, warn_of_mounts, (void *)name) < 0) {
		explain_mounts(name);
		return STATUS_FAILED;
	}
	return STATUS_OK;
}

static void explain_program(const char *command, int error)
{
	if (error == ENOENT && !strchr(command, '/'))
		message("%s: no such command%s", command,
			command[0] == '-' ? " (options go before it)" : "");
	else if (error == ENOENT && access(command, F_OK) == 0)
		message("%s: its interpreter does not exist", command);
	else
		message("%s: %s", command, strerror(error));
}

int spawn_status(int step, int error)
{
	if (step != NETNS_SPAWN_STEP_EXECUTE)
		return STATUS_FAILED;
	return error == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

void explain_spawn(const char *name, const char *command, int step, int error)
{
	if (step == NETNS_SPAWN_STEP_EXECUTE)
		explain_program(command, -error);
	else if (step == NETNS_SPAWN_STEP_MOUNTS)
		explain_mounts(name);
	else
		explain(name, error);
}

int run_program(char **argv)
{
	int error;

	execvp(argv[0], argv);
	error = errno;
	explain_program(argv[0], error);
	return spawn_status(NETNS_SPAWN_STEP_EXECUTE, -error);
}
