/* SPDX-License-Identifier: MIT */
/*
 * Namespaces made in advance. What is ready is held by descriptors only: when the process dies,
 * the kernel ends it, and there is nothing to find.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "advice.h"
#include "birth.h"
#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "lease.h"
#include "options.h"
#include "pin.h"
#include "rundir.h"

#define NS_PER_S 1000000000L

/* A namespace that nobody has been in but its prepare function. */
struct ready {
	int fd;
	int detached; /* its mount, so that only attaching it is left; negative: to be made */
	char *lease;  /* for a name that goes with the process; NULL: no memory for it */
};

#define NOT_READY                                                                                  \
	{                                                                                          \
		.fd = -1, .detached = -1                                                           \
	}

struct netns_pool {
	struct netns_pool_opts opts;
	pthread_t thread;
	pid_t pid; /* the thread is this process's only */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	bool filling; /* the thread makes more until all are ready */
	size_t n;
	struct netns_pool_counts counts;
	char *why;  /* the last attempt of the thread failed; NULL: it did not, or no memory */
	int *spent; /* n_spent of opts.ready: mounts that nobody needs, for the thread to close */
	size_t n_spent;
	struct ready ready[]; /* n of opts.ready */
};

static int make_ready(const struct netns_pool *pool, struct ready *ret)
{
	int CLEANUP_FD fd = birth_netns(NULL, pool->opts.flags & NETNS_CREATE_LO_UP);
	char lease[LEASE_SIZE];
	int r;

	if (fd < 0)
		return fd;
	if (pool->opts.prepare) {
		struct netns ns = {.fd = fd, .borrows_fd = true};

		/* A thread that it ends, or leaves somewhere else, is its own. */
		r = netns_do_thread(&ns, pool->opts.prepare, pool->opts.arg);
		if (r != 0)
			return r < 0 ? r : error_text(-ECANCELED, "pool: prepare answered %d", r);
	}
	r = pin_detached(fd);
	if (r < 0 && r != -ENOSYS)
		return error_errno(r, "pool: prepare a mount");
	ret->detached = r;
	lease_compose(lease, fd);
	ret->lease = strdup(lease);
	ret->fd = TAKE_FD(fd);
	return 0;
}

static void drop_ready(struct ready *ready)
{
	cleanup_fd(&ready->detached);
	cleanup_fd(&ready->fd);
	free(ready->lease);
}

/*
 * With the lock held. There may be no room: what goes back comes while the one in its place is
 * being made. Then the caller's variable still has it.
 */
static void keep_ready(struct netns_pool *pool, struct ready *ready)
{
	if (pool->n >= pool->opts.ready)
		return;
	pool->ready[pool->n++] = *ready;
	*ready = (struct ready)NOT_READY;
}

/* ---- the thread that refills it ---- */

/*
 * With the lock held, but not meanwhile: to close a mount that was never attached takes the kernel
 * as long as to make a namespace.
 */
static void close_spent(struct netns_pool *pool)
{
	while (pool->n_spent > 0) {
		int fd = pool->spent[--pool->n_spent];

		pthread_mutex_unlock(&pool->lock);
		sys_close(fd);
		pthread_mutex_lock(&pool->lock);
	}
}

/* With the lock held. False when it is to end. */
static bool wait_for_need(struct netns_pool *pool)
{
	close_spent(pool);
	if (pool->n >= pool->opts.ready)
		pool->filling = false;
	while (!pool->stop && !pool->filling) {
		pthread_cond_wait(&pool->changed, &pool->lock);
		close_spent(pool);
	}
	return !pool->stop;
}

/*
 * With the lock held: whether the thread is to be woken. To wake it takes as long as to take a
 * namespace, so it sleeps until a quarter is gone.
 */
static bool needs_filling(struct netns_pool *pool)
{
	if (pool->filling || pool->n + pool->opts.ready / 4 >= pool->opts.ready)
		return false;
	pool->filling = true;
	return true;
}

