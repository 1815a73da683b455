/* SPDX-License-Identifier: MIT */
/* Namespaces that are ready before they are wanted. */
#include <inttypes.h>
#include <net/if.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>

#include "raw.h"

#define OPTS(...) (&(struct netns_pool_opts){.size = sizeof(struct netns_pool_opts), __VA_ARGS__})

enum { LONG_MS = 60000 };

static struct netns_pool *new_pool(const struct netns_pool_opts *opts)
{
	struct netns_pool *pool = NULL;

	CHECK_EQ(netns_pool_new(opts, &pool), 0);
	return pool;
}

static struct netns_pool_counts counts_of(struct netns_pool *pool)
{
	struct netns_pool_counts counts;

	CHECK_EQ(netns_pool_get_counts(pool, &counts), 0);
	return counts;
}

static void each_is_new(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 4));
	uint64_t before = where(), seen[12];

	for (size_t i = 0; i < ARRAY_SIZE(seen); i++) {
		struct netns *ns;

		CHECK_EQ(netns_pool_take(pool, &ns), 0);
		CHECK(!netns_get_path(ns));
		seen[i] = cookie_of(ns);
		for (size_t j = 0; j < i; j++)
			CHECK(seen[j] != seen[i]);
		netns_free(ns);
	}
	CHECK(where() == before);
	CHECK_EQ(counts_of(pool).taken, ARRAY_SIZE(seen));
	CHECK_EQ(netns_pool_wait(pool, 4, LONG_MS), 0);
	CHECK_EQ(counts_of(pool).ready, 4);
	netns_pool_free(pool);
}

/* The thread sleeps on until a quarter is gone, but does not keep what is nobody's any more. */
static void what_was_taken_ends(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 8));
	struct netns *ns;
	char id[32];
	int r;

	CHECK_EQ(netns_pool_wait(pool, 8, LONG_MS), 0);
	CHECK_EQ(netns_pool_take(pool, &ns), 0);
	snprintf(id, sizeof(id), "id:%" PRIu64, cookie_of(ns));
	netns_free(ns);
	while ((r = netns_open_spec(id, &ns)) == 0) {
		netns_free(ns);
		usleep(1000);
	}
	CHECK_EQ(r, -ENOENT);
	CHECK_EQ(counts_of(pool).ready, 7);
	CHECK_EQ(counts_of(pool).made, 8);
	CHECK_EQ(netns_pool_wait(pool, 8, LONG_MS), 0);
	CHECK_EQ(counts_of(pool).made, 9);
	netns_pool_free(pool);
}

static void it_fills_up_and_no_further(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 3));
	struct netns *ns;

	CHECK_EQ(netns_pool_wait(pool, 99, LONG_MS), 0);
	CHECK_EQ(counts_of(pool).ready, 3);
	CHECK_EQ(counts_of(pool).made, 3);
	CHECK_EQ(netns_pool_take(pool, &ns), 0);
	CHECK_EQ(counts_of(pool).missed, 0);
	CHECK_EQ(netns_pool_wait(pool, 3, LONG_MS), 0);
	CHECK_EQ(counts_of(pool).made, 4);
	netns_pool_free(pool);
	netns_free(ns);
}

static void under_a_name(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 2));
	struct netns *owned, *kept, *opened;
	struct netns_lease lease;

	CHECK_EQ(netns_pool_wait(pool, 2, LONG_MS), 0);
	CHECK_EQ(netns_pool_take_named(pool, NULL, "owned", 0, &owned), 0);
	CHECK_EQ(netns_pool_take_named(pool, NULL, "kept", NETNS_CREATE_KEEP, &kept), 0);
	CHECK_STR(netns_get_path(owned), run_path("owned"));
	CHECK_EQ(netns_open_name("kept", &opened), 0);
	CHECK_EQ(netns_is_same(opened, kept), 1);
	CHECK_EQ(netns_get_lease(NULL, "owned", &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_HELD);
	CHECK_EQ(netns_get_lease(NULL, "kept", &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_NONE);
	netns_free(opened);
	netns_free(owned);
	netns_free(kept);
	netns_pool_free(pool);
	CHECK(access(run_path("owned"), F_OK) < 0);
	CHECK_EQ(netns_delete(NULL, "kept"), 0);
}

static void a_taken_name_loses_nothing(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 1));
	struct netns *other = create_ns("web", 0), *ns = NULL;

	CHECK_EQ(netns_pool_wait(pool, 1, LONG_MS), 0);
	CHECK_EQ(netns_pool_take_named(pool, NULL, "web", 0, &ns), -EEXIST);
	CHECK(!ns);
	CHECK_EQ(netns_pool_take_named(pool, NULL, "a/b", 0, &ns), -EINVAL);
	CHECK_EQ(netns_pool_take_named(pool, NULL, "x", NETNS_CREATE_UNPINNED, &ns), -EINVAL);
	CHECK_EQ(netns_pool_take_named(pool, NULL, "x", 0, NULL), -EINVAL);
	CHECK_EQ(netns_pool_take(pool, NULL), -EINVAL);
	CHECK_EQ(netns_pool_take(NULL, &ns), -EINVAL);
	netns_free(other);
	netns_pool_free(pool);
}

