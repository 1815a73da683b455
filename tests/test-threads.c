/* SPDX-License-Identifier: MIT */
/* Many threads, a few namespaces, everything at once: nobody is ever in the wrong place. */
#include <sched.h>
#include <stdlib.h>

#include "harness.h"
#include "raw.h"

enum { CITIES = 8, THREADS = 64, ROUNDS = 800, CALLS = 50000 };

static struct netns *cities[CITIES];
static uint64_t cookies[CITIES];

static _Atomic unsigned calls, creations;

struct traveller {
	pthread_t thread;
	struct netns *home_ns;
	uint64_t home;
	unsigned number;
	unsigned state; /* of the dice */
};

static unsigned roll(struct traveller *t, unsigned sides)
{
	t->state = t->state * 1664525u + 1013904223u;
	return (t->state >> 16) % sides;
}

/* What a callback is told: who, where it must be, how deep it still goes. */
struct stay {
	struct traveller *traveller;
	unsigned city;
	int depth;
};

static int stay_a_while(struct netns *host, void *arg)
{
	struct stay *stay = arg, next = *stay;

	calls++;
	CHECK_EQ(where(), cookies[stay->city]);
	if (roll(stay->traveller, 16) == 0)
		sched_yield();
	if (stay->depth == 0)
		return (int)stay->city;

	next.depth--;
	next.city = roll(stay->traveller, CITIES);
	CHECK_EQ(netns_do(cities[next.city], stay_a_while, &next), next.city);
	CHECK_EQ(where(), cookies[stay->city]);
	CHECK_EQ(fcntl(netns_get_fd(host), F_GETFD), FD_CLOEXEC);
	return (int)stay->city;
}

static void travel(struct traveller *t)
{
	struct stay stay = {t, roll(t, CITIES), roll(t, 4) ? 0 : (int)roll(t, 4)};

	CHECK_EQ(netns_do(cities[stay.city], stay_a_while, &stay), stay.city);
}

static void travel_knowing_home(struct traveller *t)
{
	struct stay stay = {t, roll(t, CITIES), 1};

	CHECK_EQ(netns_do_from(cities[stay.city], t->home_ns, stay_a_while, &stay), stay.city);
}

static void send_someone(struct traveller *t)
{
	struct stay stay = {t, roll(t, CITIES), 1};

	CHECK_EQ(netns_do_thread(cities[stay.city], stay_a_while, &stay), stay.city);
}

static int walk_away(struct netns *host, void *arg)
{
	(void)host;
	CHECK_EQ(netns_set(arg), 0);
	return 0;
}

static void get_lost(struct traveller *t)
{
	CHECK_EQ(netns_do(cities[roll(t, CITIES)], walk_away, cities[roll(t, CITIES)]), 0);
}

static void call_home(struct traveller *t)
{
	unsigned city = roll(t, CITIES);
	int sock = netns_socket(cities[city], AF_INET, SOCK_DGRAM, 0);

	CHECK_EQ(socket_cookie(sock), cookies[city]);
	close(sock);
	sock = netns_openat(cities[city], "/proc/net/dev", O_RDONLY, 0);
	CHECK(sock >= 0);
	close(sock);
}

static void enter_by_hand(struct traveller *t)
{
	struct netns *home = roll(t, 2) ? t->home_ns : NULL;
	struct netns_scope outer, inner;
	unsigned city = roll(t, CITIES);

	CHECK_EQ(netns_enter(&outer, cities[city], home), 0);
	CHECK_EQ(netns_enter(&inner, cities[(city + 1) % CITIES], NULL), 0);
	CHECK_EQ(where(), cookies[(city + 1) % CITIES]);
	CHECK_EQ(netns_leave(&inner), 0);
	CHECK_EQ(where(), cookies[city]);
	CHECK_EQ(netns_leave(&outer), 0);
}

static void ask_who(struct traveller *t)
{
	struct netns *now_here = current_ns();
	uint64_t id;

	CHECK_EQ(netns_is_same(now_here, t->home_ns), 1);
	CHECK_EQ(netns_get_id(cities[t->number % CITIES], &id), 0);
	CHECK_EQ(id, cookies[t->number % CITIES]);
	CHECK(roll(t, 2) || (netns_thread_release(), true));
	netns_free(now_here);
}

