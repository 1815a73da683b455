/* SPDX-License-Identifier: MIT */
/*
 * A run directory that somebody else may write to, who means ill.
 *
 * "evil" is his, and "evil/run" is the run directory. "safe" is not: whatever he leads us to do,
 * nothing in there is made, removed, changed, unmounted or entered. He has a mount namespace of
 * his own, in which our pins are no mounts, and so can rename them, which the kernel forbids in
 * ours.
 */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/sysmacros.h>

#include "harness.h"
#include "raw.h"
#include "watch.h"

enum { ATTACKER = 65534, PLACE = 256 };

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

/* Its own paths, as those of tmp_path() are of a few buffers. */
static char run_dir[PLACE], web[PLACE], other[PLACE], decoy[PLACE];
static char safe[PLACE], safe_web[PLACE], safe_file[PLACE], safe_empty[PLACE];

static struct netns *ours, *safe_ns;

static void set_path(char path[PLACE], const char *name)
{
	snprintf(path, PLACE, "%.200s", tmp_path(name));
}

static void make_directory_for(uid_t uid, const char *path)
{
	CHECK(mkdir(path, 0755) == 0);
	CHECK(chown(path, uid, uid) == 0);
}

static void give_away(const char *path)
{
	CHECK(lchown(path, ATTACKER, ATTACKER) == 0);
}

static void attackers_link(const char *target, const char *path)
{
	make_link(target, path);
	give_away(path);
}

static void set_up(void)
{
	set_path(run_dir, "evil/run");
	set_path(web, "evil/run/web");
	set_path(other, "evil/run/other");
	set_path(decoy, "evil/decoy");
	set_path(safe, "safe");
	set_path(safe_web, "safe/web");
	set_path(safe_file, "safe/file");
	set_path(safe_empty, "safe/empty");
	make_directory_for(0, safe);
	make_directory_for(ATTACKER, tmp_path("evil"));
	make_directory_for(ATTACKER, run_dir);

	ours = new_ns();
	safe_ns = new_ns();
	CHECK_EQ(netns_attach(safe_ns, safe, "web"), 0);
	write_file(safe_file, "important");
	write_file(safe_empty, NULL);
	CHECK(mkdir(tmp_path("safe/run"), 0700) == 0);
}

/* Without /proc, too. */
static void check_safe(void)
{
	struct stat st;
	DIR *dir = opendir(safe);
	unsigned n = 0;

	CHECK(stat(safe_web, &st) == 0 && st.st_ino == inode_of(safe_ns));
	CHECK(stat(safe_file, &st) == 0 && st.st_size == 9 && (st.st_mode & 07777) == 0644);
	CHECK(stat(safe_empty, &st) == 0 && st.st_size == 0 && st.st_nlink == 1);
	CHECK(stat(tmp_path("safe/run"), &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK_EQ(st.st_nlink, 2);
	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	CHECK_EQ(n, 6);
}

static void tear_down(void)
{
	char command[PATH_MAX + 512];

	check_safe();
	CHECK(umount(safe_web) == 0);
	netns_free(ours);
	netns_free(safe_ns);
	snprintf(command, sizeof(command), "rm -rf '%s' '%s'", safe, tmp_path("evil"));
	CHECK_EQ(system(command), 0);
}

static int create_in(const char *dir, const char *name, struct netns **ret)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .name = name, .dir = dir, .flags = NETNS_CREATE_KEEP};

	return netns_create(&opts, ret);
}

static int create(const char *dir)
{
	struct netns *ns = NULL;
	int r = create_in(dir, "web", &ns);

	CHECK((r == 0) == (ns != NULL));
	netns_free(ns);
	return r;
}

static int attach(const char *dir)
{
	return netns_attach(ours, dir, "web");
}

static int remove_name(const char *dir)
{
	return netns_delete(dir, "web");
}

/* What he may lead us into is what we made, but nothing of others'. */
static int open_name(const char *dir)
{
	struct netns *ns = NULL;
	int r = netns_open_name_in(dir, "web", &ns);

	CHECK((r == 0) == (ns != NULL));
	if (ns)
		CHECK_EQ(netns_is_same(ns, safe_ns), 0);
	netns_free(ns);
	return r;
}

