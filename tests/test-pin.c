/* SPDX-License-Identifier: MIT */
/*
 * Pins under adverse conditions: names half-made by others, what is no pin, the lock, descriptors
 * that run out.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "leftovers.h"
#include "watch.h"

/* What an output must still be after a failure. */
#define UNTOUCHED ((struct netns *)0x5a5a5a5a)

/* A moment after which an empty file is certainly no name in the making any more. */
#define OLD_US 1100000

static int create(const char *name, struct netns **ret)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = name};

	*ret = UNTOUCHED;
	return netns_create(&opts, ret);
}

static void check_created(const char *name)
{
	struct netns *ns, *pin;

	CHECK_EQ(create(name, &ns), 0);
	CHECK_EQ(netns_open_name(name, &pin), 0);
	CHECK_EQ(netns_is_same(ns, pin), 1);
	netns_free(pin);
	netns_free(ns);
}

static void check_refused(const char *name)
{
	struct netns *ns;

	CHECK_EQ(create(name, &ns), -EEXIST);
	CHECK(ns == UNTOUCHED);
	CHECK_MSG(name);
	ns = create_ns(NULL, NETNS_CREATE_UNPINNED);
	CHECK_EQ(netns_attach(ns, NULL, name), -EEXIST);
	netns_free(ns);
}

static void old_leftover(void)
{
	make_stale("web");
	usleep(OLD_US);
	check_created("web");
	CHECK_EQ(access(run_path("web"), F_OK), -1);
}

static void young_leftover(void)
{
	double start = now();

	make_stale("web");
	check_created("web");
	CHECK(now() - start > 0.9);
}

/* Not by a time that can be set to anything. */
static void leftover_with_false_times(void)
{
	struct timespec times[2] = {{4102444800, 0}, {4102444800, 0}}; /* the year 2100 */
	double start = now();

	make_stale("web");
	CHECK(utimensat(AT_FDCWD, run_path("web"), times, 0) == 0);
	check_created("web");
	CHECK(now() - start > 0.9);
}

static void leftover_of_any_mode(void)
{
	make_stale("web");
	CHECK(chmod(run_path("web"), 0666) == 0);
	usleep(OLD_US);
	check_created("web");
}

/* Made by the library itself, and so not in the making when the lock can be had. */
static void own_leftover(void)
{
	make_stale("web");
	CHECK(chmod(run_path("web"), S_ISVTX) == 0);
	check_created("web");
}

static void leftovers_side_by_side(void)
{
	char name[16];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "web%d", i);
		make_stale(name);
	}
	usleep(OLD_US);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "web%d", i);
		check_created(name);
	}
}

static void pin_raw(const struct netns *ns, const char *name)
{
	char source[64];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(ns));
	CHECK(mount(source, run_path(name), "none", MS_BIND, NULL) == 0);
}

/* iproute2's way: the file first, without a lock, then the rest. */
static void *make_as_iproute2(void *arg)
{
	usleep(300000);
	pin_raw(arg, "web");
	return NULL;
}

static void becomes_live_meanwhile(int (*call)(void), int want, bool stays)
{
	struct netns *theirs = create_ns(NULL, NETNS_CREATE_UNPINNED), *pin;
	double start = now();
	pthread_t thread;

	netns_free(create_ns(NULL, 0)); /* the run directory is mounted now */
	make_stale("web");
	CHECK_EQ(pthread_create(&thread, NULL, make_as_iproute2, theirs), 0);
	CHECK_EQ(call(), want);
	CHECK(now() - start > 0.25 && now() - start < 0.9);
	pthread_join(thread, NULL);
	if (stays) {
		CHECK_EQ(netns_open_name("web", &pin), 0);
		CHECK_EQ(netns_is_same(pin, theirs), 1);
		netns_free(pin);
		CHECK_EQ(netns_delete(NULL, "web"), 0);
	}
	CHECK(access(run_path("web"), F_OK) < 0);
	netns_free(theirs);
}

static int create_web(void)
{
	struct netns *ns;

	return create("web", &ns);
}

