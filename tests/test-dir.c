/* SPDX-License-Identifier: MIT */
/* Run directories with a file system of their own. */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "raw.h"

#define LAB tmp_path("lab")

#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif

static struct netns *create_in(const char *dir, const char *name)
{
	const struct netns_create_opts opts = {
		.size = sizeof(opts), .dir = dir, .name = name, .flags = NETNS_CREATE_KEEP};
	struct netns *ns = NULL;

	CHECK_EQ(netns_create(&opts, &ns), 0);
	return ns;
}

static void is_gone(const char *dir)
{
	CHECK(access(dir, F_OK) < 0 && errno == ENOENT);
}

static void names_go_with_it(void)
{
	struct netns *a, *b;
	struct stat st;

	CHECK_EQ(netns_dir_mount(LAB, 0), 0);
	CHECK(stat(LAB, &st) == 0);
	CHECK_EQ(st.st_mode & 07777, 0755);
	a = create_in(LAB, "a");
	b = create_in(LAB, "b");
	CHECK_EQ(netns_attach(a, LAB, "c"), 0);
	CHECK_EQ(netns_delete(LAB, "c"), 0);
	write_file(tmp_path("lab/note"), "not a name");
	CHECK_EQ(netns_dir_delete(LAB), 0);
	is_gone(LAB);
	CHECK(netns_get_fd(a) >= 0); /* the namespaces live on, as after any delete */
	netns_free(a);
	netns_free(b);
	CHECK_EQ(netns_dir_delete(LAB), -ENOENT);
	CHECK_MSG(LAB);
}

