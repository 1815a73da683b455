/* SPDX-License-Identifier: MIT */
/* netns_do() and its kin: in, back whatever happens, and the value handed through. */
#include <limits.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>

#include "harness.h"
#include "raw.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/*
 * The ways to run a function on the calling thread, in one shape. The known home of do_from is
 * kept here for the handler that frees it when the thread is cancelled inside.
 */
static _Thread_local struct netns *known_home;

static int by_do(struct netns *ns, netns_fn fn, void *arg)
{
	return netns_do(ns, fn, arg);
}

static int by_home(struct netns *ns, netns_fn fn, void *arg)
{
	struct netns *outer = known_home;
	int r, error;

	known_home = current_ns();
	r = netns_do_from(ns, known_home, fn, arg);
	error = errno;
	netns_free(known_home);
	known_home = outer;
	errno = error;
	return r;
}

static int by_path(struct netns *ns, netns_fn fn, void *arg)
{
	return netns_do_path(netns_get_path(ns), fn, arg);
}

static int by_thread(struct netns *ns, netns_fn fn, void *arg)
{
	return netns_do_thread(ns, fn, arg);
}

typedef int (*way_fn)(struct netns *ns, netns_fn fn, void *arg);

/* The last one does not run on the calling thread. */
static const way_fn ways[] = {by_do, by_home, by_path, by_thread};
enum { ALL_WAYS = ARRAY_SIZE(ways), SAME_THREAD = ALL_WAYS - 1 };

/* A callback that notes where it ran. */
struct visit {
	int calls;
	int value; /* to answer */
	int error; /* to leave in errno */
	uint64_t place;
	uint64_t host; /* inode */
};

static int note_visit(struct netns *host, void *arg)
{
	struct visit *visit = arg;

	visit->calls++;
	visit->place = where();
	visit->host = inode_of(host);
	errno = visit->error;
	return visit->value;
}

static int never_called(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	CHECK(!"the function was called");
	return 0;
}

static int do_nothing(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	return 0;
}

/* As here(), but needs no /proc. */
static uint64_t inode_here(void)
{
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int fd = ioctl(sock, SIOCGSKNS);
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	close(fd);
	close(sock);
	return st.st_ino;
}

/* With a name, so that each of the ways leads there. */
static struct netns *new_pinned(void)
{
	return create_ns(NULL, 0);
}

/* ---- the same on every kernel ---- */

static void no_thread_pidfd_no_proc(void)
{
	without_thread_pidfd();
	hide_proc();
}

static void no_pidfd_at_all_no_proc(void)
{
	without_thread_pidfd();
	without_pidfd_ioctls();
	hide_proc();
}

static void as_it_is(void)
{
}

static void (*const kernels[])(void) = {as_it_is, without_thread_pidfd, without_pidfd_ioctls,
	hide_proc, no_thread_pidfd_no_proc, no_pidfd_at_all_no_proc};

struct course {
	void (*kernel)(void);
	void (*run)(const struct course *course);
	way_fn go;
	struct netns *ns, *other;
};

static void run_course(void *arg)
{
	const struct course *course = arg;
	uint64_t home = where();

	course->kernel();
	course->run(course);
	CHECK_EQ(where(), home);
}

/* On a thread that is not the main one, by each way that uses the calling thread. */
static void everywhere(void (*run)(const struct course *course))
{
	struct course course = {.run = run, .ns = new_pinned(), .other = new_ns()};
	uint64_t home = where();

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		for (size_t way = 0; way < SAME_THREAD; way++) {
			course.kernel = kernels[i];
			course.go = ways[way];
			in_thread_with(run_course, &course);
			CHECK_EQ(where(), home);
		}
	}
	netns_free(course.other);
	netns_free(course.ns);
}

static void check_visit(const struct course *course)
{
	uint64_t home = where(), host = inode_here();
	struct visit visit = {.value = -3};

	CHECK_EQ(course->go(course->ns, note_visit, &visit), -3);
	CHECK_EQ(visit.calls, 1);
	CHECK_EQ(visit.place, cookie_of(course->ns));
	CHECK_EQ(visit.host, host);
	CHECK_EQ(where(), home);
}

static void goes_in_and_back_course(const struct course *course)
{
	for (int i = 0; i < 3; i++)
		check_visit(course);
}

static void goes_in_and_back(void)
{
	everywhere(goes_in_and_back_course);
}

/* Where the thread is changes between two calls without the library being told. */
static void notices_raw_setns_course(const struct course *course)
{
	int home = netns_get_fd(known_home = current_ns());

	check_visit(course);
	CHECK_EQ(setns(netns_get_fd(course->other), CLONE_NEWNET), 0);
	check_visit(course);
	CHECK_EQ(where(), cookie_of(course->other));
	CHECK_EQ(setns(home, CLONE_NEWNET), 0);
	check_visit(course);
	netns_free(known_home);
	known_home = NULL;
}

static void notices_raw_setns(void)
{
	everywhere(notices_raw_setns_course);
}

/* ---- nesting ---- */

enum { DEPTH = 8 };

struct dive {
	const struct course *course;
	struct netns *ns[DEPTH];
	int depth;
};

static int dive_deeper(struct netns *host, void *arg)
{
	struct dive *dive = arg;
	uint64_t host_inode = inode_of(host), place = inode_here();
	int depth = dive->depth++;

	CHECK_EQ(place, inode_of(dive->ns[depth]));
	if (depth > 0)
		CHECK_EQ(host_inode, inode_of(dive->ns[depth - 1]));
	if (dive->depth < DEPTH)
		CHECK_EQ(netns_do(dive->ns[depth + 1], dive_deeper, dive), 100 + depth + 1);
	CHECK_EQ(inode_here(), place);
	CHECK_EQ(inode_of(host), host_inode);
	return 100 + depth;
}

