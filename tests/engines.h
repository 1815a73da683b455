/* SPDX-License-Identifier: MIT */
/* The state files of container engines, as those write them. */
#ifndef TESTS_ENGINES_H
#define TESTS_ENGINES_H

#include <sys/types.h>

/* Ids have 64 digits. */
#define DIGITS60 "0000111122223333444455556666777788889999aaaabbbbccccddddeeee"
#define ID_A     "aaaa" DIGITS60
#define ID_B     "aabb" DIGITS60
#define ID_C     "cccc" DIGITS60

/* Any file, with the directories above. */
void put(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Of a process, as the runtimes note it. */
unsigned long long start_time(pid_t pid);

void put_docker(const char *data, const char *id, const char *name, const char *sandbox);
void put_runc(const char *directory, const char *id, pid_t pid, unsigned long long start);
void put_crun(const char *directory, const char *id, pid_t pid, unsigned long long start);

/* A list of two, ID_C and ID_A, the second with two names. */
void put_podman_list(const char *path);
void put_podman_config(const char *directory, const char *id, const char *network);

#endif
