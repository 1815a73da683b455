/* SPDX-License-Identifier: MIT */
/*
 * Load: many namespaces at once, many one after the other, many threads that call everything; and
 * that nothing grows. `make soak` runs it at full length, the tests for a few seconds.
 *
 *	soak [LIVE CHURN SECONDS]
 *
 * In a mount namespace and a network namespace of its own. Prints TAP, with the figures as
 * comments.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <netns.h>

enum { THREADS = 64, CITIES = 8, DEFAULT_LIVE = 5000, DEFAULT_CHURN = 10000, DEFAULT_SECONDS = 60 };

/*
 * The heap may keep what threads used at once; with a minute's calls a leak of eight bytes in each
 * is more. A sanitizer keeps what was freed.
 */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
	__has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MAY_GROW_KB (1024L * 1024)
#else
#define MAY_GROW_KB 4096L
#endif

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			fail(__LINE__, #cond);                                                     \
	} while (0)

static void fail(int line, const char *what)
{
	printf("Bail out! soak.c:%d: %s (%s)\n", line, what, netns_errmsg());
	fflush(stdout);
	_exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- what could grow */

struct figures {
	long rss_kb, threads, descriptors, mounts;
};

static long count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	long n = -1;

	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static long count_lines(const char *path)
{
	FILE *file = fopen(path, "re");
	long n = 0;
	int c;

	CHECK(file);
	while ((c = getc(file)) != EOF)
		n += c == '\n';
	fclose(file);
	return n;
}

static long status_of(const char *key)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	long n = -1;

	CHECK(file);
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0)
			n = atol(line + strlen(key));
	fclose(file);
	return n;
}

/* A thread's exit is not quite over when it has been joined. */
static void wait_for_threads(void)
{
	for (int i = 0; i < 5000 && status_of("Threads:") > 1; i++)
		usleep(1000);
}

static struct figures take_figures(void)
{
	return (struct figures){.rss_kb = status_of("VmRSS:"),
		.threads = status_of("Threads:"),
		.descriptors = count_descriptors(),
		.mounts = count_lines("/proc/self/mountinfo")};
}

static void print_figures(const char *when, const struct figures *figures)
{
	printf("# %-24s RSS %6ld kB, %2ld threads, %2ld descriptors, %4ld mounts\n", when,
		figures->rss_kb, figures->threads, figures->descriptors, figures->mounts);
}

static bool have_grown(const struct figures *before, const struct figures *after)
{
	return after->rss_kb > before->rss_kb + MAY_GROW_KB || after->threads > before->threads ||
	       after->descriptors != before->descriptors || after->mounts != before->mounts;
}

static unsigned number, failures;

static void report(const char *name, const struct figures *before, const struct figures *after)
{
	bool bad = have_grown(before, after);

	print_figures("before", before);
	print_figures("after", after);
	printf("%sok %u - %s\n", bad ? "not " : "", ++number, name);
	fflush(stdout);
	failures += bad;
}

/* ---- many at once */

static struct netns *create(const char *name, unsigned flags)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = name, .flags = flags};
	struct netns *ns = NULL;

	CHECK(netns_create(&opts, &ns) == 0);
	return ns;
}

static void create_all(unsigned n)
{
	char name[32];

	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		netns_free(create(name, NETNS_CREATE_KEEP));
	}
}

static unsigned list_all(void)
{
	const struct netns_entry *entry;
	struct netns_iter *iter;
	unsigned n = 0;
	int r;

	CHECK(netns_iter_new(NULL, &iter) == 0);
	while ((r = netns_iter_next(iter, &entry)) > 0)
		n += entry->state == NETNS_LIVE;
	CHECK(r == 0);
	netns_iter_free(iter);
	return n;
}

static void enter_all(unsigned n)
{
	struct netns_scope scope;
	struct netns *ns;
	char name[32];

	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		CHECK(netns_open_name(name, &ns) == 0);
		CHECK(netns_enter(&scope, ns, NULL) == 0);
		CHECK(netns_leave(&scope) == 0);
		netns_free(ns);
	}
	netns_thread_release();
}

static void delete_all(unsigned n)
{
	char name[32];

	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		CHECK(netns_delete(NULL, name) == 0);
	}
}

