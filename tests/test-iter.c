/* SPDX-License-Identifier: MIT */
/* Enumerating names. */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

/* What an output must still be after a failure. */
#define UNTOUCHED ((void *)0x5a5a5a5a)

struct found {
	char name[NAME_MAX + 1];
	int state;
	struct netns_inode inode;
};

/* All entries of a directory, in a block to free. */
static struct found *find_all(const char *dir, size_t *n)
{
	const struct netns_entry *entry;
	struct found *found = NULL;
	struct netns_iter *it;
	int r;

	*n = 0;
	CHECK_EQ(netns_iter_new(dir, &it), 0);
	while ((r = netns_iter_next(it, &entry)) == 1) {
		found = realloc(found, (*n + 1) * sizeof(*found));
		CHECK(found);
		snprintf(found[*n].name, sizeof(found->name), "%s", entry->name);
		found[*n].state = entry->state;
		found[*n].inode = entry->inode;
		++*n;
	}
	CHECK_EQ(r, 0);
	CHECK_EQ(netns_iter_next(it, &entry), 0);
	netns_iter_free(it);
	return found;
}

/* Seen exactly once, and as this. */
static void check_found(
	const struct found *found, size_t n, const char *name, int state, const struct netns *ns)
{
	const struct found *it = NULL;
	struct netns_inode inode = {0};

	if (ns)
		CHECK_EQ(netns_get_inode(ns, &inode), 0);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(found[i].name, name) != 0)
			continue;
		CHECK(!it);
		it = &found[i];
	}
	if (!it)
		fail_case(__FILE__, __LINE__, "%s was not found", name);
	CHECK_EQ(it->state, state);
	CHECK_EQ(it->inode.ino, inode.ino);
	CHECK_EQ(it->inode.dev, inode.dev);
}

static void check_count(const char *dir, size_t want)
{
	size_t n;

	free(find_all(dir, &n));
	CHECK_EQ(n, want);
}

static void check_new_fails(const char *dir, int want)
{
	struct netns_iter *it = UNTOUCHED;

	CHECK_EQ(netns_iter_new(dir, &it), want);
	CHECK(it == UNTOUCHED);
	CHECK(netns_errmsg()[0]);
}

static void no_names(void)
{
	check_count(NULL, 0);
	CHECK(access(netns_get_run_dir(), F_OK) < 0);
	netns_free(create_ns("web", 0));
	check_count(NULL, 0);
	CHECK(mkdir(tmp_path("empty"), 0755) == 0);
	check_count(tmp_path("empty"), 0);
	netns_iter_free(NULL);
}

static void live_names(void)
{
	struct netns *web = create_ns("web", 0), *random = create_ns(NULL, 0);
	struct netns *other = create_ns(NULL, NETNS_CREATE_UNPINNED);
	struct found *found;
	size_t n;

	CHECK_EQ(netns_attach(web, NULL, "web2"), 0);
	CHECK_EQ(netns_attach(other, tmp_path("pins"), "elsewhere"), 0);
	found = find_all(NULL, &n);
	CHECK_EQ(n, 3);
	check_found(found, n, "web", NETNS_LIVE, web);
	check_found(found, n, "web2", NETNS_LIVE, web);
	check_found(found, n, strrchr(netns_get_path(random), '/') + 1, NETNS_LIVE, random);
	free(found);

	found = find_all(tmp_path("pins"), &n);
	CHECK_EQ(n, 1);
	check_found(found, n, "elsewhere", NETNS_LIVE, other);
	free(found);

	CHECK_EQ(netns_delete(NULL, "web2"), 0);
	CHECK_EQ(netns_delete(tmp_path("pins"), "elsewhere"), 0);
	check_count(netns_get_run_dir(), 2);
	netns_free(web);
	netns_free(random);
	netns_free(other);
}

/* Linux < 6.18, where each must be opened. */
static void opened_names(void)
{
	deny_syscall(SYS_name_to_handle_at, -1, 0, 0, EOPNOTSUPP);
	live_names();
}

static void make_foreign_names(void)
{
	write_file(run_path("content"), "x");
	make_link("web", run_path("link"));
	make_link("nowhere", run_path("dangling"));
	make_link("stale", run_path("to-stale"));
	CHECK(mkdir(run_path("dir"), 0755) == 0);
	CHECK(mkfifo(run_path("fifo"), 0600) == 0);
	make_socket_file(run_path("socket"));
	CHECK(mknod(run_path("null"), S_IFCHR | 0600, 0x103) == 0);
	make_stale("uts");
	CHECK(mount("/proc/self/ns/uts", run_path("uts"), "none", MS_BIND, NULL) == 0);
	make_stale("empty-mount");
	write_file(tmp_path("empty"), NULL);
	CHECK(mount(tmp_path("empty"), run_path("empty-mount"), "none", MS_BIND, NULL) == 0);
}

static const char *const foreign[] = {"content", "link", "dangling", "to-stale", "dir", "fifo",
	"socket", "null", "uts", "empty-mount"};

