/* SPDX-License-Identifier: MIT */
/* The names of users. Each is looked up once, as that opens files or asks a server. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const char *user_name(uid_t uid)
{
	static struct {
		uid_t uid;
		char *name;
	} * known;
	static size_t n;
	const struct passwd *user;

	for (size_t i = 0; i < n; i++)
		if (known[i].uid == uid)
			return known[i].name;
	if ((n & (n + 1)) == 0) /* grows at the powers of two */
		known = need(reallocarray(known, 2 * (n + 1), sizeof(*known)));
	user = getpwuid(uid);
	known[n].uid = uid;
	known[n].name = user ? need(strdup(user->pw_name)) : text("%u", uid);
	return known[n++].name;
}