static void nests_course(const struct course *course)
{
	struct dive dive = {.course = course};

	dive.ns[0] = course->ns;
	for (int i = 1; i < DEPTH; i++)
		dive.ns[i] = new_ns();
	CHECK_EQ(course->go(dive.ns[0], dive_deeper, &dive), 100);
	CHECK_EQ(dive.depth, DEPTH);
	for (int i = 1; i < DEPTH; i++)
		netns_free(dive.ns[i]);
}

static void nests(void)
{
	everywhere(nests_course);
}

/* The same namespace over and over, and the one that the thread is in anyway. */
static int dive_in_place(struct netns *host, void *arg)
{
	struct dive *dive = arg;

	CHECK_EQ(inode_of(host), inode_of(dive->ns[0]));
	if (++dive->depth < DEPTH)
		CHECK_EQ(netns_do(dive->ns[0], dive_in_place, dive), 0);
	return 0;
}

static void nests_in_place(void)
{
	struct dive dive = {.ns = {current_ns()}};
	uint64_t home = where();

	CHECK_EQ(netns_do(dive.ns[0], dive_in_place, &dive), 0);
	CHECK_EQ(dive.depth, DEPTH);
	CHECK_EQ(where(), home);
	netns_free(dive.ns[0]);
}

/* ---- values, errors, errno ---- */

static void hands_value_through(void)
{
	static const int values[] = {0, 1, -1, 42, INT_MIN, INT_MAX, -ENOTRECOVERABLE, -ECANCELED,
		-EBADF, -EPERM, -EINVAL};
	struct netns *ns = new_pinned();
	uint64_t home = where();

	for (size_t way = 0; way < ALL_WAYS; way++) {
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			struct visit visit = {.value = values[i]};

			CHECK_EQ(ways[way](ns, note_visit, &visit), values[i]);
			CHECK_EQ(visit.calls, 1);
			CHECK_EQ(visit.place, cookie_of(ns));
			CHECK_EQ(where(), home);
		}
	}
	netns_free(ns);
}

static void errno_of_callback_survives(void)
{
	static const int errors[] = {0, EXDEV, ENOTRECOVERABLE, 4095};
	struct netns *ns = new_pinned();

	for (size_t way = 0; way < SAME_THREAD; way++) {
		for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
			struct visit visit = {.error = errors[i]};

			errno = EDOM;
			CHECK_EQ(ways[way](ns, note_visit, &visit), 0);
			CHECK_EQ(errno, errors[i]);
		}
	}
	netns_free(ns);
}

static void refuses_bad_arguments(void)
{
	struct netns *closed = closed_ns(), *ns = new_ns(), *home = current_ns();

	CHECK_EQ(netns_do(NULL, never_called, NULL), -EINVAL);
	CHECK_EQ(netns_do(ns, NULL, NULL), -EINVAL);
	CHECK_EQ(netns_do(closed, never_called, NULL), -EBADF);

	CHECK_EQ(netns_do_from(NULL, home, never_called, NULL), -EINVAL);
	CHECK_EQ(netns_do_from(ns, NULL, never_called, NULL), -EINVAL);
	CHECK_EQ(netns_do_from(ns, home, NULL, NULL), -EINVAL);
	CHECK_EQ(netns_do_from(closed, home, never_called, NULL), -EBADF);
	CHECK_EQ(netns_do_from(ns, closed, never_called, NULL), -EBADF);

	CHECK_EQ(netns_do_thread(NULL, never_called, NULL), -EINVAL);
	CHECK_EQ(netns_do_thread(ns, NULL, NULL), -EINVAL);
	CHECK_EQ(netns_do_thread(closed, never_called, NULL), -EBADF);

	CHECK_EQ(inode_of(home), here());
	netns_free(home);
	netns_free(ns);
	netns_free(closed);
}

static void do_path_refuses_what_is_no_namespace(void)
{
	CHECK_EQ(netns_do_path(NULL, never_called, NULL), -EINVAL);
	CHECK_EQ(netns_do_path("/proc/self/ns/net", NULL, NULL), -EINVAL);
	CHECK_EQ(netns_do_path("/nowhere/at/all", never_called, NULL), -ENOENT);
	CHECK_MSG("/nowhere/at/all");
	CHECK_EQ(netns_do_path("/dev/null", never_called, NULL), -EMEDIUMTYPE);
	CHECK_MSG("/dev/null");
	CHECK_EQ(netns_do_path("/proc/self/ns/uts", never_called, NULL), -EMEDIUMTYPE);
	CHECK_EQ(netns_do_path("/proc/self/status", never_called, NULL), -EMEDIUMTYPE);
}

static int delete_name(struct netns *host, void *arg)
{
	(void)host;
	CHECK_EQ(netns_delete(NULL, arg), 0);
	return 7;
}

/* The way into the namespace may go while the thread is inside. */
static void do_path_of_a_name_that_goes(void)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = "goes"};
	uint64_t home = where();
	char name[] = "goes";
	struct netns *ns;

	CHECK_EQ(netns_create(&opts, &ns), 0);
	CHECK_EQ(netns_do_path(run_path(name), delete_name, name), 7);
	CHECK_EQ(where(), home);
	CHECK_EQ(netns_do_path(run_path(name), never_called, NULL), -ENOENT);
	netns_free(ns);
}

static void fails_without_privilege_course(void *arg)
{
	struct netns *ns = arg;
	uint64_t home = where();

	drop_capability(CAP_SYS_ADMIN);
	for (size_t way = 0; way < ALL_WAYS; way++) {
		CHECK_EQ(ways[way](ns, never_called, NULL), -EPERM);
		CHECK_EQ(where(), home);
	}
}

static void fails_without_privilege(void)
{
	struct netns *ns = new_pinned();

	in_thread_with(fails_without_privilege_course, ns);
	netns_free(ns);
}