static void all_states(void)
{
	struct netns *web = create_ns("web", 0);
	struct found *found;
	size_t n;

	make_stale("stale");
	make_foreign_names();
	found = find_all(NULL, &n); /* not waiting for a FIFO */
	CHECK_EQ(n, 2 + ARRAY_SIZE(foreign));
	check_found(found, n, "web", NETNS_LIVE, web);
	check_found(found, n, "stale", NETNS_STALE, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		check_found(found, n, foreign[i], NETNS_FOREIGN, NULL);
	free(found);

	CHECK(umount(run_path("uts")) == 0 && umount(run_path("empty-mount")) == 0);
	CHECK(unlink(run_path("stale")) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		CHECK(remove(run_path(foreign[i])) == 0);
	netns_free(web);
}

static void unusual_names(void)
{
	static const char *const names[] = {
		"new\nline", "%s%n", "\xff\xfe", "-x", ".hidden", "...", " ", "\x1b[31mred"};
	struct netns *ns[ARRAY_SIZE(names) + 1];
	char longest[NAME_MAX + 1];
	struct found *found;
	size_t n;

	memset(longest, 'n', NAME_MAX);
	longest[NAME_MAX] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ns[i] = create_ns(names[i], 0);
	ns[ARRAY_SIZE(names)] = create_ns(longest, 0);
	found = find_all(NULL, &n);
	CHECK_EQ(n, ARRAY_SIZE(ns));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_found(found, n, names[i], NETNS_LIVE, ns[i]);
	check_found(found, n, longest, NETNS_LIVE, ns[ARRAY_SIZE(names)]);
	free(found);
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		netns_free(ns[i]);
}

static void bad_directories(void)
{
	char *path = calloc(1, 5001);

	check_new_fails("relative", -EINVAL);
	CHECK_MSG("relative");
	check_new_fails("", -EINVAL);
	check_new_fails(tmp_path("missing"), -ENOENT);
	CHECK_MSG("missing");
	write_file(tmp_path("file"), NULL);
	check_new_fails(tmp_path("file"), -ENOTDIR);
	CHECK(mkfifo(tmp_path("fifo"), 0600) == 0);
	check_new_fails(tmp_path("fifo"), -ENOTDIR);
	make_link("loop", tmp_path("loop"));
	check_new_fails(tmp_path("loop"), -ELOOP);
	memset(path, 'x', 256);
	check_new_fails(tmp_path(path), -ENAMETOOLONG);
	for (size_t i = 0; i < 5000; i += 2)
		memcpy(path + i, "/x", 2);
	check_new_fails(path, -ENAMETOOLONG);
	free(path);
	CHECK_EQ(netns_iter_new(NULL, NULL), -EINVAL);
}

static uint64_t web_inode;

static void enumerate_as_anyone(void)
{
	struct found *found;
	size_t n;

	drop_privileges();
	check_new_fails(tmp_path("secret"), -EACCES);
	found = find_all(NULL, &n);
	CHECK_EQ(n, 2);
	for (size_t i = 0; i < n; i++) {
		bool is_web = strcmp(found[i].name, "web") == 0;

		CHECK(is_web || strcmp(found[i].name, "stale") == 0);
		CHECK_EQ(found[i].state, is_web ? NETNS_LIVE : NETNS_STALE);
		CHECK_EQ(found[i].inode.ino, is_web ? web_inode : 0);
	}
	free(found);
}

static void unprivileged(void)
{
	struct netns *web = create_ns("web", 0);

	make_stale("stale");
	CHECK(mkdir(tmp_path("secret"), 0700) == 0);
	web_inode = inode_of(web);
	in_child(enumerate_as_anyone);
	CHECK(unlink(run_path("stale")) == 0);
	netns_free(web);
}

static void bad_arguments(void)
{
	const struct netns_entry *entry = UNTOUCHED;
	struct netns_iter *it;

	CHECK_EQ(netns_iter_next(NULL, &entry), -EINVAL);
	CHECK(entry == UNTOUCHED);
	netns_free(create_ns(NULL, 0));
	CHECK_EQ(netns_iter_new(NULL, &it), 0);
	CHECK_EQ(netns_iter_next(it, NULL), -EINVAL);
	CHECK_EQ(netns_iter_next(it, &entry), 0);
	CHECK(entry == UNTOUCHED);
	netns_iter_free(it);
}

static void many_names(void)
{
	struct netns *ns = create_ns(NULL, NETNS_CREATE_UNPINNED);
	const char *dir = tmp_path("pins");
	struct found *found;
	char name[16];
	size_t n;

	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "web%d", i);
		CHECK_EQ(netns_attach(ns, dir, name), 0);
	}
	found = find_all(dir, &n);
	CHECK_EQ(n, 500);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "web%d", i);
		check_found(found, n, name, NETNS_LIVE, ns);
		CHECK_EQ(netns_delete(dir, name), 0);
	}
	free(found);
	check_count(dir, 0);
	netns_free(ns);
}