static int attach_web(void)
{
	struct netns *ns = create_ns(NULL, NETNS_CREATE_UNPINNED);
	int r = netns_attach(ns, NULL, "web");

	netns_free(ns);
	return r;
}

static int delete_web(void)
{
	return netns_delete(NULL, "web");
}

static void create_of_name_in_the_making(void)
{
	becomes_live_meanwhile(create_web, -EEXIST, true);
}

static void attach_of_name_in_the_making(void)
{
	becomes_live_meanwhile(attach_web, -EEXIST, true);
}

static void delete_of_name_in_the_making(void)
{
	becomes_live_meanwhile(delete_web, 0, false);
}

static void *remove_file(void *arg)
{
	usleep(300000);
	unlink(run_path(arg));
	return NULL;
}

/* Whoever was making it gave up. */
static void name_in_the_making_vanishes(void)
{
	char name[] = "web";
	pthread_t thread;

	make_stale(name);
	CHECK_EQ(pthread_create(&thread, NULL, remove_file, name), 0);
	check_created(name);
	pthread_join(thread, NULL);

	make_stale(name);
	CHECK_EQ(pthread_create(&thread, NULL, remove_file, name), 0);
	CHECK_EQ(delete_web(), -ENOENT);
	pthread_join(thread, NULL);
}

/* LOCK_EX: nobody has it in any way. LOCK_SH: nobody has it alone. */
static bool lock_can_be_had(int kind)
{
	int fd = open(netns_get_run_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool free = fd >= 0 && flock(fd, kind | LOCK_NB) == 0;

	if (fd >= 0)
		close(fd);
	return free;
}

static void *create_slowly(void *arg)
{
	check_created("web");
	*(_Atomic bool *)arg = true;
	return NULL;
}

/* A name that is waited for holds up nobody who wants another. */
static void waiting_without_the_lock(void)
{
	_Atomic bool created = false;
	double start = now();
	pthread_t thread;

	netns_free(create_ns(NULL, 0));
	make_stale("web");
	CHECK_EQ(pthread_create(&thread, NULL, create_slowly, (void *)&created), 0);
	usleep(200000);
	check_created("db");
	CHECK(!created || now() - start > 0.9);
	pthread_join(thread, NULL);
}

static void content_is_refused(void)
{
	char text[16] = "";
	int fd;

	netns_free(create_ns(NULL, 0));
	write_file(run_path("web"), "precious");
	usleep(OLD_US);
	check_refused("web");
	fd = open(run_path("web"), O_RDONLY | O_CLOEXEC);
	CHECK_EQ(read(fd, text, sizeof(text) - 1), 8);
	CHECK_STR(text, "precious");
	close(fd);
	CHECK(unlink(run_path("web")) == 0);
}

static void links_are_refused(void)
{
	struct netns *db = create_ns("db", 0), *pin;
	struct stat st;

	write_file(tmp_path("empty"), NULL);
	make_link(tmp_path("empty"), run_path("web"));
	make_link("nowhere", run_path("dangling"));
	make_link("db", run_path("link"));
	usleep(OLD_US);
	check_refused("web");
	check_refused("dangling");
	check_refused("link");
	CHECK(access(run_path("nowhere"), F_OK) < 0);
	CHECK_EQ(netns_check_path(tmp_path("empty")), -EMEDIUMTYPE);
	CHECK_EQ(netns_open_name("db", &pin), 0);
	CHECK_EQ(netns_is_same(db, pin), 1);
	netns_free(pin);
	CHECK(lstat(run_path("link"), &st) == 0 && S_ISLNK(st.st_mode));
	unlink(run_path("web"));
	unlink(run_path("dangling"));
	unlink(run_path("link"));
	netns_free(db);
}

static void other_files_are_refused(void)
{
	netns_free(create_ns(NULL, 0));
	CHECK(mkdir(run_path("dir"), 0755) == 0);
	CHECK(mkfifo(run_path("fifo"), 0600) == 0);
	CHECK(mknod(run_path("null"), S_IFCHR | 0600, 0x103) == 0);
	usleep(OLD_US);
	check_refused("dir");
	check_refused("fifo");
	check_refused("null");
	CHECK(rmdir(run_path("dir")) == 0);
	CHECK(unlink(run_path("fifo")) == 0);
	CHECK(unlink(run_path("null")) == 0);
}

static void delete_stack_in_vain(void)
{
	struct netns *top = create_ns("web", 0), *bottom = create_ns(NULL, NETNS_CREATE_UNPINNED),
		     *pin;
	char source[64];

	CHECK(umount(run_path("web")) == 0);
	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(bottom));
	CHECK(mount(source, run_path("web"), "none", MS_BIND, NULL) == 0);
	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(top));
	CHECK(mount(source, run_path("web"), "none", MS_BIND, NULL) == 0);
	deny_syscall(SYS_unlinkat, -1, 0, 0, EBUSY);
	CHECK_EQ(delete_web(), -EBUSY);
	CHECK_EQ(netns_open_name("web", &pin), 0);
	CHECK_EQ(netns_is_same(pin, top), 1);
}