/* The way home cannot be kept: nothing is done. With a known home nothing need be kept. */
static void fails_without_descriptors(void)
{
	struct netns *ns = new_ns(), *home = current_ns();
	struct visit visit = {0};

	for (int warm = 0; warm < 2; warm++) {
		if (warm)
			CHECK_EQ(netns_do(ns, do_nothing, NULL), 0);
		else
			netns_thread_release();
		limit_free_descriptors(0);
		CHECK_EQ(netns_do(ns, never_called, NULL), -EMFILE);
		CHECK_EQ(netns_do_thread(ns, never_called, NULL), -EMFILE);
		CHECK_EQ(netns_do_from(ns, home, do_nothing, NULL), 0);
		unlimit_descriptors();
		CHECK_EQ(inode_of(home), here());
	}
	CHECK_EQ(netns_do(ns, note_visit, &visit), 0);
	CHECK_EQ(visit.host, inode_of(home));
	netns_free(home);
	netns_free(ns);
}

/* ---- host ---- */

struct guest {
	struct netns *ns;
	struct netns *home; /* do_from hands its own out as host */
	uint64_t home_place;
	char path[64];
	int foreign;
};

static int look_at_host(struct netns *host, void *arg)
{
	struct guest *guest = arg;
	struct visit visit = {0};
	int fd = netns_get_fd(host);

	CHECK_STR(netns_get_path(host), guest->path);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(netns_is_same(host, guest->ns), 0);
	CHECK(!guest->home || host == guest->home);

	CHECK_EQ(netns_do(host, note_visit, &visit), 0);
	CHECK_EQ(visit.place, guest->home_place);
	CHECK_EQ(visit.host, inode_of(guest->ns));
	return 0;
}

static void look_at_host_on_thread(void *arg)
{
	struct guest *guest = arg;
	struct netns *ns = guest->ns, *home = current_ns();

	guest->home_place = where();
	snprintf(guest->path, sizeof(guest->path), "/proc/%d/task/%d/ns/net", getpid(), gettid());
	for (int i = 0; i < 2; i++) {
		guest->home = NULL;
		CHECK_EQ(netns_do(ns, look_at_host, guest), 0);
		CHECK_EQ(netns_do_path(netns_get_path(ns), look_at_host, guest), 0);
		CHECK_EQ(netns_do_thread(ns, look_at_host, guest), 0);
		guest->home = home;
		CHECK_EQ(netns_do_from(ns, home, look_at_host, guest), 0);
	}
	netns_free(home);
}

static void host_is_where_the_thread_was(void)
{
	struct guest guest = {.ns = new_pinned()};

	look_at_host_on_thread(&guest);
	in_thread_with(look_at_host_on_thread, &guest);
	netns_free(guest.ns);
}

/* Closes it and gives its number to something else, if it is to be had. */
static int close_host(struct netns *host, void *arg)
{
	struct guest *guest = arg;
	int fd = netns_get_fd(host);
	struct visit visit;

	CHECK_EQ(netns_close(host), 0);
	CHECK_EQ(netns_close(host), -EBADF);
	CHECK_EQ(netns_get_fd(host), -EBADF);
	CHECK_EQ(netns_do(host, never_called, &visit), -EBADF);
	guest->foreign = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(guest->foreign >= 0);
	return fd == guest->foreign;
}

