/* SPDX-License-Identifier: MIT */
/*
 * Variables that clean up after themselves at the end of their block, also when a C++ exception
 * or a cancellation passes (the library is built with -fexceptions).
 */
#ifndef CLEANUP_H
#define CLEANUP_H

#include <stdlib.h>

#include "kernel.h"

#define CLEANUP(function) __attribute__((cleanup(function)))

/* A descriptor; -1 is none. */
#define CLEANUP_FD CLEANUP(cleanup_fd)

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		sys_close(*fd);
}

/* Hands a descriptor over: the variable holds none afterwards. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

/* Hands a pointer over: the variable is NULL afterwards. */
#define TAKE_PTR(ptr)                                                                              \
	({                                                                                         \
		__typeof__(ptr) taken_ = (ptr);                                                    \
		(ptr) = NULL;                                                                      \
		taken_;                                                                            \
	})

#endif
