/* SPDX-License-Identifier: MIT */
/* Who a command runs as: --user, --group and --cwd. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static bool read_id(const char *word, unsigned *ret)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno || n >= (unsigned)-1)
		return false;
	*ret = (unsigned)n;
	return true;
}

static void find_user(struct identity *identity, const char *word)
{
	struct passwd *user = getpwnam(word);
	int n = 0;

	if (!user && read_id(word, &identity->uid))
		user = getpwuid(identity->uid);
	else if (!user)
		usage_error("no user '%s'", word);
	if (!user)
		return; /* a number without a name; the group must be told */
	identity->uid = user->pw_uid;
	if (identity->has_group)
		return;
	identity->gid = user->pw_gid;
	identity->has_group = true;
	getgrouplist(user->pw_name, user->pw_gid, NULL, &n);
	identity->groups = need(calloc((size_t)n, sizeof(gid_t)));
	if (getgrouplist(user->pw_name, user->pw_gid, identity->groups, &n) >= 0)
		identity->n_groups = (size_t)n;
}

static void find_group(struct identity *identity, const char *word)
{
	const struct group *group = getgrnam(word);

	if (group)
		identity->gid = group->gr_gid;
	else if (!read_id(word, &identity->gid))
		usage_error("no group '%s'", word);
	identity->has_group = true;
}

bool identity_option(int c, const char *word, struct identity *identity)
{
	if (c == IDENTITY_USER)
		identity->user = word;
	else if (c == IDENTITY_GROUP)
		identity->group = word;
	else if (c == IDENTITY_CWD)
		identity->cwd = word;
	else
		return false;
	return true;
}

void find_identity(struct identity *identity)
{
	identity->uid = getuid();
	identity->gid = getgid();
	if (!identity->user && !identity->group)
		return;
	identity->changes = true;
	if (identity->group)
		find_group(identity, identity->group);
	if (identity->user)
		find_user(identity, identity->user);
	if (!identity->has_group)
		usage_error("user '%s' has no group here; say --group", identity->user);
}

int assume_identity(const struct identity *identity)
{
	const char *what = NULL;

	if (identity->changes &&
		(setgroups(identity->n_groups, identity->groups) < 0 ||
			setresgid(identity->gid, identity->gid, identity->gid) < 0))
		what = "the group could not be changed";
	else if (identity->changes && setresuid(identity->uid, identity->uid, identity->uid) < 0)
		what = "the user could not be changed";
	else if (identity->cwd && chdir(identity->cwd) < 0)
		what = identity->cwd;
	if (what)
		message("%s: %s", what, strerror(errno));
	return what ? STATUS_FAILED : STATUS_OK;
}
