/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "submounts.h"

/* ---- by listmount(2) and statmount(2): the kernel does the looking through all mounts ---- */

/* struct mnt_id_req, its first version */
struct request {
	uint32_t size;
	uint32_t spare;
	uint64_t mount;
	uint64_t param;
};

/* struct statmount, as far as it is wanted */
struct answer {
	uint32_t size;
	uint32_t options;
	uint64_t told;
	uint32_t dev_major, dev_minor;
	uint64_t magic;
	uint32_t flags, type;
	uint64_t mount, parent;
	uint64_t between[6];
	uint32_t root;
	uint32_t point; /* an offset in `strings` */
	uint64_t more[50];
	char strings[4096];
};

_Static_assert(offsetof(struct answer, parent) == 48, "struct statmount");
_Static_assert(offsetof(struct answer, point) == 108, "struct statmount");
_Static_assert(offsetof(struct answer, strings) == 512, "struct statmount");

/* 1 and the target of a mount on `parent`; 0 when it is on another, or gone. */
static int target_of(uint64_t mount, uint64_t parent, char **ret)
{
	struct request request = {.size = sizeof(request),
		.mount = mount,
		.param = STATMOUNT_BASIC | STATMOUNT_POINT};
	struct answer answer;

	if (syscall(SYS_statmount, &request, &answer, sizeof(answer), 0) < 0)
		return errno == ENOENT ? 0 : -errno;
	if ((answer.told & request.param) != request.param || answer.parent != parent ||
		answer.point >= sizeof(answer.strings))
		return 0;
	*ret = strndup(answer.strings + answer.point, sizeof(answer.strings) - answer.point - 1);
	return *ret ? 1 : -ENOMEM;
}

/* *told: fn has been called. */
static int ask_kernel(uint64_t parent, int (*fn)(char *target, void *arg), void *arg, bool *told)
{
	struct request request = {.size = sizeof(request), .mount = parent};
	uint64_t found[64];
	int r = 0;
	long n;

	do {
		n = syscall(SYS_listmount, &request, found, 64, 0);
		if (n < 0)
			r = -errno;
		for (long i = 0; i < n && r >= 0; i++) {
			char *target = NULL;

			r = target_of(found[i], parent, &target);
			if (r > 0) {
				*told = true;
				r = fn(target, arg);
			}
			request.param = found[i]; /* the next come after it */
		}
	} while (n == 64 && r >= 0);
	return r;
}

/* The number that is never given again; 0 before Linux 6.8. */
static uint64_t unique_mount_of(const char *path)
{
	struct statx stx;

	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_UNIQUE_MOUNT, &stx) < 0 ||
		!(stx.stx_mask & STATX_UNIQUE_MOUNT))
		return 0;
	return stx.stx_mnt_id;
}

/* ---- by mountinfo, which has a line for every mount there is ---- */

/* The number of the mount that a path is on, as in mountinfo. */
static int mount_of(const char *path)
{
	int CLEANUP_FD fd = sys_open(path, O_PATH);
	char proc[64], *line = NULL;
	size_t size = 0;
	int id = -1;
	FILE *f;

	if (fd < 0)
		return fd;
	snprintf(proc, sizeof(proc), "/proc/self/fdinfo/%d", fd);
	f = fopen(proc, "re");
	if (!f)
		return -errno;
	errno = 0;
	while (id < 0 && getline(&line, &size, f) > 0)
		sscanf(line, "mnt_id: %d", &id);
	if (id < 0)
		id = errno ? -errno : -ENOENT;
	free(line);
	fclose(f);
	return id;
}

static bool is_octal(const char *s)
{
	for (int i = 0; i < 3; i++)
		if (s[i] < '0' || s[i] > '7')
			return false;
	return true;
}

/* mountinfo writes blanks and backslashes as \ooo */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; to++) {
		if (s[0] == '\\' && is_octal(s + 1)) {
			*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to = *s++;
		}
	}
	*to = '\0';
}

static int read_lines(FILE *f, int parent, int (*fn)(char *target, void *arg), void *arg)
{
	char *line = NULL;
	size_t size = 0;
	int r = 0;

	while (r == 0 && (errno = 0, getline(&line, &size, f)) > 0) {
		char *target = NULL;
		int its;

		if (ferror(f)) /* half a line */
			break;
		if (sscanf(line, "%*d %d %*s %*s %ms", &its, &target) == 2 && its == parent) {
			unescape(target);
			r = fn(target, arg);
		} else {
			free(target);
		}
	}
	if (r == 0)
		r = -errno; /* getline()'s */
	free(line);
	return r;
}

static int read_mountinfo(const char *path, int (*fn)(char *target, void *arg), void *arg)
{
	int parent = mount_of(path), r;
	FILE *f;

	if (parent < 0)
		return parent;
	f = fopen("/proc/thread-self/mountinfo", "re");
	if (!f)
		return -errno;
	r = read_lines(f, parent, fn, arg);
	fclose(f);
	return r;
}

int submounts_each(const char *path, int (*fn)(char *target, void *arg), void *arg)
{
	uint64_t mount = unique_mount_of(path);
	bool told = false;
	int r = mount ? ask_kernel(mount, fn, arg, &told) : -ENOSYS;

	if ((r == -ENOSYS || r == -EPERM) && !told)
		r = read_mountinfo(path, fn, arg);
	return r == -ENOENT ? 0 : r;
}