static double print_rate(const char *what, double n, double start)
{
	double seconds = now() - start;

	printf("# %-24s %8.0f in %6.2f s, %8.0f per second\n", what, n, seconds, n / seconds);
	return now();
}

static void many_at_once(unsigned n)
{
	struct figures before, meanwhile, after;
	double start;

	netns_free(create(NULL, 0));
	before = take_figures();
	start = now();
	create_all(n);
	start = print_rate("created", n, start);
	meanwhile = take_figures();
	CHECK(list_all() == n);
	start = print_rate("listed", n, start);
	enter_all(n);
	start = print_rate("opened, entered, left", n, start);
	delete_all(n);
	print_rate("deleted", n, start);
	CHECK(list_all() == 0);
	after = take_figures();
	print_figures("all at once", &meanwhile);
	CHECK(meanwhile.mounts == before.mounts + (long)n);
	report("many at once", &before, &after);
}

/* ---- one after the other */

/* What is gone is freed later, by a kernel thread that is slower than we; its limit is a number. */
static void create_and_delete(unsigned i)
{
	netns_free(create("churn", NETNS_CREATE_KEEP | (i % 2 ? NETNS_CREATE_LO_UP : 0)));
	CHECK(netns_delete(NULL, "churn") == 0);
}

static void churn(unsigned n)
{
	struct figures before, after;
	double start;

	for (unsigned i = 0; i < n / 10; i++)
		create_and_delete(i);
	before = take_figures();
	start = now();
	for (unsigned i = 0; i < n; i++)
		create_and_delete(i);
	print_rate("created and deleted", n, start);
	after = take_figures();
	report("one after the other", &before, &after);
}

/* ---- everything at once */

static struct netns *cities[CITIES];
static struct netns_inode inodes[CITIES];
static _Atomic unsigned long calls;
static double end;

static void check_city(struct netns *ns, unsigned city)
{
	struct netns_inode inode;

	CHECK(netns_get_inode(ns, &inode) == 0);
	CHECK(inode.ino == inodes[city].ino && inode.dev == inodes[city].dev);
}

static int be_inside(struct netns *host, void *arg)
{
	unsigned city = *(unsigned *)arg;
	struct netns *here;

	(void)host;
	CHECK(netns_open_current(&here) == 0);
	check_city(here, city);
	netns_free(here);
	return (int)city;
}

static void do_inside(unsigned city, struct netns *home)
{
	CHECK(netns_do(cities[city], be_inside, &city) == (int)city);
	CHECK(netns_do_from(cities[city], home, be_inside, &city) == (int)city);
	CHECK(netns_do_path(netns_get_path(cities[city]), be_inside, &city) == (int)city);
}

static void do_on_thread(unsigned city, struct netns *home)
{
	(void)home;
	CHECK(netns_do_thread(cities[city], be_inside, &city) == (int)city);
}

static void open_in_all_ways(unsigned city, struct netns *home)
{
	int sock = netns_socket(cities[city], AF_INET, SOCK_DGRAM, 0);
	struct netns *ns[5];

	CHECK(sock >= 0);
	CHECK(netns_open(netns_get_path(cities[city]), &ns[0]) == 0);
	CHECK(netns_open_name(strrchr(netns_get_path(cities[city]), '/') + 1, &ns[1]) == 0);
	CHECK(netns_open_fd(netns_get_fd(cities[city]), &ns[2]) == 0);
	CHECK(netns_open_socket(sock, &ns[3]) == 0);
	CHECK(netns_open_pid(getpid(), &ns[4]) == 0);
	CHECK(netns_is_same(ns[4], home) == 1);
	for (int i = 0; i < 4; i++)
		check_city(ns[i], city);
	for (int i = 0; i < 5; i++)
		netns_free(ns[i]);
	close(sock);
	CHECK(netns_check_path(netns_get_path(cities[city])) == 0);
	CHECK(netns_open("/nowhere", &ns[0]) == -ENOENT);
}