static int list(const char *dir)
{
	const struct netns_entry *entry;
	struct netns_iter *iter;
	int r = netns_iter_new(dir, &iter);

	if (r < 0)
		return r;
	while ((r = netns_iter_next(iter, &entry)) > 0)
		if (entry->state == NETNS_LIVE)
			CHECK(entry->inode.ino != inode_of(safe_ns));
	netns_iter_free(iter);
	return r;
}

/* ---- what can stand under a name */

static void make_link_to_pin(void)
{
	attackers_link(safe_web, web);
}

static void make_link_to_file(void)
{
	attackers_link("../../safe/empty", web);
}

static void make_link_to_nothing(void)
{
	char target[PATH_MAX];

	snprintf(target, sizeof(target), "%s/new", safe);
	attackers_link(target, web);
}

static void make_link_to_itself(void)
{
	attackers_link("web", web);
}

static void make_fifo(void)
{
	CHECK(mkfifo(web, 0666) == 0);
}

static void make_socket(void)
{
	make_socket_file(web);
}

static void make_character_device(void)
{
	CHECK(mknod(web, S_IFCHR | 0666, makedev(5, 0)) == 0); /* /dev/tty */
}

static void make_block_device(void)
{
	CHECK(mknod(web, S_IFBLK | 0666, makedev(7, 0)) == 0);
}

static void make_directory(void)
{
	make_directory_for(ATTACKER, web);
}

static void make_file(void)
{
	write_file(web, "not empty");
}

static void make_uts_namespace(void)
{
	write_file(web, NULL);
	CHECK(mount("/proc/self/ns/uts", web, "none", MS_BIND, NULL) == 0);
}

static void make_file_system(void)
{
	make_directory();
	CHECK(mount("tests", web, "tmpfs", 0, NULL) == 0);
}

static void make_mounted_file(void)
{
	write_file(web, NULL);
	CHECK(mount(safe_file, web, "none", MS_BIND, NULL) == 0);
}

static void make_mounted_fifo(void)
{
	CHECK(mkfifo(tmp_path("evil/fifo"), 0666) == 0);
	write_file(web, NULL);
	CHECK(mount(tmp_path("evil/fifo"), web, "none", MS_BIND, NULL) == 0);
	CHECK(unlink(tmp_path("evil/fifo")) == 0);
}

static const struct kind {
	const char *name;
	void (*make)(void);
} kinds[] = {
	{"a link to a pin", make_link_to_pin},
	{"a link to a file", make_link_to_file},
	{"a link to nothing", make_link_to_nothing},
	{"a link to itself", make_link_to_itself},
	{"a fifo", make_fifo},
	{"a socket", make_socket},
	{"a character device", make_character_device},
	{"a block device", make_block_device},
	{"a directory", make_directory},
	{"a file with content", make_file},
	{"a uts namespace", make_uts_namespace},
	{"a file system", make_file_system},
	{"a mounted file", make_mounted_file},
	{"a mounted fifo", make_mounted_fifo},
};

static void check_refused(int (*call)(const char *dir), int want)
{
	CHECK_EQ(call(run_dir), want);
	CHECK_MSG(web);
}

static void check_foreign(void)
{
	const struct netns_entry *entry;
	struct netns_iter *iter;

	CHECK_EQ(netns_iter_new(run_dir, &iter), 0);
	CHECK_EQ(netns_iter_next(iter, &entry), 1);
	CHECK_STR(entry->name, "web");
	CHECK_EQ(entry->state, NETNS_FOREIGN);
	CHECK_EQ(netns_iter_next(iter, &entry), 0);
	netns_iter_free(iter);
}

static void clear_name(const char *path)
{
	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	if (unlink(path) < 0)
		rmdir(path);
}

static void check_kinds(void)
{
	struct stat before, after;

	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		printf("%s\n", kinds[i].name);
		kinds[i].make();
		CHECK(lstat(web, &before) == 0);
		check_refused(create, -EEXIST);
		check_refused(attach, -EEXIST);
		check_refused(remove_name, -EMEDIUMTYPE);
		check_refused(open_name, -EMEDIUMTYPE);
		check_foreign();
		CHECK_EQ(list(run_dir), 0);
		CHECK(lstat(web, &after) == 0);
		CHECK(after.st_ino == before.st_ino && after.st_dev == before.st_dev &&
			after.st_mode == before.st_mode && after.st_uid == before.st_uid);
		check_safe();
		clear_name(web);
	}
	tear_down();
}

static void other_kinds_are_refused(void)
{
	on_each_kernel(check_kinds);
}