static int lo_is_up(struct netns *host, void *arg)
{
	struct ifreq request = {.ifr_name = "lo"};
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	(void)host;
	(void)arg;
	r = ioctl(sock, SIOCGIFFLAGS, &request);
	close(sock);
	return r == 0 && request.ifr_flags & IFF_UP;
}

static void loopback_is_up(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 1, .flags = NETNS_CREATE_LO_UP));
	struct netns *ns;

	for (int i = 0; i < 3; i++) {
		CHECK_EQ(netns_pool_take(pool, &ns), 0);
		CHECK_EQ(netns_do(ns, lo_is_up, NULL), 1);
		netns_free(ns);
	}
	netns_pool_free(pool);
}

struct prepared {
	atomic_int calls, fail;
	uint64_t last;
};

static int prepare(struct netns *host, void *arg)
{
	struct prepared *prepared = arg;

	CHECK(netns_get_fd(host) >= 0);
	CHECK(where() != cookie_of(host));
	atomic_fetch_add(&prepared->calls, 1);
	return atomic_load(&prepared->fail);
}

static void each_is_prepared(void)
{
	struct prepared prepared = {0};
	struct netns_pool *pool = new_pool(OPTS(.ready = 2, .prepare = prepare, .arg = &prepared));
	struct netns *ns;

	CHECK_EQ(netns_pool_wait(pool, 2, LONG_MS), 0);
	CHECK_EQ(prepared.calls, 2);
	CHECK_EQ(netns_pool_take(pool, &ns), 0);
	netns_free(ns);
	netns_pool_free(pool);
}

static void what_cannot_be_prepared_is_dropped(void)
{
	struct prepared prepared = {.fail = -EXDEV};
	struct netns_pool *pool = new_pool(OPTS(.ready = 1, .prepare = prepare, .arg = &prepared));
	struct netns *ns;

	CHECK_EQ(netns_pool_wait(pool, 1, 50), -ETIMEDOUT);
	CHECK_EQ(netns_pool_take(pool, &ns), -EXDEV);
	while (counts_of(pool).failed == 0)
		usleep(1000);
	CHECK_EQ(counts_of(pool).last_error, -EXDEV);
	atomic_store(&prepared.fail, 7);
	CHECK_EQ(netns_pool_take(pool, &ns), -ECANCELED);
	CHECK_EQ(counts_of(pool).missed, 2);
	netns_pool_free(pool);
}

static int fail_to_open(struct netns *host, void *arg)
{
	struct netns *ns;

	(void)host;
	(void)arg;
	return netns_open_name("nothing", &ns);
}

static void why_it_cannot_be_prepared(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 1, .prepare = fail_to_open));
	struct netns *ns;

	CHECK_EQ(netns_pool_take(pool, &ns), -ENOENT);
	CHECK_MSG("nothing");
	while (counts_of(pool).failed == 0)
		usleep(1000);
	CHECK_EQ(netns_pool_wait(pool, 1, 1), -ETIMEDOUT);
	CHECK_MSG("nothing");
	netns_pool_free(pool);
}

static int end_thread(struct netns *host, void *arg)
{
	atomic_bool *ends = arg;

	(void)host;
	if (*ends)
		pthread_exit(NULL);
	return 0;
}

/* Its own thread, neither the caller's nor the pool's. */
static void prepare_may_end_its_thread(void)
{
	atomic_bool ends = true;
	struct netns_pool *pool = new_pool(OPTS(.ready = 1, .prepare = end_thread, .arg = &ends));
	struct netns *ns;

	CHECK_EQ(netns_pool_take(pool, &ns), -ECANCELED);
	while (counts_of(pool).failed == 0)
		usleep(1000);
	CHECK_EQ(counts_of(pool).last_error, -ECANCELED);
	ends = false;
	CHECK_EQ(netns_pool_wait(pool, 1, LONG_MS), 0);
	netns_pool_free(pool);
}

static void *take_many(void *arg)
{
	for (int i = 0; i < 20; i++) {
		struct netns *ns;

		CHECK_EQ(netns_pool_take(arg, &ns), 0);
		CHECK(cookie_of(ns) != where());
		netns_free(ns);
	}
	return NULL;
}

static void by_many_threads(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 8));
	pthread_t threads[6];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK(pthread_create(&threads[i], NULL, take_many, pool) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK_EQ(counts_of(pool).taken, 120);
	netns_pool_free(pool);
}