static void two_at_once(void)
{
	struct netns *ns[4];
	const struct netns_entry *a, *b;
	struct netns_iter *first, *second;

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		ns[i] = create_ns(NULL, 0);
	CHECK_EQ(netns_iter_new(NULL, &first), 0);
	CHECK_EQ(netns_iter_new(NULL, &second), 0);
	CHECK_EQ(count_inheritable(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		CHECK_EQ(netns_iter_next(first, &a), 1);
		CHECK_EQ(netns_iter_next(second, &b), 1);
		CHECK_STR(a->name, b->name);
		CHECK(a != b);
	}
	CHECK_EQ(netns_iter_next(first, &a), 0);
	netns_iter_free(first);
	netns_iter_free(second);

	/* Given up in the middle. */
	CHECK_EQ(netns_iter_new(NULL, &first), 0);
	CHECK_EQ(netns_iter_next(first, &a), 1);
	netns_iter_free(first);
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		netns_free(ns[i]);
}

static void names_vanish_meanwhile(void)
{
	struct netns *ns[20];
	const struct netns_entry *entry;
	struct netns_iter *it;
	unsigned n = 0;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		ns[i] = create_ns(NULL, 0);
	CHECK_EQ(netns_iter_new(NULL, &it), 0);
	CHECK_EQ(netns_iter_next(it, &entry), 1);
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		netns_free(ns[i]);
	while ((r = netns_iter_next(it, &entry)) == 1)
		n++;
	CHECK_EQ(r, 0);
	CHECK_EQ(n, 0);
	netns_iter_free(it);
}

static _Atomic bool stop;

static void *come_and_go(void *arg)
{
	(void)arg;
	while (!stop)
		netns_free(create_ns(NULL, 0));
	return NULL;
}

/* Those that stay are seen exactly once, whatever else comes and goes. */
static void names_come_and_go(void)
{
	struct netns *stays[8];
	double end = now() + 0.5;
	pthread_t threads[2];
	struct found *found;
	char name[16];
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(stays); i++) {
		snprintf(name, sizeof(name), "stays%zu", i);
		stays[i] = create_ns(name, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, come_and_go, NULL), 0);
	while (now() < end) {
		found = find_all(NULL, &n);
		for (size_t i = 0; i < ARRAY_SIZE(stays); i++) {
			snprintf(name, sizeof(name), "stays%zu", i);
			check_found(found, n, name, NETNS_LIVE, stays[i]);
		}
		for (size_t i = 0; i < n; i++)
			CHECK(found[i].state != NETNS_FOREIGN);
		free(found);
	}
	stop = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(stays); i++)
		netns_free(stays[i]);
}

static void descriptors_run_out(void)
{
	struct netns *web = create_ns("web", 0);
	const struct netns_entry *entry = UNTOUCHED;
	struct netns_iter *it;

	limit_free_descriptors(0);
	check_new_fails(NULL, -EMFILE);
	limit_free_descriptors(1);
	deny_syscall(SYS_name_to_handle_at, -1, 0, 0, EOPNOTSUPP); /* which needs none */
	CHECK_EQ(netns_iter_new(NULL, &it), 0);
	CHECK_EQ(netns_iter_next(it, &entry), -EMFILE);
	CHECK(entry == UNTOUCHED);
	unlimit_descriptors();
	CHECK(netns_iter_next(it, &entry) >= 0);
	netns_iter_free(it);
	netns_free(web);
}

/* The directory goes away, with an enumeration of it open. */
static void directory_vanishes(void)
{
	const char *dir = tmp_path("pins");
	const struct netns_entry *entry;
	struct netns_iter *it;

	CHECK(mkdir(dir, 0755) == 0);
	CHECK_EQ(netns_iter_new(dir, &it), 0);
	CHECK(rmdir(dir) == 0);
	CHECK_EQ(netns_iter_next(it, &entry), 0);
	netns_iter_free(it);
}

TEST_MAIN({"no_names", no_names, NEED_ROOT, 0}, {"live_names", live_names, NEED_ROOT, 0},
	{"opened_names", opened_names, NEED_ROOT, 0}, {"all_states", all_states, NEED_ROOT, 0},
	{"unusual_names", unusual_names, NEED_ROOT, 0},
	{"bad_directories", bad_directories, NEED_ROOT, 0},
	{"unprivileged", unprivileged, NEED_ROOT, 0},
	{"bad_arguments", bad_arguments, NEED_ROOT, 0}, {"many_names", many_names, NEED_ROOT, 0},
	{"two_at_once", two_at_once, NEED_ROOT, 0},
	{"names_vanish_meanwhile", names_vanish_meanwhile, NEED_ROOT, 0},
	{"names_come_and_go", names_come_and_go, NEED_ROOT, 0},
	{"descriptors_run_out", descriptors_run_out, NEED_ROOT, 0},
	{"directory_vanishes", directory_vanishes, NEED_ROOT, 0})
