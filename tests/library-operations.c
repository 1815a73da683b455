/* SPDX-License-Identifier: MIT */
/* What the library does: the rows of its functions. */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engines.h"
#include "harness.h"
#include "operations.h"
#include "stage.h"

/* What an output must still be after a failure. */
#define UNTOUCHED ((struct netns *)0x5a5a5a5a)

static struct netns *outcome; /* what run() got */
static int outcome_fd;        /* the same as a descriptor */
static int input;             /* for the functions that are given one */
static pid_t process;         /* likewise */

/* Of each function that makes a handle. */
static int take_outcome(int r, struct netns *const *ns)
{
	if (r < 0)
		CHECK(*ns == UNTOUCHED);
	else
		outcome = *ns;
	return r;
}

static int take_descriptor(int r)
{
	outcome_fd = r;
	return r < 0 ? r : 0;
}

/* --- create -------------------------------------------------------------- */

static int create(const char *name, const char *dir, unsigned flags)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .name = name, .dir = dir, .flags = flags};
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_create(&opts, &ns), &ns);
}

static int create_random(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_create(NULL, &ns), &ns);
}

static int create_named(void)
{
	return create(NAME, NULL, 0);
}

static int create_kept(void)
{
	return create(NAME, NULL, NETNS_CREATE_KEEP);
}

static int create_unpinned(void)
{
	return create(NULL, NULL, NETNS_CREATE_UNPINNED);
}

static int create_up(void)
{
	return create(NAME, NULL, NETNS_CREATE_LO_UP);
}

static const char *own_dir(void)
{
	return tmp_path("own");
}

static int create_in_own_dir(void)
{
	return create(NAME, own_dir(), 0);
}

static void close_outcome(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", netns_get_path(outcome));
	CHECK_EQ(netns_check_path(path), 0);
	CHECK_EQ(netns_close(outcome), 0);
	CHECK_EQ(access(path, F_OK), -1);
	netns_free(outcome);
}

static void free_unpinned(void)
{
	CHECK(!netns_get_path(outcome));
	CHECK(inode_of(outcome) != here());
	netns_free(outcome);
}

static void delete_outcome(void)
{
	netns_free(outcome);
	CHECK_EQ(netns_check_path(run_path(NAME)), 0);
	CHECK_EQ(netns_delete(NULL, NAME), 0);
}

static void close_outcome_and_forget(void)
{
	close_outcome();
	forget_run_dir();
}

static void close_outcome_and_dir(void)
{
	close_outcome();
	CHECK(rmdir(own_dir()) == 0);
}

static void forget_own_dir(void)
{
	CHECK(rmdir(own_dir()) == 0 || errno == ENOENT);
}

/* --- attach, delete, close ------------------------------------------------- */

static int attach(void)
{
	return netns_attach(target, NULL, NAME);
}

static void pin_target_twice(void)
{
	char source[64];

	pin_target();
	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(home));
	CHECK(mount(source, run_path(NAME), "none", MS_BIND, NULL) == 0);
}

static int delete (void)
{
	return netns_delete(NULL, NAME);
}

static int delete_stack(void)
{
	int r = delete ();
	struct netns *pin;

	within_call = false;
	if (r < 0) {
		CHECK_EQ(netns_open_name(NAME, &pin), 0);
		CHECK_EQ(netns_is_same(pin, home), 1);
		netns_free(pin);
	}
	return r;
}

static int close_owner(void)
{
	int r = netns_close(owner);

	CHECK_EQ(netns_get_fd(owner) == -EBADF, r == 0);
	return r;
}

static void forget_owner(void)
{
	netns_free(owner);
}

/* --- inside ---------------------------------------------------------------- */

static int answer(struct netns *host, void *arg)
{
	(void)arg;
	CHECK(netns_get_path(host));
	CHECK_EQ(here(), inode_of(target));
	CHECK(here() != inode_of(home));
	return 0;
}

/* What the function does is not the library's. */
static int answer_unwatched(struct netns *host, void *arg)
{
	int r;

	within_call = false;
	r = answer(host, arg);
	within_call = true;
	return r;
}