static void host_may_be_closed_course(const struct course *course)
{
	struct guest guest = {0};
	struct stat st;

	if (course->go == by_home)
		return; /* that host is the caller's, and must stay open */
	CHECK(course->go(course->ns, close_host, &guest) >= 0);
	CHECK_EQ(fstat(guest.foreign, &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	close(guest.foreign);
}

static void host_may_be_closed(void)
{
	struct guest guest = {0};
	struct netns *ns = new_ns();

	everywhere(host_may_be_closed_course);
	CHECK(netns_do_thread(ns, close_host, &guest) >= 0);
	close(guest.foreign);
	netns_free(ns);
}

static int free_handle(struct netns *host, void *arg)
{
	struct netns **ns = arg;

	(void)host;
	netns_free(*ns);
	*ns = NULL;
	return 3;
}

/* The namespace lives on through the thread that is in it. */
static void handle_may_be_freed_inside(void)
{
	uint64_t home = where();
	struct netns *ns = new_ns();

	CHECK_EQ(netns_do(ns, free_handle, &ns), 3);
	CHECK_EQ(where(), home);
	ns = new_ns();
	CHECK_EQ(by_home(ns, free_handle, &ns), 3);
	CHECK_EQ(where(), home);
}

/* ---- callbacks that make it hard to come home ---- */

static int move_by_setns(struct netns *host, void *arg)
{
	(void)host;
	CHECK_EQ(setns(netns_get_fd(arg), CLONE_NEWNET), 0);
	return 11;
}

static int move_by_set(struct netns *host, void *arg)
{
	(void)host;
	CHECK_EQ(netns_set(arg), 0);
	return 11;
}

static int move_by_unshare(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	return 11;
}

static int move_to_host(struct netns *host, void *arg)
{
	(void)arg;
	CHECK_EQ(netns_set(host), 0);
	return 11;
}

/* An inner call whose callback moves brings the thread to the outer callback's place. */
static int move_in_nested_call(struct netns *host, void *arg)
{
	uint64_t inside = where();
	struct netns *ns = new_ns();

	(void)host;
	CHECK_EQ(netns_do(ns, move_by_set, arg), 11);
	CHECK_EQ(where(), inside);
	netns_free(ns);
	return 11;
}

static void callback_moves_course(const struct course *course)
{
	static const netns_fn moves[] = {
		move_by_setns, move_by_set, move_by_unshare, move_to_host, move_in_nested_call};
	uint64_t home = where();

	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		CHECK_EQ(course->go(course->ns, moves[i], course->other), 11);
		CHECK_EQ(where(), home);
		check_visit(course);
	}
}

static void callback_moves(void)
{
	everywhere(callback_moves_course);
}

static int take_everything_away(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	hide_proc();
	limit_free_descriptors(0);
	return 12;
}

static void comes_home_with_nothing_course(const struct course *course)
{
	uint64_t home = where();
	int r = course->go(course->ns, take_everything_away, NULL);

	unlimit_descriptors();
	CHECK_EQ(r, 12);
	CHECK_EQ(where(), home);
}

static void comes_home_with_nothing(void)
{
	everywhere(comes_home_with_nothing_course);
}

static int release_thread(struct netns *host, void *arg)
{
	(void)arg;
	netns_thread_release();
	netns_thread_release();
	CHECK(fcntl(netns_get_fd(host), F_GETFD) >= 0);
	return 13;
}

static void release_inside_course(const struct course *course)
{
	CHECK_EQ(course->go(course->ns, release_thread, NULL), 13);
	check_visit(course);
	netns_thread_release();
	netns_thread_release();
	check_visit(course);
}

static void release_inside(void)
{
	everywhere(release_inside_course);
}

static int close_all(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	closefrom(3);
	return 14;
}

/* The way home is among what is closed. Either it is found all the same, or that is said. */
static void close_all_inside(void *arg)
{
	uint64_t home = where();
	int r = netns_do(arg, close_all, NULL);

	if (r == -ENOTRECOVERABLE)
		CHECK(where() != home);
	else
		CHECK_EQ(r, 14);
	CHECK(r == -ENOTRECOVERABLE || where() == home);
}

static void callback_closes_all(void)
{
	struct netns *ns = new_ns();

	in_child_with(close_all_inside, ns);
	netns_free(ns);
}

/* ---- no way home ---- */

static int drop_by_capset(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	drop_capability(CAP_SYS_ADMIN);
	return 15;
}

static int drop_by_setresuid(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	CHECK_EQ(syscall(SYS_setresuid, 65534, 65534, 65534), 0);
	return 15;
}

static int drop_in_nested_call(struct netns *host, void *arg)
{
	(void)host;
	CHECK_EQ(netns_do(arg, drop_by_capset, NULL), -ENOTRECOVERABLE);
	return 15;
}

struct loss {
	way_fn go;
	netns_fn drop;
	struct netns *ns, *other;
};

static void lose_way_home(void *arg)
{
	struct loss *loss = arg;
	uint64_t inside = cookie_of(loss->drop == drop_in_nested_call ? loss->other : loss->ns);

	CHECK_EQ(loss->go(loss->ns, loss->drop, loss->other), -ENOTRECOVERABLE);
	CHECK_MSG("go back");
	CHECK_MSG(strerror(EPERM));
	CHECK_EQ(where(), inside);
}

static void privileges_dropped_inside(void)
{
	static const netns_fn drops[] = {drop_by_capset, drop_by_setresuid, drop_in_nested_call};
	struct loss loss = {.ns = new_pinned(), .other = new_ns()};
	uint64_t home = where();

	for (size_t i = 0; i < ARRAY_SIZE(drops); i++) {
		for (size_t way = 0; way < SAME_THREAD; way++) {
			loss.go = ways[way];
			loss.drop = drops[i];
			in_thread_with(lose_way_home, &loss);
			CHECK_EQ(where(), home);
		}
	}
	netns_free(loss.other);
	netns_free(loss.ns);
}

/* ---- cancellation and pthread_exit ---- */

struct cancelled {
	const struct course *course;
	netns_fn end; /* how the thread ends inside */
	int depth;
	uint64_t home;
	uint64_t inside;  /* seen by a handler of the callback */
	uint64_t outside; /* seen by a handler around the call */
	uint64_t at_exit; /* seen by a destructor of thread-specific data */
	volatile int ready;
};

static void note_inside(void *arg)
{
	struct cancelled *c = arg;

	c->inside = where();
}

static void note_outside(void *arg)
{
	struct cancelled *c = arg;

	c->outside = where();
	netns_free(known_home);
	known_home = NULL;
}

static void note_at_exit(void *arg)
{
	struct cancelled *c = arg;

	c->at_exit = where();
}

static int cancel_self(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	pthread_cancel(pthread_self());
	pthread_testcancel();
	return 0;
}

static int exit_thread(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	pthread_exit(PTHREAD_CANCELED);
}

static int wait_for_cancel(struct netns *host, void *arg)
{
	struct cancelled *c = arg;

	(void)host;
	__atomic_store_n(&c->ready, 1, __ATOMIC_RELEASE);
	while (pause())
		;
	return 0;
}

static int end_inside(struct netns *host, void *arg)
{
	struct cancelled *c = arg;

	pthread_cleanup_push(note_inside, c);
	if (++c->depth < 4)
		netns_do(c->depth % 2 ? c->course->other : c->course->ns, end_inside, c);
	else
		c->end(host, c);
	CHECK(!"the thread went on");
	pthread_cleanup_pop(0);
	return 0;
}

static pthread_key_t exit_key;

static void *cancelled_main(void *arg)
{
	struct cancelled *c = arg;

	c->course->kernel();
	c->home = where();
	pthread_setspecific(exit_key, c);
	pthread_cleanup_push(note_outside, c);
	c->course->go(c->course->ns, end_inside, c);
	CHECK(!"the thread went on");
	pthread_cleanup_pop(0);
	return NULL;
}

static void end_thread_inside(const struct course *course, netns_fn end)
{
	struct cancelled c = {.course = course, .end = end};
	pthread_t thread;
	void *result;

	CHECK_EQ(pthread_create(&thread, NULL, cancelled_main, &c), 0);
	if (end == wait_for_cancel) {
		while (!__atomic_load_n(&c.ready, __ATOMIC_ACQUIRE))
			sched_yield();
		CHECK_EQ(pthread_cancel(thread), 0);
	}
	CHECK_EQ(pthread_join(thread, &result), 0);
	CHECK(result == PTHREAD_CANCELED);
	CHECK_EQ(c.inside, cookie_of(course->ns));
	CHECK_EQ(c.outside, c.home);
	CHECK_EQ(c.at_exit, c.home);
}

static void thread_ends_inside(void)
{
	static const netns_fn ends[] = {cancel_self, wait_for_cancel, exit_thread};
	struct course course = {.ns = new_pinned(), .other = new_ns()};

	CHECK_EQ(pthread_key_create(&exit_key, note_at_exit), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		for (size_t way = 0; way < SAME_THREAD; way++) {
			course.kernel = kernels[i];
			course.go = ways[way];
			for (size_t end = 0; end < ARRAY_SIZE(ends); end++)
				end_thread_inside(&course, ends[end]);
		}
	}
	netns_free(course.other);
	netns_free(course.ns);
}

/* With a cancellation pending every call must still run to its end, and leak nothing. */
static void *call_with_cancel_pending(void *arg)
{
	struct course *course = arg;
	struct netns *ns;
	struct visit visit = {.value = 1};

	pthread_cancel(pthread_self());
	for (size_t way = 0; way < ALL_WAYS; way++)
		CHECK_EQ(ways[way](course->ns, note_visit, &visit), 1);
	ns = new_pinned();
	CHECK_EQ(netns_open(netns_get_path(ns), &known_home), 0);
	netns_free(known_home);
	CHECK_EQ(netns_open_pid(gettid(), &known_home), 0);
	netns_free(known_home);
	known_home = NULL;
	CHECK_EQ(netns_set(course->other), 0);
	netns_free(ns);
	course->go = by_do;
	pthread_testcancel();
	course->go = NULL;
	return NULL;
}

static void no_call_is_a_cancellation_point(void)
{
	struct course course = {.ns = new_pinned(), .other = new_ns()};
	pthread_t thread;
	void *result;

	CHECK_EQ(pthread_create(&thread, NULL, call_with_cancel_pending, &course), 0);
	CHECK_EQ(pthread_join(thread, &result), 0);
	CHECK(result == PTHREAD_CANCELED);
	CHECK(course.go == by_do);
	netns_free(course.other);
	netns_free(course.ns);
}

/* ---- fork ---- */

static pid_t fork_raw(void)
{
	return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

/* The first process of a new pid namespace: number 1, as its parent may be too. */
static pid_t fork_init(void)
{
	return (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_NEWPID, 0, 0, 0, 0);
}

typedef pid_t (*fork_fn)(void);

static const fork_fn forks[] = {fork, _Fork, fork_raw, fork_init};

struct forked {
	fork_fn fork;
	struct netns *ns, *other;
	pid_t pid;
	bool stays; /* the child goes on inside the callback */
	int gate[2];
};

/* Until the parent has closed its end. */
static void wait_at_gate(struct forked *f)
{
	char c;

	close(f->gate[1]);
	CHECK_EQ(read(f->gate[0], &c, 1), 0);
}

/* The parent is home by now; the child's home is where it was born. */
static void live_inside(struct forked *f)
{
	struct visit visit = {0};

	wait_at_gate(f);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(inode_here(), inode_of(f->ns));
		CHECK_EQ(netns_do(f->other, note_visit, &visit), 0);
		CHECK_EQ(visit.place, cookie_of(f->other));
		CHECK_EQ(visit.host, inode_of(f->ns));
		CHECK_EQ(inode_here(), inode_of(f->ns));
	}
	end_child();
}

static int fork_inside(struct netns *host, void *arg)
{
	struct forked *f = arg;

	(void)host;
	f->pid = f->fork();
	if (f->pid == 0 && f->stays)
		live_inside(f);
	return 21;
}

/* The child comes out of the call as well, and is home then. */
static void fork_in_do(struct forked *f)
{
	uint64_t home = where();

	CHECK_EQ(pipe2(f->gate, O_CLOEXEC), 0);
	CHECK_EQ(netns_do(f->other, do_nothing, NULL), 0);
	CHECK_EQ(netns_do(f->ns, fork_inside, f), 21);
	CHECK_EQ(where(), home);
	if (f->pid == 0) {
		CHECK_EQ(netns_do(f->other, do_nothing, NULL), 0);
		CHECK_EQ(where(), home);
		end_child();
	}
	CHECK_EQ(netns_do(f->other, do_nothing, NULL), 0);
	close(f->gate[0]);
	close(f->gate[1]);
	check_child(f->pid);
	CHECK_EQ(where(), home);
}

static void fork_everyhow(void *arg)
{
	struct forked *f = arg;

	for (size_t i = 0; i < ARRAY_SIZE(forks); i++) {
		f->fork = forks[i];
		f->stays = true;
		fork_in_do(f);
		f->stays = false;
		fork_in_do(f);
	}
}

static void child_of_callback_has_a_home_of_its_own(void)
{
	struct forked f = {.ns = new_ns(), .other = new_ns()};

	fork_everyhow(&f);
	in_thread_with(fork_everyhow, &f);
	netns_free(f.other);
	netns_free(f.ns);
}

/* Parent and child are both number 1, each in its own pid namespace. */
static void init_forks_init(void *arg)
{
	struct forked *f = arg;
	pid_t pid = fork_init();

	if (pid == 0) {
		CHECK_EQ(getpid(), 1);
		f->fork = fork_init;
		f->stays = true;
		fork_in_do(f);
		end_child();
	}
	check_child(pid);
}

static void child_with_the_number_of_its_parent(void)
{
	struct forked f = {.ns = new_ns(), .other = new_ns()};

	init_forks_init(&f);
	netns_free(f.other);
	netns_free(f.ns);
}

static int ask_program(struct netns *host, void *arg)
{
	FILE *program = popen("readlink /proc/self/ns/net", "re");
	char line[64], expected[64];

	(void)host, (void)arg;
	CHECK(program);
	CHECK(fgets(line, sizeof(line), program));
	CHECK_EQ(pclose(program), 0);
	snprintf(expected, sizeof(expected), "net:[%llu]\n", (unsigned long long)inode_here());
	CHECK_STR(line, expected);
	return 0;
}

static void note_where(void *arg)
{
	uint64_t *place = arg;

	*place = where();
}

static int ask_thread(struct netns *host, void *arg)
{
	uint64_t place;

	(void)host, (void)arg;
	in_thread_with(note_where, &place);
	CHECK_EQ(place, where());
	return 0;
}

static void what_is_started_inside_is_born_inside(void)
{
	struct netns *ns = new_ns();

	CHECK_EQ(netns_do(ns, ask_program, NULL), 0);
	CHECK_EQ(netns_do(ns, ask_thread, NULL), 0);
	CHECK_EQ(netns_do_thread(ns, ask_program, NULL), 0);
	netns_free(ns);
}

/* ---- what is kept for a thread ---- */

static bool is_pidfd(int fd)
{
	char path[64], line[128];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		found |= strncmp(line, "Pid:", 4) == 0;
	if (file)
		fclose(file);
	return found;
}

static int count_pidfds(void)
{
	int n = 0;

	for (int fd = 0; fd < 200; fd++)
		n += is_pidfd(fd);
	return n;
}

static void call_once(void *arg)
{
	CHECK_EQ(netns_do(arg, do_nothing, NULL), 0);
}

static void nothing_is_kept_past_the_thread(void)
{
	struct netns *ns = new_ns();
	int descriptors;

	netns_thread_release();
	descriptors = count_descriptors();
	for (int i = 0; i < 100; i++)
		in_thread_with(call_once, ns);
	CHECK_EQ(count_descriptors(), descriptors);
	netns_free(ns);
}

static void release_drops_what_is_kept(void)
{
	struct netns *ns = new_ns();
	int descriptors;

	netns_thread_release();
	descriptors = count_descriptors();
	for (int i = 0; i < 10; i++) {
		CHECK_EQ(netns_do(ns, do_nothing, NULL), 0);
		CHECK(count_descriptors() <= descriptors + 1);
		netns_thread_release();
		CHECK_EQ(count_descriptors(), descriptors);
	}
	netns_free(ns);
}

struct crowd {
	struct netns *ns;
	pthread_barrier_t warm, done;
};

static void *stand_in_crowd(void *arg)
{
	struct crowd *crowd = arg;

	call_once(crowd->ns);
	pthread_barrier_wait(&crowd->warm);
	pthread_barrier_wait(&crowd->done);
	return NULL;
}

/* The child has none of the threads, so nobody would close what was kept for them. */
static void look_for_pidfds(void *arg)
{
	CHECK_EQ(count_pidfds(), 0);
	call_once(arg);
	netns_thread_release();
	CHECK_EQ(count_pidfds(), 0);
}

static void fork_closes_what_all_threads_keep(void)
{
	struct crowd crowd = {.ns = new_ns()};
	pthread_t threads[8];

	CHECK_EQ(count_pidfds(), 0);
	pthread_barrier_init(&crowd.warm, NULL, ARRAY_SIZE(threads) + 1);
	pthread_barrier_init(&crowd.done, NULL, ARRAY_SIZE(threads) + 1);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, stand_in_crowd, &crowd), 0);
	pthread_barrier_wait(&crowd.warm);
	call_once(crowd.ns);
	in_child_with(look_for_pidfds, crowd.ns);
	pthread_barrier_wait(&crowd.done);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	netns_free(crowd.ns);
}