static void fork_and_look(void)
{
	struct netns_pool *pool = new_pool(OPTS(.ready = 2));
	pid_t pid;
	int status;

	CHECK_EQ(netns_pool_wait(pool, 2, LONG_MS), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		struct netns_pool_counts counts;
		struct netns *ns;

		CHECK_EQ(netns_pool_take(pool, &ns), -EOWNERDEAD);
		CHECK_EQ(netns_pool_take_named(pool, NULL, "x", 0, &ns), -EOWNERDEAD);
		CHECK_EQ(netns_pool_wait(pool, 1, 0), -EOWNERDEAD);
		CHECK_EQ(netns_pool_get_counts(pool, &counts), -EOWNERDEAD);
		netns_pool_free(pool);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK_EQ(counts_of(pool).ready, 2);
	netns_pool_free(pool);
}

static void a_child_can_only_free_it(void)
{
	in_lone_child(fork_and_look);
}

static void bad_options_are_refused(void)
{
	struct netns_pool *pool = NULL;

	CHECK_EQ(netns_pool_new(NULL, &pool), -EINVAL);
	CHECK_EQ(netns_pool_new(OPTS(.ready = 1), NULL), -EINVAL);
	CHECK_EQ(netns_pool_new(&(struct netns_pool_opts){.ready = 1}, &pool), -EINVAL);
	CHECK_EQ(netns_pool_new(OPTS(.ready = 0), &pool), -EINVAL);
	CHECK_EQ(netns_pool_new(OPTS(.ready = 70000), &pool), -EINVAL);
	CHECK_EQ(netns_pool_new(OPTS(.ready = 1, .flags = NETNS_CREATE_KEEP), &pool), -EINVAL);
	CHECK_EQ(netns_pool_new(OPTS(.ready = 1, .reserved = 1), &pool), -EINVAL);
	CHECK(!pool);
	netns_pool_free(NULL);
}

struct gate {
	atomic_bool reached, open;
};

/* Holds who comes first, the pool's thread. */
static int wait_at_gate(struct netns *host, void *arg)
{
	struct gate *gate = arg;

	(void)host;
	if (atomic_exchange(&gate->reached, true))
		return 0;
	while (!gate->open)
		usleep(100);
	return 0;
}

/* One goes back while another is made for the only place. */
static void what_goes_back_takes_no_more_room(void)
{
	struct gate gate = {0};
	struct netns_pool *pool = new_pool(OPTS(.ready = 1, .prepare = wait_at_gate, .arg = &gate));
	struct netns *ns = create_ns("taken", 0), *another;

	while (!gate.reached)
		usleep(100);
	CHECK_EQ(netns_pool_take_named(pool, NULL, "taken", 0, &another), -EEXIST);
	CHECK_EQ(counts_of(pool).ready, 1);
	gate.open = true;
	while (counts_of(pool).made == 0)
		usleep(100);
	CHECK_EQ(counts_of(pool).ready, 1);
	netns_pool_free(pool);
	netns_free(ns);
}

static void an_old_kernel_will_do(void)
{
	struct netns_pool *pool;
	struct netns *ns;

	without_open_tree();
	pool = new_pool(OPTS(.ready = 2));
	CHECK_EQ(netns_pool_wait(pool, 2, LONG_MS), 0);
	CHECK_EQ(netns_pool_take_named(pool, NULL, "web", 0, &ns), 0);
	netns_free(ns);
	netns_pool_free(pool);
}

static void before_open_tree(void)
{
	in_lone_child(an_old_kernel_will_do);
}

static void without_descriptors(void)
{
	struct netns_pool *pool;
	struct netns *ns;

	limit_free_descriptors(0);
	pool = new_pool(OPTS(.ready = 2));
	while (counts_of(pool).failed == 0)
		usleep(1000);
	CHECK_EQ(counts_of(pool).last_error, -EMFILE);
	CHECK_EQ(netns_pool_wait(pool, 1, 0), -ETIMEDOUT);
	CHECK_MSG("Too many open files");
	CHECK_EQ(netns_pool_take(pool, &ns), -EMFILE);
	unlimit_descriptors();
	CHECK_EQ(netns_pool_wait(pool, 2, LONG_MS), 0);
	netns_pool_free(pool);
}

TEST_MAIN({"each_is_new", each_is_new, NEED_ROOT, 0},
	{"what_was_taken_ends", what_was_taken_ends, NEED_ROOT, 0},
	{"it_fills_up_and_no_further", it_fills_up_and_no_further, NEED_ROOT, 0},
	{"under_a_name", under_a_name, NEED_ROOT, 0},
	{"a_taken_name_loses_nothing", a_taken_name_loses_nothing, NEED_ROOT, 0},
	{"loopback_is_up", loopback_is_up, NEED_ROOT, 0},
	{"each_is_prepared", each_is_prepared, NEED_ROOT, 0},
	{"what_cannot_be_prepared_is_dropped", what_cannot_be_prepared_is_dropped, NEED_ROOT, 0},
	{"why_it_cannot_be_prepared", why_it_cannot_be_prepared, NEED_ROOT, 0},
	{"prepare_may_end_its_thread", prepare_may_end_its_thread, NEED_ROOT, 0},
	{"by_many_threads", by_many_threads, NEED_ROOT, 0},
	{"a_child_can_only_free_it", a_child_can_only_free_it, NEED_ROOT, 0},
	{"bad_options_are_refused", bad_options_are_refused, NEED_ROOT, 0},
	{"what_goes_back_takes_no_more_room", what_goes_back_takes_no_more_room, NEED_ROOT, 0},
	{"before_open_tree", before_open_tree, NEED_ROOT, 0},
	{"without_descriptors", without_descriptors, NEED_ROOT, 0})
