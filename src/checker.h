/* SPDX-License-Identifier: MIT */
/*
 * Is a tool watching that knows of pthread_create() and fork() only? Under valgrind and
 * ThreadSanitizer other uses of clone(2) are refused or taken for a fork.
 */
#ifndef CHECKER_H
#define CHECKER_H

#include <stdbool.h>

#ifdef HAVE_VALGRIND_H
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

/* There in a program that is built with ThreadSanitizer, which the library itself need not be. */
extern void __tsan_init(void) __attribute__((weak));

static inline bool checker_watches(void)
{
	return RUNNING_ON_VALGRIND || __tsan_init;
}

#endif