static pthread_key_t late_key;

static void call_late(void *arg)
{
	uint64_t home = where();

	call_once(arg);
	CHECK_EQ(where(), home);
}

static void call_and_leave_late_call(void *arg)
{
	call_once(arg);
	CHECK_EQ(pthread_setspecific(late_key, arg), 0);
}

/* By then the library's own destructor may have run; nothing is left behind all the same. */
static void destructors_may_call(void)
{
	pthread_key_t keys[4];
	struct netns *ns = new_ns();
	int descriptors = count_descriptors();

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		CHECK_EQ(pthread_key_create(&keys[i], call_late), 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		late_key = keys[i];
		in_thread_with(call_and_leave_late_call, ns);
	}
	CHECK_EQ(count_descriptors(), descriptors);
	netns_free(ns);
}

/*
 * The caller closes every descriptor, also the one that is kept for the thread, and something
 * else gets its number.
 */
enum foreign { A_FILE, A_SOCKET, A_NAMESPACE, A_PROCESS, OWN_PROCESS, A_THREAD, FOREIGNERS };
enum after { CALL, RELEASE, FORK, EXIT, AFTERS };

enum { FIRST = 3, LAST = 40 };

struct swap {
	void (*kernel)(void);
	enum foreign foreign;
	enum after after;
	pid_t process; /* both live in another namespace */
	pid_t thread;
	struct stat is;
};

