/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "generation.h"
#include "kernel.h"
#include "netns.h"
#include "owner.h"

/* Not stdio's, which has cancellation points. A file of /proc comes whole. */
static int read_file(const char *path, char *buffer, size_t size)
{
	int CLEANUP_FD fd = sys_open(path, O_RDONLY);
	long n;

	if (fd < 0)
		return fd;
	n = syscall(SYS_read, fd, buffer, size - 1);
	if (n < 0)
		return -errno;
	buffer[n] = '\0';
	return 0;
}

/* What is asked for of /proc/PID/stat. */
struct process {
	pid_t pid;
	char state;
	int threads;
	uint64_t start;
};

/* The second word, in parentheses, may hold anything. */
static int read_process(const char *path, struct process *ret)
{
	char stat[1024];
	const char *rest;
	int r = read_file(path, stat, sizeof(stat));

	if (r < 0)
		return r;
	rest = strrchr(stat, ')');
	if (!rest || sscanf(stat, "%d", &ret->pid) != 1 ||
		sscanf(rest,
			") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d"
			" %*d %*d %d %*d %" SCNu64,
			&ret->state, &ret->threads, &ret->start) != 3)
		return -EIO;
	return 0;
}

/* A zombie that has other threads is one whose first thread has ended before them. */
static bool is_alive(const struct process *process)
{
	return process->state != 'X' && (process->state != 'Z' || process->threads > 1);
}

static uint64_t inode_number(const char *path)
{
	struct statx stx;

	return statx(AT_FDCWD, path, 0, STATX_INO, &stx) == 0 ? stx.stx_ino : 0;
}

/*
 * One above this process's has it by another number, which can happen to be the same. It tells all
 * of them: Linux 4.1, built with pid namespaces.
 */
static int check_proc(pid_t self)
{
	char status[4096], *numbers, *end;
	int r = self == getpid() ? 0 : -ENOENT;

	if (r == 0)
		r = read_file("/proc/self/status", status, sizeof(status));
	numbers = r == 0 ? strstr(status, "\nNSpid:\t") : NULL;
	if (!numbers)
		return r;
	strtol(numbers + strlen("\nNSpid:\t"), &end, 10);
	return *end == '\t' ? -ENOENT : 0;
}

static int read_owner(struct owner *ret)
{
	struct process self;
	struct statx pid_ns;
	int r = read_process("/proc/self/stat", &self);

	if (r == 0)
		r = check_proc(self.pid);
	if (r < 0)
		return r;
	if (statx(AT_FDCWD, "/proc/thread-self/ns/pid", 0, STATX_INO, &pid_ns) < 0)
		return -errno;
	*ret = (struct owner){.pid = self.pid,
		.start = self.start,
		.pid_ns = pid_ns.stx_ino,
		/* Linux 5.6; before, there was one only */
		.time_ns = inode_number("/proc/thread-self/ns/time")};
	return read_file("/proc/sys/kernel/random/boot_id", ret->boot, sizeof(ret->boot));
}

/* Asked for once by each thread that makes names, and anew in the child of a fork. */
int owner_here(const struct owner **ret)
{
	static _Thread_local struct owner kept;
	static _Thread_local unsigned generation;
	unsigned now = generation_here();
	int r = now && now == generation ? 0 : read_owner(&kept);

	generation = r == 0 ? now : 0;
	*ret = &kept;
	return r;
}

/* What this /proc does not show may be there all the same: one that is mounted with hidepid. */
static int look_for(pid_t pid, struct process *ret)
{
	char path[32];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	r = read_process(path, ret);
	if (r != -ENOENT)
		return r;
	return syscall(SYS_kill, pid, 0) < 0 && errno == ESRCH ? -ESRCH : -EACCES;
}

int owner_state(const struct owner *owner)
{
	struct process process;
	struct owner self;
	int r = read_owner(&self);

	/* No pin outlives a boot: where two are told, one of them is a container's. */
	if (r < 0 || owner->pid_ns != self.pid_ns || owner->time_ns != self.time_ns ||
		strcmp(owner->boot, self.boot) != 0)
		return NETNS_LEASE_UNKNOWN;
	r = look_for(owner->pid, &process);
	if (r < 0 && r != -ESRCH)
		return NETNS_LEASE_UNKNOWN;
	return r == 0 && is_alive(&process) && process.start == owner->start ? NETNS_LEASE_HELD
									     : NETNS_LEASE_ORPHANED;
}