static int do_inside(void)
{
	return netns_do(target, answer_unwatched, NULL);
}

static int do_from(void)
{
	return netns_do_from(target, home, answer_unwatched, NULL);
}

static int do_path(void)
{
	return netns_do_path(run_path(NAME), answer_unwatched, NULL);
}

static int do_thread(void)
{
	return netns_do_thread(target, answer_unwatched, NULL);
}

static int enter_and_leave_from(struct netns *from)
{
	struct netns_scope scope;
	int r = netns_enter(&scope, target, from);

	return r < 0 ? r : netns_leave(&scope);
}

static int enter_and_leave(void)
{
	return enter_and_leave_from(NULL);
}

static int enter_and_leave_home(void)
{
	return enter_and_leave_from(home);
}

static int set(void)
{
	int r = netns_set(target);

	within_call = false;
	if (r == 0) {
		CHECK_EQ(here(), inode_of(target));
		CHECK_EQ(netns_set(home), 0);
	}
	return r;
}

static int make_socket(void)
{
	return take_descriptor(netns_socket(target, AF_INET, SOCK_DGRAM, 0));
}

static int open_proc(void)
{
	return take_descriptor(netns_openat(target, "/proc/net/dev", O_RDONLY, 0));
}

static void close_descriptor(void)
{
	CHECK(close(outcome_fd) == 0);
}

/* --- open ------------------------------------------------------------------ */

static int open_path(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open(run_path(NAME), &ns), &ns);
}

static int open_name(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open_name(NAME, &ns), &ns);
}

static int open_name_in(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open_name_in(netns_get_run_dir(), NAME, &ns), &ns);
}

static int open_current(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open_current(&ns), &ns);
}

static void start_process(void)
{
	make_target();
	process = start_inside();
}

static int open_pid(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open_pid(process, &ns), &ns);
}

static void open_input_pidfd(void)
{
	start_process();
	input = (int)syscall(SYS_pidfd_open, process, 0);
	CHECK(input >= 0);
}

static int open_fd(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open_fd(netns_get_fd(target), &ns), &ns);
}

static int open_pidfd(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open_fd(input, &ns), &ns);
}

static void open_input_socket(void)
{
	make_target();
	input = netns_socket(target, AF_UNIX, SOCK_DGRAM, 0);
	CHECK(input >= 0);
	netns_thread_release();
}

static int open_socket(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open_socket(input, &ns), &ns);
}

static int check_path(void)
{
	return netns_check_path(run_path(NAME));
}

static void free_outcome(void)
{
	CHECK(netns_get_fd(outcome) >= 0);
	netns_free(outcome);
}

static void free_outcome_of_target(void)
{
	CHECK_EQ(netns_is_same(outcome, target), 1);
	free_outcome();
}

static void free_outcome_and_unpin(void)
{
	free_outcome_of_target();
	unpin_target();
}

/* --- identity, nsids, enumeration --------------------------------------------- */

static int get_id(void)
{
	uint64_t id = 0;
	int r = netns_get_id(target, &id);

	CHECK_EQ(id != 0, r == 0);
	return r;
}

static int get_inode(void)
{
	struct netns_inode inode;

	return netns_get_inode(target, &inode);
}

static int is_same(void)
{
	return netns_is_same(target, home);
}

static int get_owner_uid(void)
{
	uid_t uid = 4711;
	int r = netns_get_owner_uid(target, &uid);

	CHECK_EQ(uid, r < 0 ? 4711 : geteuid());
	return r;
}

static int open_owner(void)
{
	return take_descriptor(netns_open_owner(target));
}

static void make_target_with_nsid(void)
{
	make_target();
	CHECK_EQ(netns_set_nsid(target, 7), 0);
}

static int get_nsid(void)
{
	int nsid = -5, r = netns_get_nsid(target, &nsid);

	CHECK_EQ(nsid, r < 0 ? -5 : 7);
	return r;
}

/* An nsid stays, so it is given to another namespace each time. */
static void make_owner_unpinned(void)
{
	owner = create_ns(NULL, NETNS_CREATE_UNPINNED);
}