static int pidfd_of(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static int open_foreign(const struct swap *swap)
{
	int fd;

	switch (swap->foreign) {
	case A_FILE:
		return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	case A_SOCKET:
		return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	case A_NAMESPACE:
		return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	case A_PROCESS:
		return pidfd_of(swap->process, 0);
	case OWN_PROCESS:
		return pidfd_of(getpid(), 0);
	default:
		fd = pidfd_of(swap->thread, PIDFD_THREAD);
		return fd < 0 ? pidfd_of(swap->process, 0) : fd;
	}
}

static void take_all_numbers(struct swap *swap)
{
	int fd;

	closefrom(FIRST);
	fd = open_foreign(swap);
	CHECK_EQ(fd, FIRST);
	CHECK_EQ(fstat(fd, &swap->is), 0);
	for (int i = FIRST + 1; i <= LAST; i++)
		CHECK_EQ(dup3(fd, i, O_CLOEXEC), i);
}

static void check_foreign(void *arg)
{
	const struct swap *swap = arg;
	struct stat st;

	for (int fd = FIRST; fd <= LAST; fd++) {
		CHECK_EQ(fstat(fd, &st), 0);
		CHECK_EQ(st.st_ino, swap->is.st_ino);
		CHECK_EQ(st.st_dev, swap->is.st_dev);
	}
}

static void call_after_swap(void)
{
	struct netns *ns = new_ns();
	struct visit visit = {0};
	uint64_t home = where();

	CHECK_EQ(netns_do(ns, note_visit, &visit), 0);
	CHECK_EQ(visit.host, inode_here());
	CHECK_EQ(where(), home);
	netns_free(ns);
}

static void swap_on_thread(void *arg)
{
	struct swap *swap = arg;
	struct netns *ns = new_ns();

	leave_machine();
	swap->kernel();
	call_once(ns);
	netns_free(ns);
	take_all_numbers(swap);
	if (swap->after == CALL)
		call_after_swap();
	if (swap->after == RELEASE)
		netns_thread_release();
	if (swap->after == FORK)
		in_child_with(check_foreign, swap);
	check_foreign(swap);
}

static void *live_elsewhere(void *arg)
{
	struct swap *swap = arg;

	leave_machine();
	__atomic_store_n(&swap->thread, gettid(), __ATOMIC_RELEASE);
	while (pause())
		;
	return NULL;
}

static void swap_in_child(void *arg)
{
	struct swap *swap = arg;
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, live_elsewhere, swap), 0);
	while (!__atomic_load_n(&swap->thread, __ATOMIC_ACQUIRE))
		sched_yield();
	in_thread_with(swap_on_thread, swap);
	check_foreign(swap);
}