static void ask_who(unsigned city, struct netns *home)
{
	uint64_t id;
	uid_t uid;
	int nsid, fd;

	(void)home;
	CHECK(netns_get_id(cities[city], &id) == 0);
	CHECK(netns_get_owner_uid(cities[city], &uid) == 0 && uid == 0);
	CHECK(netns_assign_nsid(cities[city], &nsid) == 0);
	fd = netns_open_owner(cities[city]);
	CHECK(fd >= 0);
	close(fd);
	fd = netns_openat(cities[city], "/proc/net/dev", O_RDONLY, 0);
	CHECK(fd >= 0);
	close(fd);
	if (city == 0)
		netns_thread_release();
}

static void make_and_remove(unsigned city, struct netns *home)
{
	static _Atomic unsigned next;
	char name[32];
	struct netns *ns = create(NULL, city % 2 ? NETNS_CREATE_UNPINNED : NETNS_CREATE_LO_UP);

	(void)home;
	snprintf(name, sizeof(name), "alias%u", next++);
	CHECK(netns_attach(ns, NULL, name) == 0);
	CHECK(netns_delete(NULL, name) == 0);
	CHECK(netns_delete(NULL, name) == -ENOENT);
	CHECK(netns_close(ns) == 0);
	netns_free(ns);
}

static void read_names(unsigned city, struct netns *home)
{
	(void)city;
	(void)home;
	CHECK(list_all() >= CITIES);
}

static void start_program(unsigned city, struct netns *home)
{
	char *argv[] = {(char *)"true", NULL};
	siginfo_t info;
	pid_t pid;
	int pidfd;

	(void)home;
	pidfd = netns_spawn(cities[city], "/bin/true", argv, NULL, &pid);
	CHECK(pidfd >= 0);
	CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED) == 0 && info.si_status == 0);
	close(pidfd);
}

static const struct {
	void (*call)(unsigned city, struct netns *home);
	unsigned one_in; /* so many rounds */
} everything[] = {
	{do_inside, 1},
	{open_in_all_ways, 2},
	{ask_who, 2},
	{do_on_thread, 16},
	{read_names, 16},
	{make_and_remove, 32},
	{start_program, 64},
};

static void *call_everything(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;
	struct netns *home;

	CHECK(netns_open_current(&home) == 0);
	while (now() < end) {
		unsigned city = (unsigned)rand_r(&seed) % CITIES;

		for (size_t i = 0; i < sizeof(everything) / sizeof(everything[0]); i++)
			if ((unsigned)rand_r(&seed) % everything[i].one_in == 0) {
				everything[i].call(city, home);
				calls++;
			}
	}
	netns_free(home);
	return NULL;
}

static struct figures call_everything_for(double seconds)
{
	pthread_t threads[THREADS];
	double start = now();

	end = start + seconds;
	calls = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, call_everything, (void *)(i + 1)) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	print_rate("groups of calls", (double)calls, start);
	wait_for_threads();
	return take_figures();
}

/* The first part is for what is allocated once. */
static void everything_at_once(double seconds)
{
	struct figures warm, after;
	char name[16];

	for (int i = 0; i < CITIES; i++) {
		snprintf(name, sizeof(name), "city%d", i);
		cities[i] = create(name, 0);
		CHECK(netns_get_inode(cities[i], &inodes[i]) == 0);
	}
	warm = call_everything_for(seconds / 4);
	after = call_everything_for(seconds * 3 / 4);
	for (int i = 0; i < CITIES; i++)
		netns_free(cities[i]);
	CHECK(list_all() == 0);
	report("64 threads, all calls", &warm, &after);
}

/* ---- */

static void isolate(void)
{
	char parent[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s", netns_get_run_dir());
	*strrchr(parent, '/') = '\0';
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0) {
		printf("1..0 # SKIP needs root: %s\n", strerror(errno));
		exit(0);
	}
	CHECK(mount(NULL, "/", "none", MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("tests", parent, "tmpfs", 0, "mode=755") == 0);
}

static unsigned argument(int argc, char **argv, int i, unsigned otherwise)
{
	return i < argc ? (unsigned)strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	isolate();
	printf("1..3\n");
	many_at_once(argument(argc, argv, 1, DEFAULT_LIVE));
	churn(argument(argc, argv, 2, DEFAULT_CHURN));
	everything_at_once(argument(argc, argv, 3, DEFAULT_SECONDS));
	return failures ? 1 : 0;
}
