/* SPDX-License-Identifier: MIT */
/* netns_enter(), netns_leave(), netns_set(): moving without a callback. */
#include <sched.h>

#include "harness.h"
#include "raw.h"

static void as_it_is(void)
{
}

static void no_pidfd_no_proc(void)
{
	without_thread_pidfd();
	without_pidfd_ioctls();
	hide_proc();
}

static void (*const kernels[])(void) = {
	as_it_is, without_thread_pidfd, without_pidfd_ioctls, hide_proc, no_pidfd_no_proc};

struct course {
	void (*kernel)(void);
	void (*run)(struct netns *ns, struct netns *home);
	struct netns *ns;
	bool home_known;
};

static void run_course(void *arg)
{
	const struct course *course = arg;
	struct netns *home = course->home_known ? current_ns() : NULL;
	uint64_t place = where();

	course->kernel();
	course->run(course->ns, home);
	CHECK_EQ(where(), place);
	netns_free(home);
}

/* On a thread of its own, on each kernel, with and without a home that is known. */
static void everywhere(void (*run)(struct netns *ns, struct netns *home))
{
	struct course course = {.run = run, .ns = new_ns()};

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		course.kernel = kernels[i];
		for (int known = 0; known < 2; known++) {
			course.home_known = known;
			in_thread_with(run_course, &course);
		}
	}
	netns_free(course.ns);
}

static void enter_and_leave(struct netns *ns, struct netns *home)
{
	struct netns_scope scope;
	uint64_t place = where();

	/* The same scope, again and again, whatever it held at first. */
	memset(&scope, 0xa5, sizeof(scope));
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(netns_enter(&scope, ns, home), 0);
		CHECK_EQ(where(), cookie_of(ns));
		CHECK_EQ(netns_leave(&scope), 0);
		CHECK_EQ(where(), place);
	}
}

static void enters_and_leaves(void)
{
	everywhere(enter_and_leave);
}

/* The way home is kept in the scope: neither a descriptor nor /proc is needed. */
static void leave_with_nothing(struct netns *ns, struct netns *home)
{
	struct netns_scope scope;
	int r;

	CHECK_EQ(netns_enter(&scope, ns, home), 0);
	hide_proc();
	limit_free_descriptors(0);
	r = netns_leave(&scope);
	unlimit_descriptors();
	CHECK_EQ(r, 0);
}

static void leaves_with_nothing(void)
{
	everywhere(leave_with_nothing);
}

static void leave_from_elsewhere(struct netns *ns, struct netns *home)
{
	struct netns_scope scope;
	struct netns *other = new_ns();

	CHECK_EQ(netns_enter(&scope, ns, home), 0);
	CHECK_EQ(netns_set(other), 0);
	CHECK_EQ(netns_leave(&scope), 0);

	CHECK_EQ(netns_enter(&scope, ns, home), 0);
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	netns_thread_release();
	CHECK_EQ(netns_leave(&scope), 0);
	netns_free(other);
}

static void leaves_from_elsewhere(void)
{
	everywhere(leave_from_elsewhere);
}

enum { DEPTH = 8 };

static void nest(struct netns *ns, struct netns *home)
{
	struct netns_scope scopes[DEPTH];
	uint64_t places[DEPTH];
	struct netns *inner;

	CHECK_EQ(netns_enter(&scopes[0], ns, home), 0);
	for (int i = 1; i < DEPTH; i++) {
		places[i] = where();
		inner = new_ns();
		CHECK_EQ(netns_enter(&scopes[i], inner, NULL), 0);
		CHECK_EQ(where(), cookie_of(inner));
		netns_free(inner);
	}
	for (int i = DEPTH - 1; i > 0; i--) {
		CHECK_EQ(netns_leave(&scopes[i]), 0);
		CHECK_EQ(where(), places[i]);
	}
	CHECK_EQ(netns_leave(&scopes[0]), 0);
}

static void nests(void)
{
	everywhere(nest);
}

