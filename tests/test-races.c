/* SPDX-License-Identifier: MIT */
/*
 * Several processes that want the same names at once, ip-netns(8) among them.
 *
 * Of ours the run directory's lock makes an order. ip takes that only while it makes the directory
 * shared: it makes its file, makes the namespace, and mounts it, without; and deletes in two steps,
 * without.
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

/* ---- each step of ip's beside each of ours */

static struct netns *theirs;

static const char *wanted = "web";

static void ip_unmounts(void)
{
	umount2(run_path(wanted), MNT_DETACH);
}

static void ip_unlinks(void)
{
	unlink(run_path(wanted));
}

static void ip_deletes(void)
{
	ip_unmounts();
	ip_unlinks();
}

static bool ip_made_its_file;

static void ip_makes_file(void)
{
	int fd = open(run_path(wanted), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	ip_made_its_file = fd >= 0;
	if (fd >= 0)
		close(fd);
}

static void ip_mounts(void)
{
	char source[64];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(theirs));
	if (ip_made_its_file && mount(source, run_path(wanted), "none", MS_BIND, NULL) < 0)
		ip_deletes();
	ip_made_its_file = false;
}

static void ip_adds(void)
{
	ip_makes_file();
	ip_mounts();
}

static void ip_replaces(void)
{
	ip_deletes();
	ip_adds();
}

static void nothing(void)
{
}

/* The second half comes when the library waits, or at the end. */
static const struct intrusion {
	const char *name;
	void (*first)(void), (*second)(void);
} intrusions[] = {
	{"ip netns delete", ip_deletes, nothing},
	{"ip netns add", ip_adds, nothing},
	{"ip netns delete and add", ip_replaces, nothing},
	{"ip netns delete, in halves", ip_unmounts, ip_unlinks},
	{"ip netns add, in halves", ip_makes_file, ip_mounts},
};

/* An operation of ours, what is under the name before, and its end. */
static struct netns *web;

static void prepare_nothing(void)
{
}

static void prepare_name(void)
{
	netns_free(create_ns(wanted, NETNS_CREATE_KEEP));
}

static void prepare_owner(void)
{
	web = create_ns(wanted, 0);
}

static int call_create(void *arg)
{
	struct netns *ns = NULL;
	int r = create(wanted, NETNS_CREATE_KEEP, &ns);

	(void)arg;
	netns_free(ns);
	return r;
}

static int call_attach(void *arg)
{
	(void)arg;
	return netns_attach(theirs, NULL, wanted);
}

static int call_delete(void *arg)
{
	(void)arg;
	return netns_delete(NULL, wanted);
}

static int call_close(void *arg)
{
	(void)arg;
	return netns_close(web);
}

static void list_names(void)
{
	const struct netns_entry *entry;
	struct netns_iter *iter;
	int r;

	CHECK_EQ(netns_iter_new(NULL, &iter), 0);
	while ((r = netns_iter_next(iter, &entry)) > 0)
		CHECK(entry->state == NETNS_LIVE || entry->state == NETNS_STALE);
	CHECK_EQ(r, 0);
	netns_iter_free(iter);
}

static int call_list(void *arg)
{
	(void)arg;
	list_names();
	return 0;
}

static const struct operation {
	const char *name;
	void (*prepare)(void);
	int (*call)(void *arg);
	int other_answer; /* beside 0 */
} operations[] = {
	{"create", prepare_nothing, call_create, -EEXIST},
	{"attach", prepare_nothing, call_attach, -EEXIST},
	{"delete", prepare_name, call_delete, -ENOENT},
	{"close", prepare_owner, call_close, 0},
	{"list", prepare_name, call_list, 0},
};

struct point {
	const struct intrusion *intrusion;
	unsigned position;
	bool came, half_done;
};

static int intrude(unsigned position, int nr, void *data)
{
	struct point *point = data;

	if (position == point->position) {
		point->came = point->half_done = true;
		point->intrusion->first();
	}
	if (nr == SYS_clock_nanosleep && point->half_done) {
		point->half_done = false;
		point->intrusion->second();
	}
	return 0;
}

/* A namespace, mounted once, or nothing; and then nothing. */
static void check_no_trace(int state)
{
	CHECK(state == 0 || state == -ENOENT);
	CHECK_EQ(count_pins(wanted), state == 0 ? 1 : 0);
	if (state == 0)
		CHECK_EQ(netns_delete(NULL, wanted), 0);
}

/* Says false when the call was over before the intrusion came. */
static bool try_at(
	const struct operation *operation, const struct intrusion *intrusion, unsigned position)
{
	struct point point = {.intrusion = intrusion, .position = position};
	int r;

	operation->prepare();
	r = run_judged(operation->call, NULL, intrude, &point);
	if (r != 0 && r != operation->other_answer)
		printf("%s, %s before system call %u: %d, %s\n", operation->name, intrusion->name,
			position, r, netns_errmsg());
	CHECK(r == 0 || r == operation->other_answer);
	if (point.half_done)
		intrusion->second();
	check_no_trace(netns_check_path(run_path(wanted)));
	netns_free(web);
	web = NULL;
	return point.came;
}

static void try_everywhere(const struct operation *operation, const struct intrusion *intrusion)
{
	unsigned position = 0;

	while (try_at(operation, intrusion, position))
		position++;
	CHECK(position > 5);
}

static void ip_comes_between(void)
{
	theirs = new_ns();
	netns_free(create_ns(NULL, 0));
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		for (size_t j = 0; j < ARRAY_SIZE(intrusions); j++)
			try_everywhere(&operations[i], &intrusions[j]);
	netns_free(theirs);
}

static void ip_at_every_step(void)
{
	on_each_kernel(ip_comes_between);
}

/* As many files as there are steps, left long enough not to be taken for names in the making. */
static void ip_takes_the_leftover(void)
{
	static const struct operation create_over = {
		"create over a leftover", prepare_nothing, call_create, -EEXIST};
	char names[32][8];
	size_t n;

	theirs = new_ns();
	netns_free(create_ns(NULL, 0));
	for (n = 0; n < ARRAY_SIZE(names); n++) {
		snprintf(names[n], sizeof(names[n]), "n%zu", n);
		make_stale(names[n]);
	}
	usleep(1100000);
	for (n = 0, wanted = names[0]; try_at(&create_over, &intrusions[0], (unsigned)n);)
		wanted = names[++n];
	CHECK(n > 5 && n < ARRAY_SIZE(names) - 1);
	while (++n < ARRAY_SIZE(names))
		CHECK_EQ(netns_delete(NULL, names[n]), 0);
	netns_free(theirs);
}

TEST_MAIN({"first_add_of_different_names", first_add_of_different_names, NEED_ROOT, 120},
	{"first_add_of_one_name", first_add_of_one_name, NEED_ROOT, 120},
	{"first_add_on_old_kernels", first_add_on_old_kernels, NEED_ROOT, 120},
	{"ip_at_every_step", ip_at_every_step, NEED_ROOT, 120},
	{"ip_takes_the_leftover", ip_takes_the_leftover, NEED_ROOT, 120})