/* ---- many, and those that never answer */

static void thousands_of_entries(void)
{
	static const char *const targets[] = {"/", "n1", "../../safe/web", "nothing"};
	enum { N = 6000 };
	const struct netns_entry *entry;
	unsigned n = 0, n_live = 0, n_stale = 0;
	struct netns_iter *iter;
	char path[PATH_MAX + 64];
	int r;

	set_up();
	for (unsigned i = 0; i < N; i++) {
		snprintf(path, sizeof(path), "%s/n%u\n\033[2J", run_dir, i);
		if (i % 3 == 0)
			make_link(targets[i / 3 % ARRAY_SIZE(targets)], path);
		else if (i % 3 == 1)
			CHECK(mkfifo(path, 0666) == 0);
		else
			write_file(path, NULL);
	}
	CHECK_EQ(create(run_dir), 0);
	CHECK_EQ(open_name(run_dir), 0);
	CHECK_EQ(netns_iter_new(run_dir, &iter), 0);
	while ((r = netns_iter_next(iter, &entry)) > 0) {
		n++;
		n_live += entry->state == NETNS_LIVE;
		n_stale += entry->state == NETNS_STALE;
	}
	CHECK_EQ(r, 0);
	netns_iter_free(iter);
	CHECK_EQ(n, N + 1);
	CHECK_EQ(n_live, 1);
	CHECK_EQ(n_stale, N / 3);
	CHECK_EQ(remove_name(run_dir), 0);
	tear_down();
}

static void note_signal(int signal)
{
	(void)signal;
}

/* Who has a lease on a file is told when somebody opens it. */
static void what_is_mounted_is_not_opened(void)
{
	sigset_t signals;
	int fd;

	set_up();
	sigemptyset(&signals);
	sigaddset(&signals, SIGIO);
	CHECK(signal(SIGIO, note_signal) != SIG_ERR);
	CHECK(sigprocmask(SIG_BLOCK, &signals, NULL) == 0);
	fd = open(safe_file, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0);
	make_mounted_file();
	check_foreign();
	check_refused(create, -EEXIST);
	check_refused(remove_name, -EMEDIUMTYPE);
	check_refused(open_name, -EMEDIUMTYPE);
	CHECK(sigpending(&signals) == 0);
	CHECK_EQ(sigismember(&signals, SIGIO), 0);
	sigemptyset(&signals);
	sigaddset(&signals, SIGIO);
	CHECK(sigprocmask(SIG_UNBLOCK, &signals, NULL) == 0);
	close(fd);
	clear_name(web);
	tear_down();
}

static int mount_fuse(const char *path, unsigned mode)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=0,group_id=0,allow_other", fd,
		mode);
	if (fd >= 0 && mount("tests", path, "fuse", 0, options) == 0)
		return fd;
	printf("no FUSE here: %m\n");
	if (fd >= 0)
		close(fd);
	return -1;
}

static void refuse_silent_mount(unsigned mode)
{
	int fd;

	if (S_ISDIR(mode))
		make_directory();
	else
		write_file(web, NULL);
	fd = mount_fuse(web, mode);
	if (fd >= 0) {
		for (int is_dead = 0; is_dead < 2; is_dead++) {
			check_foreign();
			CHECK_EQ(create(run_dir), -EEXIST);
			CHECK_EQ(remove_name(run_dir), -EMEDIUMTYPE);
			CHECK_EQ(open_name(run_dir), -EMEDIUMTYPE);
			if (!is_dead)
				close(fd);
		}
	}
	clear_name(web);
}

/* File systems of users, who need not answer. */
static void mounts_that_never_answer(void)
{
	set_up();
	refuse_silent_mount(S_IFDIR | 0755);
	refuse_silent_mount(S_IFREG | 0644);
	tear_down();
}

/* ---- links on the way to the run directory */

static int collect(const char *dir)
{
	return netns_collect(dir, "web", NETNS_COLLECT_STALE | NETNS_COLLECT_ORPHANED);
}

static int get_lease(const char *dir)
{
	struct netns_lease lease;

	return netns_get_lease(dir, "web", &lease);
}

static int delete_many(const char *dir)
{
	const char *const names[] = {"web", "other"};
	int errors[2], r = netns_delete_many(dir, names, 2, errors, NULL, NULL);

	CHECK(r == errors[0] || r == errors[1]);
	return r;
}