/* The rate is bounded so that a refill does not take the machine from those who work. */
static void pause_between(struct netns_pool *pool, bool failed)
{
	struct timespec until;
	long pause = failed ? NS_PER_S : pool->opts.rate ? NS_PER_S / (long)pool->opts.rate : 0;

	if (pause == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (until.tv_nsec + pause) / NS_PER_S;
	until.tv_nsec = (until.tv_nsec + pause) % NS_PER_S;
	while (!pool->stop && pthread_cond_timedwait(&pool->changed, &pool->lock, &until) == 0)
		close_spent(pool);
}

/* With the lock held. Why it failed is on the thread's mind, and netns_pool_wait() tells it. */
static void count_attempt(struct netns_pool *pool, int r)
{
	free(pool->why);
	pool->why = r < 0 ? strdup(netns_errmsg()) : NULL;
	if (r == 0) {
		pool->counts.made++;
	} else {
		pool->counts.failed++;
		pool->counts.last_error = r;
	}
}

static void *refill(void *arg)
{
	struct netns_pool *pool = arg;

	/* Being woken, it does not take the processor from who woke it. */
	if (sched_getscheduler(0) == SCHED_OTHER)
		sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0});
	pthread_mutex_lock(&pool->lock);
	while (wait_for_need(pool)) {
		struct ready made = NOT_READY;
		int r;

		pthread_mutex_unlock(&pool->lock);
		r = make_ready(pool, &made);
		pthread_mutex_lock(&pool->lock);
		if (r == 0)
			keep_ready(pool, &made);
		count_attempt(pool, r);
		pthread_cond_broadcast(&pool->changed);
		drop_ready(&made);
		pause_between(pool, r < 0);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static int start_thread(struct netns_pool *pool)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&pool->thread, NULL, refill, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0)
		return 0;
	return error_advise(error_errno(-r, "pool: make its thread"), advice_on_thread(-r));
}

/* ---- the pool ---- */

static void make_condition(struct netns_pool *pool)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&pool->lock, NULL);
}

static int check_opts(const struct netns_pool_opts *opts)
{
	if (opts->flags & ~NETNS_CREATE_LO_UP || opts->reserved)
		return error_text(-EINVAL, "pool: unknown flags 0x%x", opts->flags);
	if (opts->ready == 0 || opts->ready > 65536)
		return error_text(
			-EINVAL, "pool: %u are to be ready; 1 to 65536 can be", opts->ready);
	return 0;
}

static void deallocate(struct netns_pool *pool)
{
	free(pool->why);
	free(pool->spent);
	free(pool);
}

static struct netns_pool *allocate(const struct netns_pool_opts *opts)
{
	struct netns_pool *pool = calloc(1, sizeof(*pool) + opts->ready * sizeof(struct ready));
	int *spent = calloc(opts->ready, sizeof(*spent));

	if (!pool || !spent) {
		free(spent);
		free(pool);
		return NULL;
	}
	pool->opts = *opts;
	pool->pid = getpid();
	pool->filling = true;
	pool->spent = spent;
	return pool;
}

int netns_pool_new(const struct netns_pool_opts *given, struct netns_pool **ret)
{
	struct netns_pool_opts opts = {.size = sizeof(opts)};
	struct netns_pool *pool;
	int r;

	if (!given || !ret)
		return error_null(given ? "the pool" : "the options");
	r = options_read(given, &opts, sizeof(opts), "pool");
	if (r == 0)
		r = check_opts(&opts);
	if (r < 0)
		return r;
	pool = allocate(&opts);
	if (!pool)
		return error_errno(-ENOMEM, "allocate a pool");
	make_condition(pool);
	r = start_thread(pool);
	if (r < 0) {
		deallocate(pool);
		return r;
	}
	*ret = pool;
	return 0;
}

static int check_pool(const struct netns_pool *pool)
{
	if (!pool)
		return error_null("the pool");
	if (pool->pid != getpid())
		return error_text(-EOWNERDEAD, "pool: of another process, before a fork");
	return 0;
}

int netns_pool_wait(struct netns_pool *pool, unsigned n, unsigned timeout_ms)
{
	struct timespec until;
	int r = check_pool(pool), cancel;

	if (r < 0)
		return r;
	if (n > pool->opts.ready)
		n = pool->opts.ready;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (until.tv_nsec >= NS_PER_S) {
		until.tv_sec++;
		until.tv_nsec -= NS_PER_S;
	}
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_mutex_lock(&pool->lock);
	if (pool->n < n && !pool->filling) {
		pool->filling = true;
		pthread_cond_broadcast(&pool->changed);
	}
	while (pool->n < n && r == 0)
		r = pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
	r = pool->n >= n ? 0
			 : error_text(-ETIMEDOUT, "pool: not %u ready after %u ms%s%s", n,
				   timeout_ms, pool->why ? ": " : "", pool->why ? pool->why : "");
	pthread_mutex_unlock(&pool->lock);
	pthread_setcancelstate(cancel, NULL);
	return r;
}

/*
 * The one that has waited longest comes last: the newest is in the caches. *wake: to be handed to
 * wake_up() once the caller has what it wants.
 */