/*
 * Nor is one free again at once when its namespace has gone. A failure may be to hear the answer,
 * the nsid being given.
 */
static int set_nsid(void)
{
	static int more;

	return netns_set_nsid(owner, getpid() * 8 + more++);
}

static int assign_nsid(void)
{
	int nsid = -5, r = netns_assign_nsid(owner, &nsid);

	CHECK_EQ(nsid >= 0, r == 0);
	return r;
}

/* --- many, and what crashes leave ------------------------------------------ */

static int step_in(struct netns *ns, size_t i, void *arg)
{
	(void)ns;
	(void)i;
	(void)arg;
	return 0;
}

static int visit(void)
{
	struct netns *const all[] = {target, home, target};

	return netns_visit(all, ARRAY_SIZE(all), step_in, NULL, NULL);
}

static struct netns_batch *batch;

static int create_many(void)
{
	static const char *const names[] = {NAME};
	const struct netns_batch_opts opts = {
		.size = sizeof(opts), .names = names, .n = 1, .threads = 1};

	return netns_create_many(&opts, &batch);
}

static void free_batch(void)
{
	CHECK_EQ(netns_check_path(run_path(NAME)), 0);
	netns_batch_free(batch);
	check_absent();
}

static void make_batch(void)
{
	CHECK_EQ(create_many(), 0);
}

static int delete_batch(void)
{
	return netns_batch_delete(batch);
}

static void free_deleted_batch(void)
{
	check_absent();
	netns_batch_free(batch);
}

static int delete_many(void)
{
	static const char *const names[] = {NAME};

	return netns_delete_many(NULL, names, 1, NULL, NULL, NULL);
}

#define FIRST NAME "-first"

static void pin_two(void)
{
	pin_target();
	CHECK_EQ(netns_attach(target, NULL, FIRST), 0);
}

/* After a name that went, the next goes another way: it may be stale when it fails. */
static int delete_two(void)
{
	static const char *const names[] = {FIRST, NAME};
	int errors[2], r = netns_delete_many(NULL, names, 2, errors, NULL, NULL);

	if (r == 0)
		check_absent();
	return r;
}

static void delete_rest(void)
{
	netns_delete(NULL, FIRST);
	netns_delete(NULL, NAME);
}

static int collect(void)
{
	int r = netns_collect(NULL, NAME, NETNS_COLLECT_STALE | NETNS_COLLECT_ORPHANED);

	CHECK(r <= 1);
	return r < 0 ? r : 0;
}

/* --- a directory that goes as one ------------------------------------------ */

static int mount_dir(void)
{
	return netns_dir_mount(own_dir(), 0);
}

static int delete_dir(void)
{
	return netns_dir_delete(own_dir());
}

/* Or an empty one, which does no harm. */
static void check_no_dir(void)
{
	CHECK(rmdir(own_dir()) == 0 || errno == ENOENT);
}

static void make_dir_with_name(void)
{
	CHECK_EQ(mount_dir(), 0);
	CHECK_EQ(netns_attach(target, own_dir(), NAME), 0);
}

static void undo_dir(void)
{
	CHECK_EQ(delete_dir(), 0);
	check_no_dir();
}

static void make_dir(void)
{
	CHECK_EQ(mount_dir(), 0);
}

static int get_lease_of_dir(void)
{
	struct netns_lease lease;

	return netns_dir_get_lease(own_dir(), &lease);
}

static void make_dir_and_die(void)
{
	make_dir();
	_exit(0);
}

static void make_orphaned_dir(void)
{
	in_lone_child(make_dir_and_die);
}

static int collect_dir(void)
{
	int r = netns_dir_collect(own_dir());

	CHECK(r <= 1);
	return r < 0 ? r : 0;
}

/* What a kill leaves: all of it, an empty directory, or nothing. */
static void forget_dir(void)
{
	if (delete_dir() < 0)
		CHECK(rmdir(own_dir()) == 0 || errno == ENOENT);
}