static void read_names(struct traveller *t)
{
	const struct netns_entry *entry;
	struct netns_iter *iter;
	unsigned known = 0;
	int r;

	(void)t;
	CHECK_EQ(netns_iter_new(NULL, &iter), 0);
	while ((r = netns_iter_next(iter, &entry)) > 0) {
		CHECK(entry->state == NETNS_LIVE || entry->state == NETNS_STALE);
		if (strncmp(entry->name, "city", 4) == 0) {
			CHECK_EQ(entry->state, NETNS_LIVE);
			CHECK_EQ(entry->inode.ino, inode_of(cities[atoi(entry->name + 4)]));
			known++;
		}
	}
	CHECK_EQ(r, 0);
	CHECK_EQ(known, CITIES);
	netns_iter_free(iter);
}

static void found_a_city(struct traveller *t)
{
	struct netns *ns = roll(t, 2) ? new_ns() : create_ns(NULL, 0);

	creations++;
	CHECK_EQ(where(), t->home);
	CHECK(cookie_of(ns) != t->home);
	CHECK_EQ(netns_close(ns), 0);
	netns_free(ns);
}

static void do_something_else(struct traveller *t)
{
	static void (*const things[])(struct traveller * t) = {
		travel_knowing_home, get_lost, call_home, enter_by_hand, ask_who};

	things[roll(t, ARRAY_SIZE(things))](t);
	CHECK_EQ(where(), t->home);
	if (roll(t, 100) == 0)
		send_someone(t);
	if (roll(t, 100) == 0)
		read_names(t);
	if (roll(t, 200) == 0)
		found_a_city(t);
	CHECK_EQ(where(), t->home);
}

static void *live(void *arg)
{
	struct traveller *t = arg;

	/* Half of them are at home in one of the cities. */
	if (t->number % 2)
		CHECK_EQ(netns_set(cities[t->number / 2 % CITIES]), 0);
	t->home_ns = current_ns();
	t->home = where();
	for (int i = 0; i < ROUNDS; i++) {
		travel(t);
		CHECK_EQ(where(), t->home);
		if (i % 4 == 0)
			do_something_else(t);
	}
	netns_free(t->home_ns);
	return NULL;
}

static void open_cities(void)
{
	char name[16];

	for (int i = 0; i < CITIES; i++) {
		snprintf(name, sizeof(name), "city%d", i);
		cities[i] = create_ns(name, 0);
		cookies[i] = cookie_of(cities[i]);
	}
}

static void close_cities(void)
{
	for (int i = 0; i < CITIES; i++)
		netns_free(cities[i]);
}

/* While all of them travel, children are born and travel too. */
static void travel_as_child(void *arg)
{
	struct traveller *t = arg;

	for (int i = 0; i < 20; i++) {
		travel(t);
		CHECK_EQ(where(), t->home);
	}
}

static void everybody_is_where_he_should_be(void)
{
	struct traveller travellers[THREADS], parent = {.home = where(), .state = 7};
	uint64_t home = where();

	open_cities();
	for (unsigned i = 0; i < THREADS; i++) {
		travellers[i] = (struct traveller){.number = i, .state = i};
		CHECK_EQ(pthread_create(&travellers[i].thread, NULL, live, &travellers[i]), 0);
	}
	for (int i = 0; i < 20; i++)
		in_child_with(travel_as_child, &parent);
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(travellers[i].thread, NULL), 0);
	printf("%u calls, %u namespaces created\n", calls, creations);
	CHECK(calls >= CALLS);
	CHECK(creations > 0);
	CHECK_EQ(where(), home);
	close_cities();
}

/* Threads that come and go, each with its first call, from home and from elsewhere. */
static void *call_and_go(void *arg)
{
	struct traveller *t = arg;

	if (t->number % 3 == 0)
		CHECK_EQ(netns_set(cities[t->number % CITIES]), 0);
	t->home = where();
	travel(t);
	CHECK_EQ(where(), t->home);
	return NULL;
}

static void threads_come_and_go(void)
{
	struct traveller travellers[THREADS];
	int descriptors;

	open_cities();
	descriptors = count_descriptors();
	for (int round = 0; round < 20; round++) {
		for (unsigned i = 0; i < THREADS; i++) {
			travellers[i] = (struct traveller){.number = i, .state = i};
			CHECK_EQ(pthread_create(
					 &travellers[i].thread, NULL, call_and_go, &travellers[i]),
				0);
		}
		for (unsigned i = 0; i < THREADS; i++)
			CHECK_EQ(pthread_join(travellers[i].thread, NULL), 0);
		CHECK_EQ(count_descriptors(), descriptors);
	}
	close_cities();
}

TEST_MAIN({"everybody_is_where_he_should_be", everybody_is_where_he_should_be, NEED_ROOT, 0},
	{"threads_come_and_go", threads_come_and_go, NEED_ROOT, 0}, )
