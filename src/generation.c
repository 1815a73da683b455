/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "generation.h"

/* The kernel zeroes the page that this is in for a child: madvise(2), MADV_WIPEONFORK, Linux 4.14. */
static unsigned *current;
static unsigned last;

static void make_page(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return;
	if (madvise(page, size, MADV_WIPEONFORK) < 0)
		munmap(page, size);
	else
		current = page;
}

unsigned generation_here(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	unsigned now, none = 0;

	pthread_once(&once, make_page);
	if (!current)
		return 0;
	now = __atomic_load_n(current, __ATOMIC_ACQUIRE);
	if (now)
		return now;
	now = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
	if (__atomic_compare_exchange_n(
		    current, &none, now, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return now;
	return none;
}
