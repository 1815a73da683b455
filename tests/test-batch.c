/* SPDX-License-Identifier: MIT */
/* Many namespaces made, and many names removed, at once. */
#include "raw.h"

#define OPTS(...) (&(struct netns_batch_opts){.size = sizeof(struct netns_batch_opts), __VA_ARGS__})

static struct netns_batch *create_many(const struct netns_batch_opts *opts)
{
	struct netns_batch *batch = NULL;

	CHECK_EQ(netns_create_many(opts, &batch), 0);
	return batch;
}

static size_t count_names(void)
{
	const struct netns_entry *entry;
	struct netns_iter *it;
	size_t n = 0;

	CHECK_EQ(netns_iter_new(NULL, &it), 0);
	while (netns_iter_next(it, &entry) > 0) {
		CHECK_EQ(entry->state, NETNS_LIVE);
		n++;
	}
	netns_iter_free(it);
	return n;
}

static void by_pattern(void)
{
	uint64_t before = here();
	struct netns_batch *batch = create_many(
		OPTS(.pattern = "web-%04d", .first = 7, .n = 20, .flags = NETNS_CREATE_LO_UP));

	CHECK(here() == before);
	CHECK_EQ(netns_batch_get_count(batch), 20);
	CHECK_STR(netns_batch_get_name(batch, 0), "web-0007");
	CHECK_STR(netns_batch_get_name(batch, 19), "web-0026");
	CHECK(!netns_batch_get_name(batch, 20));
	for (size_t i = 0; i < 20; i++)
		CHECK_EQ(netns_batch_get_error(batch, i), 0);
	CHECK_EQ(netns_batch_get_error(batch, 20), -EINVAL);
	CHECK_EQ(count_names(), 20);
	netns_batch_free(batch);
	CHECK_EQ(count_names(), 0);
}

static void by_names_and_at_random(void)
{
	static const char *const names[] = {"red", "green", "blue"};
	struct netns_batch *named = create_many(OPTS(.names = names, .n = 3, .threads = 3));
	struct netns_batch *random = create_many(OPTS(.n = 5, .threads = 1));

	CHECK_STR(netns_batch_get_name(named, 1), "green");
	CHECK(strncmp(netns_batch_get_name(random, 4), "cni-", 4) == 0);
	CHECK_EQ(count_names(), 8);
	CHECK_EQ(netns_batch_delete(named), 0);
	CHECK_EQ(count_names(), 5);
	CHECK_EQ(netns_batch_get_error(named, 1), -ENOENT);
	CHECK_EQ(netns_batch_delete(named), 0);
	netns_batch_free(named);
	netns_batch_free(random);
	CHECK_EQ(count_names(), 0);
}

static void all_differ(void)
{
	struct netns_batch *batch = create_many(OPTS(.pattern = "n%u", .n = 40, .threads = 4));
	const struct netns_entry *entry;
	struct netns_iter *it;
	uint64_t seen[40];
	size_t n = 0;

	CHECK_EQ(netns_iter_new(NULL, &it), 0);
	while (netns_iter_next(it, &entry) > 0) {
		for (size_t i = 0; i < n; i++)
			CHECK(seen[i] != entry->inode.ino);
		seen[n++] = entry->inode.ino;
	}
	CHECK_EQ(n, 40);
	netns_iter_free(it);
	netns_batch_free(batch);
}

