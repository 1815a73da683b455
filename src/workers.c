/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "netns.h"
#include "workers.h"

/* More gain nothing: what they do, the kernel does under locks of its own. */
enum { MOST_BY_DEFAULT = 4, MOST = 64 };

struct crew {
	const struct work *work;
	pthread_mutex_t lock;
	pthread_cond_t something;
	size_t next, done;
	unsigned at_work;
	int answer;
	bool stopped;
	char *message; /* of the answer, when it is an error */
};

static bool take_next(struct crew *crew, size_t *ret)
{
	bool more;

	pthread_mutex_lock(&crew->lock);
	more = !crew->stopped && crew->next < crew->work->n;
	if (more)
		*ret = crew->next++;
	pthread_mutex_unlock(&crew->lock);
	return more;
}

static void stop_with(struct crew *crew, int answer)
{
	if (!crew->stopped)
		crew->answer = answer;
	crew->stopped = true;
}

struct worker {
	struct crew *crew;
	bool busy;
};

/* Also when what it does ends its thread (pthread_exit(3), cancellation): somebody waits for it. */
static void leave_crew(struct worker *worker)
{
	struct crew *crew = worker->crew;

	pthread_mutex_lock(&crew->lock);
	crew->at_work--;
	if (worker->busy)
		stop_with(crew, -ECANCELED);
	pthread_cond_signal(&crew->something);
	pthread_mutex_unlock(&crew->lock);
}

static void *be_worker(void *arg)
{
	struct worker CLEANUP(leave_crew) worker = {.crew = arg};
	struct crew *crew = arg;
	size_t i;

	while (take_next(crew, &i)) {
		int r;

		worker.busy = true;
		r = crew->work->do_one(i, crew->work->arg);
		worker.busy = false;

		pthread_mutex_lock(&crew->lock);
		crew->done++;
		if (r < 0 && !crew->stopped)
			crew->message = strdup(netns_errmsg());
		if (r != 0)
			stop_with(crew, r);
		pthread_cond_signal(&crew->something);
		pthread_mutex_unlock(&crew->lock);
	}
	return NULL;
}

/* With the lock held, which is given up while the caller's function runs. */
static void tell_progress(struct crew *crew)
{
	const struct work *work = crew->work;
	size_t done = crew->done;
	int r;

	if (!work->progress)
		return;
	pthread_mutex_unlock(&crew->lock);
	r = work->progress(done, work->n, work->progress_arg);
	pthread_mutex_lock(&crew->lock);
	if (r != 0)
		stop_with(crew, ECANCELED);
}

static void oversee(struct crew *crew)
{
	size_t told = (size_t)-1;

	pthread_mutex_lock(&crew->lock);
	while (crew->at_work > 0) {
		if (crew->done == told)
			pthread_cond_wait(&crew->something, &crew->lock);
		told = crew->done;
		tell_progress(crew);
	}
	if (crew->done != told)
		tell_progress(crew);
	pthread_mutex_unlock(&crew->lock);
}

static unsigned how_many(const struct work *work)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = work->threads;

	if (n == 0)
		n = processors < 1                 ? 1
		    : processors > MOST_BY_DEFAULT ? MOST_BY_DEFAULT
						   : (unsigned)processors;
	if (n > MOST)
		n = MOST;
	return n < work->n ? n : (unsigned)work->n;
}

int workers_run(const struct work *work)
{
	struct crew crew = {.work = work,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.something = PTHREAD_COND_INITIALIZER};
	unsigned wanted = how_many(work), n = 0;
	pthread_t threads[MOST];
	sigset_t all, before;
	int r = 0, cancel;

	if (work->n == 0)
		return 0;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	crew.at_work = wanted;
	while (n < wanted && (r = pthread_create(&threads[n], NULL, be_worker, &crew)) == 0)
		n++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	/* fewer than wanted will do */
	pthread_mutex_lock(&crew.lock);
	crew.at_work -= wanted - n;
	pthread_mutex_unlock(&crew.lock);

	if (n > 0)
		oversee(&crew);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_setcancelstate(cancel, NULL);
	/* what it was is on another thread's mind, and that is gone */
	if (crew.message)
		error_text(crew.answer, "%s", crew.message);
	free(crew.message);
	if (n > 0)
		return crew.answer;
	return error_advise(error_errno(-r, "make a thread"), advice_on_thread(-r));
}
