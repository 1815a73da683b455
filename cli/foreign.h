/* SPDX-License-Identifier: MIT */
/* Descriptors of other processes. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include <stdint.h>
#include <sys/types.h>

/* A process, of which several descriptors are wanted. Begins as {.pidfd = -1}. */
struct foreign {
	pid_t pid;
	int pidfd;
};

/* A copy of a descriptor; a negative errno. Linux 5.6, and the right to trace the process. */
int foreign_open(struct foreign *foreign, pid_t pid, int fd);
void foreign_close(struct foreign *foreign);

/* What SO_NETNS_COOKIE says of a socket: the 64-bit id of its namespace; 0: unknown. */
uint64_t foreign_cookie(int sock);

#endif