static int create_many_mounted(void)
{
	static const char *const names[] = {NAME};
	const struct netns_batch_opts opts = {.size = sizeof(opts),
		.names = names,
		.n = 1,
		.threads = 1,
		.dir = own_dir(),
		.flags = NETNS_BATCH_MOUNT};

	return netns_create_many(&opts, &batch);
}

static void free_mounted_batch(void)
{
	CHECK_EQ(netns_check_path(tmp_path("own/" NAME)), 0);
	netns_batch_free(batch);
	check_no_dir();
}

/* --- a program -------------------------------------------------------------- */

static int spawn(unsigned flags)
{
	char program[] = "/bin/true", *const argv[] = {program, NULL};
	const struct netns_spawn_opts opts = {.size = sizeof(opts), .flags = flags};
	int fd = netns_spawn(target, program, argv, &opts, &process), status;

	if (fd < 0)
		return fd;
	/* here, as the program is not let go on by who calls undo() */
	within_call = false;
	close(fd);
	CHECK_EQ(waitpid(process, &status, 0), process);
	CHECK_EQ(status, 0);
	return 0;
}

static int spawn_bare(void)
{
	return spawn(0);
}

static int spawn_with_mounts(void)
{
	return spawn(NETNS_SPAWN_MOUNTS);
}

/* --- private mounts --------------------------------------------------------- */

static unsigned warnings;

static void count_warning(const char *text, void *arg)
{
	(void)text;
	(void)arg;
	warnings++;
}

/* Something mounted on /sys, and a file of the name's own, in a mount namespace to be left behind. */
static void furnish(void)
{
	CHECK_EQ(unshare(CLONE_NEWNS), 0);
	CHECK(mount("tests", "/sys/bus", "tmpfs", 0, NULL) == 0);
	write_file("/sys/bus/mark", NULL);
	CHECK(mount("tests", "/etc", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/etc/netns", 0755) == 0 && mkdir("/etc/netns/" NAME, 0755) == 0);
	write_file("/etc/hosts", "");
	write_file("/etc/netns/" NAME "/hosts", "inside");
}

/* Where the kernel's list of mounts is read in /proc. */
static void furnish_before_6_8(void)
{
	furnish();
	as_before_6_8();
}

/* One /sys for each network namespace. */
static bool is_own_sys(void)
{
	struct stat shown, own;

	CHECK(stat("/sys", &shown) == 0);
	CHECK(mount("sysfs", tmp_path(""), "sysfs", 0, NULL) == 0);
	CHECK(stat(tmp_path(""), &own) == 0);
	CHECK(umount2(tmp_path(""), MNT_DETACH) == 0);
	return shown.st_dev == own.st_dev;
}

/*
 * What is not in its place has been told, and is missing for good: another attempt on the thread
 * begins with what the last one has left.
 */
static int private_mounts(void)
{
	static bool incomplete;
	struct stat hosts;
	int r;

	warnings = 0;
	r = netns_private_mounts(NAME, count_warning, NULL);
	within_call = false;
	incomplete |= r < 0 || warnings > 0;
	if (r == 0 && warnings == 0) {
		CHECK(incomplete || is_own_sys());
		CHECK(incomplete || access("/sys/bus/mark", F_OK) == 0);
		CHECK(stat("/etc/hosts", &hosts) == 0 && hosts.st_size > 0);
	}
	return r;
}

/* --- the pool --------------------------------------------------------------- */

static struct netns_pool *pool;

/* Of four the thread sleeps until two are gone: it does nothing while it is looked at. */
static void fill_pool(void)
{
	const struct netns_pool_opts opts = {.size = sizeof(opts), .ready = 4};

	CHECK_EQ(netns_pool_new(&opts, &pool), 0);
	CHECK_EQ(netns_pool_wait(pool, 4, 60000), 0);
}

static int take(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_pool_take(pool, &ns), &ns);
}

static int take_named(void)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_pool_take_named(pool, NULL, NAME, 0, &ns), &ns);
}

static int prepare_unwatched(struct netns *host, void *arg)
{
	bool within = within_call; /* not when what is taken is made up for */

	(void)arg;
	within_call = false;
	CHECK(here() != inode_of(host));
	within_call = within;
	return 0;
}