/* The name means what it meant. */
static void failed_delete_of_a_stack(void)
{
	in_child(delete_stack_in_vain);
	CHECK_EQ(delete_web(), 0);
}

/* An empty file with something else mounted on it is no leftover. */
static void mounts_are_refused(void)
{
	netns_free(create_ns(NULL, 0));
	make_stale("uts");
	CHECK(mount("/proc/self/ns/uts", run_path("uts"), "none", MS_BIND, NULL) == 0);
	make_stale("file");
	write_file(tmp_path("empty"), NULL);
	CHECK(mount(tmp_path("empty"), run_path("file"), "none", MS_BIND, NULL) == 0);
	usleep(OLD_US);
	check_refused("uts");
	check_refused("file");
	CHECK(umount(run_path("uts")) == 0);
	CHECK(umount(run_path("file")) == 0);
	unlink(run_path("uts"));
	unlink(run_path("file"));
}

static _Atomic bool held, let_go;

static void *hold_lock(void *arg)
{
	int fd = open(netns_get_run_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)arg;
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
	held = true;
	while (!let_go)
		usleep(1000);
	close(fd);
	return NULL;
}

static _Atomic bool done;
static int (*waiting_call)(void);

static void *call_and_tell(void *arg)
{
	(void)arg;
	CHECK_EQ(waiting_call(), 0);
	done = true;
	return NULL;
}

static void check_waits_for_lock(int (*call)(void))
{
	pthread_t holder, waiter;

	held = let_go = done = false;
	waiting_call = call;
	CHECK_EQ(pthread_create(&holder, NULL, hold_lock, NULL), 0);
	while (!held)
		usleep(1000);
	CHECK_EQ(pthread_create(&waiter, NULL, call_and_tell, NULL), 0);
	usleep(200000);
	CHECK(!done);
	let_go = true;
	pthread_join(holder, NULL);
	pthread_join(waiter, NULL);
	CHECK(done);
	CHECK(lock_can_be_had(LOCK_EX));
}

static int create_and_keep(void)
{
	netns_free(create_ns("web", NETNS_CREATE_KEEP));
	return 0;
}

static void waits_for_lock(void)
{
	netns_free(create_ns(NULL, 0));
	check_waits_for_lock(create_and_keep);
	check_waits_for_lock(delete_web);
	check_waits_for_lock(attach_web);
	check_waits_for_lock(delete_web);
}

struct lock_watch {
	unsigned mounts, unlocked;
};

static int watch_lock(const struct watched_call *call, void *data)
{
	struct lock_watch *watch = data;

	if (call->nr != SYS_move_mount && call->nr != SYS_mount)
		return 0;
	watch->mounts++;
	watch->unlocked += lock_can_be_had(LOCK_SH);
	return 0;
}

static int create_once(void *arg)
{
	return netns_create(arg, &(struct netns *){NULL});
}