static void what_is_kept_stays(void)
{
	struct netns_batch *batch =
		create_many(OPTS(.pattern = "n%d", .n = 4, .flags = NETNS_CREATE_KEEP));
	static const char *const names[] = {"n0", "n1", "n2", "n3"};
	struct netns_lease lease;

	netns_batch_free(batch);
	CHECK_EQ(count_names(), 4);
	CHECK_EQ(netns_get_lease(NULL, "n0", &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_NONE);
	CHECK_EQ(netns_delete_many(NULL, names, 4, NULL, NULL, NULL), 0);
	CHECK_EQ(count_names(), 0);
	batch = create_many(OPTS(.pattern = "n%d", .n = 1));
	CHECK_EQ(netns_get_lease(NULL, "n0", &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_HELD);
	netns_batch_free(batch);
}

static void all_or_nothing(void)
{
	struct netns *taken = create_ns("n5", 0);
	struct netns_batch *batch = NULL;

	CHECK_EQ(netns_create_many(OPTS(.pattern = "n%d", .n = 10), &batch), -EEXIST);
	CHECK_MSG("n5");
	CHECK(!batch);
	CHECK_EQ(count_names(), 1);
	netns_free(taken);
}

static void as_many_as_possible(void)
{
	struct netns *taken = create_ns("n5", 0);
	struct netns_batch *batch =
		create_many(OPTS(.pattern = "n%d", .n = 10, .flags = NETNS_BATCH_PARTIAL));

	for (size_t i = 0; i < 10; i++)
		CHECK_EQ(netns_batch_get_error(batch, i), i == 5 ? -EEXIST : 0);
	CHECK_EQ(count_names(), 10);
	netns_batch_free(batch);
	CHECK_EQ(count_names(), 1);
	netns_free(taken);
}

/* Somebody else's namespace has the name by now. */
static void only_its_own_are_removed(void)
{
	struct netns_batch *batch = create_many(OPTS(.pattern = "n%d", .n = 2));
	struct netns *other;

	CHECK_EQ(netns_delete(NULL, "n1"), 0);
	other = create_ns("n1", 0);
	netns_batch_free(batch);
	CHECK_EQ(count_names(), 1);
	netns_free(other);
}

/* The kernel gives the lowest free number, but not to namespaces only: one of many comes again. */
enum { MANY = 64 };

static uint64_t number_of(const char *name)
{
	struct netns_inode inode;
	struct netns *ns;

	CHECK_EQ(netns_open_name(name, &ns), 0);
	CHECK_EQ(netns_get_inode(ns, &inode), 0);
	netns_free(ns);
	return inode.ino;
}

/* If a new one has the number of one that is gone, it gets that one's name as well. */
static size_t give_name_again(const struct netns_batch *gone, const uint64_t numbers[MANY],
	const struct netns_batch *other, size_t i)
{
	const char *name = netns_batch_get_name(other, i);
	uint64_t number = number_of(name);
	struct netns *ns;

	for (size_t j = 0; j < MANY; j++) {
		if (numbers[j] != number)
			continue;
		CHECK_EQ(netns_open_name(name, &ns), 0);
		CHECK_EQ(netns_attach(ns, NULL, netns_batch_get_name(gone, j)), 0);
		netns_free(ns);
		return 1;
	}
	return 0;
}

/* How many did; all of them stay. */
static size_t numbers_come_again(void)
{
	struct netns_batch *gone = create_many(OPTS(.pattern = "n%d", .n = MANY)), *other;
	uint64_t numbers[MANY];
	size_t came = 0;

	for (size_t i = 0; i < MANY; i++) {
		numbers[i] = number_of(netns_batch_get_name(gone, i));
		CHECK_EQ(netns_delete(NULL, netns_batch_get_name(gone, i)), 0);
	}
	usleep(100000); /* the kernel gives them free when it has the time */
	other = create_many(OPTS(.n = 2 * (size_t)MANY));
	for (size_t i = 0; i < netns_batch_get_count(other); i++)
		came += give_name_again(gone, numbers, other, i);
	netns_batch_free(gone);
	netns_batch_free(other);
	CHECK_EQ(count_names(), came);
	return came;
}

static void delete_numbered(void)
{
	char name[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		netns_delete(NULL, name);
	}
}

static void numbers_are_given_anew(void)
{
	size_t came = 0;

	for (int i = 0; i < 20 && came == 0; i++)
		came = numbers_come_again();
	CHECK(came > 0);
	delete_numbered();
}

struct watched {
	pthread_t thread;
	size_t last, calls, stop_at;
};

static int watch(size_t done, size_t n, void *arg)
{
	struct watched *watched = arg;

	CHECK(pthread_equal(pthread_self(), watched->thread));
	CHECK(done >= watched->last && done <= n);
	watched->last = done;
	watched->calls++;
	return watched->stop_at && done >= watched->stop_at;
}

static void progress_is_told(void)
{
	struct watched watched = {.thread = pthread_self()};
	struct netns_batch *batch =
		create_many(OPTS(.pattern = "n%d", .n = 30, .progress = watch, .arg = &watched));

	CHECK_EQ(watched.last, 30);
	CHECK(watched.calls >= 2);
	netns_batch_free(batch);
}

static void the_caller_may_stop_it(void)
{
	struct watched watched = {.thread = pthread_self(), .stop_at = 5};
	struct netns_batch *batch = NULL;
	size_t made = 0;

	CHECK_EQ(netns_create_many(
			 OPTS(.pattern = "n%d", .n = 500, .progress = watch, .arg = &watched),
			 &batch),
		-ECANCELED);
	CHECK_MSG("stopped");
	CHECK_EQ(count_names(), 0);

	watched.last = 0;
	batch = create_many(OPTS(.pattern = "n%d", .n = 500, .progress = watch, .arg = &watched,
		.flags = NETNS_BATCH_PARTIAL));
	for (size_t i = 0; i < 500; i++)
		if (netns_batch_get_error(batch, i) == 0)
			made++;
		else
			CHECK_EQ(netns_batch_get_error(batch, i), -ECANCELED);
	CHECK(made >= 5 && made < 500);
	CHECK_EQ(count_names(), made);
	netns_batch_free(batch);
}

static void bad_options_are_refused(void)
{
	static const char *const bad[] = {"good", "a/b"}, *const none[] = {"good", NULL};
	static const char *const patterns[] = {"plain", "%s", "%d-%d", "%n", "%", "x%", "%5s",
		"%999d", "%*d", "%ld", "a/%d", "%%"};
	struct netns_batch *batch = NULL;

	CHECK_EQ(netns_create_many(NULL, &batch), -EINVAL);
	CHECK_EQ(netns_create_many(OPTS(.n = 1), NULL), -EINVAL);
	CHECK_EQ(netns_create_many(&(struct netns_batch_opts){.n = 1}, &batch), -EINVAL);
	CHECK_EQ(netns_create_many(OPTS(.n = 1, .flags = NETNS_CREATE_UNPINNED), &batch), -EINVAL);
	CHECK_EQ(netns_create_many(OPTS(.n = 1, .reserved = 1), &batch), -EINVAL);
	CHECK_EQ(netns_create_many(OPTS(.names = bad, .n = 2), &batch), -EINVAL);
	CHECK_EQ(netns_create_many(OPTS(.names = none, .n = 2), &batch), -EINVAL);
	CHECK_EQ(netns_create_many(OPTS(.names = bad, .pattern = "%d", .n = 1), &batch), -EINVAL);
	CHECK_EQ(netns_create_many(OPTS(.dir = "relative", .n = 1), &batch), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		CHECK_EQ(netns_create_many(OPTS(.pattern = patterns[i], .n = 2), &batch), -EINVAL);
	CHECK_EQ(netns_create_many(OPTS(.pattern = "%d", .first = 2147483647, .n = 1), &batch),
		-EINVAL);
	CHECK(access(netns_get_run_dir(), F_OK) < 0);
	CHECK(!batch);
	batch = create_many(OPTS(.n = 0));
	CHECK_EQ(netns_batch_get_count(batch), 0);
	netns_batch_free(batch);
	netns_batch_free(NULL);
	CHECK_EQ(netns_batch_delete(NULL), -EINVAL);
	batch = create_many(OPTS(.pattern = "100%%-%02u", .n = 1));
	CHECK_STR(netns_batch_get_name(batch, 0), "100%-00");
	netns_batch_free(batch);
}

static void delete_many_tells_of_each(void)
{
	static const char *const names[] = {"a", "nothing", "b", "file"};
	static const char *const bad[] = {"a", ".."};
	int errors[4] = {1, 1, 1, 1};

	netns_free(create_ns("a", NETNS_CREATE_KEEP));
	netns_free(create_ns("b", NETNS_CREATE_KEEP));
	write_file(run_path("file"), "content");
	CHECK_EQ(netns_delete_many(NULL, bad, 2, NULL, NULL, NULL), -EINVAL);
	CHECK_EQ(netns_delete_many(NULL, NULL, 2, NULL, NULL, NULL), -EINVAL);
	CHECK_EQ(netns_delete_many(NULL, names, 4, errors, NULL, NULL), -ENOENT);
	CHECK_EQ(errors[0], 0);
	CHECK_EQ(errors[1], -ENOENT);
	CHECK_EQ(errors[2], 0);
	CHECK_EQ(errors[3], -EMEDIUMTYPE);
	CHECK(unlink(run_path("file")) == 0);
	CHECK_EQ(netns_delete_many(NULL, NULL, 0, NULL, NULL, NULL), 0);
}

/* The second and the third go where removing went well before. */
static void delete_many_unmounts_stacks(void)
{
	static const char *const names[] = {"a", "b", "c"};
	struct netns *b = create_ns("b", NETNS_CREATE_KEEP), *c = create_ns("c", NETNS_CREATE_KEEP);
	char source[64];

	netns_free(create_ns("a", NETNS_CREATE_KEEP));
	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(c));
	CHECK(mount(source, run_path("b"), "none", MS_BIND, NULL) == 0);
	CHECK_EQ(netns_delete_many(NULL, names, 3, NULL, NULL, NULL), 0);
	CHECK_EQ(count_names(), 0);
	netns_free(b);
	netns_free(c);
}

/* Of another kind: not unmounted, and the names after it are deleted. */
static void delete_many_leaves_what_is_foreign(void)
{
	static const char *const names[] = {"a", "foreign", "c", "d", "e"};
	int errors[5];

	netns_free(create_ns("a", NETNS_CREATE_KEEP));
	netns_free(create_ns("c", NETNS_CREATE_KEEP));
	netns_free(create_ns("d", NETNS_CREATE_KEEP));
	write_file(run_path("foreign"), NULL);
	CHECK(mount("/proc/self/ns/uts", run_path("foreign"), "none", MS_BIND, NULL) == 0);
	/* a pin on a file that is not ours */
	netns_free(create_ns("e", NETNS_CREATE_KEEP));
	CHECK(umount2(run_path("e"), 0) == 0);
	write_file(run_path("e"), "content");
	CHECK(mount("/proc/self/ns/net", run_path("e"), "none", MS_BIND, NULL) == 0);
	CHECK_EQ(netns_delete_many(NULL, names, 5, errors, NULL, NULL), -EMEDIUMTYPE);
	CHECK_EQ(errors[0], 0);
	CHECK_EQ(errors[1], -EMEDIUMTYPE);
	CHECK_EQ(errors[2], 0);
	CHECK_EQ(errors[3], 0);
	CHECK_EQ(errors[4], -EMEDIUMTYPE);
	CHECK(access(run_path("e"), F_OK) == 0);
	umount2(run_path("e"), 0);
	CHECK(unlink(run_path("e")) == 0);
	CHECK(umount2(run_path("foreign"), 0) == 0);
	CHECK(unlink(run_path("foreign")) == 0);
}

static void delete_many_waits_for_the_young(void)
{
	static const char *const names[] = {"a", "young"};
	int errors[2];

	netns_free(create_ns("a", NETNS_CREATE_KEEP));
	write_file(run_path("young"), NULL);
	CHECK_EQ(netns_delete_many(NULL, names, 2, errors, NULL, NULL), 0);
	CHECK_EQ(count_names(), 0);
}

static void delete_many_may_be_stopped(void)
{
	struct watched watched = {.thread = pthread_self(), .stop_at = 1};
	const char *names[300];
	struct netns_batch *batch =
		create_many(OPTS(.pattern = "n%d", .n = 300, .flags = NETNS_CREATE_KEEP));
	int errors[300];
	size_t left;

	for (size_t i = 0; i < 300; i++)
		names[i] = netns_batch_get_name(batch, i);
	CHECK_EQ(netns_delete_many(NULL, names, 300, errors, watch, &watched), -ECANCELED);
	left = count_names();
	CHECK(left > 0 && left < 300);
	for (size_t i = 0; i < 300; i++)
		CHECK_EQ(errors[i], i < 300 - left ? 0 : -ECANCELED);
	watched = (struct watched){.thread = pthread_self()};
	CHECK_EQ(netns_delete_many(NULL, names + 300 - left, left, NULL, watch, &watched), 0);
	CHECK_EQ(watched.last, left);
	netns_batch_free(batch);
}

static void create_and_die(void)
{
	create_many(OPTS(.pattern = "n%d", .n = 3));
	_exit(0);
}

static void the_dead_leave_orphans(void)
{
	in_lone_child(create_and_die);
	for (int i = 0; i < 3; i++) {
		char name[8];

		snprintf(name, sizeof(name), "n%d", i);
		CHECK_EQ(netns_collect(NULL, name, NETNS_COLLECT_ORPHANED), 1);
	}
}

static void few_descriptors_will_do(void)
{
	struct netns_batch *batch;

	limit_free_descriptors(40);
	batch = create_many(OPTS(.pattern = "n%d", .n = 60));
	netns_batch_free(batch);
	limit_free_descriptors(0);
	CHECK_EQ(netns_create_many(OPTS(.pattern = "n%d", .n = 3), &batch), -EMFILE);
	unlimit_descriptors();
}

static void unprivileged(void)
{
	struct netns_batch *batch = NULL;

	drop_privileges();
	CHECK_EQ(netns_create_many(OPTS(.n = 3), &batch), -EPERM);
}

static void without_privileges(void)
{
	in_lone_child(unprivileged);
}

TEST_MAIN({"by_pattern", by_pattern, NEED_ROOT, 0},
	{"by_names_and_at_random", by_names_and_at_random, NEED_ROOT, 0},
	{"all_differ", all_differ, NEED_ROOT, 0},
	{"what_is_kept_stays", what_is_kept_stays, NEED_ROOT, 0},
	{"all_or_nothing", all_or_nothing, NEED_ROOT, 0},
	{"as_many_as_possible", as_many_as_possible, NEED_ROOT, 0},
	{"only_its_own_are_removed", only_its_own_are_removed, NEED_ROOT, 0},
	{"numbers_are_given_anew", numbers_are_given_anew, NEED_ROOT, 0},
	{"progress_is_told", progress_is_told, NEED_ROOT, 0},
	{"the_caller_may_stop_it", the_caller_may_stop_it, NEED_ROOT, 0},
	{"bad_options_are_refused", bad_options_are_refused, NEED_ROOT, 0},
	{"delete_many_tells_of_each", delete_many_tells_of_each, NEED_ROOT, 0},
	{"delete_many_unmounts_stacks", delete_many_unmounts_stacks, NEED_ROOT, 0},
	{"delete_many_leaves_what_is_foreign", delete_many_leaves_what_is_foreign, NEED_ROOT, 0},
	{"delete_many_waits_for_the_young", delete_many_waits_for_the_young, NEED_ROOT, 0},
	{"delete_many_may_be_stopped", delete_many_may_be_stopped, NEED_ROOT, 0},
	{"the_dead_leave_orphans", the_dead_leave_orphans, NEED_ROOT, 0},
	{"few_descriptors_will_do", few_descriptors_will_do, NEED_ROOT, 0},
	{"without_privileges", without_privileges, NEED_ROOT, 0})
