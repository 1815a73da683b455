/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of network namespaces: got from a path, a process, a pidfd, a socket, and verified.
 *
 * All answer a descriptor or a negative errno and leave the message to the caller, who knows
 * what the user asked for.
 */
#ifndef NSFD_H
#define NSFD_H

#include <stdint.h>
#include <sys/types.h>

/* 0 if fd is a network namespace, -EMEDIUMTYPE if it is something else. */
int nsfd_verify(int fd);

/* flags: those of open(2) that are wanted beside the usual, such as O_NOFOLLOW. */
int nsfd_open(int dirfd, const char *path, int flags);

/* The same, not verified yet. -EMEDIUMTYPE: of a kind that cannot be opened. */
int nsfd_open_any(int dirfd, const char *path, int flags);

/* -ESRCH: no such process or thread, or a zombie. -ENOENT: no /proc, which is needed here. */
int nsfd_open_pid(pid_t pid);

/* -ENOTTY: fd is no pidfd. */
int nsfd_open_pidfd(int fd);

/* By the 64-bit id. -ESTALE: no such namespace, or Linux 6.18. -EBADF: Linux before that. */
int nsfd_open_id(uint64_t id);

/* -ENOTTY: fd is no socket. */
int nsfd_open_socket(int fd);

/* Of the calling thread, without what here.h remembers: by /proc, or by a socket without it. */
int nsfd_open_thread(void);

#endif