/* One that is open inside: as umount(8) would say, busy. */
static void it_goes_while_it_is_used(void)
{
	int fd;

	CHECK_EQ(netns_dir_mount(LAB, NETNS_CREATE_KEEP), 0);
	netns_free(create_in(LAB, "a"));
	fd = open(LAB, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(netns_dir_delete(LAB), 0);
	is_gone(LAB);
	close(fd);
}

static void what_is_there_stays(void)
{
	CHECK(mkdir(LAB, 0700) == 0);
	write_file(tmp_path("lab/file"), "x");
	CHECK_EQ(netns_dir_mount(LAB, 0), -EEXIST);
	CHECK_MSG("not empty");
	CHECK_EQ(netns_dir_delete(LAB), -EMEDIUMTYPE);
	CHECK_MSG(LAB);
	CHECK(unlink(tmp_path("lab/file")) == 0);

	CHECK_EQ(netns_dir_mount(LAB, 0), 0); /* what a crash may have left */
	CHECK_EQ(netns_dir_mount(LAB, 0), -EEXIST);
	CHECK_EQ(netns_dir_delete(LAB), 0);
	is_gone(LAB);

	make_link("elsewhere", LAB);
	CHECK_EQ(netns_dir_mount(LAB, 0), -EEXIST);
	CHECK(unlink(LAB) == 0);
}

/* Whatever is mounted there by others is theirs, also a tmpfs, also if it is full of names. */
static void mounts_of_others_stay(void)
{
	struct netns_lease lease;

	CHECK(mkdir(LAB, 0755) == 0);
	CHECK(mount("netns", LAB, "tmpfs", 0, "mode=0755") == 0);
	netns_free(create_in(LAB, "a"));
	CHECK_EQ(netns_dir_mount(LAB, 0), -EEXIST);
	CHECK_EQ(netns_dir_delete(LAB), -EMEDIUMTYPE);
	CHECK_EQ(netns_dir_get_lease(LAB, &lease), -EMEDIUMTYPE);
	CHECK_EQ(netns_check_path(tmp_path("lab/a")), 0);
	CHECK_EQ(netns_delete(LAB, "a"), 0);
	CHECK(umount(LAB) == 0 && rmdir(LAB) == 0);

	CHECK_EQ(netns_dir_delete(netns_get_run_dir()), -ENOENT);
	netns_free(create_ns("web", NETNS_CREATE_KEEP));
	CHECK_EQ(netns_dir_delete(netns_get_run_dir()), -EMEDIUMTYPE);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

static void make_and_die(void)
{
	CHECK_EQ(netns_dir_mount(LAB, 0), 0);
	netns_free(create_in(LAB, "a"));
	_exit(0);
}

static void it_tells_whose_it_is(void)
{
	struct netns_lease lease;

	CHECK_EQ(netns_dir_mount(LAB, NETNS_CREATE_KEEP), 0);
	CHECK_EQ(netns_dir_get_lease(LAB, &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_NONE);
	CHECK_EQ(netns_dir_delete(LAB), 0);

	CHECK_EQ(netns_dir_mount(LAB, 0), 0);
	CHECK_EQ(netns_dir_get_lease(LAB, &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_HELD);
	CHECK_EQ(lease.pid, getpid());
	CHECK_EQ(netns_dir_delete(LAB), 0);

	in_lone_child(make_and_die);
	CHECK_EQ(netns_dir_get_lease(LAB, &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_ORPHANED);
	CHECK_EQ(netns_dir_delete(LAB), 0);
}

static void mount_and_hold(void)
{
	const struct netns_create_opts opts = {.size = sizeof(opts), .dir = LAB, .name = "held"};
	struct netns *ns;

	CHECK_EQ(netns_create(&opts, &ns), 0);
	CHECK_EQ(netns_dir_collect(LAB), 0);
	CHECK_EQ(netns_close(ns), 0);
	netns_free(ns);
}

static void only_an_orphan_is_collected(void)
{
	CHECK_EQ(netns_dir_collect(LAB), -ENOENT);
	CHECK_EQ(netns_dir_mount(LAB, NETNS_CREATE_KEEP), 0);
	CHECK_EQ(netns_dir_collect(LAB), 0);
	CHECK_EQ(netns_dir_delete(LAB), 0);
	CHECK_EQ(netns_dir_mount(LAB, 0), 0);
	CHECK_EQ(netns_dir_collect(LAB), 0);
	CHECK_EQ(netns_dir_delete(LAB), 0);

	in_lone_child(make_and_die);
	mount_and_hold(); /* somebody else's name in it */
	CHECK_EQ(netns_dir_collect(LAB), 1);
	is_gone(LAB);
}

/* What whoever may write to a directory can write about it counts for nothing. */
static void a_mark_of_others_is_none(void)
{
	static const char mark[] = "1 kept dir=x";

	CHECK(mkdir(LAB, 0755) == 0);
	CHECK(mount("netns", LAB, "tmpfs", 0, "mode=0755") == 0);
	if (setxattr(LAB, "user.netns.lease", mark, strlen(mark), 0) < 0)
		CHECK_EQ(errno, EOPNOTSUPP); /* Linux < 6.6 */
	CHECK_EQ(netns_dir_delete(LAB), -EMEDIUMTYPE);
	CHECK(umount(LAB) == 0 && rmdir(LAB) == 0);
}

static _Atomic int won, lost;

static void *mount_too(void *arg)
{
	int r = netns_dir_mount(LAB, 0);

	won += r == 0;
	lost += r == -EEXIST;
	return arg;
}

static void one_of_two_wins(void)
{
	for (int i = 0; i < 200; i++) {
		pthread_t threads[2];

		won = lost = 0;
		for (int j = 0; j < 2; j++)
			CHECK(pthread_create(&threads[j], NULL, mount_too, NULL) == 0);
		for (int j = 0; j < 2; j++)
			CHECK(pthread_join(threads[j], NULL) == 0);
		CHECK_EQ(won, 1);
		CHECK_EQ(lost, 1);
		CHECK_EQ(netns_dir_delete(LAB), 0);
		is_gone(LAB);
	}
}

/* Whoever waited for the lock finds no directory by then, or for a moment the one below. */
static void *delete_too(void *arg)
{
	int r = netns_dir_delete(LAB);

	won += r == 0;
	lost += r == -ENOENT || r == -EMEDIUMTYPE;
	return arg;
}

static void one_of_two_deletes(void)
{
	for (int i = 0; i < 200; i++) {
		pthread_t threads[2];

		won = lost = 0;
		CHECK_EQ(netns_dir_mount(LAB, 0), 0);
		for (int j = 0; j < 2; j++)
			CHECK(pthread_create(&threads[j], NULL, delete_too, NULL) == 0);
		for (int j = 0; j < 2; j++)
			CHECK(pthread_join(threads[j], NULL) == 0);
		CHECK_EQ(won, 1);
		CHECK_EQ(lost, 1);
	}
}

static void bad_arguments(void)
{
	struct netns_lease lease;

	CHECK_EQ(netns_dir_mount(NULL, 0), -EINVAL);
	CHECK_EQ(netns_dir_mount("relative", 0), -EINVAL);
	CHECK_EQ(netns_dir_mount(netns_get_run_dir(), 0), -EINVAL);
	CHECK_EQ(netns_dir_mount("/var//run/netns", 0), -EINVAL); /* by another path */
	CHECK_EQ(netns_dir_mount(LAB, NETNS_CREATE_LO_UP), -EINVAL);
	CHECK_EQ(netns_dir_mount(tmp_path("none/lab"), 0), -ENOENT);
	CHECK_EQ(netns_dir_delete(NULL), -EINVAL);
	CHECK_EQ(netns_dir_delete("relative"), -EINVAL);
	CHECK_EQ(netns_dir_get_lease(NULL, &lease), -EINVAL);
	CHECK_EQ(netns_dir_get_lease(LAB, NULL), -EINVAL);
	CHECK_EQ(netns_dir_get_lease(LAB, &lease), -ENOENT);
	is_gone(LAB);
}

static void before_fsopen(void)
{
	deny_syscall(SYS_fsopen, -1, 0, 0, ENOSYS);
	CHECK_EQ(netns_dir_mount(LAB, 0), -EOPNOTSUPP);
	CHECK_MSG("5.2");
	is_gone(LAB);
}

static void as_anyone(void)
{
	drop_privileges();
	CHECK_EQ(netns_dir_mount("/tmp/netns-test-dir", 0), -EPERM);
	CHECK(netns_errmsg()[0]);
	is_gone("/tmp/netns-test-dir");
}

static void unprivileged(void)
{
	in_lone_child(as_anyone);
}

/* ---- a batch in one ---- */

#define OPTS(FLAGS, DIR, ...)                                                                      \
	(&(struct netns_batch_opts){.size = sizeof(struct netns_batch_opts),                       \
		.flags = NETNS_BATCH_MOUNT | (FLAGS),                                              \
		.dir = (DIR),                                                                      \
		__VA_ARGS__})

static struct netns_batch *create_many(const struct netns_batch_opts *opts)
{
	struct netns_batch *batch = NULL;

	CHECK_EQ(netns_create_many(opts, &batch), 0);
	return batch;
}

static void a_batch_goes_as_one(void)
{
	struct netns_batch *batch = create_many(OPTS(0, LAB, .pattern = "n%d", .n = 20));
	struct netns_lease lease;

	CHECK_EQ(netns_check_path(tmp_path("lab/n19")), 0);
	CHECK_EQ(netns_dir_get_lease(LAB, &lease), 0);
	CHECK_EQ(lease.pid, getpid());
	CHECK_EQ(netns_batch_delete(batch), 0);
	is_gone(LAB);
	CHECK_EQ(netns_batch_get_error(batch, 7), -ENOENT);
	CHECK_EQ(netns_batch_delete(batch), 0);
	netns_batch_free(batch);

	netns_batch_free(create_many(OPTS(0, LAB, .n = 3)));
	is_gone(LAB);
}

static void a_batch_that_is_kept(void)
{
	struct netns_lease lease;

	netns_batch_free(create_many(OPTS(NETNS_CREATE_KEEP, LAB, .pattern = "n%d", .n = 2)));
	CHECK_EQ(netns_check_path(tmp_path("lab/n1")), 0);
	CHECK_EQ(netns_dir_get_lease(LAB, &lease), 0);
	CHECK_EQ(lease.state, NETNS_LEASE_NONE);
	CHECK_EQ(netns_dir_delete(LAB), 0);
}

static void a_batch_is_whole_or_not_there(void)
{
	static const char *const twice[] = {"a", "b", "a"};
	struct netns_batch *batch;

	CHECK_EQ(netns_create_many(OPTS(0, LAB, .names = twice, .n = 3), &batch), -EEXIST);
	is_gone(LAB);
	CHECK_EQ(netns_create_many(OPTS(0, NULL, .n = 3), &batch), -EINVAL);
	CHECK(mkdir(LAB, 0755) == 0);
	write_file(tmp_path("lab/file"), "x");
	CHECK_EQ(netns_create_many(OPTS(0, LAB, .n = 3), &batch), -EEXIST);
	CHECK(unlink(tmp_path("lab/file")) == 0 && rmdir(LAB) == 0);
}

/* Another has come in its place: not the batch's to remove, though it looks the same. */
static void a_batch_knows_its_own(void)
{
	struct netns_batch *first = create_many(OPTS(0, LAB, .pattern = "n%d", .n = 2)), *second;

	CHECK_EQ(netns_dir_delete(LAB), 0);
	second = create_many(OPTS(0, LAB, .pattern = "n%d", .n = 2));
	CHECK_EQ(netns_batch_delete(first), 0);
	CHECK_EQ(netns_check_path(tmp_path("lab/n1")), 0);
	netns_batch_free(second);
	is_gone(LAB);
	netns_batch_free(first);
}

/* What is made after that is in what was below, and goes as well. */
static int unmount_meanwhile(size_t done, size_t total, void *arg)
{
	bool *is_unmounted = arg;

	(void)total;
	if (done >= 3 && !*is_unmounted) {
		CHECK(umount2(LAB, MNT_DETACH) == 0);
		*is_unmounted = true;
	}
	return 0;
}

/* Should that fall between a file and the mount on it, all of the batch is taken back. */
static void a_batch_that_is_unmounted(void)
{
	struct netns_batch *batch;
	int r;

	do {
		bool is_unmounted = false;

		r = netns_create_many(OPTS(0, LAB, .pattern = "n%d", .n = 20, .threads = 1,
					      .progress = unmount_meanwhile, .arg = &is_unmounted),
			&batch);
		CHECK(r == 0 || r == -ENOENT || r == -EINVAL);
		CHECK(is_unmounted);
		if (r == 0) {
			CHECK_EQ(netns_batch_delete(batch), 0);
			netns_batch_free(batch);
		}
		CHECK(rmdir(LAB) == 0); /* empty */
	} while (r < 0);
}

TEST_MAIN({"names_go_with_it", names_go_with_it, NEED_ROOT, 0},
	{"it_goes_while_it_is_used", it_goes_while_it_is_used, NEED_ROOT, 0},
	{"what_is_there_stays", what_is_there_stays, NEED_ROOT, 0},
	{"mounts_of_others_stay", mounts_of_others_stay, NEED_ROOT, 0},
	{"it_tells_whose_it_is", it_tells_whose_it_is, NEED_ROOT, 0},
	{"only_an_orphan_is_collected", only_an_orphan_is_collected, NEED_ROOT, 0},
	{"a_mark_of_others_is_none", a_mark_of_others_is_none, NEED_ROOT, 0},
	{"one_of_two_wins", one_of_two_wins, NEED_ROOT, 0},
	{"one_of_two_deletes", one_of_two_deletes, NEED_ROOT, 0},
	{"bad_arguments", bad_arguments, NEED_ROOT, 0},
	{"before_fsopen", before_fsopen, NEED_ROOT, 0},
	{"unprivileged", unprivileged, NEED_ROOT, 0},
	{"a_batch_goes_as_one", a_batch_goes_as_one, NEED_ROOT, 0},
	{"a_batch_that_is_kept", a_batch_that_is_kept, NEED_ROOT, 0},
	{"a_batch_is_whole_or_not_there", a_batch_is_whole_or_not_there, NEED_ROOT, 0},
	{"a_batch_that_is_unmounted", a_batch_that_is_unmounted, NEED_ROOT, 0},
	{"a_batch_knows_its_own", a_batch_knows_its_own, NEED_ROOT, 0})