static const struct operation {
	const char *name;
	int (*call)(const char *dir);
} operations[] = {
	{"create", create},
	{"attach", attach},
	{"delete", remove_name},
	{"open", open_name},
	{"list", list},
	{"collect", collect},
	{"read the lease", get_lease},
	{"delete many", delete_many},
};

static void check_way(const char *dir, int want)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		CHECK_EQ(operations[i].call(dir), want);
		if (want == -ELOOP) {
			CHECK_MSG(dir);
			CHECK_MSG("neither root's nor the caller's own");
		}
		check_safe();
	}
}

static void links_of_others_on_the_way(void)
{
	char target[PATH_MAX];

	set_up();
	attackers_link(safe, decoy);
	check_way(decoy, -ELOOP);
	check_way(tmp_path("evil/decoy/"), -ELOOP);
	check_way(tmp_path("evil/decoy/run"), -ELOOP);
	check_way(tmp_path("evil/decoy/new"), -ELOOP);
	check_way(tmp_path("evil/decoy/../safe"), -ELOOP);
	check_way(tmp_path("evil/decoy/../evil/run"), -ELOOP);

	attackers_link("../safe", tmp_path("evil/relative"));
	check_way(tmp_path("evil/relative"), -ELOOP);

	/* By way of a link of root's. */
	snprintf(target, sizeof(target), "%s/run", decoy);
	make_link(target, tmp_path("roots"));
	check_way(tmp_path("roots"), -ELOOP);
	tear_down();
}

static void links_of_ones_own_on_the_way(void)
{
	char name[64], target[64];

	set_up();
	make_link("evil", tmp_path("one"));
	make_link(tmp_path("one/run"), tmp_path("two"));
	CHECK_EQ(create(tmp_path("two")), 0);
	CHECK_EQ(open_name(tmp_path("two/../run//.")), 0);
	CHECK_EQ(list(tmp_path("two/")), 0);
	CHECK_EQ(remove_name(tmp_path("evil/../one/run/")), 0);
	CHECK_EQ(create(tmp_path("one/new/")), 0);
	CHECK_EQ(remove_name(tmp_path("evil/new")), 0);
	CHECK(rmdir(tmp_path("evil/new")) == 0);

	CHECK_EQ(list(tmp_path("nothing/run")), -ENOENT);
	CHECK_EQ(list(tmp_path("safe/file")), -ENOTDIR);
	CHECK_EQ(list(tmp_path("safe/file/run")), -ENOTDIR);
	make_link("loop", tmp_path("loop"));
	CHECK_EQ(list(tmp_path("loop")), -ELOOP);

	/* As many as the kernel follows, and one more. */
	make_link("evil/run", tmp_path("l0"));
	for (int i = 1; i <= 40; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		make_link(target, tmp_path(name));
	}
	CHECK_EQ(list(tmp_path("l20")), 0);
	CHECK_EQ(list(tmp_path("l40")), -ELOOP);
	tear_down();
}

static void list_as_attacker(void)
{
	drop_privileges();
	CHECK_EQ(list(decoy), 0);
}

/* His own links are good for himself. */
static void links_of_the_caller(void)
{
	set_up();
	attackers_link(run_dir, decoy);
	in_child(list_as_attacker);
	CHECK_EQ(list(decoy), -ELOOP);
	tear_down();
}

static void list_below_root_of_nobody(void)
{
	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
	CHECK(geteuid() == 65534);
	CHECK_EQ(list(tmp_path("roots")), 0);
}

/* In a user namespace that does not know root his links are those of whoever has "/". */
static void links_of_an_unknown_root(void)
{
	set_up();
	make_link("evil/run", tmp_path("roots"));
	in_lone_child(list_below_root_of_nobody);
	tear_down();
}

/* ---- swaps between check and use */

/* In his mount namespace: exchanges what he was told to. */
static int order[2], done[2];
static pid_t attacker;

