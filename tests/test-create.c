/* SPDX-License-Identifier: MIT */
/* New namespaces: what the options mean, and that making one leaves no trace but the namespace. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "leftovers.h"

/* What an output must still be after a failure. */
#define UNTOUCHED ((struct netns *)0x5a5a5a5a)

#define OPTS(...)                                                                                  \
	(&(struct netns_create_opts){.size = sizeof(struct netns_create_opts), __VA_ARGS__})

static struct netns *create(const struct netns_create_opts *opts)
{
	struct netns *ns = NULL;

	CHECK_EQ(netns_create(opts, &ns), 0);
	return ns;
}

static void check_refused(const struct netns_create_opts *opts, int want)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_create(opts, &ns), want);
	CHECK(ns == UNTOUCHED);
	CHECK(netns_errmsg()[0]);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	CHECK(lstat(path, &st) == 0);
	return st.st_mode & 07777;
}

static unsigned count_names(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return n;
}

/* The number of mounts on a path, and how many of them are shared. */
static unsigned count_mounts(const char *path, unsigned *shared)
{
	char place[PATH_MAX], point[PATH_MAX], *line = NULL;
	FILE *file = fopen("/proc/thread-self/mountinfo", "re");
	size_t size = 0;
	unsigned n = 0;

	*shared = 0;
	CHECK(file && realpath(path, place));
	while (getline(&line, &size, file) > 0) {
		CHECK(sscanf(line, "%*d %*d %*s %*s %4095s", point) == 1);
		if (strcmp(point, place) != 0)
			continue;
		n++;
		*shared += strstr(line, " shared:") != NULL;
	}
	free(line);
	fclose(file);
	return n;
}

static void check_run_dir_shared(void)
{
	unsigned shared;

	CHECK_EQ(count_mounts(netns_get_run_dir(), &shared), 1);
	CHECK_EQ(shared, 1);
}

static void check_lock_free(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(flock(fd, LOCK_EX | LOCK_NB) == 0);
	close(fd);
}

/* All that a new, pinned namespace must be. */
static void check_made(struct netns *ns)
{
	int flags = fcntl(netns_get_fd(ns), F_GETFD);
	struct netns *pin;

	CHECK(flags >= 0 && (flags & FD_CLOEXEC));
	CHECK(inode_of(ns) != here());
	CHECK_EQ(netns_open(netns_get_path(ns), &pin), 0);
	CHECK_EQ(netns_is_same(ns, pin), 1);
	netns_free(pin);
}

static void check_made_and_close(struct netns *ns)
{
	check_made(ns);
	CHECK_EQ(netns_close(ns), 0);
	CHECK(!exists(netns_get_path(ns)));
	netns_free(ns);
}

static void check_random_name(const char *name)
{
	static const char pattern[] = "cni-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	CHECK_EQ(strlen(name), strlen(pattern));
	for (size_t i = 0; pattern[i]; i++)
		CHECK(pattern[i] == 'x' ? strchr("0123456789abcdef", name[i]) != NULL
					: name[i] == pattern[i]);
}

static void random_name(void)
{
	struct netns *ns[50];

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		ns[i] = create(NULL);
		check_made(ns[i]);
		check_random_name(strrchr(netns_get_path(ns[i]), '/') + 1);
		CHECK(strncmp(netns_get_path(ns[i]), run_path(""), strlen(run_path(""))) == 0);
		for (size_t j = 0; j < i; j++) {
			CHECK(strcmp(netns_get_path(ns[i]), netns_get_path(ns[j])) != 0);
			CHECK_EQ(netns_is_same(ns[i], ns[j]), 0);
		}
	}
	CHECK_EQ(count_names(netns_get_run_dir()), ARRAY_SIZE(ns));
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		check_made_and_close(ns[i]);
}

static void named(void)
{
	struct netns *web = create(OPTS(.name = "web")), *ns;

	CHECK_STR(netns_get_path(web), run_path("web"));
	CHECK_EQ(netns_open_name("web", &ns), 0);
	CHECK_EQ(netns_is_same(web, ns), 1);
	netns_free(ns);
	check_made_and_close(web);
}

static void unusual_names(void)
{
	static const char *const names[] = {
		"new\nline",
		"%s%s%n",
		"\xff\xfe",
		"-x",
		".hidden",
		"...",
		" ",
		"a b\t",
		"\\040",
	};
	char longest[NAME_MAX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_made_and_close(create(OPTS(.name = names[i])));
		make_link("nowhere", run_path(names[i]));
		check_refused(OPTS(.name = names[i]), -EEXIST);
		CHECK_MSG(names[i]);
		unlink(run_path(names[i]));
	}
	memset(longest, 'n', NAME_MAX);
	longest[NAME_MAX] = '\0';
	check_made_and_close(create(OPTS(.name = longest)));
}