static void free_unpinned_and_pool(void)
{
	free_unpinned();
	netns_pool_free(pool);
}

/*
 * What its thread does, the only one: until one is ready, or the thread has failed at it. Then it
 * is that failure which is answered, and told.
 */
static int fill_by_thread(void)
{
	const struct netns_pool_opts opts = {.size = sizeof(opts),
		.ready = 1,
		.flags = NETNS_CREATE_LO_UP,
		.prepare = prepare_unwatched};
	struct netns_pool_counts counts;
	int r = netns_pool_new(&opts, &pool);

	if (r < 0)
		return r;
	do {
		CHECK_EQ(netns_pool_get_counts(pool, &counts), 0);
		r = netns_pool_wait(pool, 1, 1);
	} while (r == -ETIMEDOUT && counts.failed == 0);
	if (r == 0) {
		/* here, as the thread is not let go on by who calls undo() */
		within_call = false;
		CHECK_EQ(netns_pool_take(pool, &outcome), 0);
	}
	netns_pool_free(pool);
	return r == 0 ? 0 : counts.last_error;
}

static void close_outcome_and_pool(void)
{
	close_outcome();
	netns_pool_free(pool);
}

/* What cannot be read is no lease. */
static int get_lease(void)
{
	struct netns_lease lease;

	return netns_get_lease(NULL, NAME, &lease);
}

static int open_spec_word(const char *word)
{
	struct netns *ns = UNTOUCHED;

	return take_outcome(netns_open_spec(word, &ns), &ns);
}

static int open_spec_name(void)
{
	return open_spec_word(NAME);
}

static int open_spec_path(void)
{
	return open_spec_word(run_path(NAME));
}

static int open_spec_self(void)
{
	return open_spec_word("self");
}

static int open_spec_number(const char *kind, uint64_t number)
{
	char spec[64];

	snprintf(spec, sizeof(spec), "%s:%llu", kind, (unsigned long long)number);
	return open_spec_word(spec);
}

static int open_spec_process(void)
{
	return open_spec_number("pid", (uint64_t)process);
}

static int open_spec_descriptor(void)
{
	return open_spec_number("fd", (uint64_t)netns_get_fd(target));
}

static int open_spec_socket(void)
{
	return open_spec_number("fd", (uint64_t)input);
}

static int open_spec_nsid(void)
{
	return open_spec_number("nsid", 7);
}

static uint64_t wanted; /* the target's, asked for before */

static void make_target_with_id(void)
{
	make_target();
	CHECK_EQ(netns_get_id(target, &wanted), 0);
}

static int open_spec_id(void)
{
	return open_spec_number("id", wanted);
}

static void make_target_with_inode(void)
{
	make_target();
	wanted = inode_of(target);
}

static int open_spec_inode(void)
{
	return open_spec_number("ino", wanted);
}

/* ---- containers: of a user, whose files can be anywhere ---- */

