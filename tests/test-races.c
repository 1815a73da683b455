/* SPDX-License-Identifier: MIT */
/*
 * Several processes that want the same names at once.
 */
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "harness.h"
#include "raw.h"

enum { RACERS = 8 };

/* What is counted in the children. */
struct books {
	_Atomic unsigned made, lost, removed, opened, entered, ip_calls, ip_slow;
};

static struct books *books;

static void open_books(void)
{
	books = mmap(
		NULL, sizeof(*books), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(books != MAP_FAILED);
}

/* Runs fn(0) ... fn(RACERS - 1) in a process each, let go at once, and waits. */
static void race(void (*fn)(unsigned number))
{
	pid_t pids[RACERS];
	int gate[2];
	char byte;

	CHECK(pipe2(gate, O_CLOEXEC) == 0);
	for (unsigned i = 0; i < RACERS; i++) {
		pids[i] = fork();
		CHECK(pids[i] >= 0);
		if (pids[i] == 0) {
			close(gate[1]);
			CHECK_EQ(read(gate[0], &byte, 1), 0);
			fn(i);
			end_child();
		}
	}
	close(gate[0]);
	close(gate[1]);
	for (unsigned i = 0; i < RACERS; i++)
		check_child(pids[i]);
}

/* How many mounts there are on a name in the run directory, or on all of them for "". */
static unsigned count_pins(const char *name)
{
	char place[PATH_MAX], point[PATH_MAX], line[8192];
	FILE *file = fopen("/proc/thread-self/mountinfo", "re");
	size_t length;
	unsigned n = 0;

	CHECK(file);
	if (!realpath(netns_get_run_dir(), place))
		place[0] = '\0';
	length = strlen(place);
	while (length > 0 && fgets(line, sizeof(line), file)) {
		CHECK(sscanf(line, "%*d %*d %*s %*s %4095s", point) == 1);
		n += strncmp(point, place, length) == 0 && point[length] == '/' &&
		     (!*name || strcmp(point + length + 1, name) == 0);
	}
	fclose(file);
	return n;
}

static void check_run_dir_mounted_once(void)
{
	char place[PATH_MAX], point[PATH_MAX], line[8192];
	FILE *file = fopen("/proc/thread-self/mountinfo", "re");
	unsigned n = 0, n_shared = 0;

	CHECK(file && realpath(netns_get_run_dir(), place));
	while (fgets(line, sizeof(line), file)) {
		CHECK(sscanf(line, "%*d %*d %*s %*s %4095s", point) == 1);
		n += strcmp(point, place) == 0;
		n_shared += strcmp(point, place) == 0 && strstr(line, " shared:");
	}
	fclose(file);
	CHECK_EQ(n, 1);
	CHECK_EQ(n_shared, 1);
}

/* As it was before the first name was ever made. */
static void forget_run_dir(void)
{
	CHECK(umount(netns_get_run_dir()) == 0);
	CHECK(rmdir(netns_get_run_dir()) == 0);
}

/* Each name is a namespace, mounted once; says how many. */
static unsigned check_settled(void)
{
	const struct netns_entry *entry;
	struct netns_iter *iter;
	unsigned n = 0;
	int r;

	CHECK_EQ(netns_iter_new(NULL, &iter), 0);
	while ((r = netns_iter_next(iter, &entry)) > 0) {
		CHECK_EQ(entry->state, NETNS_LIVE);
		CHECK_EQ(count_pins(entry->name), 1);
		n++;
	}
	CHECK_EQ(r, 0);
	netns_iter_free(iter);
	CHECK_EQ(count_pins(""), n);
	return n;
}

static int create(const char *name, unsigned flags, struct netns **ret)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = name, .flags = flags};

	return netns_create(&opts, ret);
}

/* ---- the first name of all */

static void add_own_name(unsigned number)
{
	char name[16];

	snprintf(name, sizeof(name), "n%u", number);
	netns_free(create_ns(name, NETNS_CREATE_KEEP));
}

static void check_own_names(void)
{
	struct netns *ns[RACERS];
	char name[16];

	CHECK_EQ(check_settled(), RACERS);
	for (unsigned i = 0; i < RACERS; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		CHECK_EQ(netns_open_name(name, &ns[i]), 0);
		for (unsigned j = 0; j < i; j++)
			CHECK_EQ(netns_is_same(ns[i], ns[j]), 0);
		CHECK_EQ(netns_delete(NULL, name), 0);
	}
	for (unsigned i = 0; i < RACERS; i++)
		netns_free(ns[i]);
}

static void race_for_different_names(unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++) {
		race(add_own_name);
		check_run_dir_mounted_once();
		check_own_names();
		forget_run_dir();
	}
}

static void add_same_name(unsigned number)
{
	struct netns *ns = NULL;
	int r = create("web", NETNS_CREATE_KEEP, &ns);

	(void)number;
	if (r == 0) {
		books->made++;
	} else {
		CHECK_EQ(r, -EEXIST);
		CHECK(!ns);
		books->lost++;
	}
	netns_free(ns);
}

static void race_for_one_name(unsigned rounds)
{
	open_books();
	for (unsigned i = 0; i < rounds; i++) {
		race(add_same_name);
		check_run_dir_mounted_once();
		CHECK_EQ(check_settled(), 1);
		CHECK_EQ(books->made, i + 1);
		CHECK_EQ(books->lost, (i + 1) * (RACERS - 1));
		CHECK_EQ(netns_delete(NULL, "web"), 0);
		forget_run_dir();
	}
}

static void first_add_of_different_names(void)
{
	race_for_different_names(100);
}

static void first_add_of_one_name(void)
{
	race_for_one_name(100);
}

static void race_a_little(void)
{
	race_for_different_names(6);
	race_for_one_name(6);
}

static void first_add_on_old_kernels(void)
{
	on_each_kernel(race_a_little);
}

TEST_MAIN({"first_add_of_different_names", first_add_of_different_names, NEED_ROOT, 120},
	{"first_add_of_one_name", first_add_of_one_name, NEED_ROOT, 120},
	{"first_add_on_old_kernels", first_add_on_old_kernels, NEED_ROOT, 120})