static void bad_names(void)
{
	static const char *const names[] = {"", ".", "..", "a/b", "/", "web/", "../web"};
	char longest[NAME_MAX + 2];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_refused(OPTS(.name = names[i]), -EINVAL);
		CHECK_MSG(names[i]);
	}
	memset(longest, 'n', NAME_MAX + 1);
	longest[NAME_MAX + 1] = '\0';
	check_refused(OPTS(.name = longest), -EINVAL);
	CHECK(!exists(netns_get_run_dir()));
}

static void keep(void)
{
	struct netns *ns = create(OPTS(.name = "web", .flags = NETNS_CREATE_KEEP)), *again;
	uint64_t inode = inode_of(ns);

	CHECK_EQ(netns_close(ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_open_name("web", &again), 0);
	CHECK(inode_of(again) == inode);
	netns_free(again);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK(!exists(run_path("web")));

	ns = create(OPTS(.flags = NETNS_CREATE_KEEP));
	check_made(ns);
	CHECK_EQ(netns_close(ns), 0);
	CHECK_EQ(netns_delete(NULL, strrchr(netns_get_path(ns), '/') + 1), 0);
	netns_free(ns);
}

static void unpinned(void)
{
	struct netns *ns = create(OPTS(.flags = NETNS_CREATE_UNPINNED));

	CHECK_STR(netns_get_path(ns), NULL);
	CHECK(inode_of(ns) != here());
	CHECK(!exists(netns_get_run_dir()));
	CHECK_EQ(netns_close(ns), 0);
	CHECK_EQ(netns_get_fd(ns), -EBADF);
	netns_free(ns);

	check_refused(OPTS(.flags = NETNS_CREATE_UNPINNED, .name = "web"), -EINVAL);
	check_refused(OPTS(.flags = NETNS_CREATE_UNPINNED | NETNS_CREATE_KEEP), -EINVAL);
	CHECK(!exists(netns_get_run_dir()));
	CHECK(!exists(tmp_path("pins")));
}

static void check_size(size_t size, bool has_name, bool has_dir, bool has_flags)
{
	struct netns_create_opts opts = {
		.size = size, .name = "web", .dir = tmp_path("pins"), .flags = NETNS_CREATE_KEEP};
	struct netns *ns = create(&opts);
	const char *name = strrchr(netns_get_path(ns), '/') + 1;

	CHECK_EQ(strcmp(name, "web") == 0, has_name);
	CHECK_EQ(strncmp(netns_get_path(ns), tmp_path("pins/"), strlen(tmp_path("pins/"))) == 0,
		has_dir);
	CHECK_EQ(netns_close(ns), 0);
	CHECK_EQ(exists(netns_get_path(ns)), has_flags);
	if (has_flags)
		CHECK_EQ(netns_delete(opts.dir, name), 0);
	netns_free(ns);
}

/* Callers that were built when the structure was shorter. */
static void smaller_sizes(void)
{
	check_size(offsetof(struct netns_create_opts, name), false, false, false);
	check_size(offsetof(struct netns_create_opts, dir), true, false, false);
	check_size(offsetof(struct netns_create_opts, flags), true, true, false);
	check_size(offsetof(struct netns_create_opts, reserved), true, true, true);
	check_size(sizeof(struct netns_create_opts), true, true, true);
}

/* Callers that were built against a later header. */
static void larger_sizes(void)
{
	struct {
		struct netns_create_opts opts;
		unsigned char tail[64];
	} later;

	memset(&later, 0, sizeof(later));
	later.opts.size = sizeof(later);
	later.opts.name = "web";
	check_made_and_close(create(&later.opts));
	for (size_t i = 0; i < sizeof(later.tail); i += 21) {
		later.tail[i] = 1;
		check_refused(&later.opts, -EINVAL);
		later.tail[i] = 0;
	}
	later.opts.size = sizeof(later.opts);
	later.tail[0] = 1;
	check_made_and_close(create(&later.opts));
}

static void bad_options(void)
{
	struct netns_create_opts opts = {.size = 0, .name = "web"};

	check_refused(&opts, -EINVAL);
	CHECK_EQ(netns_create(NULL, NULL), -EINVAL);
	CHECK_EQ(netns_create(OPTS(.name = "web"), NULL), -EINVAL);
	for (unsigned bit = 3; bit < 32; bit++)
		check_refused(OPTS(.name = "web", .flags = 1u << bit), -EINVAL);
	check_refused(OPTS(.name = "web", .reserved = 1), -EINVAL);
	check_refused(OPTS(.name = "web", .dir = ""), -EINVAL);
	check_refused(OPTS(.name = "web", .dir = "pins"), -EINVAL);
	check_refused(OPTS(.name = "web", .dir = "./pins"), -EINVAL);
	CHECK(!exists(netns_get_run_dir()));
}

static bool loopback_is_up(struct netns *ns)
{
	int fd = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);
	struct ifreq request = {.ifr_name = "lo"};

	CHECK(fd >= 0);
	CHECK(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	close(fd);
	return (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
}

/* A datagram to itself by 127.0.0.1. */
static bool loopback_carries(struct netns *ns)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);
	char byte = 0;
	bool ok;

	CHECK(fd >= 0);
	CHECK(bind(fd, (struct sockaddr *)&address, size) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	ok = sendto(fd, "x", 1, 0, (struct sockaddr *)&address, size) == 1 &&
	     recv(fd, &byte, 1, 0) == 1 && byte == 'x';
	close(fd);
	return ok;
}

static void create_with_loopback(void)
{
	struct netns *ns = create(OPTS(.name = "web", .flags = NETNS_CREATE_LO_UP));

	CHECK(loopback_is_up(ns));
	CHECK(loopback_carries(ns));
	check_made_and_close(ns);

	ns = create(OPTS(.flags = NETNS_CREATE_LO_UP | NETNS_CREATE_UNPINNED));
	CHECK(loopback_carries(ns));
	netns_free(ns);

	ns = create(OPTS(.name = "web"));
	CHECK(!loopback_is_up(ns));
	check_made_and_close(ns);
}

static void loopback(void)
{
	on_each_kernel(create_with_loopback);
}

static void name_in_use(void)
{
	struct netns *ns = create(OPTS(.name = "web")), *pin;

	check_refused(OPTS(.name = "web"), -EEXIST);
	CHECK_MSG("web");
	check_lock_free(netns_get_run_dir());
	CHECK_EQ(netns_open_name("web", &pin), 0);
	CHECK_EQ(netns_is_same(ns, pin), 1);
	netns_free(pin);
	check_made_and_close(ns);
}

static void own_directory(void)
{
	const char *dir = tmp_path("pins");
	struct netns *ns = create(OPTS(.name = "web", .dir = dir)), *random;
	unsigned shared;

	CHECK_STR(netns_get_path(ns), tmp_path("pins/web"));
	CHECK_EQ(mode_of(dir), 0755);
	CHECK_EQ(count_mounts(dir, &shared), 0);
	CHECK(!exists(netns_get_run_dir()));
	random = create(OPTS(.dir = dir));
	check_random_name(strrchr(netns_get_path(random), '/') + 1);
	CHECK_EQ(count_names(dir), 2);
	check_lock_free(dir);
	check_made_and_close(random);
	check_made_and_close(ns);
	CHECK_EQ(count_names(dir), 0);

	/* One that is there is used as it is. */
	CHECK(chmod(dir, 0700) == 0);
	check_made_and_close(create(OPTS(.name = "web", .dir = dir)));
	CHECK_EQ(mode_of(dir), 0700);
	CHECK_EQ(count_mounts(dir, &shared), 0);
}

/* The default directory is the default one also when its name is given. */
static void default_directory_named(void)
{
	struct netns *ns = create(OPTS(.name = "web", .dir = netns_get_run_dir()));

	CHECK_STR(netns_get_path(ns), run_path("web"));
	check_made_and_close(ns);
}

static void bad_directories(void)
{
	char *path = calloc(1, 5001);

	check_refused(OPTS(.name = "web", .dir = tmp_path("no/pins")), -ENOENT);
	CHECK_MSG("no/pins");
	CHECK(!exists(tmp_path("no")));
	write_file(tmp_path("file"), "content");
	check_refused(OPTS(.name = "web", .dir = tmp_path("file")), -ENOTDIR);
	check_refused(OPTS(.name = "web", .dir = tmp_path("file/pins")), -ENOTDIR);
	make_link("loop", tmp_path("loop"));
	check_refused(OPTS(.name = "web", .dir = tmp_path("loop")), -ELOOP);
	memset(path, 'x', 256);
	check_refused(OPTS(.name = "web", .dir = tmp_path(path)), -ENAMETOOLONG);
	for (size_t i = 0; i < 5000; i += 2)
		memcpy(path + i, "/x", 2);
	check_refused(OPTS(.name = "web", .dir = path), -ENAMETOOLONG);
	free(path);
}

static void file_system_refuses(void)
{
	const char *dir = tmp_path("pins");

	CHECK(mkdir(dir, 0755) == 0);
	CHECK(mount("tests", dir, "tmpfs", MS_RDONLY, NULL) == 0);
	check_refused(OPTS(.name = "web", .dir = dir), -EROFS);
	check_refused(OPTS(.name = "web", .dir = tmp_path("pins/more")), -EROFS);
	check_lock_free(dir);
	CHECK(umount(dir) == 0);

	CHECK(mount("tests", dir, "tmpfs", 0, "nr_inodes=2") == 0);
	write_file(tmp_path("pins/full"), NULL);
	check_refused(OPTS(.name = "web", .dir = dir), -ENOSPC);
	CHECK(unlink(tmp_path("pins/full")) == 0);
	check_made_and_close(create(OPTS(.name = "web", .dir = dir)));
	CHECK(umount(dir) == 0);
}

static void share_run_dir(void)
{
	struct netns *a = create(OPTS(.name = "a")), *b;

	check_run_dir_shared();
	CHECK_EQ(mode_of(netns_get_run_dir()), 0755);
	b = create(OPTS(.name = "b"));
	check_run_dir_shared();
	check_lock_free(netns_get_run_dir());
	check_made_and_close(a);
	check_made_and_close(b);
	check_run_dir_shared();

	CHECK(umount(netns_get_run_dir()) == 0);
	CHECK(rmdir(netns_get_run_dir()) == 0);
}

static void run_dir_becomes_shared(void)
{
	on_each_kernel(share_run_dir);
}

/* As where systemd has made all mounts shared: the copy must not be in its parent's group. */
static void run_dir_in_shared_mount(void)
{
	unsigned shared;

	CHECK(mount(NULL, tmp_path(".."), "none", MS_SHARED, NULL) == 0);
	on_each_kernel(share_run_dir);

	struct netns *ns = create(OPTS(.name = "web"));

	check_run_dir_shared();
	CHECK_EQ(count_mounts(run_path("web"), &shared), 1);
	check_made_and_close(ns);
}

static void run_dir_is_mount_already(void)
{
	const char *dir = netns_get_run_dir();

	CHECK(mkdir(dir, 0755) == 0);
	CHECK(mount("tests", dir, "tmpfs", MS_NOSUID, "mode=700") == 0);
	struct netns *ns = create(OPTS(.name = "web"));

	check_run_dir_shared();
	CHECK_EQ(mode_of(dir), 0700);
	check_made_and_close(ns);
}

static void share_with_older_pins(void)
{
	struct netns *old = create(OPTS(.flags = NETNS_CREATE_UNPINNED)), *ns, *pin;
	const char *dir = netns_get_run_dir();
	char source[64];
	unsigned shared;

	make_stale("old");
	snprintf(source, sizeof(source), "/proc/thread-self/fd/%d", netns_get_fd(old));
	CHECK(mount(source, run_path("old"), "none", MS_BIND, NULL) == 0);

	ns = create(OPTS(.name = "new"));
	check_run_dir_shared();
	CHECK_EQ(netns_open_name("old", &pin), 0);
	CHECK_EQ(netns_is_same(pin, old), 1);
	netns_free(pin);
	CHECK_EQ(count_mounts(run_path("new"), &shared), 1);
	CHECK_EQ(shared, 1);
	check_made_and_close(ns);

	/* Its other mount, now out of sight, holds the file, as it would with iproute2. */
	CHECK_EQ(netns_delete(NULL, "old"), -EBUSY);
	CHECK_EQ(netns_check_path(run_path("old")), 0);
	CHECK(umount2(dir, MNT_DETACH) == 0);
	CHECK_EQ(netns_delete(NULL, "old"), 0);
	CHECK(rmdir(dir) == 0);
	netns_free(old);
}

/* Pins that are there before the directory is mounted onto itself stay in sight. */
static void older_pins_survive(void)
{
	on_each_kernel(share_with_older_pins);
}

static int to_peer[2], from_peer[2];

static char hear(int fd)
{
	char byte = 0;

	CHECK_EQ(read(fd, &byte, 1), 1);
	return byte;
}

static void tell(int fd, char byte)
{
	CHECK_EQ(write(fd, &byte, 1), 1);
}

/* Another mount namespace that is a slave of ours, as `ip netns exec` makes them. */
static void look_from_slave(void)
{
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", "none", MS_REC | MS_SLAVE, NULL) == 0);
	tell(from_peer[1], 'r');
	while (hear(to_peer[0]) == '?')
		tell(from_peer[1], netns_check_path(run_path("web")) == 0 ? 'y' : 'n');
}

static char ask_peer(void)
{
	tell(to_peer[1], '?');
	return hear(from_peer[0]);
}

static void others_see_names(void)
{
	struct netns *first = create(NULL), *ns;
	pid_t pid;

	CHECK(pipe2(to_peer, O_CLOEXEC) == 0 && pipe2(from_peer, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		look_from_slave();
		_exit(0);
	}
	CHECK_EQ(hear(from_peer[0]), 'r');
	CHECK_EQ(ask_peer(), 'n');
	ns = create(OPTS(.name = "web"));
	CHECK_EQ(ask_peer(), 'y');
	CHECK_EQ(netns_close(ns), 0);
	CHECK_EQ(ask_peer(), 'n');
	netns_free(ns);
	tell(to_peer[1], 'q');
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	for (int i = 0; i < 2; i++) {
		close(to_peer[i]);
		close(from_peer[i]);
	}
	netns_free(first);
}

static void check_modes(mode_t mask, const char *dir)
{
	struct netns *ns;
	struct stat st;

	umask(mask);
	ns = create(OPTS(.name = "web", .dir = dir, .flags = NETNS_CREATE_KEEP));
	CHECK_EQ(umask(022), mask);
	if (!dir)
		dir = netns_get_run_dir();
	CHECK_EQ(mode_of(dir), 0755);
	CHECK(umount(netns_get_path(ns)) == 0);
	CHECK(stat(netns_get_path(ns), &st) == 0);
	CHECK_EQ(st.st_mode, S_IFREG | S_ISVTX);
	CHECK_EQ(st.st_size, 0);
	CHECK(unlink(netns_get_path(ns)) == 0);
	netns_free(ns);
	umount(dir);
	CHECK(rmdir(dir) == 0);
}

static void create_with_umasks(void)
{
	static const mode_t masks[] = {0, 022, 077, 0777};

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		check_modes(masks[i], NULL);
		check_modes(masks[i], tmp_path("pins"));
	}
}

static void umask_does_not_matter(void)
{
	on_each_kernel(create_with_umasks);
}

static void without_thread_by_clone(void)
{
	deny_syscall(SYS_clone, 0, CLONE_VFORK, CLONE_VFORK, EINVAL);
}

static void (*body)(void);

static void run_by_pthread(void)
{
	without_thread_by_clone();
	body();
}

static void on_each_way(void (*fn)(void))
{
	on_each_kernel(fn);
	printf("thread by pthread_create():\n");
	body = fn;
	in_child(run_by_pthread);
}

static pid_t creator;
static char home[64];
static _Atomic bool stop;
static _Atomic unsigned looks, handled;

static void check_is_home(const char *path)
{
	char now_in[64];
	ssize_t n = readlink(path, now_in, sizeof(now_in) - 1);

	CHECK(n > 0);
	now_in[n] = '\0';
	CHECK_STR(now_in, home);
}

static void *watch_creator(void *arg)
{
	char path[64];

	(void)arg;
	snprintf(path, sizeof(path), "/proc/self/task/%d/ns/net", (int)creator);
	while (!stop) {
		check_is_home(path);
		looks++;
	}
	return NULL;
}

static void handle_signal(int signal)
{
	int error = errno;

	(void)signal;
	CHECK_EQ(gettid(), creator);
	check_is_home("/proc/thread-self/ns/net");
	handled++;
	errno = error;
}

/* Signals to the process, for whichever thread will take one. */
static void start_storm(int usec)
{
	struct itimerval timer = {{0, usec}, {0, usec}};
	struct sigaction action = {.sa_handler = handle_signal};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void end_storm(void)
{
	struct itimerval timer = {{0, 0}, {0, 0}};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void note_home(void)
{
	ssize_t n = readlink("/proc/thread-self/ns/net", home, sizeof(home) - 1);

	CHECK(n > 0);
	creator = gettid();
	stop = false;
	looks = handled = 0;
}

static void set_blocked(int signal, bool blocked)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void create_under_observation(void)
{
	pthread_t thread;
	double end;

	note_home();
	set_blocked(SIGALRM, true);
	CHECK_EQ(pthread_create(&thread, NULL, watch_creator, NULL), 0);
	set_blocked(SIGALRM, false);
	start_storm(150);
	for (end = now() + 0.4; now() < end || looks < 10 || handled < 10;)
		netns_free(create(OPTS(.flags = NETNS_CREATE_LO_UP)));
	end_storm();
	stop = true;
	pthread_join(thread, NULL);
}

static void caller_never_moves(void)
{
	on_each_way(create_under_observation);
}

/* The caller takes no signal, so any that is handled ran on a thread of the library's. */
static void create_with_signals_blocked(void)
{
	note_home();
	set_blocked(SIGALRM, true);
	start_storm(50);
	for (double end = now() + 0.2; now() < end;)
		netns_free(create(OPTS(.flags = NETNS_CREATE_LO_UP)));
	CHECK_EQ(handled, 0);
	end_storm();
	set_blocked(SIGALRM, false);
}

static void no_signal_elsewhere(void)
{
	on_each_way(create_with_signals_blocked);
}

static void *hold_run_dir(void *arg)
{
	int fd = open(netns_get_run_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(flock(fd, LOCK_EX) == 0);
	*(_Atomic bool *)arg = true;
	usleep(300000);
	close(fd);
	return NULL;
}

/* Interrupted while it waits for the lock, and for a name in the making. */
static void not_interrupted(void)
{
	_Atomic bool held = false;
	pthread_t thread;
	double start;

	note_home();
	netns_free(create(NULL));
	start = now();
	set_blocked(SIGALRM, true);
	CHECK_EQ(pthread_create(&thread, NULL, hold_run_dir, (void *)&held), 0);
	set_blocked(SIGALRM, false);
	while (!held)
		usleep(100);
	start_storm(300);
	netns_free(create(OPTS(.name = "web")));
	CHECK(now() - start > 0.2);
	pthread_join(thread, NULL);

	start = now();
	make_stale("db");
	netns_free(create(OPTS(.name = "db")));
	CHECK(now() - start > 0.9);
	end_storm();
	CHECK(handled > 0);
}

static _Atomic unsigned children;

static void count_child(int signal)
{
	(void)signal;
	children++;
}

static void *wait_for_children(void *arg)
{
	(void)arg;
	while (!stop) {
		CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0);
		CHECK_EQ(errno, ECHILD);
		CHECK(waitpid(-1, NULL, WNOHANG | __WCLONE) < 0);
		CHECK_EQ(errno, ECHILD);
	}
	return NULL;
}

static void create_without_children(void)
{
	struct sigaction action = {.sa_handler = count_child};
	pthread_t thread;

	stop = false;
	children = 0;
	sigaction(SIGCHLD, &action, NULL);
	CHECK_EQ(pthread_create(&thread, NULL, wait_for_children, NULL), 0);
	for (int i = 0; i < 100; i++)
		netns_free(create(NULL));
	stop = true;
	pthread_join(thread, NULL);
	CHECK_EQ(children, 0);
}

static void no_child(void)
{
	on_each_way(create_without_children);
}

static void read_signal_lines(char *text, size_t size)
{
	FILE *file = fopen("/proc/thread-self/status", "re");
	char line[256];

	CHECK(file);
	text[0] = '\0';
	while (fgets(line, sizeof(line), file))
		if (strstr(line, "Pnd:") || strstr(line, "Blk:") || strstr(line, "Ign:") ||
			strstr(line, "Cgt:"))
			snprintf(text + strlen(text), size - strlen(text), "%s", line);
	fclose(file);
}

static void create_with_dispositions(void)
{
	char before[1024], after[1024];

	signal(SIGCHLD, SIG_IGN);
	signal(SIGUSR1, handle_signal);
	set_blocked(SIGUSR2, true);
	raise(SIGUSR2);
	read_signal_lines(before, sizeof(before));
	netns_free(create(NULL));
	read_signal_lines(after, sizeof(after));
	CHECK_STR(after, before);
}

static void dispositions_stay(void)
{
	on_each_way(create_with_dispositions);
}

/* Only a process of one thread may make a user namespace: so this is one again at once. */
static void create_and_be_alone(void)
{
	netns_free(create(OPTS(.flags = NETNS_CREATE_UNPINNED)));
	CHECK(unshare(CLONE_NEWUSER) == 0);
}

static void thread_is_gone(void)
{
	for (int i = 0; i < 100; i++)
		in_lone_child(create_and_be_alone);
}

static void forget_run_dir(void)
{
	umount(netns_get_run_dir());
	CHECK(rmdir(netns_get_run_dir()) == 0 || errno == ENOENT);
}

static int create_within(unsigned room, const struct netns_create_opts *opts)
{
	struct netns *ns = UNTOUCHED;
	int r;

	limit_free_descriptors(room);
	r = netns_create(opts, &ns);
	unlimit_descriptors();
	if (r == 0)
		check_made_and_close(ns);
	else
		CHECK(ns == UNTOUCHED);
	return r;
}

static void run_out_of_descriptors(bool first, const struct netns_create_opts *opts)
{
	struct inventory before = take_inventory(), after;
	unsigned room = 0;
	int r;

	do {
		if (first)
			forget_run_dir();
		r = create_within(room, opts);
		if (r < 0) {
			CHECK_EQ(r, -EMFILE);
			if (first)
				CHECK(!exists(netns_get_run_dir()));
		}
		after = take_inventory();
		CHECK(same_inventory(&before, &after));
		free_inventory(&after);
	} while (r < 0 && room++ < 16);
	CHECK_EQ(r, 0);
	CHECK(room > 0);
	free_inventory(&before);
}

static void create_until_descriptors_suffice(void)
{
	run_out_of_descriptors(true, OPTS(.name = "web", .flags = NETNS_CREATE_LO_UP));
	run_out_of_descriptors(false, OPTS(.name = "web", .flags = NETNS_CREATE_LO_UP));
	run_out_of_descriptors(true, NULL);
	run_out_of_descriptors(false, OPTS(.name = "web", .dir = tmp_path("pins")));
	forget_run_dir();
}

static void descriptors_run_out(void)
{
	on_each_way(create_until_descriptors_suffice);
}

static struct netns *won[16];
static _Atomic unsigned winners, losers;
static _Atomic bool go;

static void *create_same(void *arg)
{
	struct netns *ns = UNTOUCHED;
	int r;

	while (!go)
		sched_yield();
	r = netns_create(OPTS(.name = "web"), &ns);
	if (r == 0) {
		*(struct netns **)arg = ns;
		winners++;
	} else {
		CHECK_EQ(r, -EEXIST);
		CHECK(ns == UNTOUCHED);
		losers++;
	}
	return NULL;
}

static void *create_random(void *arg)
{
	while (!go)
		sched_yield();
	*(struct netns **)arg = create(NULL);
	return NULL;
}

static void create_on_threads(void *(*fn)(void *))
{
	pthread_t threads[ARRAY_SIZE(won)];

	memset(won, 0, sizeof(won));
	winners = losers = 0;
	go = false;
	for (size_t i = 0; i < ARRAY_SIZE(won); i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, fn, &won[i]), 0);
	go = true;
	for (size_t i = 0; i < ARRAY_SIZE(won); i++)
		pthread_join(threads[i], NULL);
}

static void same_name_on_threads(void)
{
	for (int round = 0; round < 10; round++) {
		forget_run_dir();
		create_on_threads(create_same);
		CHECK_EQ(winners, 1);
		CHECK_EQ(losers, ARRAY_SIZE(won) - 1);
		check_run_dir_shared();
		CHECK_EQ(count_names(netns_get_run_dir()), 1);
		for (size_t i = 0; i < ARRAY_SIZE(won); i++)
			if (won[i])
				check_made_and_close(won[i]);
	}
}

static void random_names_on_threads(void)
{
	for (int round = 0; round < 5; round++) {
		forget_run_dir();
		create_on_threads(create_random);
		check_run_dir_shared();
		CHECK_EQ(count_names(netns_get_run_dir()), ARRAY_SIZE(won));
		for (size_t i = 0; i < ARRAY_SIZE(won); i++) {
			for (size_t j = 0; j < i; j++)
				CHECK_EQ(netns_is_same(won[i], won[j]), 0);
			check_made(won[i]);
		}
		for (size_t i = 0; i < ARRAY_SIZE(won); i++)
			netns_free(won[i]);
	}
}

static void create_in_process(void)
{
	struct netns *ns;
	int r;

	hear(to_peer[0]);
	r = netns_create(OPTS(.name = "web", .flags = NETNS_CREATE_KEEP), &ns);
	CHECK(r == 0 || r == -EEXIST);
	_exit(r == 0 ? 1 : 0);
}

/* As above, between processes, where only the lock and the file system keep order. */
static void same_name_in_processes(void)
{
	pid_t pids[16];
	int status, won_by = 0;

	CHECK(pipe2(to_peer, O_CLOEXEC) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			create_in_process();
	}
	CHECK_EQ(write(to_peer[1], "0123456789abcdef", 16), 16);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		CHECK_EQ(waitpid(pids[i], &status, 0), pids[i]);
		CHECK(WIFEXITED(status));
		won_by += WEXITSTATUS(status);
	}
	close(to_peer[0]);
	close(to_peer[1]);
	CHECK_EQ(won_by, 1);
	check_run_dir_shared();
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

static void create_until_freed(void)
{
	double end = now() + 5;
	struct netns *ns;
	int r;

	enter_user_namespace(1);
	for (int i = 0; i < 3; i++) {
		do {
			r = netns_create(OPTS(.name = "web"), &ns);
			CHECK(r == 0 || r == -ENOSPC);
		} while (r < 0 && now() < end);
		CHECK_EQ(r, 0);
		check_refused(OPTS(.name = "db"), -ENOSPC);
		CHECK_EQ(count_names(netns_get_run_dir()), 1);
		check_made_and_close(ns);
	}
}

static void create_in_user_namespace(void)
{
	enter_user_namespace(1000);
	create_with_loopback();
	check_run_dir_shared();
}

static void in_user_namespace(void)
{
	in_lone_child(create_in_user_namespace);
}

static void create_with_limit(void)
{
	enter_user_namespace(0);
	check_refused(NULL, -ENOSPC);
	CHECK_EQ(count_names(netns_get_run_dir()), 0);
}

/* The limit also tells when a namespace is really gone. */
static void limit_on_namespaces(void)
{
	in_lone_child(create_with_limit);
	in_lone_child(create_until_freed);
}

static void create_unprivileged(void)
{
	drop_privileges();
	check_refused(NULL, -EPERM);
	check_refused(OPTS(.name = "web"), -EPERM);
	check_refused(OPTS(.name = "web", .dir = tmp_path("open/pins")), -EPERM);
	check_refused(OPTS(.flags = NETNS_CREATE_UNPINNED), -EPERM);
}

static void no_privilege(void)
{
	CHECK(mkdir(tmp_path("open"), 0755) == 0);
	CHECK(chmod(tmp_path("open"), 0777) == 0);
	in_child(create_unprivileged);
	CHECK_EQ(count_names(tmp_path("open")), 0);
	CHECK(!exists(netns_get_run_dir()));
}

static void create_without_threads(void)
{
	deny_syscall(SYS_clone, -1, 0, 0, EAGAIN);
	deny_syscall(SYS_clone3, -1, 0, 0, EAGAIN);
	check_refused(NULL, -EAGAIN);
	CHECK_EQ(count_names(netns_get_run_dir()), 0);
}

static void no_thread_to_be_had(void)
{
	in_child(create_without_threads);
}

static void create_without_proc(void)
{
	struct netns *ns, *pin;

	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
	ns = create(OPTS(.name = "web", .flags = NETNS_CREATE_LO_UP));
	CHECK_EQ(netns_open_name("web", &pin), 0);
	CHECK_EQ(netns_is_same(ns, pin), 1);
	netns_free(pin);
	CHECK_EQ(netns_close(ns), 0);
	CHECK(!exists(run_path("web")));
	netns_free(ns);
}

static void without_proc(void)
{
	in_child(create_without_proc);
}

/* Where the thread is does not matter, and it stays there. */
static void create_from_elsewhere(void)
{
	uint64_t before;

	CHECK(unshare(CLONE_NEWNET) == 0);
	before = here();
	check_made_and_close(create(OPTS(.name = "web")));
	CHECK(here() == before);
}

static void on_thread_elsewhere(void)
{
	in_thread(create_from_elsewhere);
}

static void *create_and_return(void *arg)
{
	check_made_and_close(create(arg));
	return NULL;
}

static void small_stack(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	CHECK_EQ(pthread_attr_setstacksize(&attr, 128 * 1024), 0);
	CHECK_EQ(pthread_create(&thread, &attr, create_and_return, OPTS(.name = "web")), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
}

static void *watch_inheritance(void *arg)
{
	(void)arg;
	while (!stop) {
		CHECK_EQ(count_inheritable(), 0);
		looks++;
	}
	return NULL;
}

static void create_without_inheritance(void)
{
	pthread_t thread;

	stop = false;
	looks = 0;
	limit_free_descriptors(24);
	CHECK_EQ(pthread_create(&thread, NULL, watch_inheritance, NULL), 0);
	for (double end = now() + 0.2; now() < end || looks < 10;)
		netns_free(create(OPTS(.flags = NETNS_CREATE_LO_UP)));
	stop = true;
	pthread_join(thread, NULL);
	unlimit_descriptors();
}

static void close_on_exec(void)
{
	on_each_way(create_without_inheritance);
}

static void simply_create(void)
{
	check_made_and_close(create(NULL));
	check_made_and_close(create(OPTS(.name = "web")));
	check_made_and_close(create(OPTS(.name = "web", .dir = tmp_path("pins"))));
	check_run_dir_shared();
}

static void old_kernels(void)
{
	on_each_way(simply_create);
}

TEST_MAIN({"random_name", random_name, NEED_ROOT, 0}, {"named", named, NEED_ROOT, 0},
	{"unusual_names", unusual_names, NEED_ROOT, 0}, {"bad_names", bad_names, NEED_ROOT, 0},
	{"keep", keep, NEED_ROOT, 0}, {"unpinned", unpinned, NEED_ROOT, 0},
	{"smaller_sizes", smaller_sizes, NEED_ROOT, 0},
	{"larger_sizes", larger_sizes, NEED_ROOT, 0}, {"bad_options", bad_options, NEED_ROOT, 0},
	{"loopback", loopback, NEED_ROOT, 0}, {"name_in_use", name_in_use, NEED_ROOT, 0},
	{"own_directory", own_directory, NEED_ROOT, 0},
	{"default_directory_named", default_directory_named, NEED_ROOT, 0},
	{"bad_directories", bad_directories, NEED_ROOT, 0},
	{"file_system_refuses", file_system_refuses, NEED_ROOT, 0},
	{"run_dir_becomes_shared", run_dir_becomes_shared, NEED_ROOT, 0},
	{"run_dir_in_shared_mount", run_dir_in_shared_mount, NEED_ROOT, 0},
	{"run_dir_is_mount_already", run_dir_is_mount_already, NEED_ROOT, 0},
	{"older_pins_survive", older_pins_survive, NEED_ROOT, 0},
	{"others_see_names", others_see_names, NEED_ROOT, 0},
	{"umask_does_not_matter", umask_does_not_matter, NEED_ROOT, 0},
	{"old_kernels", old_kernels, NEED_ROOT, 0},
	{"caller_never_moves", caller_never_moves, NEED_ROOT, 60},
	{"no_signal_elsewhere", no_signal_elsewhere, NEED_ROOT, 60},
	{"not_interrupted", not_interrupted, NEED_ROOT, 0}, {"no_child", no_child, NEED_ROOT, 60},
	{"dispositions_stay", dispositions_stay, NEED_ROOT, 0},
	{"thread_is_gone", thread_is_gone, NEED_ROOT, 0},
	{"descriptors_run_out", descriptors_run_out, NEED_ROOT, 60},
	{"same_name_on_threads", same_name_on_threads, NEED_ROOT, 0},
	{"random_names_on_threads", random_names_on_threads, NEED_ROOT, 0},
	{"same_name_in_processes", same_name_in_processes, NEED_ROOT, 0},
	{"in_user_namespace", in_user_namespace, NEED_ROOT, 0},
	{"limit_on_namespaces", limit_on_namespaces, NEED_ROOT, 60},
	{"no_privilege", no_privilege, NEED_ROOT, 0},
	{"no_thread_to_be_had", no_thread_to_be_had, NEED_ROOT, 0},
	{"without_proc", without_proc, NEED_ROOT, 0},
	{"on_thread_elsewhere", on_thread_elsewhere, NEED_ROOT, 0},
	{"small_stack", small_stack, NEED_ROOT, 0}, {"close_on_exec", close_on_exec, NEED_ROOT, 60})