/* A leave too many must not move the thread. */
static void leave_again(struct netns *ns, struct netns *home)
{
	struct netns_scope scope, never = NETNS_SCOPE_INIT;
	struct netns *back = current_ns();

	CHECK_EQ(netns_enter(&scope, ns, home), 0);
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_EQ(netns_set(ns), 0);
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_EQ(netns_leave(&never), 0);
	CHECK_EQ(where(), cookie_of(ns));
	CHECK_EQ(netns_set(back), 0);
	netns_free(back);
}

static void leaving_again_does_nothing(void)
{
	everywhere(leave_again);
}

static void leave_keeps_errno(struct netns *ns, struct netns *home)
{
	static const int errors[] = {0, EXDEV, EPERM};
	struct netns_scope scope = NETNS_SCOPE_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		CHECK_EQ(netns_enter(&scope, ns, home), 0);
		errno = errors[i];
		CHECK_EQ(netns_leave(&scope), 0);
		CHECK_EQ(errno, errors[i]);
		CHECK_EQ(netns_leave(&scope), 0);
		CHECK_EQ(errno, errors[i]);
	}
}

static void errno_survives_leave(void)
{
	everywhere(leave_keeps_errno);
}

/* ---- failures ---- */

/* The thread has not moved, and the scope, whatever it held, may be left all the same. */
static void check_failed_enter(struct netns *ns, struct netns *home, int error)
{
	static const struct netns_scope fresh = NETNS_SCOPE_INIT;
	uint64_t place = where();
	struct netns_scope scope;

	memset(&scope, 0xa5, sizeof(scope));
	CHECK_EQ(netns_enter(&scope, ns, home), error);
	CHECK_EQ(where(), place);
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_EQ(where(), place);

	scope = fresh;
	CHECK_EQ(netns_enter(&scope, ns, home), error);
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_EQ(where(), place);
}

static void bad_arguments_are_refused(void)
{
	struct netns *ns = new_ns(), *closed = closed_ns(), *home = current_ns();

	CHECK_EQ(netns_enter(NULL, ns, home), -EINVAL);
	CHECK_EQ(netns_leave(NULL), -EINVAL);
	check_failed_enter(NULL, home, -EINVAL);
	check_failed_enter(NULL, NULL, -EINVAL);
	check_failed_enter(closed, home, -EBADF);
	check_failed_enter(closed, NULL, -EBADF);
	check_failed_enter(ns, closed, -EBADF);
	CHECK_EQ(inode_of(home), here());

	CHECK_EQ(netns_set(NULL), -EINVAL);
	CHECK_EQ(netns_set(closed), -EBADF);
	CHECK_EQ(inode_of(home), here());
	netns_free(home);
	netns_free(closed);
	netns_free(ns);
}

static void enter_without_descriptors(void)
{
	struct netns *ns = new_ns(), *home = current_ns();
	struct netns_scope scope;

	limit_free_descriptors(0);
	check_failed_enter(ns, NULL, -EMFILE);
	CHECK_EQ(netns_enter(&scope, ns, home), 0);
	CHECK_EQ(netns_leave(&scope), 0);
	unlimit_descriptors();
	netns_free(home);
	netns_free(ns);
}

static void try_without_privilege(void *arg)
{
	struct netns *home = current_ns();

	drop_capability(CAP_SYS_ADMIN);
	check_failed_enter(arg, NULL, -EPERM);
	CHECK_MSG(netns_get_path(arg));
	CHECK_MSG(strerror(EPERM));
	check_failed_enter(arg, home, -EPERM);
	CHECK_EQ(netns_set(arg), -EPERM);
	CHECK_EQ(inode_of(home), here());
	netns_free(home);
}

static void nobody_without_privilege_gets_in(void)
{
	struct netns *ns = create_ns(NULL, 0); /* with a path, for the message */

	in_thread_with(try_without_privilege, ns);
	netns_free(ns);
}

struct loss {
	struct netns *ns, *home;
};