static pid_t start_process_elsewhere(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		leave_machine();
		while (pause())
			;
	}
	CHECK(pid > 0);
	return pid;
}

static void foreign_descriptors_are_left_alone(void)
{
	struct swap swap = {.process = start_process_elsewhere()};

	for (size_t i = 0; i < 2; i++) {
		swap.kernel = i ? without_pidfd_ioctls : as_it_is;
		for (swap.foreign = 0; swap.foreign < FOREIGNERS; swap.foreign++)
			for (swap.after = 0; swap.after < AFTERS; swap.after++)
				in_child_with(swap_in_child, &swap);
	}
	CHECK_EQ(kill(swap.process, SIGKILL), 0);
	CHECK_EQ(waitpid(swap.process, NULL, 0), swap.process);
}

/* ---- what it costs ---- */

enum { MAX_CALLS = 64 };

struct trace {
	void (*run)(void *arg);
	void *arg;
	int n;
	long numbers[MAX_CALLS];
};

/* Two getppid(2) mark what is between them. */
static void run_traced(const struct trace *trace)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		skip_case("ptrace: %m");
	raise(SIGSTOP);
	syscall(SYS_getppid);
	trace->run(trace->arg);
	syscall(SYS_getppid);
	end_child();
}

/* The number of the next system call that the process enters, or -1 when it has ended. */
static long next_call(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status;

	for (;;) {
		CHECK_EQ(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status)) {
			CHECK_EQ(status, 0);
			return -1;
		}
		CHECK(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0);
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			return (long)info.entry.nr;
	}
}

static void trace_calls(struct trace *trace)
{
	pid_t pid = fork();
	int status, marks = 0;
	long nr;

	if (pid == 0)
		run_traced(trace);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(
		ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD), 0);
	while ((nr = next_call(pid)) >= 0) {
		if (nr == SYS_getppid)
			marks++;
		else if (marks == 1 && trace->n < MAX_CALLS)
			trace->numbers[trace->n++] = nr;
	}
	CHECK_EQ(marks, 2);
}

static int count_calls(const struct trace *trace, long nr)
{
	int n = 0;

	for (int i = 0; i < trace->n; i++)
		n += trace->numbers[i] == nr;
	return n;
}

struct trip {
	struct netns *ns, *home;
};

static void trip_from(void *arg)
{
	const struct trip *trip = arg;

	netns_do_from(trip->ns, trip->home, do_nothing, NULL);
}

static void trip_scope(void *arg)
{
	const struct trip *trip = arg;
	struct netns_scope scope;

	netns_enter(&scope, trip->ns, trip->home);
	netns_leave(&scope);
}

static void known_home_costs_two_setns(void)
{
	static void (*const trips[])(void *) = {trip_from, trip_scope};
	struct trip trip = {new_ns(), current_ns()};

	for (size_t i = 0; i < ARRAY_SIZE(trips); i++) {
		struct trace trace = {.run = trips[i], .arg = &trip};

		trace_calls(&trace);
		CHECK_EQ(trace.n, 2);
		CHECK_EQ(count_calls(&trace, SYS_setns), 2);
	}
	netns_free(trip.home);
	netns_free(trip.ns);
}

static bool thread_pidfd_tells_namespace(void)
{
	int pidfd = pidfd_of(gettid(), PIDFD_THREAD);
	int fd = ioctl(pidfd, _IO(0xff, 4), 0); /* PIDFD_GET_NET_NAMESPACE */

	close(fd);
	close(pidfd);
	return pidfd >= 0 && fd >= 0;
}

static void call_thrice(void *arg)
{
	for (int i = 0; i < 3; i++)
		call_once(arg);
}

/* One pidfd shows the way home, again and again; nothing is looked up by a path. */
static void do_asks_one_pidfd(void)
{
	struct trace trace = {.run = call_thrice};
	struct netns *ns = new_ns();

	if (!thread_pidfd_tells_namespace())
		skip_case("needs PIDFD_GET_NET_NAMESPACE (Linux 6.11)");
	trace.arg = ns;
	trace_calls(&trace);
	CHECK_EQ(count_calls(&trace, SYS_setns), 6);
	CHECK_EQ(count_calls(&trace, SYS_pidfd_open), 1);
	CHECK_EQ(count_calls(&trace, SYS_openat), 0);
	netns_free(ns);
}

/* ---- on a thread of its own ---- */

struct errand {
	struct netns *elsewhere;
	pid_t thread;
	int value;
};