static void create_and_watch_lock(void)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .name = "web", .flags = NETNS_CREATE_KEEP};
	struct lock_watch watch = {0};

	CHECK_EQ(run_watched(create_once, &opts, watch_lock, &watch), 0);
	CHECK(watch.mounts >= 2);
	CHECK_EQ(watch.unlocked, 0);
	CHECK(lock_can_be_had(LOCK_EX));
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK(umount(netns_get_run_dir()) == 0);
	CHECK(rmdir(netns_get_run_dir()) == 0);
}

/* From making the directory shared to the pin's being there. */
static void lock_covers_all_mounts(void)
{
	on_each_kernel(create_and_watch_lock);
}

/* One call of the library, for which there are too few descriptors. */
struct attempt {
	const char *what;
	int (*call)(void *arg);  /* 0 when it did it */
	void (*prepare)(void);   /* before each */
	bool (*is_undone)(void); /* after a failure: all is as it was */
	void (*clean_up)(bool was_done);
	struct netns *ns;
};

static void forget_run_dir(void)
{
	umount(netns_get_run_dir());
	CHECK(rmdir(netns_get_run_dir()) == 0 || errno == ENOENT);
}

static bool web_is_absent(void)
{
	return netns_check_path(run_path("web")) == -ENOENT;
}

static bool run_dir_is_absent(void)
{
	return access(netns_get_run_dir(), F_OK) < 0;
}

static bool web_is_live(void)
{
	return netns_check_path(run_path("web")) == 0;
}

static void remove_web(bool was_made)
{
	CHECK_EQ(netns_delete(NULL, "web"), was_made ? 0 : -ENOENT);
}

static int call_attach(void *arg)
{
	return netns_attach(((struct attempt *)arg)->ns, NULL, "web");
}

static void make_web(void)
{
	netns_free(create_ns("web", NETNS_CREATE_KEEP));
}

static int call_delete(void *arg)
{
	(void)arg;
	return netns_delete(NULL, "web");
}

static void remove_undeleted_web(bool was_deleted)
{
	CHECK_EQ(netns_delete(NULL, "web"), was_deleted ? -ENOENT : 0);
}

static struct netns *owner;

static void make_owner(void)
{
	owner = create_ns("web", 0);
}

static int call_close(void *arg)
{
	(void)arg;
	return netns_close(owner);
}

static bool owner_is_open(void)
{
	return netns_get_fd(owner) >= 0 && web_is_live();
}

static void free_owner(bool was_closed)
{
	CHECK_EQ(netns_get_fd(owner) == -EBADF, was_closed);
	netns_free(owner);
	CHECK(web_is_absent());
}

static void run_out_of_descriptors(struct attempt *attempt)
{
	struct inventory before, after;
	unsigned room = 0;
	int r;

	do {
		attempt->prepare();
		before = take_inventory();
		limit_free_descriptors(room);
		r = attempt->call(attempt);
		unlimit_descriptors();
		printf("%s with %u descriptors: %s\n", attempt->what, room,
			r < 0 ? strerror(-r) : "done");
		if (r < 0) {
			CHECK_EQ(r, -EMFILE);
			after = take_inventory();
			CHECK(same_inventory(&before, &after));
			free_inventory(&after);
			CHECK(attempt->is_undone());
		}
		attempt->clean_up(r == 0);
		free_inventory(&before);
	} while (r < 0 && room++ < 16);
	CHECK_EQ(r, 0);
	CHECK(room > 0);
}

static void run_out_in_delete(void)
{
	struct attempt attempt = {
		"delete", call_delete, make_web, web_is_live, remove_undeleted_web, NULL};

	run_out_of_descriptors(&attempt);
	forget_run_dir();
}

static void run_out_in_close(void)
{
	struct attempt attempt = {"close", call_close, make_owner, owner_is_open, free_owner, NULL};

	run_out_of_descriptors(&attempt);
	forget_run_dir();
}

static void run_out_in_attach(void)
{
	struct attempt attempt = {
		"attach", call_attach, forget_run_dir, run_dir_is_absent, remove_web, NULL};

	attempt.ns = create_ns(NULL, NETNS_CREATE_UNPINNED);
	run_out_of_descriptors(&attempt);
	netns_free(attempt.ns);
	forget_run_dir();
}