static void lose_privilege_inside(void *arg)
{
	struct loss *loss = arg;
	struct netns_scope scope;
	uint64_t inside = cookie_of(loss->ns);

	CHECK_EQ(netns_enter(&scope, loss->ns, loss->home), 0);
	drop_capability(CAP_SYS_ADMIN);
	errno = EXDEV;
	CHECK_EQ(netns_leave(&scope), -ENOTRECOVERABLE);
	CHECK_EQ(errno, EXDEV);
	CHECK_MSG("go back");
	CHECK_MSG(strerror(EPERM));
	CHECK_EQ(where(), inside);
}

static void leave_says_that_it_cannot(void)
{
	struct loss loss = {.ns = new_ns()};

	in_thread_with(lose_privilege_inside, &loss);
	loss.home = current_ns();
	in_thread_with(lose_privilege_inside, &loss);
	CHECK_EQ(inode_of(loss.home), here());
	netns_free(loss.home);
	netns_free(loss.ns);
}

/* ---- what a scope holds, and what it does not ---- */

static void handles_may_go_inside(void)
{
	struct netns *ns = new_ns(), *home = current_ns();
	uint64_t place = where(), inside = cookie_of(ns);
	struct netns_scope scope;

	CHECK_EQ(netns_enter(&scope, ns, NULL), 0);
	netns_free(ns);
	CHECK_EQ(where(), inside);
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_EQ(where(), place);

	ns = new_ns();
	CHECK_EQ(netns_enter(&scope, ns, home), 0);
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_EQ(inode_of(home), here()); /* a home that was given is still open */
	netns_free(home);
	netns_free(ns);
}

static void child_leaves_too(void)
{
	struct netns *ns = new_ns();
	uint64_t place = where();
	struct netns_scope scope;
	pid_t pid;

	CHECK_EQ(netns_enter(&scope, ns, NULL), 0);
	pid = fork();
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_EQ(where(), place);
	if (pid == 0)
		end_child();
	check_child(pid);
	netns_free(ns);
}

struct companion {
	struct netns *ns;
	uint64_t place;
	pthread_barrier_t barrier;
};

static void *stay_behind(void *arg)
{
	struct companion *companion = arg;

	companion->place = where();
	pthread_barrier_wait(&companion->barrier);
	pthread_barrier_wait(&companion->barrier);
	CHECK_EQ(where(), companion->place);
	return NULL;
}

static void only_the_calling_thread_moves(void)
{
	struct companion companion = {.ns = new_ns()};
	struct netns *home = current_ns();
	struct netns_scope scope;
	pthread_t thread;

	pthread_barrier_init(&companion.barrier, NULL, 2);
	CHECK_EQ(pthread_create(&thread, NULL, stay_behind, &companion), 0);
	pthread_barrier_wait(&companion.barrier);
	CHECK_EQ(netns_enter(&scope, companion.ns, home), 0);
	CHECK_EQ(netns_set(companion.ns), 0);
	pthread_barrier_wait(&companion.barrier);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(netns_leave(&scope), 0);
	netns_free(home);
	netns_free(companion.ns);
}

static void set_is_for_good(void)
{
	struct netns *ns = new_ns(), *now_here;

	moved_on_purpose();
	CHECK_EQ(netns_set(ns), 0);
	CHECK_EQ(here(), inode_of(ns));
	CHECK_EQ(netns_set(ns), 0); /* where it is already */
	now_here = current_ns();
	CHECK_EQ(netns_is_same(now_here, ns), 1);
	netns_free(now_here);
	netns_free(ns);
}

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function, NEED_ROOT, 0                                                  \
	}

TEST_MAIN(CASE(enters_and_leaves), CASE(leaves_with_nothing), CASE(leaves_from_elsewhere),
	CASE(nests), CASE(leaving_again_does_nothing), CASE(errno_survives_leave),
	CASE(bad_arguments_are_refused), CASE(enter_without_descriptors),
	CASE(nobody_without_privilege_gets_in), CASE(leave_says_that_it_cannot),
	CASE(handles_may_go_inside), CASE(child_leaves_too), CASE(only_the_calling_thread_moves),
	CASE(set_is_for_good), )
