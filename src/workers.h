/* SPDX-License-Identifier: MIT */
/* One piece of work after the other, on several threads that are gone afterwards. */
#ifndef WORKERS_H
#define WORKERS_H

#include <stddef.h>

struct work {
	/* Does the i-th of n, on one of the threads, which take no signals. Not 0: no more is begun. */
	int (*do_one)(size_t i, void *arg);
	/* Told on the calling thread how many are done; not 0: no more is begun. May be NULL. */
	int (*progress)(size_t done, size_t n, void *arg);
	void *arg, *progress_arg;
	size_t n;
	unsigned threads; /* 0: as many as there are processors, but no more than 4 */
};

/*
 * 0 when all is done; ECANCELED (not negative) when progress ended it; what do_one answered first;
 * -ECANCELED when do_one ended its thread; or a negative errno when no thread could be made at all.
 */
int workers_run(const struct work *work);

#endif
