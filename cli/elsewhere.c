/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "elsewhere.h"
#include "mountinfo.h"

/* What is told once, whoever else has it as well. */
struct seen {
	uint64_t *v;
	size_t n;
};

static bool is_new(struct seen *seen, uint64_t value)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->v[i] == value)
			return false;
	if ((seen->n & (seen->n + 1)) == 0)
		seen->v = need(reallocarray(seen->v, 2 * (seen->n + 1), sizeof(*seen->v)));
	seen->v[seen->n++] = value;
	return true;
}

struct search {
	const char *dir; /* resolved */
	struct stat here;
	struct seen mount_namespaces, network_namespaces;
	const char *pid;
	void (*fn)(const struct elsewhere *found, void *arg);
	void *arg;
};

static void look_at_mount(struct mountinfo *mount, void *arg)
{
	struct search *s = arg;
	size_t length = strlen(s->dir);
	unsigned long long inode;
	char *path;

	mountinfo_unescape(mount->target);
	if (strcmp(mount->type, "nsfs") != 0 || sscanf(mount->root, "net:[%llu]", &inode) != 1 ||
		strncmp(mount->target, s->dir, length) != 0 || mount->target[length] != '/' ||
		!is_new(&s->network_namespaces, inode))
		return;
	path = text("/proc/%s/root%s", s->pid, mount->target);
	s->fn(&(struct elsewhere){mount->target + length + 1, path, s->pid, inode}, s->arg);
	free(path);
}

/* A container with a directory of its own is another matter. */
static void look_at_process(struct search *s, const char *pid)
{
	char *ns = text("/proc/%s/ns/mnt", pid), *dir = text("/proc/%s/root%s", pid, s->dir);
	char *mounts = text("/proc/%s/mountinfo", pid);
	struct stat st;

	s->pid = pid;
	if (stat(ns, &st) == 0 && is_new(&s->mount_namespaces, st.st_ino) && stat(dir, &st) == 0 &&
		st.st_dev == s->here.st_dev && st.st_ino == s->here.st_ino)
		mountinfo_read(AT_FDCWD, mounts, look_at_mount, s);
	free(mounts);
	free(dir);
	free(ns);
}

int each_elsewhere(const char *dir, void (*fn)(const struct elsewhere *found, void *arg), void *arg)
{
	struct search s = {.dir = realpath(dir, NULL), .fn = fn, .arg = arg};
	const struct dirent *entry;
	struct stat st;
	int error = 0;
	DIR *proc;

	if (!s.dir || stat(s.dir, &s.here) < 0) {
		free((char *)s.dir);
		return -1;
	}
	if (stat("/proc/self/ns/mnt", &st) == 0)
		is_new(&s.mount_namespaces, st.st_ino);
	proc = opendir("/proc");
	while (proc && (errno = 0, entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_process(&s, entry->d_name);
	error = errno;
	if (proc)
		closedir(proc);
	free(s.network_namespaces.v);
	free(s.mount_namespaces.v);
	free((char *)s.dir);
	errno = error;
	return error ? -1 : 0;
}
