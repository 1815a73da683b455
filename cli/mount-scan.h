/* SPDX-License-Identifier: MIT */
/*
 * The network namespaces that are mounted in the mount namespaces of others.
 *
 * One that gets mounts from the caller's, as that of a service does, has each of the caller's pins
 * once more. Those are known by their peer group, without the kernel having to write a line for each,
 * on Linux 6.11 and newer; and whoever wants no more than that they are there gets no list of them.
 */
#ifndef MOUNT_SCAN_H
#define MOUNT_SCAN_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "number-map.h"

/* A mount namespace, and a thread that is in it. */
struct mount_reader {
	pid_t pid;
	pid_t tid;
	uint64_t mnt; /* its inode */
};

struct mount_found {
	size_t reader;
	uint64_t inode; /* of the network namespace */
	char *path;     /* to be freed */
};

struct mount_scan {
	struct mount_reader *readers;
	size_t n_readers;
	/* What is known already: numbers from 1 to n_known, by inodes and by peer groups. */
	struct map inodes;
	struct map groups;
	size_t n_known;
	/* The answers: 1 + the first reader that has it, for each that is known; and all else. */
	size_t *first;
	struct mount_found *found;
	size_t n_found;
	int lacking; /* 0, or the errno by which one was passed over though it is there */
	/* of the threads */
	size_t next;
	pthread_mutex_t lock;
};

/* In groups: is of some other kind. */
#define NOT_OF_NETWORK SIZE_MAX

void scan_add_reader(struct mount_scan *scan, const struct mount_reader *reader);
void scan_mounts(struct mount_scan *scan); /* the answers are in the order of the readers */
void scan_free(struct mount_scan *scan);

#endif