static void begin_home(void)
{
	CHECK(setenv("HOME", tmp_path("home"), 1) == 0);
	CHECK(setenv("XDG_RUNTIME_DIR", tmp_path("home/run"), 1) == 0);
	CHECK(unsetenv("XDG_DATA_HOME") == 0);
	CHECK(unsetenv("XDG_CONFIG_HOME") == 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static void end_home(void)
{
	CHECK(nftw(tmp_path("home"), remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

static void put_docker_files(void)
{
	begin_home();
	put_docker(tmp_path("home/.local/share/docker"), ID_A, NAME, "/run/docker/netns/hidden");
	put_runc(tmp_path("home/run/docker/runtime-runc/moby"), ID_A, process, start_time(process));
}

static int open_spec_docker(void)
{
	return open_spec_word("docker:" NAME);
}

static void free_outcome_and_home(void)
{
	free_outcome();
	end_home();
}

static void put_podman_files(void)
{
	char storage[PATH_MAX], list[PATH_MAX + 32];

	begin_home();
	pin_target();
	snprintf(storage, sizeof(storage), "%s",
		tmp_path("home/.local/share/containers/storage/overlay-containers"));
	snprintf(list, sizeof(list), "%s/containers.json", storage);
	put_podman_list(list);
	put_podman_config(storage, ID_A, run_path(NAME));
}

static int open_spec_podman(void)
{
	return open_spec_word("podman:" NAME);
}

static void free_outcome_and_unpin_and_home(void)
{
	free_outcome_and_unpin();
	end_home();
}

static int list_nsids(void)
{
	struct netns_nsid *nsids;
	int r = netns_list_nsids(-1, &nsids);

	if (r >= 0)
		free(nsids);
	return r < 0 ? r : 0;
}

static int enumerate(void)
{
	const struct netns_entry *entry;
	struct netns_iter *it;
	unsigned n = 0;
	int r = netns_iter_new(NULL, &it);

	if (r < 0)
		return r;
	while ((r = netns_iter_next(it, &entry)) > 0)
		n++; /* what may not be looked at is somebody else's */
	netns_iter_free(it);
	if (r == 0)
		CHECK_EQ(n, 2);
	return r;
}

/* --- the table --------------------------------------------------------------- */

const struct operation library_operations[] = {
	{.name = "create: random name",
		.flags = ONE_WAY | CHANGES_NAMES,
		.run = create_random,
		.undo = close_outcome},
	{.name = "create: name",
		.subject = NAME,
		.flags = CHANGES_NAMES,
		.run = create_named,
		.undo = close_outcome},
	{.name = "create: kept",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.run = create_kept,
		.undo = delete_outcome},
	{.name = "create: unpinned",
		.flags = CHANGES_NAMES,
		.run = create_unpinned,
		.undo = free_unpinned},
	{.name = "create: loopback up",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.run = create_up,
		.undo = close_outcome},
	{.name = "create: own directory",
		.subject = NAME,
		.flags = CHANGES_NAMES,
		.run = create_in_own_dir,
		.undo = close_outcome_and_dir,
		.forget = forget_own_dir,
		.directory = own_dir},
	{.name = "create: first ever",
		.subject = NAME,
		.flags = CHANGES_NAMES | FIRST_EVER,
		.run = create_named,
		.undo = close_outcome_and_forget,
		.forget = forget_run_dir},
	{.name = "create: over a leftover",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.set_up = leave_stale,
		.run = create_named,
		.undo = close_outcome},
	{.name = "attach",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.prepare = make_target,
		.run = attach,
		.undo = detach},
	{.name = "attach: first ever",
		.subject = NAME,
		.flags = CHANGES_NAMES | FIRST_EVER,
		.prepare = make_target,
		.run = attach,
		.undo = detach_and_forget,
		.forget = forget_run_dir},
	{.name = "delete",
		.subject = NAME,
		.flags = CHANGES_NAMES,
		.prepare = make_target,
		.set_up = pin_target,
		.run = delete,
		.undo = check_absent},
	{.name = "delete: stack",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES | UNSTACKS,
		.prepare = make_target,
		.set_up = pin_target_twice,
		.run = delete_stack,
		.undo = check_absent,
		.stacked = 2},
	{.name = "close: owner",
		.subject = NAME,
		.flags = CHANGES_NAMES,
		.set_up = make_owner,
		.run = close_owner,
		.undo = check_closed},
	{.name = "do", .prepare = make_target, .run = do_inside, .undo = nothing},
	{.name = "do_from",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = do_from,
		.undo = nothing},
	{.name = "do_path",
		.subject = NAME,
		.flags = ONE_WAY,
		.prepare = make_target,
		.set_up = pin_target,
		.run = do_path,
		.undo = unpin_target},
	{.name = "do_thread",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = do_thread,
		.undo = nothing},
	{.name = "enter, leave", .prepare = make_target, .run = enter_and_leave, .undo = nothing},
	{.name = "enter, leave: home",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = enter_and_leave_home,
		.undo = nothing},
	{.name = "set", .flags = ONE_WAY, .prepare = make_target, .run = set, .undo = nothing},
	{.name = "socket", .prepare = make_target, .run = make_socket, .undo = close_descriptor},
	{.name = "openat",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = open_proc,
		.undo = close_descriptor},
	{.name = "open",
		.subject = NAME,
		.flags = ONE_WAY,
		.prepare = make_target,
		.set_up = pin_target,
		.run = open_path,
		.undo = free_outcome_and_unpin},
	{.name = "open_name",
		.subject = NAME,
		.prepare = make_target,
		.set_up = pin_target,
		.run = open_name,
		.undo = free_outcome_and_unpin},
	{.name = "open_name_in",
		.subject = NAME,
		.flags = ONE_WAY,
		.prepare = make_target,
		.set_up = pin_target,
		.run = open_name_in,
		.undo = free_outcome_and_unpin},
	{.name = "open_current", .prepare = make_target, .run = open_current, .undo = free_outcome},
	{.name = "open_pid", .prepare = start_process, .run = open_pid, .undo = free_outcome},
	{.name = "open_fd",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = open_fd,
		.undo = free_outcome_of_target},
	{.name = "open_fd: pidfd",
		.flags = ONE_WAY,
		.prepare = open_input_pidfd,
		.run = open_pidfd,
		.undo = free_outcome},
	{.name = "open_socket",
		.flags = ONE_WAY,
		.prepare = open_input_socket,
		.run = open_socket,
		.undo = free_outcome_of_target},
	{.name = "check_path",
		.subject = NAME,
		.flags = ONE_WAY,
		.prepare = make_target,
		.set_up = pin_target,
		.run = check_path,
		.undo = unpin_target},
	{.name = "get_id", .prepare = make_target, .run = get_id, .undo = nothing},
	{.name = "get_inode",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = get_inode,
		.undo = nothing},
	{.name = "is_same",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = is_same,
		.undo = nothing},
	{.name = "get_owner_uid",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = get_owner_uid,
		.undo = nothing},
	{.name = "open_owner",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = open_owner,
		.undo = close_descriptor},
	{.name = "get_nsid",
		.flags = ONE_WAY,
		.prepare = make_target_with_nsid,
		.run = get_nsid,
		.undo = nothing},
	{.name = "set_nsid",
		.flags = ONE_WAY | DONE_ANYWAY,
		.set_up = make_owner_unpinned,
		.run = set_nsid,
		.undo = forget_owner},
	{.name = "assign_nsid",
		.flags = ONE_WAY,
		.set_up = make_owner_unpinned,
		.run = assign_nsid,
		.undo = forget_owner},
	{.name = "iter",
		.prepare = make_target,
		.set_up = pin_target,
		.run = enumerate,
		.undo = unpin_target},
	{.name = "visit", .prepare = make_target, .run = visit, .undo = nothing},
	{.name = "create_many",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.run = create_many,
		.undo = free_batch},
	{.name = "delete_many",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.prepare = make_target,
		.set_up = pin_target,
		.run = delete_many,
		.undo = check_absent},
	{.name = "delete_many, two",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES | DONE_ANYWAY,
		.prepare = make_target,
		.set_up = pin_two,
		.run = delete_two,
		.undo = delete_rest},
	{.name = "batch_delete",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.set_up = make_batch,
		.run = delete_batch,
		.undo = free_deleted_batch},
	{.name = "collect",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.set_up = leave_stale,
		.run = collect,
		.undo = check_absent},
	{.name = "dir_mount",
		.subject = "own",
		.flags = ONE_WAY | CHANGES_NAMES,
		.run = mount_dir,
		.undo = undo_dir,
		.forget = forget_dir,
		.directory = own_dir},
	{.name = "dir_delete",
		.subject = "own",
		.flags = ONE_WAY | CHANGES_NAMES,
		.prepare = make_target,
		.set_up = make_dir_with_name,
		.run = delete_dir,
		.undo = check_no_dir,
		.forget = forget_dir,
		.directory = own_dir},
	{.name = "dir_get_lease",
		.subject = "own",
		.flags = ONE_WAY,
		.set_up = make_dir,
		.run = get_lease_of_dir,
		.undo = undo_dir},
	{.name = "dir_collect",
		.subject = "own",
		.flags = ONE_WAY | CHANGES_NAMES,
		.set_up = make_orphaned_dir,
		.run = collect_dir,
		.undo = forget_dir,
		.forget = forget_dir,
		.directory = own_dir},
	{.name = "create_many: mounted",
		.flags = ONE_WAY | CHANGES_NAMES,
		.run = create_many_mounted,
		.undo = free_mounted_batch,
		.forget = forget_dir,
		.directory = own_dir},
	{.name = "spawn",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = spawn_bare,
		.undo = nothing},
	{.name = "spawn: mounts",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = spawn_with_mounts,
		.undo = nothing},
	{.name = "private_mounts",
		.flags = ONE_WAY,
		.prepare = furnish,
		.run = private_mounts,
		.undo = nothing},
	{.name = "private_mounts: by mountinfo",
		.flags = ONE_WAY,
		.prepare = furnish_before_6_8,
		.run = private_mounts,
		.undo = nothing},
	{.name = "pool_new: its thread",
		.flags = ONE_WAY,
		.run = fill_by_thread,
		.undo = free_unpinned},
	{.name = "pool_take",
		.flags = ONE_WAY,
		.set_up = fill_pool,
		.run = take,
		.undo = free_unpinned_and_pool},
	{.name = "pool_take_named",
		.subject = NAME,
		.flags = ONE_WAY | CHANGES_NAMES,
		.set_up = fill_pool,
		.run = take_named,
		.undo = close_outcome_and_pool},
	{.name = "get_lease",
		.subject = NAME,
		.flags = ONE_WAY,
		.set_up = make_owner,
		.run = get_lease,
		.undo = close_owned},
	{.name = "open_spec: name",
		.subject = NAME,
		.flags = ONE_WAY,
		.prepare = make_target,
		.set_up = pin_target,
		.run = open_spec_name,
		.undo = free_outcome_and_unpin},
	{.name = "open_spec: path",
		.subject = NAME,
		.flags = ONE_WAY,
		.prepare = make_target,
		.set_up = pin_target,
		.run = open_spec_path,
		.undo = free_outcome_and_unpin},
	{.name = "open_spec: self",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = open_spec_self,
		.undo = free_outcome},
	{.name = "open_spec: fd",
		.flags = ONE_WAY,
		.prepare = make_target,
		.run = open_spec_descriptor,
		.undo = free_outcome_of_target},
	{.name = "open_spec: fd of a socket",
		.flags = ONE_WAY,
		.prepare = open_input_socket,
		.run = open_spec_socket,
		.undo = free_outcome_of_target},
	{.name = "open_spec: id",
		.flags = ONE_WAY,
		.prepare = make_target_with_id,
		.set_up = pin_target,
		.run = open_spec_id,
		.undo = free_outcome_and_unpin},
	{.name = "open_spec: ino",
		.flags = ONE_WAY,
		.prepare = make_target_with_inode,
		.set_up = pin_target,
		.run = open_spec_inode,
		.undo = free_outcome_and_unpin},
	{.name = "open_spec: nsid",
		.flags = ONE_WAY,
		.prepare = make_target_with_nsid,
		.set_up = pin_target,
		.run = open_spec_nsid,
		.undo = free_outcome_and_unpin},
	{.name = "open_spec: pid",
		.flags = ONE_WAY,
		.prepare = start_process,
		.run = open_spec_process,
		.undo = free_outcome},
	{.name = "open_spec: docker",
		.subject = NAME,
		.flags = ONE_WAY,
		.prepare = start_process,
		.set_up = put_docker_files,
		.run = open_spec_docker,
		.undo = free_outcome_and_home},
	{.name = "open_spec: podman",
		.subject = NAME,
		.flags = ONE_WAY,
		.prepare = make_target,
		.set_up = put_podman_files,
		.run = open_spec_podman,
		.undo = free_outcome_and_unpin_and_home},
	{.name = "list_nsids",
		.flags = ONE_WAY,
		.prepare = make_target_with_nsid,
		.run = list_nsids,
		.undo = nothing},
};
const unsigned n_library_operations = ARRAY_SIZE(library_operations);
