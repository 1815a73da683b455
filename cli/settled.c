/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>

#include "cli.h"
#include "settled.h"

enum { SECOND_NS = 1000000000 };

/* What is known already: a file system need not answer. */
static bool look_at(const char *dir, const struct name *name, struct statx *ret)
{
	int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
	char *path = text("%s/%s", dir, name->name);
	bool done = statx(AT_FDCWD, path, flags, STATX_MODE | STATX_CTIME, ret) == 0;

	free(path);
	return done;
}

/* How long the file will be younger than a second, in nanoseconds, as the library sees it. */
static long long is_young_for(const char *dir, const struct name *name)
{
	struct timespec now;
	struct statx stx;
	long long age;

	if (name->state != NETNS_STALE || !look_at(dir, name, &stx) || stx.stx_mode & S_ISVTX ||
		clock_gettime(CLOCK_REALTIME, &now) < 0)
		return 0;
	age = (now.tv_sec - stx.stx_ctime.tv_sec) * SECOND_NS + now.tv_nsec - stx.stx_ctime.tv_nsec;
	return age >= 0 && age < SECOND_NS ? SECOND_NS - age : 0;
}

int read_settled_names(const char *dir, struct names *ret)
{
	int status = read_names(ret);
	struct timespec pause = {0};

	for (size_t i = 0; i < ret->n; i++) {
		long long left = is_young_for(dir, &ret->v[i]);

		if (left > pause.tv_nsec)
			pause.tv_nsec = left - 1;
	}
	if (pause.tv_nsec == 0)
		return status;
	nanosleep(&pause, NULL);
	free_names(ret);
	return read_names(ret);
}

bool is_being_made(const char *dir, const struct name *name)
{
	return is_young_for(dir, name) > 0;
}

static bool is_in_memory(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

/* ip-netns(8) makes it with no bit in its mode, this library with one that no other file has. */
static bool is_unlikely(const char *dir, const struct name *name)
{
	struct statx stx;

	return !look_at(dir, name, &stx) || (stx.stx_mode & 07777 & ~S_ISVTX);
}

size_t spare_unlikely(const char *dir, struct names *names)
{
	size_t n = 0;

	if (!has_stale(names) || strcmp(dir, netns_get_run_dir()) == 0 || is_in_memory(dir))
		return 0;
	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].state == NETNS_STALE && is_unlikely(dir, &names->v[i])) {
			names->v[i].state = NETNS_FOREIGN;
			n++;
		}
	return n;
}