static int take_ready(struct netns_pool *pool, struct ready *ret, bool *wake)
{
	bool found;

	pthread_mutex_lock(&pool->lock);
	found = pool->n > 0;
	if (found)
		*ret = pool->ready[--pool->n];
	pool->counts.taken++;
	pool->counts.missed += !found;
	*wake = needs_filling(pool);
	pthread_mutex_unlock(&pool->lock);
	return found ? 0 : make_ready(pool, ret);
}

static void wake_up(struct netns_pool *pool, bool wake)
{
	if (wake)
		pthread_cond_broadcast(&pool->changed);
}

/*
 * The mount of one that gets no name, which would keep the namespace: the thread is woken to close
 * it, unless that may be busy for long.
 */
static void spend(struct netns_pool *pool, struct ready *ready)
{
	pthread_mutex_lock(&pool->lock);
	if (ready->detached >= 0 && !pool->opts.prepare && pool->n_spent < pool->opts.ready)
		pool->spent[pool->n_spent++] = TAKE_FD(ready->detached);
	pthread_mutex_unlock(&pool->lock);
	wake_up(pool, true);
}

int netns_pool_take(struct netns_pool *pool, struct netns **ret)
{
	struct ready ready = NOT_READY;
	struct netns *ns;
	bool wake;
	int r = check_pool(pool);

	if (r < 0 || !ret)
		return r < 0 ? r : error_null("the handle");
	ns = handle_new(NULL);
	if (!ns)
		return error_errno(-ENOMEM, "allocate a handle");
	r = take_ready(pool, &ready, &wake);
	if (r < 0) {
		wake_up(pool, wake);
		free(ns);
		return r;
	}
	spend(pool, &ready);
	ns->fd = TAKE_FD(ready.fd);
	drop_ready(&ready);
	*ret = ns;
	return 0;
}

static int name_it(
	const char *dir, const char *name, unsigned flags, struct ready *ready, struct netns **ret)
{
	struct netns *ns = handle_new_in(dir, name);
	int r;

	if (!ns)
		return error_errno(-ENOMEM, "allocate a handle");
	r = pin_create_from(dir, name, flags & NETNS_CREATE_KEEP ? NULL : ready->lease,
		ready->detached, ready->fd);
	if (r < 0) {
		free(ns);
		return r;
	}
	ns->fd = TAKE_FD(ready->fd);
	ns->owns_pin = !(flags & NETNS_CREATE_KEEP);
	*ret = ns;
	return 0;
}

/* It has not been in anybody's hands, and goes back. */
static void give_back(struct netns_pool *pool, struct ready *ready)
{
	pthread_mutex_lock(&pool->lock);
	keep_ready(pool, ready);
	pthread_mutex_unlock(&pool->lock);
	drop_ready(ready);
}

int netns_pool_take_named(struct netns_pool *pool, const char *dir, const char *name,
	unsigned flags, struct netns **ret)
{
	struct ready ready = NOT_READY;
	bool wake;
	int r = check_pool(pool);

	if (r == 0)
		r = rundir_check(&dir, name);
	if (r < 0 || !ret)
		return r < 0 ? r : error_null("the handle");
	if (flags & ~NETNS_CREATE_KEEP)
		return error_text(-EINVAL, "take %s: unknown flags 0x%x", name, flags);
	r = take_ready(pool, &ready, &wake);
	if (r == 0) {
		r = name_it(dir, name, flags, &ready, ret);
		if (r < 0)
			give_back(pool, &ready);
		drop_ready(&ready);
	}
	wake_up(pool, wake);
	return r;
}

int netns_pool_get_counts(struct netns_pool *pool, struct netns_pool_counts *ret)
{
	int r = check_pool(pool);

	if (r < 0 || !ret)
		return r < 0 ? r : error_null("the counts");
	pthread_mutex_lock(&pool->lock);
	*ret = pool->counts;
	ret->ready = pool->n;
	pthread_mutex_unlock(&pool->lock);
	return 0;
}

static void stop_thread(struct netns_pool *pool)
{
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	pthread_join(pool->thread, NULL);
	pthread_setcancelstate(cancel, NULL);
}

/*
 * fork(2) copies the descriptors before the memory: what the thread made in between is in the
 * child's copy of the pool under a number that is another's there. So the child closes none.
 */
void netns_pool_free(struct netns_pool *pool)
{
	if (!pool)
		return;
	if (pool->pid == getpid()) {
		stop_thread(pool);
		for (size_t i = 0; i < pool->n; i++)
			drop_ready(&pool->ready[i]);
	}
	deallocate(pool);
}
