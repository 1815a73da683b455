// SPDX-License-Identifier: MIT
// C++ exceptions that pass through the library: the thread comes home at each level.
#include <stdexcept>

#include "harness.h"
#include "raw.h"

namespace
{

struct netns *make()
{
	struct netns_create_opts opts = {};
	struct netns *ns = nullptr;

	opts.size = sizeof(opts);
	opts.flags = NETNS_CREATE_UNPINNED;
	CHECK_EQ(netns_create(&opts, &ns), 0);
	return ns;
}

struct level {
	struct netns *ns;
	struct level *below;
	unsigned caught;
};

int descend(struct netns *, void *arg)
{
	struct level *level = static_cast<struct level *>(arg);
	uint64_t place = here();

	CHECK_EQ(place, inode_of(level->ns));
	if (!level->below)
		throw std::runtime_error("from the bottom");
	try {
		netns_do(level->below->ns, descend, level->below);
	} catch (const std::runtime_error &) {
		CHECK_EQ(here(), place);
		level->caught++;
		throw;
	}
	return 0;
}

void through_nested_do()
{
	struct level levels[4] = {};
	uint64_t home = here();
	bool caught = false;

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		levels[i].ns = make();
		levels[i].below = i + 1 < ARRAY_SIZE(levels) ? &levels[i + 1] : nullptr;
	}
	try {
		netns_do(levels[0].ns, descend, &levels[0]);
	} catch (const std::runtime_error &e) {
		caught = true;
		CHECK_STR(e.what(), "from the bottom");
	}
	CHECK(caught);
	CHECK_EQ(here(), home);
	for (size_t i = 0; i + 1 < ARRAY_SIZE(levels); i++)
		CHECK_EQ(levels[i].caught, 1);
	for (struct level &level : levels)
		netns_free(level.ns);
}

int throw_int(struct netns *, void *)
{
	throw 7;
}

void through_do_path()
{
	struct netns *ns = nullptr;
	uint64_t home = here();
	int caught = 0;

	CHECK_EQ(netns_create(nullptr, &ns), 0);
	try {
		netns_do_path(netns_get_path(ns), throw_int, nullptr);
	} catch (int value) {
		caught = value;
	}
	CHECK_EQ(caught, 7);
	CHECK_EQ(here(), home);
	netns_free(ns);
}

void through_do_from()
{
	struct netns *ns = make(), *home = nullptr;
	uint64_t place = here();
	int caught = 0;

	CHECK_EQ(netns_open_current(&home), 0);
	try {
		netns_do_from(ns, home, throw_int, nullptr);
	} catch (int value) {
		caught = value;
	}
	CHECK_EQ(caught, 7);
	CHECK_EQ(here(), place);
	netns_free(home);
	netns_free(ns);
}

class guard
{
      public:
	explicit guard(struct netns *ns)
	{
		if (netns_enter(&scope, ns, nullptr) < 0)
			throw std::runtime_error(netns_errmsg());
	}
	~guard()
	{
		netns_leave(&scope);
	}

      private:
	struct netns_scope scope = NETNS_SCOPE_INIT;
};

void through_a_guard()
{
	struct netns *ns = make();
	uint64_t home = here();
	bool inside = false;

	try {
		guard in(ns);
		inside = here() == inode_of(ns);
		throw 1;
	} catch (int) {
		CHECK_EQ(here(), home);
	}
	CHECK(inside);
	netns_free(ns);
}

// What the callback has on its stack is destroyed before the thread goes home.
struct witness {
	uint64_t *place;
	~witness()
	{
		*place = where();
	}
};

struct trip {
	struct netns *ns, *other;
	uint64_t seen; // by the witness
};

int move_and_throw(struct netns *, void *arg)
{
	struct trip *trip = static_cast<struct trip *>(arg);
	witness witness{&trip->seen};

	CHECK_EQ(netns_set(trip->other), 0);
	throw std::runtime_error("from elsewhere");
}

void make_trip(void *arg)
{
	struct trip *trip = static_cast<struct trip *>(arg);
	uint64_t home = where();
	int caught = 0;

	for (int i = 0; i < 3; i++) {
		try {
			netns_do(trip->ns, move_and_throw, trip);
		} catch (const std::runtime_error &) {
			caught++;
		}
		CHECK_EQ(trip->seen, cookie_of(trip->other));
		CHECK_EQ(where(), home);
	}
	CHECK_EQ(caught, 3);
}

void make_trip_on_old_kernel(void *arg)
{
	without_thread_pidfd();
	without_pidfd_ioctls();
	make_trip(arg);
	hide_proc();
	make_trip(arg);
}

void from_elsewhere()
{
	struct trip trip = {make(), make(), 0};

	make_trip(&trip);
	in_thread_with(make_trip, &trip);
	in_thread_with(make_trip_on_old_kernel, &trip);
	netns_free(trip.other);
	netns_free(trip.ns);
}

int drop_and_throw(struct netns *, void *)
{
	drop_capability(CAP_SYS_ADMIN);
	throw 9;
}

// The exception goes on; only the message tells that the thread is not home.
void lose_way_home(void *arg)
{
	struct netns *ns = static_cast<struct netns *>(arg);
	uint64_t inside = cookie_of(ns);
	int caught = 0;

	try {
		netns_do(ns, drop_and_throw, nullptr);
	} catch (int value) {
		caught = value;
	}
	CHECK_EQ(caught, 9);
	CHECK_EQ(where(), inside);
	CHECK_MSG("go back");
}

void without_a_way_home()
{
	struct netns *ns = make();

	in_thread_with(lose_way_home, ns);
	netns_free(ns);
}

int throw_through_guards(struct netns *, void *arg)
{
	struct trip *trip = static_cast<struct trip *>(arg);
	uint64_t inside = where();

	try {
		guard outer(trip->other);
		guard inner(trip->ns);
		witness witness{&trip->seen};

		throw 1;
	} catch (int) {
		CHECK_EQ(where(), inside);
	}
	CHECK_EQ(trip->seen, cookie_of(trip->ns));
	return 5;
}

void caught_inside()
{
	struct trip trip = {make(), make(), 0};
	uint64_t home = where();

	CHECK_EQ(netns_do(trip.ns, throw_through_guards, &trip), 5);
	CHECK_EQ(netns_do_thread(trip.ns, throw_through_guards, &trip), 5);
	CHECK_EQ(where(), home);
	netns_free(trip.other);
	netns_free(trip.ns);
}

} // namespace

TEST_MAIN({"through_nested_do", through_nested_do, NEED_ROOT, 0},
	{"through_do_path", through_do_path, NEED_ROOT, 0},
	{"through_do_from", through_do_from, NEED_ROOT, 0},
	{"through_a_guard", through_a_guard, NEED_ROOT, 0},
	{"from_elsewhere", from_elsewhere, NEED_ROOT, 0},
	{"without_a_way_home", without_a_way_home, NEED_ROOT, 0},
	{"caught_inside", caught_inside, NEED_ROOT, 0})
