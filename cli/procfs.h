/* SPDX-License-Identifier: MIT */
/* All processes: the namespaces of their threads, and what they have open. One pass over /proc. */
#ifndef PROCFS_H
#define PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct procfs_thread {
	int directory; /* /proc/PID */
	pid_t pid;
	pid_t tid;
	uint64_t net; /* the inode of its network namespace; 0: none any more */
	uint64_t mnt; /* of its mount namespace; 0: unknown */
};

struct procfs_visitor {
	/* Those of one process come one after the other, and then its descriptors. */
	void (*thread)(const struct procfs_thread *thread, void *arg);
	void (*descriptor)(pid_t pid, int fd, const struct statx *file, void *arg);
	void *arg;
	size_t hidden; /* processes that the caller may not look into */
	int lacking; /* 0, or the errno by which one was passed over though it may be looked into */
};

/* 0 or a negative errno, also of what was lacking. A process that goes meanwhile may or may not be seen. */
int procfs_visit(struct procfs_visitor *visitor);

/* The inode in "net:[4026531840]", when kind is "net"; else 0. */
uint64_t procfs_inode(const char *link, const char *kind);

/*
 * Whether a process is where process 1 is, also where neither lets the caller look at its namespaces:
 * the files below /proc/PID/net, which all may see, are others in each. 0: the calling thread.
 */
bool procfs_is_with_1(pid_t pid);

/* All of these are NULL if it is gone by now, or hidden. */
char *procfs_command(pid_t pid);                /* with its arguments; to be freed */
char *procfs_link(pid_t pid, const char *link); /* what a link in /proc/PID says; to be freed */
const char *procfs_user(pid_t pid);             /* who it runs as */
/* Its first word, without the directory; "?" if gone. To be freed. */
char *procfs_short_command(pid_t pid);

#endif