static void exchange(const char *a, const char *b)
{
	syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

static void swap(char what)
{
	if (what == 'e')
		exchange(web, other);
	else
		exchange(run_dir, decoy);
}

static void be_attacker(void)
{
	char what;

	CHECK(unshare(CLONE_NEWNS) == 0);
	drop_privileges();
	close(order[1]);
	while (read(order[0], &what, 1) == 1) {
		swap(what);
		CHECK(write(done[1], "", 1) == 1);
	}
	end_child();
}

static void start_attacker(void)
{
	CHECK(pipe2(order, O_CLOEXEC) == 0 && pipe2(done, O_CLOEXEC) == 0);
	attacker = fork();
	CHECK(attacker >= 0);
	if (attacker == 0)
		be_attacker();
	close(order[0]);
	close(done[1]);
}

static void stop_attacker(void)
{
	close(order[1]);
	check_child(attacker);
	close(done[0]);
}

static void order_swap(char what)
{
	char byte;

	CHECK(write(order[1], &what, 1) == 1);
	CHECK(read(done[0], &byte, 1) == 1);
}

/* What he has in hand for the swap: of the name, or of the directory. */
static void decoy_is_link(void)
{
	attackers_link(safe, decoy);
}

static void decoy_is_directory(void)
{
	make_directory_for(ATTACKER, decoy);
}

static void other_is_link(void)
{
	attackers_link(safe_web, other);
}

static void other_is_link_to_file(void)
{
	attackers_link(safe_empty, other);
}

static void other_is_fifo(void)
{
	CHECK(mkfifo(other, 0666) == 0);
	give_away(other);
}

static void other_is_directory(void)
{
	make_directory_for(ATTACKER, other);
}

static void other_is_file(void)
{
	write_file(other, "mine");
	give_away(other);
}

static void pin_raw(const struct netns *ns, const char *path)
{
	char source[64];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(ns));
	write_file(path, NULL);
	CHECK(mount(source, path, "none", MS_BIND, NULL) == 0);
}

static void other_is_namespace(void)
{
	pin_raw(ours, other);
}

static const struct trick {
	const char *name;
	char swap;
	void (*prepare)(void);
} tricks[] = {
	{"the directory for a link", 'd', decoy_is_link},
	{"the directory for another", 'd', decoy_is_directory},
	{"the name for a link to a pin", 'e', other_is_link},
	{"the name for a link to a file", 'e', other_is_link_to_file},
	{"the name for a fifo", 'e', other_is_fifo},
	{"the name for a directory", 'e', other_is_directory},
	{"the name for a file", 'e', other_is_file},
	{"the name for another pin", 'e', other_is_namespace},
};

static struct netns *owner;

static int close_owner(const char *dir)
{
	(void)dir;
	return netns_close(owner);
}

static const struct operation drop = {"close", close_owner};

struct attempt {
	const struct operation *operation;
	const struct trick *trick;
	unsigned position;
	bool came;
};

static int call_operation(void *arg)
{
	const struct attempt *attempt = arg;

	return attempt->operation->call(run_dir);
}

static int swap_there(unsigned position, int nr, void *data)
{
	struct attempt *attempt = data;

	(void)nr;
	if (position == attempt->position) {
		order_swap(attempt->trick->swap);
		attempt->came = true;
	}
	return 0;
}

static void make_owner(void)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = "web", .dir = run_dir};

	CHECK_EQ(netns_create(&opts, &owner), 0);
}

static void clear_directory(const char *dir)
{
	char path[PATH_MAX + 8];
	struct stat st;

	if (lstat(dir, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		snprintf(path, sizeof(path), "%s/web", dir);
		clear_name(path);
		snprintf(path, sizeof(path), "%s/other", dir);
		clear_name(path);
		CHECK(rmdir(dir) == 0);
	} else {
		CHECK(unlink(dir) == 0);
	}
}

/* Any answer will do, if it comes, and nothing happens elsewhere. Says whether it was swapped. */
static bool try_at(const struct operation *operation, const struct trick *trick, unsigned position)
{
	struct attempt attempt = {operation, trick, position, false};

	if (operation->call == close_owner)
		make_owner();
	else if (operation->call != create && operation->call != attach)
		CHECK_EQ(attach(run_dir), 0);
	trick->prepare();
	run_judged(call_operation, &attempt, swap_there, &attempt);
	check_safe();
	if (owner)
		netns_free(owner);
	owner = NULL;
	check_safe();
	clear_directory(run_dir);
	clear_directory(decoy);
	make_directory_for(ATTACKER, run_dir);
	return attempt.came;
}

static void try_everywhere(const struct operation *operation, const struct trick *trick)
{
	unsigned position = 0;

	while (try_at(operation, trick, position))
		position++;
	CHECK(position > 3);
}

static void try_trick(const struct trick *trick)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		try_everywhere(&operations[i], trick);
	try_everywhere(&drop, trick);
}

