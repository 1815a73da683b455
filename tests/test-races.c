/* SPDX-License-Identifier: MIT */
/*
 * Several processes that want the same names at once, ip-netns(8) among them.
 *
 * Of ours the run directory's lock makes an order. ip takes that only while it makes the directory
 * shared: it makes its file, makes the namespace, and mounts it, without; and deletes in two steps,
 * without. What it does to its own names that way, no other program can prevent:
 *
 *  - "ip netns add" makes the file, "ip netns delete" removes it, someone makes the name anew, and
 *    the first one mounts on that: two namespaces on one name;
 *  - "ip netns add" is held up for more than the second after which its file counts as left over.
 *
 * So one storm has no "ip netns delete", and must leave nothing at all, unless an "ip netns add"
 * took longer than that second. One has, and must leave nothing that delete does not clear away.
 */
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "harness.h"
#include "raw.h"
#include "watch.h"

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

/* ---- storms */

static const char *const names[] = {"a", "b", "c"};

static double storm_end;

/* NETNS_TESTS_LONG=1 is for twenty seconds each. */
static void begin_storm(void)
{
	const char *is_long = getenv("NETNS_TESTS_LONG");

	open_books();
	netns_free(create_ns(NULL, 0));
	storm_end = now() + (is_long && strcmp(is_long, "1") == 0 ? 20 : 2);
}

static int be_inside(struct netns *host, void *arg)
{
	(void)host;
	CHECK_EQ(here(), *(uint64_t *)arg);
	return 42;
}

static void enter_name(const char *name)
{
	uint64_t home = here(), there;
	struct netns *ns = NULL;
	int r = netns_open_name(name, &ns);

	/* Between file and mount, and between unmount and removal, it looks like a leftover. */
	CHECK(r == 0 || r == -ENOENT || r == -EMEDIUMTYPE);
	if (r < 0)
		return;
	books->opened++;
	there = inode_of(ns);
	CHECK_EQ(netns_do(ns, be_inside, &there), 42);
	CHECK_EQ(here(), home);
	books->entered++;
	netns_free(ns);
}

static void add_name(const char *name)
{
	struct netns *ns = NULL;
	int r = create(name, NETNS_CREATE_KEEP, &ns);

	CHECK(r == 0 || r == -EEXIST);
	books->made += r == 0;
	netns_free(ns);
}

/* busy: what is answered when ip is just making the name, for two seconds again and again. */
static void delete_name(const char *name, int busy)
{
	int r = netns_delete(NULL, name);

	CHECK(r == 0 || r == -ENOENT || (busy && r == busy));
	books->removed += r == 0;
}

static void do_something(unsigned *seed, int busy)
{
	const char *name = names[rand_r(seed) % ARRAY_SIZE(names)];

	switch (rand_r(seed) % 4) {
	case 0:
		add_name(name);
		break;
	case 1:
		delete_name(name, busy);
		break;
	case 2:
		list_names();
		break;
	default:
		enter_name(name);
	}
}

static void storm_alone(unsigned number)
{
	unsigned seed = number + 1;

	while (now() < storm_end)
		do_something(&seed, 0);
}

static unsigned delete_all(void)
{
	unsigned n = 0;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		r = netns_delete(NULL, names[i]);
		CHECK(r == 0 || r == -ENOENT);
		n += r == 0;
	}
	CHECK_EQ(check_settled(), 0);
	CHECK_EQ(count_pins(""), 0);
	return n;
}

static void print_books(void)
{
	printf("made %u, removed %u, opened %u, entered %u, ip called %u times\n", books->made,
		books->removed, books->opened, books->entered, books->ip_calls);
	CHECK(books->made > 0 && books->removed > 0 && books->entered > 0);
}

/* Whatever the order, a name is a namespace or absent in the end, and the books balance. */
static void storm_of_processes(void)
{
	unsigned left;

	begin_storm();
	race(storm_alone);
	left = check_settled();
	CHECK_EQ(delete_all(), left);
	print_books();
	CHECK_EQ(books->made, books->removed + left);
}

static void need_ip(void)
{
	if (strcmp(netns_get_run_dir(), "/var/run/netns") != 0)
		skip_case("ip-netns(8) has another run directory than %s", netns_get_run_dir());
	if (system("ip -V >/dev/null 2>&1") != 0)
		skip_case("no ip(8)");
}

