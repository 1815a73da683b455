/* SPDX-License-Identifier: MIT */
/* One function in many namespaces. */
#include <stdatomic.h>

#include "raw.h"

enum { N = 20 };

#define OPTS(...) (&(struct netns_visit_opts){.size = sizeof(struct netns_visit_opts), __VA_ARGS__})

struct seen {
	struct netns *ns[N];
	uint64_t cookies[N];
	atomic_uint calls;
	int fail_at;
};

static void make(struct seen *seen)
{
	*seen = (struct seen){.fail_at = -1};
	for (int i = 0; i < N; i++) {
		seen->ns[i] = new_ns();
		seen->cookies[i] = cookie_of(seen->ns[i]);
	}
}

static void drop(struct seen *seen)
{
	for (int i = 0; i < N; i++)
		netns_free(seen->ns[i]);
}

static int look(struct netns *ns, size_t i, void *arg)
{
	struct seen *seen = arg;

	CHECK(ns == seen->ns[i]);
	CHECK(where() == seen->cookies[i]);
	atomic_fetch_add(&seen->calls, 1);
	return (int)i == seen->fail_at ? 42 : 0;
}

static void each_is_visited(void)
{
	struct seen seen;
	uint64_t before = where();

	make(&seen);
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, NULL), 0);
	CHECK_EQ(seen.calls, N);
	CHECK(where() == before);
	CHECK_EQ(netns_visit(seen.ns, 0, look, &seen, NULL), 0);
	CHECK_EQ(netns_visit(NULL, 0, look, &seen, NULL), 0);
	drop(&seen);
}

static void the_first_failure_ends_it(void)
{
	struct seen seen;
	uint64_t before = where();

	make(&seen);
	seen.fail_at = 7;
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, NULL), 42);
	CHECK_EQ(seen.calls, 8);
	CHECK(where() == before);
	drop(&seen);
}

static void all_results(void)
{
	struct seen seen;
	uint64_t before = where();
	int results[N];

	make(&seen);
	seen.fail_at = 7;
	CHECK_EQ(netns_close(seen.ns[9]), 0);
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.results = results)), 42);
	CHECK_EQ(seen.calls, N - 1);
	for (int i = 0; i < N; i++)
		CHECK_EQ(results[i], i == 7 ? 42 : i == 9 ? -EBADF : 0);
	CHECK(where() == before);
	drop(&seen);
}

static void with_a_known_home(void)
{
	struct seen seen;
	uint64_t before = where();
	struct netns *home, *elsewhere = new_ns();

	CHECK_EQ(netns_open_current(&home), 0);
	make(&seen);
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.home = home)), 0);
	CHECK(where() == before);
	CHECK_EQ(netns_close(elsewhere), 0);
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.home = elsewhere)), -EBADF);
	CHECK_EQ(seen.calls, N);
	netns_free(elsewhere);
	netns_free(home);
	drop(&seen);
}

static void on_threads(void)
{
	struct seen seen;
	uint64_t before = where();
	int results[N];

	make(&seen);
	for (unsigned threads = 2; threads <= 8; threads += 3) {
		seen.calls = 0;
		CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.threads = threads)), 0);
		CHECK_EQ(seen.calls, N);
	}
	seen.fail_at = 7;
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.threads = 3)), 42);
	seen.calls = 0;
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.threads = 3, .results = results)), 42);
	CHECK_EQ(seen.calls, N);
	CHECK_EQ(results[7], 42);
	CHECK_EQ(results[8], 0);
	CHECK(where() == before);
	drop(&seen);
}

static int wander(struct netns *ns, size_t i, void *arg)
{
	struct seen *seen = arg;

	(void)ns;
	return netns_set(seen->ns[(i + 5) % N]);
}

static void a_function_that_moves(void)
{
	struct seen seen;
	uint64_t before = where();

	make(&seen);
	CHECK_EQ(netns_visit(seen.ns, N, wander, &seen, NULL), 0);
	CHECK(where() == before);
	drop(&seen);
}

struct cancelled {
	struct seen *seen;
	uint64_t after;
};

static void note_where(void *arg)
{
	*(uint64_t *)arg = where();
}

static int be_cancelled(struct netns *ns, size_t i, void *arg)
{
	(void)ns;
	(void)i;
	(void)arg;
	pthread_cancel(pthread_self());
	pthread_testcancel();
	return 0;
}

static void *visit_and_be_cancelled(void *arg)
{
	struct cancelled *cancelled = arg;

	pthread_cleanup_push(note_where, &cancelled->after);
	netns_visit(cancelled->seen->ns, N, be_cancelled, NULL, NULL);
	pthread_cleanup_pop(0);
	return NULL;
}

static void a_cancelled_thread_comes_home(void)
{
	struct seen seen;
	struct cancelled cancelled = {.seen = &seen};
	uint64_t before = where();
	pthread_t thread;

	make(&seen);
	CHECK(pthread_create(&thread, NULL, visit_and_be_cancelled, &cancelled) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(cancelled.after == before);
	drop(&seen);
}

static int end_thread(struct netns *ns, size_t i, void *arg)
{
	look(ns, i, arg);
	if (i == 3)
		pthread_exit(NULL);
	return 0;
}

static void a_function_that_ends_its_thread(void)
{
	struct seen seen;
	int results[N];

	make(&seen);
	CHECK_EQ(netns_visit(seen.ns, N, end_thread, &seen, OPTS(.threads = 3)), -ECANCELED);
	CHECK_EQ(netns_visit(seen.ns, N, end_thread, &seen, OPTS(.threads = 3, .results = results)),
		-ECANCELED);
	CHECK_EQ(results[0], 0);
	CHECK_EQ(results[3], -ECANCELED);
	drop(&seen);
}

static void bad_arguments_are_refused(void)
{
	struct seen seen;

	make(&seen);
	CHECK_EQ(netns_visit(seen.ns, N, NULL, NULL, NULL), -EINVAL);
	CHECK_EQ(netns_visit(NULL, N, look, &seen, NULL), -EINVAL);
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, &(struct netns_visit_opts){0}), -EINVAL);
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.reserved = 1)), -EINVAL);
	CHECK_EQ(seen.calls, 0);
	drop(&seen);
}

static void without_privileges(void)
{
	struct seen seen;
	int results[N];

	make(&seen);
	drop_privileges();
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.threads = 2)), -EPERM);
	CHECK_MSG("setns");
	CHECK_EQ(netns_visit(seen.ns, N, look, &seen, OPTS(.threads = 2, .results = results)),
		-EPERM);
	CHECK_EQ(seen.calls, 0);
	drop(&seen);
}

TEST_MAIN({"each_is_visited", each_is_visited, NEED_ROOT, 0},
	{"the_first_failure_ends_it", the_first_failure_ends_it, NEED_ROOT, 0},
	{"all_results", all_results, NEED_ROOT, 0},
	{"with_a_known_home", with_a_known_home, NEED_ROOT, 0},
	{"on_threads", on_threads, NEED_ROOT, 0},
	{"a_function_that_moves", a_function_that_moves, NEED_ROOT, 0},
	{"a_cancelled_thread_comes_home", a_cancelled_thread_comes_home, NEED_ROOT, 0},
	{"a_function_that_ends_its_thread", a_function_that_ends_its_thread, NEED_ROOT, 0},
	{"bad_arguments_are_refused", bad_arguments_are_refused, NEED_ROOT, 0},
	{"without_privileges", without_privileges, NEED_ROOT, 0})
