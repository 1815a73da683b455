/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "stage.h"

struct netns *target, *home, *owner;

void nothing(void)
{
}

void make_target(void)
{
	target = create_ns(NULL, NETNS_CREATE_UNPINNED);
	CHECK_EQ(netns_open_current(&home), 0);
	netns_thread_release();
}

void pin_target(void)
{
	CHECK_EQ(netns_attach(target, NULL, NAME), 0);
}

void unpin_target(void)
{
	CHECK_EQ(netns_delete(NULL, NAME), 0);
}

void detach(void)
{
	CHECK_EQ(netns_check_path(run_path(NAME)), 0);
	CHECK_EQ(netns_delete(NULL, NAME), 0);
}

void forget_run_dir(void)
{
	umount(netns_get_run_dir());
	CHECK(rmdir(netns_get_run_dir()) == 0 || errno == ENOENT);
}

void detach_and_forget(void)
{
	detach();
	forget_run_dir();
}

void check_absent(void)
{
	CHECK_EQ(access(run_path(NAME), F_OK), -1);
}

/* As the library leaves one when it is killed. */
void leave_stale(void)
{
	make_stale(NAME);
	CHECK(chmod(run_path(NAME), S_ISVTX) == 0);
}

void make_owner(void)
{
	owner = create_ns(NAME, 0);
}

void check_closed(void)
{
	check_absent();
	netns_free(owner);
	owner = NULL;
}

void close_owned(void)
{
	CHECK_EQ(netns_close(owner), 0);
	check_closed();
}

unsigned count_mounts_on(const char *path)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char place[PATH_MAX], point[PATH_MAX], *line = NULL;
	size_t size = 0;
	unsigned n = 0;

	CHECK(file && realpath(path, place));
	while (getline(&line, &size, file) > 0) {
		CHECK(sscanf(line, "%*d %*d %*s %*s %4095s", point) == 1);
		n += strcmp(point, place) == 0;
	}
	free(line);
	fclose(file);
	return n;
}
