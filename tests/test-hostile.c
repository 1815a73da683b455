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
#include <sys/sysmacros.h>

#include "harness.h"
#include "raw.h"

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

TEST_MAIN({"other_kinds_are_refused", other_kinds_are_refused, NEED_ROOT, 0},
	{"thousands_of_entries", thousands_of_entries, NEED_ROOT, 120},
	{"what_is_mounted_is_not_opened", what_is_mounted_is_not_opened, NEED_ROOT, 0},
	{"mounts_that_never_answer", mounts_that_never_answer, NEED_ROOT, 0})