/* What it says is of no interest: that a name is there already, or not any more. */
static void call_ip(const char *verb, const char *name)
{
	int null, status;
	double start = now();
	pid_t pid = fork();

	if (pid == 0) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp("ip", "ip", "netns", verb, name, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) != 127);
	books->ip_calls++;
	books->ip_slow += strcmp(verb, "add") == 0 && now() - start >= 1;
}

static void storm_of_ip(unsigned *seed, bool may_delete)
{
	const char *name = names[rand_r(seed) % ARRAY_SIZE(names)];
	unsigned what = (unsigned)rand_r(seed) % (may_delete ? 3 : 2);

	if (what == 0)
		call_ip("add", name);
	else if (what == 1)
		call_ip("list", NULL);
	else
		call_ip("delete", name);
}

/* Half of them are we. */
static void storm_with(unsigned number, bool may_delete)
{
	unsigned seed = number + 1;

	while (now() < storm_end) {
		if (number % 2)
			storm_of_ip(&seed, may_delete);
		else
			do_something(&seed, -EBUSY);
	}
}

static void storm_with_adds(unsigned number)
{
	storm_with(number, false);
}

static void storm_with_deletes(unsigned number)
{
	storm_with(number, true);
}

static void storm_with_ip_adding(void)
{
	need_ip();
	begin_storm();
	race(storm_with_adds);
	if (books->ip_slow == 0)
		check_settled();
	else
		printf("ip netns add took more than a second %u times\n", books->ip_slow);
	delete_all();
	print_books();
}

static void storm_with_ip_deleting(void)
{
	need_ip();
	begin_storm();
	race(storm_with_deletes);
	printf("%u pins on at most %zu names\n", count_pins(""), ARRAY_SIZE(names));
	delete_all();
	print_books();
}

/* ---- inside, or on the way, while the name goes */

static int delete_and_stay(struct netns *host, void *arg)
{
	uint64_t inside = where();
	int sock;

	(void)arg;
	CHECK(inside != cookie_of(host));
	add_same_name(0);
	delete_name("web", 0);
	CHECK_EQ(where(), inside);
	sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_EQ(socket_cookie(sock), inside);
	close(sock);
	return 0;
}

/* All are inside, and all delete it, and make it anew. */
static void go_in_and_delete(unsigned number)
{
	uint64_t home = where();

	(void)number;
	CHECK_EQ(netns_do(theirs, delete_and_stay, NULL), 0);
	CHECK_EQ(where(), home);
}

static void deleted_while_others_are_inside(void)
{
	open_books();
	for (int i = 0; i < 20; i++) {
		theirs = create_ns("web", NETNS_CREATE_KEEP);
		race(go_in_and_delete);
		CHECK_EQ(delete_all(), 0);
		CHECK_EQ(netns_check_path(run_path("web")), -ENOENT);
		netns_free(theirs);
	}
}

static int enter_web(void *arg)
{
	uint64_t there;
	struct netns *ns;
	int r = netns_open_name("web", &ns);

	(void)arg;
	if (r < 0)
		return r;
	there = inode_of(ns);
	r = netns_do(ns, be_inside, &there);
	netns_free(ns);
	return r;
}

static int delete_there(unsigned position, int nr, void *data)
{
	(void)nr;
	if (position == *(unsigned *)data)
		CHECK_EQ(netns_delete(NULL, "web"), 0);
	return 0;
}

/* At each step of opening and entering the name is deleted: one gets in as before, or not at all. */
static void enter_while_deleted(void)
{
	unsigned position, inside = 0;
	bool came;
	int r;

	for (position = 0, came = true; came; position++) {
		netns_free(create_ns("web", NETNS_CREATE_KEEP));
		r = run_judged(enter_web, NULL, delete_there, &position);
		CHECK(r == 42 || r == -ENOENT);
		inside += r == 42;
		came = netns_delete(NULL, "web") == -ENOENT;
	}
	CHECK(position > 4 && inside > 2 && inside < position);
}

static void entered_while_deleted(void)
{
	on_each_kernel(enter_while_deleted);
}

/* ---- process ids given again */

enum { THE_PID = 7777 };