static int wander_off(struct netns *host, void *arg)
{
	struct errand *errand = arg;

	(void)host;
	errand->thread = gettid();
	CHECK_EQ(netns_set(errand->elsewhere), 0);
	return errand->value;
}

static int drop_and_answer(struct netns *host, void *arg)
{
	(void)host, (void)arg;
	drop_capability(CAP_SYS_ADMIN);
	return 31;
}

static void check_errand_course(void *arg)
{
	struct errand *errand = arg;
	struct netns *ns = new_ns();
	uint64_t home = where();

	CHECK_EQ(netns_do_thread(ns, wander_off, errand), errand->value);
	CHECK(errand->thread != gettid());
	CHECK_EQ(where(), home);
	CHECK_EQ(netns_do_thread(ns, drop_and_answer, NULL), 31);
	CHECK_EQ(netns_do_thread(ns, exit_thread, NULL), -ECANCELED);
	CHECK_EQ(netns_do_thread(ns, cancel_self, NULL), -ECANCELED);
	CHECK_EQ(where(), home);
	CHECK_EQ(netns_do(ns, do_nothing, NULL), 0); /* the caller has kept its privileges */
	netns_free(ns);
}

static void do_thread_never_moves_the_caller(void)
{
	struct errand errand = {.elsewhere = new_ns(), .value = -ENOTRECOVERABLE};

	check_errand_course(&errand);
	in_thread_with(check_errand_course, &errand);
	netns_free(errand.elsewhere);
}

/* Held off inside: everything that can be, save the two that the C library needs for itself. */
static int look_at_mask(struct netns *host, void *arg)
{
	sigset_t mask;
	uid_t uid = getuid();

	(void)host, (void)arg;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && (sig <= SIGSYS || sig >= SIGRTMIN))
			CHECK_EQ(sigismember(&mask, sig), 1);

	/* Tells every thread by such a signal, and waits for them. */
	CHECK_EQ(setresuid(uid, uid, uid), 0);
	return 32;
}

static void do_thread_takes_no_signal(void)
{
	struct netns *ns = new_ns();
	sigset_t before, after;

	pthread_sigmask(SIG_SETMASK, NULL, &before);
	CHECK_EQ(netns_do_thread(ns, look_at_mask, NULL), 32);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		CHECK_EQ(sigismember(&after, sig), sigismember(&before, sig));
	netns_free(ns);
}

struct patience {
	struct netns *ns;
	pthread_t caller;
	int answer;
	bool went_on;
};

static int cancel_caller(struct netns *host, void *arg)
{
	struct patience *patience = arg;

	(void)host;
	CHECK_EQ(pthread_cancel(patience->caller), 0);
	usleep(50000);
	return 33;
}

static void *wait_for_errand(void *arg)
{
	struct patience *patience = arg;

	patience->caller = pthread_self();
	patience->answer = netns_do_thread(patience->ns, cancel_caller, patience);
	patience->went_on = true;
	pthread_testcancel();
	CHECK(!"the thread went on");
	return NULL;
}

static void do_thread_is_not_cancelled(void)
{
	struct patience patience = {.ns = new_ns()};
	pthread_t thread;
	void *result;

	CHECK_EQ(pthread_create(&thread, NULL, wait_for_errand, &patience), 0);
	CHECK_EQ(pthread_join(thread, &result), 0);
	CHECK(result == PTHREAD_CANCELED);
	CHECK(patience.went_on);
	CHECK_EQ(patience.answer, 33);
	netns_free(patience.ns);
}

static void fail_without_thread(void *arg)
{
	deny_syscall(SYS_clone3, -1, 0, 0, EAGAIN);
	deny_syscall(SYS_clone, -1, 0, 0, EAGAIN);
	CHECK_EQ(netns_do_thread(arg, never_called, NULL), -EAGAIN);
}

static void do_thread_without_a_thread(void)
{
	struct netns *ns = new_ns();

	in_thread_with(fail_without_thread, ns);
	netns_free(ns);
}

/* ---- do_from trusts its caller ---- */

static void wrong_home_is_where_the_thread_ends(void)
{
	struct netns *ns = new_ns(), *wrong = new_ns();

	leave_machine();
	CHECK_EQ(netns_do_from(ns, wrong, do_nothing, NULL), 0);
	CHECK_EQ(where(), cookie_of(wrong));
	netns_free(wrong);
	netns_free(ns);
}

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function, NEED_ROOT, 0                                                  \
	}

TEST_MAIN(CASE(goes_in_and_back), CASE(notices_raw_setns), CASE(nests), CASE(nests_in_place),
	CASE(hands_value_through), CASE(errno_of_callback_survives), CASE(refuses_bad_arguments),
	CASE(do_path_refuses_what_is_no_namespace), CASE(do_path_of_a_name_that_goes),
	CASE(fails_without_privilege), CASE(fails_without_descriptors),
	CASE(host_is_where_the_thread_was), CASE(host_may_be_closed),
	CASE(handle_may_be_freed_inside), CASE(callback_moves), CASE(comes_home_with_nothing),
	CASE(release_inside), CASE(callback_closes_all), CASE(privileges_dropped_inside),
	CASE(thread_ends_inside), CASE(no_call_is_a_cancellation_point),
	CASE(child_of_callback_has_a_home_of_its_own), CASE(child_with_the_number_of_its_parent),
	CASE(what_is_started_inside_is_born_inside), CASE(nothing_is_kept_past_the_thread),
	CASE(release_drops_what_is_kept), CASE(fork_closes_what_all_threads_keep),
	CASE(destructors_may_call), CASE(foreign_descriptors_are_left_alone),
	CASE(known_home_costs_two_setns), CASE(do_asks_one_pidfd),
	CASE(do_thread_never_moves_the_caller), CASE(do_thread_takes_no_signal),
	CASE(do_thread_is_not_cancelled), CASE(do_thread_without_a_thread),
	CASE(wrong_home_is_where_the_thread_ends), )
