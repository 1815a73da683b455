/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static void warn(const char *text, void *name)
{
	message("%s%s%s", name ? (const char *)name : "", name ? ": " : "", text);
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
	if (mounts && netns_private_mounts(own_name, warn, (void *)name) < 0) {
		message("%s%s%s (--no-mounts does without)", name ? name : "", name ? ": " : "",
			netns_errmsg());
		return STATUS_FAILED;
	}
	return STATUS_OK;
}

int run_program(char **argv)
{
	int error;

	execvp(argv[0], argv);
	error = errno;
	if (error == ENOENT && !strchr(argv[0], '/'))
		message("%s: no such command%s", argv[0],
			argv[0][0] == '-' ? " (options go before it)" : "");
	else if (error == ENOENT && access(argv[0], F_OK) == 0)
		message("%s: its interpreter does not exist", argv[0]);
	else
		message("%s: %s", argv[0], strerror(error));
	return error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}
