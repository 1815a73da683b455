/* SPDX-License-Identifier: MIT */
/* The same by bare system calls: no more than the kernel asks for. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

void bare_pin_new(const char *path);  /* leaves the calling thread in the new namespace */
void bare_pin_born(const char *path); /* of a thread that is made for it; the caller stays */
void bare_unpin(const char *path);

#endif