static void swap_at_every_step(void)
{
	set_up();
	start_attacker();
	for (size_t i = 0; i < ARRAY_SIZE(tricks); i++)
		try_trick(&tricks[i]);
	stop_attacker();
	tear_down();
}

static void swap_for_links(void)
{
	set_up();
	start_attacker();
	try_everywhere(&operations[0], &tricks[0]);
	try_everywhere(&operations[0], &tricks[3]);
	try_everywhere(&operations[2], &tricks[0]);
	try_everywhere(&operations[2], &tricks[3]);
	stop_attacker();
	tear_down();
}

static void swap_on_old_kernels(void)
{
	on_each_kernel(swap_for_links);
}

/* ---- swaps all the time */

static void swap_for_ever(char what)
{
	CHECK(unshare(CLONE_NEWNS) == 0);
	drop_privileges();
	for (;;)
		swap(what);
}

static void call_while_swapped(const struct trick *trick, double seconds)
{
	unsigned calls = 0, succeeded = 0;
	pid_t pid;

	trick->prepare();
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		swap_for_ever(trick->swap);
	for (double end = now() + seconds; calls < ARRAY_SIZE(operations) || now() < end; calls++) {
		const struct operation *operation = &operations[calls % ARRAY_SIZE(operations)];

		succeeded += operation->call(run_dir) == 0;
		check_safe();
	}
	stop_process(pid);
	printf("%s: %u calls, %u succeeded\n", trick->name, calls, succeeded);
	clear_directory(run_dir);
	clear_directory(decoy);
	make_directory_for(ATTACKER, run_dir);
}

static void swap_all_the_time(void)
{
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(tricks); i++)
		call_while_swapped(&tricks[i], 0.3);
	tear_down();
}

/* The name is unmounted in the directory that was opened, not where its path leads by then. */
static void swap_without_proc(void)
{
	static const struct operation delete = {"delete", remove_name};

	hide_proc();
	set_up();
	start_attacker();
	for (size_t i = 0; i < 2; i++) {
		try_everywhere(&delete, &tricks[i]);
		try_everywhere(&drop, &tricks[i]);
	}
	stop_attacker();
	tear_down();
}

static void swap_at_every_step_without_proc(void)
{
	in_child(swap_without_proc);
}

/* ---- the lock */

/* Whoever may read a directory can lock it. The default one, too: that is iproute2's lock. */
static void *call_locked(void *arg)
{
	const struct operation *operation = arg;

	CHECK_EQ(operation->call(run_dir), -ETIMEDOUT);
	CHECK_MSG(run_dir);
	CHECK_MSG("held the lock");
	return NULL;
}

static void lock_is_never_released(void)
{
	pthread_t threads[3];
	int fd;

	set_up();
	fd = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, call_locked, (void *)&operations[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	CHECK_EQ(list(run_dir), 0);
	close(fd);
	CHECK_EQ(create(run_dir), 0);
	CHECK_EQ(remove_name(run_dir), 0);
	tear_down();
}

TEST_MAIN({"other_kinds_are_refused", other_kinds_are_refused, NEED_ROOT, 0},
	{"thousands_of_entries", thousands_of_entries, NEED_ROOT, 120},
	{"what_is_mounted_is_not_opened", what_is_mounted_is_not_opened, NEED_ROOT, 0},
	{"mounts_that_never_answer", mounts_that_never_answer, NEED_ROOT, 0},
	{"lock_is_never_released", lock_is_never_released, NEED_ROOT, 60},
	{"links_of_others_on_the_way", links_of_others_on_the_way, NEED_ROOT, 0},
	{"links_of_ones_own_on_the_way", links_of_ones_own_on_the_way, NEED_ROOT, 0},
	{"links_of_the_caller", links_of_the_caller, NEED_ROOT, 0},
	{"links_of_an_unknown_root", links_of_an_unknown_root, NEED_ROOT, 0},
	{"swap_at_every_step", swap_at_every_step, NEED_ROOT, 120},
	{"swap_on_old_kernels", swap_on_old_kernels, NEED_ROOT, 120},
	{"swap_all_the_time", swap_all_the_time, NEED_ROOT, 120},
	{"swap_at_every_step_without_proc", swap_at_every_step_without_proc, NEED_ROOT, 120})