static void wait_for_ever(void)
{
	for (;;)
		syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

/* A process with that id, in a network namespace of its own; says which, and gives a pidfd. */
static uint64_t start_the_process(int *pidfd)
{
	pid_t set_tid = THE_PID;
	uint64_t args[11] = {CLONE_NEWNET | CLONE_PIDFD, (uintptr_t)pidfd, 0, 0, SIGCHLD, 0, 0, 0,
		(uintptr_t)&set_tid, 1, 0};
	struct stat st;
	char path[64];
	long pid = syscall(435 /* clone3, Linux 5.3; set_tid 5.5 */, args, sizeof(args));

	if (pid == 0)
		wait_for_ever();
	CHECK_EQ(pid, THE_PID);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", THE_PID);
	CHECK(stat(path, &st) == 0);
	return st.st_ino;
}

/* A call that is told the id, or a pidfd of the process that had it first. */
struct reuse {
	bool by_pidfd;
	int pidfd, second_pidfd;
	unsigned position;
	int opened_at; /* the position of the first open(2), as of /proc/PID; or -1 */
	bool came;
	uint64_t first, second, found;
};

static int give_anew(unsigned position, int nr, void *data)
{
	struct reuse *reuse = data;

	if (nr == SYS_openat && reuse->opened_at < 0)
		reuse->opened_at = (int)position;
	if (position == reuse->position) {
		stop_process(THE_PID);
		reuse->second = start_the_process(&reuse->second_pidfd);
		reuse->came = true;
	}
	return 0;
}

static int open_the_process(void *data)
{
	struct reuse *reuse = data;
	struct netns *ns = NULL;
	int r;

	r = reuse->by_pidfd ? netns_open_fd(reuse->pidfd, &ns) : netns_open_pid(THE_PID, &ns);
	if (r == 0)
		reuse->found = inode_of(ns);
	netns_free(ns);
	return r;
}

static bool reuse_at(unsigned position, bool by_pidfd)
{
	struct reuse reuse = {.by_pidfd = by_pidfd, .position = position, .opened_at = -1};
	struct netns *kept;
	bool may_be_second;
	int r;

	reuse.first = start_the_process(&reuse.pidfd);
	CHECK_EQ(netns_open_pid(THE_PID, &kept), 0); /* so that its inode is not given again */
	r = run_judged(open_the_process, &reuse, give_anew, &reuse);

	/* By number it is whoever had that when he was looked up; a pidfd stays with one. */
	may_be_second =
		!by_pidfd && reuse.came && (position == 0 || (int)position <= reuse.opened_at);
	if (r == 0)
		CHECK(reuse.found == reuse.first || (may_be_second && reuse.found == reuse.second));
	else
		CHECK(reuse.came && r == -ESRCH);
	stop_process(THE_PID);
	netns_free(kept);
	close(reuse.pidfd);
	if (reuse.came)
		close(reuse.second_pidfd);
	return reuse.came;
}

static void reuse_everywhere(void)
{
	for (int by_pidfd = 0; by_pidfd < 2; by_pidfd++) {
		unsigned position = 0;

		while (reuse_at(position, by_pidfd))
			position++;
		CHECK(position > 1);
	}
}

static void reuse_on_each_kernel(void)
{
	CHECK_EQ(unshare(CLONE_NEWNS), 0);
	CHECK_EQ(mount("proc", "/proc", "proc", 0, NULL), 0);
	on_each_kernel(reuse_everywhere);
}

static void make_pid_namespace(void)
{
	CHECK_EQ(unshare(CLONE_NEWPID), 0);
	in_child(reuse_on_each_kernel);
}

static void pid_given_again(void)
{
	in_child(make_pid_namespace);
}

TEST_MAIN({"first_add_of_different_names", first_add_of_different_names, NEED_ROOT, 120},
	{"first_add_of_one_name", first_add_of_one_name, NEED_ROOT, 120},
	{"first_add_on_old_kernels", first_add_on_old_kernels, NEED_ROOT, 120},
	{"storm_of_processes", storm_of_processes, NEED_ROOT, 120},
	{"storm_with_ip_adding", storm_with_ip_adding, NEED_ROOT, 120},
	{"storm_with_ip_deleting", storm_with_ip_deleting, NEED_ROOT, 120},
	{"ip_at_every_step", ip_at_every_step, NEED_ROOT, 120},
	{"ip_takes_the_leftover", ip_takes_the_leftover, NEED_ROOT, 120},
	{"deleted_while_others_are_inside", deleted_while_others_are_inside, NEED_ROOT, 120},
	{"entered_while_deleted", entered_while_deleted, NEED_ROOT, 120},
	{"pid_given_again", pid_given_again, NEED_ROOT, 120})
