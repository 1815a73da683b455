/* SPDX-License-Identifier: MIT */
/* What every function does with NULL, a closed handle and a bad name, and how it says why. */
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

/* What an output must still be after a failure. */
#define UNTOUCHED ((void *)0x5a5a5a5a)

/* The call fails so, and says something that is not what the last one said. */
#define CHECK_FAILS(call, want)                                                                    \
	do {                                                                                       \
		CHECK_EQ(netns_check_path("/nowhere"), -ENOENT);                                   \
		CHECK_EQ(call, want);                                                              \
		check_says(__LINE__, #call);                                                       \
	} while (0)

static void check_says(int line, const char *call)
{
	const char *said = netns_errmsg();

	if (!said || !said[0])
		fail_case(__FILE__, line, "%s says nothing", call);
	if (strstr(said, "/nowhere"))
		fail_case(__FILE__, line, "%s leaves what was said before: %s", call, said);
	if (strchr(said, '\n'))
		fail_case(__FILE__, line, "%s says more than a line: %s", call, said);
}

static int never(struct netns *host, void *arg)
{
	(void)host;
	(void)arg;
	fail_case(__FILE__, __LINE__, "the callback was called");
}

static void errmsg_begins_empty(void)
{
	CHECK(netns_errmsg());
	CHECK_STR(netns_errmsg(), "");
}

static void errmsg_is_the_threads(void)
{
	CHECK_STR(netns_errmsg(), "");
	CHECK_EQ(netns_check_path("/nowhere/on/thread"), -ENOENT);
	CHECK_MSG("/nowhere/on/thread");
}

static void errmsg_stays(void)
{
	struct netns *ns;
	char said[512];

	CHECK_EQ(netns_check_path("/nowhere"), -ENOENT);
	CHECK_MSG("/nowhere");
	CHECK_MSG(strerror(ENOENT));
	snprintf(said, sizeof(said), "%s", netns_errmsg());
	in_thread(errmsg_is_the_threads);
	CHECK_EQ(netns_open_current(&ns), 0);
	CHECK(inode_of(ns) == here());
	netns_free(ns);
	CHECK_EQ(netns_check_path("/proc/self/ns/net"), 0);
	CHECK_STR(netns_errmsg(), said);
	CHECK_EQ(netns_check_path("/proc/self/ns/uts"), -EMEDIUMTYPE);
	CHECK_MSG("/proc/self/ns/uts");
	CHECK(!strstr(netns_errmsg(), "/nowhere"));
}

static void errmsg_of_any_length(void)
{
	size_t size = 1 << 20;
	char *path = malloc(size);

	CHECK(path);
	for (size_t length = 1; length < size; length = length * 3 / 2 + 1) {
		memset(path, '%', length);
		path[0] = '/';
		path[length] = '\0';
		CHECK(netns_check_path(path) < 0 || length == 1);
		if (length < 4096 && length > 1)
			CHECK_MSG(path);
		CHECK(strlen(netns_errmsg()) > 0);
	}
	free(path);
}

/* errno has no part in the answer, before or after. */
static void errno_does_not_matter(void)
{
	struct netns *ns;

	errno = ENOTUNIQ;
	CHECK_EQ(netns_check_path("/proc/self/ns/net"), 0);
	errno = ENOTUNIQ;
	CHECK_EQ(netns_check_path("/nowhere"), -ENOENT);
	errno = ENOTUNIQ;
	CHECK_EQ(netns_open_current(&ns), 0);
	errno = ENOTUNIQ;
	CHECK_EQ(netns_close(ns), 0);
	errno = ENOTUNIQ;
	CHECK_EQ(netns_close(ns), -EBADF);
	netns_free(ns);
}

static void null_outputs(void)
{
	struct netns *ns;
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK_EQ(netns_open_current(&ns), 0);
	CHECK_FAILS(netns_open("/proc/self/ns/net", NULL), -EINVAL);
	CHECK_FAILS(netns_open_current(NULL), -EINVAL);
	CHECK_FAILS(netns_open_name("web", NULL), -EINVAL);
	CHECK_FAILS(netns_open_name_in("/tmp", "web", NULL), -EINVAL);
	CHECK_FAILS(netns_open_pid(getpid(), NULL), -EINVAL);
	CHECK_FAILS(netns_open_fd(netns_get_fd(ns), NULL), -EINVAL);
	CHECK_FAILS(netns_open_socket(sock, NULL), -EINVAL);
	CHECK_FAILS(netns_create(NULL, NULL), -EINVAL);
	CHECK_FAILS(netns_get_inode(ns, NULL), -EINVAL);
	CHECK_FAILS(netns_get_id(ns, NULL), -EINVAL);
	CHECK_FAILS(netns_get_owner_uid(ns, NULL), -EINVAL);
	CHECK_FAILS(netns_get_nsid(ns, NULL), -EINVAL);
	CHECK_FAILS(netns_assign_nsid(ns, NULL), -EINVAL);
	CHECK_FAILS(netns_iter_new(NULL, NULL), -EINVAL);
	close(sock);
	netns_free(ns);
}

static void null_inputs(void)
{
	struct netns *ns = UNTOUCHED;

	CHECK_FAILS(netns_open(NULL, &ns), -EINVAL);
	CHECK_FAILS(netns_open_name(NULL, &ns), -EINVAL);
	CHECK_FAILS(netns_open_name_in(NULL, NULL, &ns), -EINVAL);
	CHECK_FAILS(netns_open_name_in("/tmp", NULL, &ns), -EINVAL);
	CHECK_FAILS(netns_check_path(NULL), -EINVAL);
	CHECK_FAILS(netns_delete(NULL, NULL), -EINVAL);
	CHECK_FAILS(netns_do_path(NULL, never, NULL), -EINVAL);
	CHECK(ns == UNTOUCHED);
	CHECK(!netns_get_path(NULL));
	netns_free(NULL);
	netns_iter_free(NULL);
}

static void check_handle_refused(struct netns *ns, int want)
{
	struct netns_scope scope = NETNS_SCOPE_INIT;
	struct netns_inode inode;
	uint64_t id;
	uid_t uid;
	int nsid;

	CHECK_FAILS(netns_get_fd(ns), want);
	CHECK_FAILS(netns_set(ns), want);
	CHECK_FAILS(netns_close(ns), want);
	CHECK_FAILS(netns_do(ns, never, NULL), want);
	CHECK_FAILS(netns_do_thread(ns, never, NULL), want);
	CHECK_FAILS(netns_enter(&scope, ns, NULL), want);
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_FAILS(netns_socket(ns, AF_UNIX, SOCK_DGRAM, 0), want);
	CHECK_FAILS(netns_openat(ns, "/proc/net/dev", 0, 0), want);
	CHECK_FAILS(netns_attach(ns, NULL, "web"), want);
	CHECK_FAILS(netns_get_inode(ns, &inode), want);
	CHECK_FAILS(netns_get_id(ns, &id), want);
	CHECK_FAILS(netns_get_owner_uid(ns, &uid), want);
	CHECK_FAILS(netns_open_owner(ns), want);
	CHECK_FAILS(netns_get_nsid(ns, &nsid), want);
	CHECK_FAILS(netns_set_nsid(ns, 77), want);
	CHECK_FAILS(netns_assign_nsid(ns, &nsid), want);
}

static void null_handle(void)
{
	struct netns *ns;

	check_handle_refused(NULL, -EINVAL);
	CHECK_EQ(netns_open_current(&ns), 0);
	CHECK_FAILS(netns_is_same(NULL, ns), -EINVAL);
	CHECK_FAILS(netns_is_same(ns, NULL), -EINVAL);
	CHECK_FAILS(netns_do(ns, NULL, NULL), -EINVAL);
	CHECK_FAILS(netns_do_from(NULL, ns, never, NULL), -EINVAL);
	CHECK_FAILS(netns_do_from(ns, NULL, never, NULL), -EINVAL);
	CHECK_FAILS(netns_do_from(ns, ns, NULL, NULL), -EINVAL);
	CHECK_FAILS(netns_do_thread(ns, NULL, NULL), -EINVAL);
	CHECK_FAILS(netns_do_path("/proc/self/ns/net", NULL, NULL), -EINVAL);
	CHECK_FAILS(netns_enter(NULL, ns, NULL), -EINVAL);
	CHECK_FAILS(netns_leave(NULL), -EINVAL);
	CHECK_FAILS(netns_openat(ns, NULL, 0, 0), -EINVAL);
	netns_free(ns);
}

static void check_closed(struct netns *ns)
{
	struct netns_scope scope = NETNS_SCOPE_INIT;
	struct netns *other;

	CHECK_EQ(netns_close(ns), 0);
	check_handle_refused(ns, -EBADF);
	CHECK_EQ(netns_open_current(&other), 0);
	CHECK_FAILS(netns_is_same(ns, other), -EBADF);
	CHECK_FAILS(netns_is_same(other, ns), -EBADF);
	CHECK_FAILS(netns_do_from(ns, other, never, NULL), -EBADF);
	CHECK_FAILS(netns_do_from(other, ns, never, NULL), -EBADF);
	CHECK_FAILS(netns_enter(&scope, other, ns), -EBADF);
	netns_free(other);
	netns_free(ns);
}

/* Its descriptor's number is another's by then: nothing must be done to that. */
static void closed_handles(void)
{
	struct netns *ns;
	int fds[2];

	CHECK_EQ(netns_open_current(&ns), 0);
	CHECK(pipe(fds) == 0);
	check_closed(ns);
	CHECK_EQ(netns_open("/proc/self/ns/net", &ns), 0);
	check_closed(ns);
	CHECK_EQ(netns_open_pid(getpid(), &ns), 0);
	check_closed(ns);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	close(fds[0]);
	close(fds[1]);
}

static void closed_owners(void)
{
	check_closed(create_ns("web", 0));
	check_closed(create_ns(NULL, 0));
	check_closed(create_ns(NULL, NETNS_CREATE_UNPINNED));
	check_closed(create_ns("web", NETNS_CREATE_KEEP));
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

/* The same answer for a bad name everywhere, and nothing touched. */
static void bad_names(void)
{
	static const char *const names[] = {"", ".", "..", "a/b", "/", "/etc", "web/", "../web"};
	char longest[NAME_MAX + 2];
	struct netns *ns = create_ns(NULL, NETNS_CREATE_UNPINNED), *made = UNTOUCHED;

	memset(longest, 'n', NAME_MAX + 1);
	longest[NAME_MAX + 1] = '\0';
	for (size_t i = 0; i <= ARRAY_SIZE(names); i++) {
		const char *name = i < ARRAY_SIZE(names) ? names[i] : longest;
		struct netns_create_opts opts = {.size = sizeof(opts), .name = name};

		CHECK_FAILS(netns_open_name(name, &made), -EINVAL);
		CHECK_MSG(name);
		CHECK_FAILS(netns_open_name_in("/tmp", name, &made), -EINVAL);
		CHECK_MSG(name);
		CHECK_FAILS(netns_create(&opts, &made), -EINVAL);
		CHECK_MSG(name);
		CHECK_FAILS(netns_attach(ns, NULL, name), -EINVAL);
		CHECK_MSG(name);
		CHECK_FAILS(netns_delete(NULL, name), -EINVAL);
		CHECK_MSG(name);
	}
	CHECK(made == UNTOUCHED);
	CHECK(access(netns_get_run_dir(), F_OK) < 0);
	netns_free(ns);
}

static void run_dir(void)
{
	CHECK(netns_get_run_dir()[0] == '/');
	CHECK(netns_get_run_dir() == netns_get_run_dir());
}

static struct netns *a_pin;

/*
 * Calls whatever waits in the kernel or the C library for longer than a moment, or could. In a
 * frame of its own: AddressSanitizer does not clear up those that a cancellation unwinds.
 */
static __attribute__((noinline)) void call_all(void)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .name = "new", .flags = NETNS_CREATE_LO_UP};
	const struct netns_entry *entry;
	struct netns_nsid *nsids;
	struct netns_iter *it;
	struct netns *ns;

	pthread_cancel(pthread_self());
	CHECK_EQ(netns_open(netns_get_path(a_pin), &ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_open_current(&ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_open_name("web", &ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_open_pid(getpid(), &ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_open_fd(netns_get_fd(a_pin), &ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_open_spec("ino:1", &ns), -ENOENT);
	CHECK(netns_list_nsids(-1, &nsids) >= 0);
	free(nsids);
	CHECK_EQ(netns_create(&opts, &ns), 0);
	CHECK_EQ(netns_attach(ns, NULL, "more"), 0);
	CHECK_EQ(netns_close(ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_delete(NULL, "more"), 0);
	CHECK_EQ(netns_iter_new(NULL, &it), 0);
	CHECK_EQ(netns_iter_next(it, &entry), 1);
	netns_iter_free(it);
}

static void *call_all_cancelled(void *arg)
{
	call_all();
	*(bool *)arg = true;
	pthread_testcancel();
	return NULL;
}

static void call_all_on_thread(void)
{
	pthread_t thread;
	bool done = false;
	void *value;

	a_pin = create_ns("web", 0);
	make_stale("new"); /* so that it is waited for */
	CHECK_EQ(pthread_create(&thread, NULL, call_all_cancelled, &done), 0);
	pthread_join(thread, &value);
	CHECK(done);
	CHECK(value == PTHREAD_CANCELED);
	netns_free(a_pin);
}

static void no_cancellation_point(void)
{
	on_each_kernel(call_all_on_thread);
}

TEST_MAIN({"errmsg_begins_empty", errmsg_begins_empty, 0, 0}, {"errmsg_stays", errmsg_stays, 0, 0},
	{"errmsg_of_any_length", errmsg_of_any_length, 0, 0},
	{"errno_does_not_matter", errno_does_not_matter, 0, 0},
	{"null_outputs", null_outputs, 0, 0}, {"null_inputs", null_inputs, 0, 0},
	{"null_handle", null_handle, 0, 0}, {"closed_handles", closed_handles, 0, 0},
	{"closed_owners", closed_owners, NEED_ROOT, 0}, {"bad_names", bad_names, NEED_ROOT, 0},
	{"run_dir", run_dir, 0, 0}, {"no_cancellation_point", no_cancellation_point, NEED_ROOT, 60})