static void descriptors_run_out_in_delete(void)
{
	on_each_kernel(run_out_in_delete);
}

static void descriptors_run_out_in_close(void)
{
	on_each_kernel(run_out_in_close);
}

static void descriptors_run_out_in_attach(void)
{
	on_each_kernel(run_out_in_attach);
}

static const char *const storm_names[] = {"a", "b", "c"};
static _Atomic unsigned made, removed, opened;

static void do_something(unsigned *seed)
{
	const char *name = storm_names[rand_r(seed) % ARRAY_SIZE(storm_names)];
	struct netns_create_opts opts = {
		.size = sizeof(opts), .name = name, .flags = NETNS_CREATE_KEEP};
	struct netns *ns = NULL;
	int r;

	switch (rand_r(seed) % 3) {
	case 0:
		r = netns_create(&opts, &ns);
		CHECK(r == 0 || r == -EEXIST);
		made += r == 0;
		break;
	case 1:
		r = netns_delete(NULL, name);
		CHECK(r == 0 || r == -ENOENT);
		removed += r == 0;
		break;
	default:
		r = netns_open_name(name, &ns);
		/* Between file and mount, and between unmount and removal, it is seen as stale. */
		CHECK(r == 0 || r == -ENOENT || r == -EMEDIUMTYPE);
		opened += r == 0;
	}
	netns_free(ns);
}

static void *storm(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (double end = now() + 1; now() < end;)
		do_something(&seed);
	return NULL;
}

/* Whatever the order, a name is a namespace or absent in the end, and the books balance. */
static void storm_of_names(void)
{
	pthread_t threads[8];
	unsigned left = 0;
	int r;

	netns_free(create_ns(NULL, 0));
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, storm, (void *)(uintptr_t)(i + 1)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(storm_names); i++) {
		r = netns_delete(NULL, storm_names[i]);
		CHECK(r == 0 || r == -ENOENT);
		left += r == 0;
	}
	CHECK(made > 0 && removed > 0 && opened > 0);
	CHECK_EQ(made, removed + left);
}

TEST_MAIN({"old_leftover", old_leftover, NEED_ROOT, 0},
	{"young_leftover", young_leftover, NEED_ROOT, 0},
	{"leftover_with_false_times", leftover_with_false_times, NEED_ROOT, 0},
	{"leftover_of_any_mode", leftover_of_any_mode, NEED_ROOT, 0},
	{"own_leftover", own_leftover, NEED_ROOT, 0},
	{"leftovers_side_by_side", leftovers_side_by_side, NEED_ROOT, 0},
	{"create_of_name_in_the_making", create_of_name_in_the_making, NEED_ROOT, 0},
	{"attach_of_name_in_the_making", attach_of_name_in_the_making, NEED_ROOT, 0},
	{"delete_of_name_in_the_making", delete_of_name_in_the_making, NEED_ROOT, 0},
	{"name_in_the_making_vanishes", name_in_the_making_vanishes, NEED_ROOT, 0},
	{"waiting_without_the_lock", waiting_without_the_lock, NEED_ROOT, 0},
	{"content_is_refused", content_is_refused, NEED_ROOT, 0},
	{"links_are_refused", links_are_refused, NEED_ROOT, 0},
	{"other_files_are_refused", other_files_are_refused, NEED_ROOT, 0},
	{"mounts_are_refused", mounts_are_refused, NEED_ROOT, 0},
	{"failed_delete_of_a_stack", failed_delete_of_a_stack, NEED_ROOT, 0},
	{"waits_for_lock", waits_for_lock, NEED_ROOT, 0},
	{"lock_covers_all_mounts", lock_covers_all_mounts, NEED_ROOT, 0},
	{"descriptors_run_out_in_attach", descriptors_run_out_in_attach, NEED_ROOT, 0},
	{"descriptors_run_out_in_delete", descriptors_run_out_in_delete, NEED_ROOT, 0},
	{"descriptors_run_out_in_close", descriptors_run_out_in_close, NEED_ROOT, 0},
	{"storm_of_names", storm_of_names, NEED_ROOT, 60})
