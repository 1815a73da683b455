/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "procfs.h"

/* Calls fn for each name that is a number; not readdir(3), which allocates 32 KiB a directory. */
static int each_number(int fd, void (*fn)(int number, const char *name, void *arg), void *arg)
{
	char buffer[4096] __attribute__((aligned(_Alignof(struct dirent64))));
	ssize_t n;

	while ((n = getdents64(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(buffer + at);

			if (isdigit((unsigned char)entry->d_name[0]))
				fn(atoi(entry->d_name), entry->d_name, arg);
			at += entry->d_reclen;
		}
	return n < 0 ? -errno : 0;
}

uint64_t procfs_inode(const char *link, const char *kind)
{
	size_t length = strlen(kind);

	if (strncmp(link, kind, length) != 0 || strncmp(link + length, ":[", 2) != 0)
		return 0;
	return strtoull(link + length + 2, NULL, 10);
}

static uint64_t read_inode(int directory, const char *path, const char *kind)
{
	char link[64];
	ssize_t n = readlinkat(directory, path, link, sizeof(link) - 1);

	if (n < 0)
		return 0;
	link[n] = '\0';
	return procfs_inode(link, kind);
}

bool procfs_is_with_1(pid_t pid)
{
	char path[64] = "/proc/thread-self/net/dev";
	struct stat its, of_1;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/net/dev", pid);
	return stat("/proc/1/net/dev", &of_1) == 0 && stat(path, &its) == 0 &&
	       its.st_dev == of_1.st_dev && its.st_ino == of_1.st_ino;
}

/* The way through /proc. */
struct walk {
	struct procfs_visitor *visitor;
	int listed;    /* the directory that is being read */
	int directory; /* of the process */
	pid_t pid;
	bool hidden; /* the process does not show all it has */
};

/* A directory that could not be opened: it is gone, unless errno says something else. */
static void note_failure(struct walk *walk)
{
	walk->hidden |= errno == EACCES || errno == EPERM;
	if (is_shortage(errno))
		walk->visitor->lacking = errno;
}

static void visit_thread(struct walk *walk, pid_t tid, int from, const char *net, const char *mnt)
{
	struct procfs_thread thread = {.directory = walk->directory, .pid = walk->pid, .tid = tid};

	errno = 0;
	thread.net = read_inode(from, net, "net");
	walk->hidden |= errno == EACCES || errno == EPERM;
	if (!thread.net)
		return; /* over, or on its way */
	thread.mnt = read_inode(from, mnt, "mnt");
	walk->visitor->thread(&thread, walk->visitor->arg);
}

static void visit_task(int tid, const char *name, void *arg)
{
	struct walk *walk = arg;
	char net[NAME_MAX + sizeof("/ns/net")], mnt[NAME_MAX + sizeof("/ns/mnt")];

	snprintf(net, sizeof(net), "%s/ns/net", name);
	snprintf(mnt, sizeof(mnt), "%s/ns/mnt", name);
	visit_thread(walk, tid, walk->listed, net, mnt);
}

static void visit_threads(struct walk *walk)
{
	struct stat st;

	/* A directory has two links and one for each directory in it: here, for each thread. */
	if (fstatat(walk->directory, "task", &st, 0) == 0 && st.st_nlink <= 3) {
		visit_thread(walk, walk->pid, walk->directory, "ns/net", "ns/mnt");
		return;
	}
	walk->listed = openat(walk->directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk->listed < 0) {
		note_failure(walk);
		return;
	}
	each_number(walk->listed, visit_task, walk);
	close(walk->listed);
}

/*
 * Not by what the link says: where a pin was opened, that is the path of the pin. A file system
 * that does not answer must not be waited for.
 */
static void visit_descriptor(int number, const char *name, void *arg)
{
	struct walk *walk = arg;
	struct statx file;

	if (statx(walk->listed, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO,
		    &file) == 0)
		walk->visitor->descriptor(walk->pid, number, &file, walk->visitor->arg);
}

static void visit_descriptors(struct walk *walk)
{
	walk->listed = openat(walk->directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk->listed < 0) {
		note_failure(walk);
		return;
	}
	each_number(walk->listed, visit_descriptor, walk);
	close(walk->listed);
}

static void visit_process(int pid, const char *name, void *arg)
{
	const struct walk *proc = arg;
	struct walk walk = {.visitor = proc->visitor, .pid = pid};

	/* all that follows is of this process, though its number be given again meanwhile */
	walk.directory = openat(proc->listed, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk.directory < 0) {
		note_failure(&walk);
		return;
	}
	visit_threads(&walk);
	visit_descriptors(&walk);
	close(walk.directory);
	walk.visitor->hidden += walk.hidden;
}

int procfs_visit(struct procfs_visitor *visitor)
{
	struct walk proc = {.visitor = visitor};
	int r;

	proc.listed = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc.listed < 0)
		return -errno;
	r = each_number(proc.listed, visit_process, &proc);
	close(proc.listed);
	return r < 0 ? r : -visitor->lacking;
}

/* Without what is blank at its end; zero bytes become blanks. NULL: there is nothing. */
static char *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buffer[4096];
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	while (n > 0 && (buffer[n - 1] == '\0' || isspace((unsigned char)buffer[n - 1])))
		n--;
	if (n <= 0)
		return NULL;
	for (ssize_t i = 0; i < n; i++)
		if (buffer[i] == '\0')
			buffer[i] = ' ';
	buffer[n] = '\0';
	return need(strdup(buffer));
}

char *procfs_command(pid_t pid)
{
	char path[64], *command;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	command = read_file(path);
	if (command)
		return command;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	return read_file(path);
}

char *procfs_link(pid_t pid, const char *link)
{
	char path[64], target[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, link);
	n = readlink(path, target, sizeof(target));
	return n < 0 ? NULL : need(strndup(target, (size_t)n));
}

const char *procfs_user(pid_t pid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return stat(path, &st) < 0 ? NULL : user_name(st.st_uid);
}

char *procfs_short_command(pid_t pid)
{
	char *command = procfs_command(pid), *slash, *answer;

	if (!command)
		return need(strdup("?"));
	command[strcspn(command, " ")] = '\0';
	slash = strrchr(command, '/');
	answer = need(strdup(slash && slash[1] ? slash + 1 : command));
	free(command);
	return answer;
}
