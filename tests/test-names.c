/* SPDX-License-Identifier: MIT */
/* Names given and taken: attach, delete, close and free of pins, ip-netns(8) as a neighbour. */
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define OLD_US 1100000

static struct netns *open_name(const char *name)
{
	struct netns *ns = NULL;

	CHECK_EQ(netns_open_name(name, &ns), 0);
	return ns;
}

static void check_names(const char *name, struct netns *ns)
{
	struct netns *pin = open_name(name);

	CHECK_EQ(netns_is_same(pin, ns), 1);
	netns_free(pin);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static struct netns *create_in(const char *dir, const char *name)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .name = name, .dir = dir};
	struct netns *ns = NULL;

	CHECK_EQ(netns_create(&opts, &ns), 0);
	return ns;
}

/* What another program does with mount(8). */
static void pin_raw(const struct netns *ns, const char *path)
{
	char source[64];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(ns));
	CHECK(mount(source, path, "none", MS_BIND, NULL) == 0);
}

static void attach_names(void)
{
	struct netns *ns = create_ns(NULL, NETNS_CREATE_UNPINNED);

	CHECK_EQ(netns_attach(ns, NULL, "web"), 0);
	CHECK_EQ(netns_attach(ns, NULL, "db"), 0);
	CHECK_EQ(netns_attach(ns, tmp_path("pins"), "web"), 0);
	check_names("web", ns);
	check_names("db", ns);
	CHECK_EQ(netns_check_path(tmp_path("pins/web")), 0);
	CHECK_STR(netns_get_path(ns), NULL);

	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK(!exists(run_path("web")));
	check_names("db", ns);
	CHECK_EQ(netns_close(ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_check_path(run_path("db")), 0);
	CHECK_EQ(netns_delete(netns_get_run_dir(), "db"), 0);
	CHECK_EQ(netns_delete(tmp_path("pins"), "web"), 0);
	CHECK(!exists(tmp_path("pins/web")));
}

static void attach(void)
{
	on_each_kernel(attach_names);
}

/* The process's namespace, which has no name; the pin keeps it when the process is gone. */
static void attach_process(void)
{
	pid_t pid = start_inside();
	struct netns *ns;

	CHECK_EQ(netns_open_pid(pid, &ns), 0);
	CHECK_EQ(netns_attach(ns, NULL, "web"), 0);
	stop_process(pid);
	check_names("web", ns);
	netns_free(ns);
	CHECK_EQ(netns_check_path(run_path("web")), 0);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

/* The namespace that one is in may have a name as well. */
static void attach_current(void)
{
	struct netns *ns;

	CHECK_EQ(netns_open_current(&ns), 0);
	CHECK_EQ(netns_attach(ns, NULL, "home"), 0);
	check_names("home", ns);
	CHECK_EQ(netns_delete(NULL, "home"), 0);
	netns_free(ns);
}

static void attach_refused(void)
{
	struct netns *ns = create_ns("web", 0), *db = create_ns("db", 0);

	CHECK_EQ(netns_attach(ns, NULL, "db"), -EEXIST);
	CHECK_MSG("db");
	CHECK_EQ(netns_attach(ns, NULL, "web"), -EEXIST);
	check_names("db", db);
	CHECK_EQ(netns_attach(ns, "relative", "x"), -EINVAL);
	CHECK_EQ(netns_attach(ns, tmp_path("no/pins"), "x"), -ENOENT);
	write_file(tmp_path("file"), NULL);
	CHECK_EQ(netns_attach(ns, tmp_path("file"), "x"), -ENOTDIR);
	CHECK_EQ(netns_close(db), 0);
	CHECK_EQ(netns_attach(db, NULL, "db"), -EBADF);
	CHECK_EQ(netns_attach(NULL, NULL, "db"), -EINVAL);
	CHECK(!exists(run_path("db")));
	netns_free(db);
	netns_free(ns);
}

static void attach_heals_leftover(void)
{
	struct netns *ns = create_ns(NULL, NETNS_CREATE_UNPINNED);

	make_stale("web");
	usleep(OLD_US);
	CHECK_EQ(netns_attach(ns, NULL, "web"), 0);
	check_names("web", ns);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(ns);
}

static void attach_unprivileged(void)
{
	struct netns *ns;

	drop_privileges();
	CHECK_EQ(netns_open("/proc/self/ns/net", &ns), 0);
	CHECK_EQ(netns_attach(ns, tmp_path("open"), "web"), -EPERM);
	CHECK_EQ(netns_delete(NULL, "db"), -EPERM);
}

static void names_need_privilege(void)
{
	struct netns *db = create_ns("db", 0);

	CHECK(mkdir(tmp_path("open"), 0755) == 0 && chmod(tmp_path("open"), 0777) == 0);
	in_child(attach_unprivileged);
	check_names("db", db);
	CHECK(!exists(tmp_path("open/web")));
	netns_free(db);
}

static void check_not_deleted(const char *name, int want)
{
	CHECK_EQ(netns_delete(NULL, name), want);
	CHECK_MSG(name);
}

static void delete_bad_names(void)
{
	char longest[NAME_MAX + 2];

	check_not_deleted("web", -ENOENT);
	CHECK(!exists(netns_get_run_dir()));
	netns_free(create_ns(NULL, 0));
	check_not_deleted("web", -ENOENT);
	check_not_deleted("", -EINVAL);
	check_not_deleted(".", -EINVAL);
	check_not_deleted("..", -EINVAL);
	check_not_deleted("a/b", -EINVAL);
	check_not_deleted("new\nline%s", -ENOENT);
	memset(longest, 'n', NAME_MAX + 1);
	longest[NAME_MAX + 1] = '\0';
	check_not_deleted(longest, -EINVAL);
	longest[NAME_MAX] = '\0';
	check_not_deleted(longest, -ENOENT);
	CHECK_EQ(netns_delete("relative", "web"), -EINVAL);
	CHECK_EQ(netns_delete("", "web"), -EINVAL);
	CHECK_EQ(netns_delete(tmp_path("none"), "web"), -ENOENT);
	write_file(tmp_path("file"), NULL);
	CHECK_EQ(netns_delete(tmp_path("file"), "web"), -ENOTDIR);
}

static void delete_in_use(void)
{
	struct netns *web = create_ns("web", NETNS_CREATE_KEEP);
	int fd = open(run_path("web"), O_RDONLY | O_CLOEXEC);
	int sock = netns_socket(web, AF_INET, SOCK_DGRAM, 0);
	struct netns *ns;

	CHECK(fd >= 0 && sock >= 0);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK(!exists(run_path("web")));
	CHECK_EQ(netns_open_socket(sock, &ns), 0);
	CHECK_EQ(netns_is_same(ns, web), 1);
	netns_free(ns);
	netns_free(web);
	close(fd);
	close(sock);
}

static void delete_stacked_pins(void)
{
	struct netns *web = create_ns("web", NETNS_CREATE_KEEP);
	struct netns *other = create_ns(NULL, NETNS_CREATE_UNPINNED);

	for (int i = 0; i < 3; i++)
		pin_raw(i % 2 ? web : other, run_path("web"));
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK(!exists(run_path("web")));
	netns_free(web);
	netns_free(other);
}

static void delete_stack(void)
{
	on_each_kernel(delete_stacked_pins);
}

static void delete_leftover(void)
{
	double start;

	start = now();
	make_stale("web");
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK(now() - start > 0.9);
	CHECK(!exists(run_path("web")));

	make_stale("web");
	usleep(OLD_US);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK(!exists(run_path("web")));
}

static void delete_foreign_files(void)
{
	static const char *const names[] = {
		"content", "link", "dangling", "to-empty", "dir", "fifo", "socket", "null"};
	struct netns *db = create_ns("db", 0);

	write_file(run_path("content"), "x");
	make_link("db", run_path("link"));
	make_link("nowhere", run_path("dangling"));
	write_file(tmp_path("empty"), NULL);
	make_link(tmp_path("empty"), run_path("to-empty"));
	CHECK(mkdir(run_path("dir"), 0755) == 0);
	CHECK(mkfifo(run_path("fifo"), 0600) == 0);
	make_socket_file(run_path("socket"));
	CHECK(mknod(run_path("null"), S_IFCHR | 0600, 0x103) == 0);
	usleep(OLD_US);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_not_deleted(names[i], -EMEDIUMTYPE);
		CHECK(exists(run_path(names[i])));
		CHECK(remove(run_path(names[i])) == 0);
	}
	CHECK(exists(tmp_path("empty")));
	check_names("db", db);
	netns_free(db);
}

static dev_t device_of(const char *path)
{
	struct stat st;

	CHECK(stat(path, &st) == 0);
	return st.st_dev;
}

static void check_mount_stays(const char *name)
{
	dev_t device = device_of(run_path(name));

	check_not_deleted(name, -EMEDIUMTYPE);
	CHECK(device_of(run_path(name)) == device);
	CHECK(umount(run_path(name)) == 0);
}

static void delete_foreign_mounts(void)
{
	netns_free(create_ns(NULL, 0));
	make_stale("uts");
	CHECK(mount("/proc/self/ns/uts", run_path("uts"), "none", MS_BIND, NULL) == 0);
	make_stale("null");
	CHECK(mount("/dev/null", run_path("null"), "none", MS_BIND, NULL) == 0);
	CHECK(mkdir(run_path("dir"), 0755) == 0);
	CHECK(mount("tests", run_path("dir"), "tmpfs", 0, NULL) == 0);
	usleep(OLD_US);
	check_mount_stays("uts");
	check_mount_stays("null");
	check_mount_stays("dir");
	CHECK_EQ(netns_delete(NULL, "uts"), 0);
	CHECK_EQ(netns_delete(NULL, "null"), 0);
	CHECK(rmdir(run_path("dir")) == 0);
}

/* Something else lies on top of the pin: neither is touched. */
static void delete_under_foreign_mount(void)
{
	struct netns *web = create_ns("web", NETNS_CREATE_KEEP);

	CHECK(mount("/proc/self/ns/uts", run_path("web"), "none", MS_BIND, NULL) == 0);
	check_mount_stays("web");
	check_names("web", web);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(web);
}

/* Something else lies under it: what was there before stays, and so does the pin. */
static void delete_over_foreign_mount(void)
{
	struct netns *web = create_ns(NULL, NETNS_CREATE_UNPINNED);

	netns_free(create_ns(NULL, 0));
	make_stale("web");
	CHECK(mount("/proc/self/ns/uts", run_path("web"), "none", MS_BIND, NULL) == 0);
	pin_raw(web, run_path("web"));
	check_not_deleted("web", -EMEDIUMTYPE);
	check_names("web", web);
	CHECK(umount(run_path("web")) == 0);
	CHECK(umount(run_path("web")) == 0);
	usleep(OLD_US);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(web);
}

static void remount(const char *path, unsigned long flags)
{
	CHECK(mount(NULL, path, "none", MS_REMOUNT | MS_BIND | flags, NULL) == 0);
}

/* The pin can be unmounted and its file not removed: all is put back. */
static void delete_or_close_on_read_only(void)
{
	const char *dir = tmp_path("pins");
	struct netns *ns, *pin;

	CHECK(mkdir(dir, 0755) == 0 || errno == EEXIST);
	CHECK(mount("tests", dir, "tmpfs", 0, NULL) == 0);
	ns = create_in(dir, "web");
	remount(dir, MS_RDONLY);
	CHECK_EQ(netns_delete(dir, "web"), -EROFS);
	CHECK_EQ(netns_close(ns), -EROFS);
	CHECK(netns_get_fd(ns) >= 0);
	CHECK_EQ(netns_open_name_in(dir, "web", &pin), 0);
	CHECK_EQ(netns_is_same(pin, ns), 1);
	netns_free(pin);
	remount(dir, 0);
	CHECK_EQ(netns_close(ns), 0);
	CHECK(!exists(netns_get_path(ns)));
	netns_free(ns);
	CHECK(umount(dir) == 0);
}

static void read_only_directory(void)
{
	on_each_kernel(delete_or_close_on_read_only);
}

static void delete_web_in_slave(void)
{
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", "none", MS_REC | MS_SLAVE, NULL) == 0);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

/* As from inside `ip netns exec`: the name goes for all, with no file left outside. */
static void delete_from_other_mount_namespace(void)
{
	netns_free(create_ns("web", NETNS_CREATE_KEEP));
	in_child(delete_web_in_slave);
	CHECK(!exists(run_path("web")));
}

static void close_owner(void)
{
	struct netns *web = create_ns("web", 0), *other = open_name("web");
	int fd = open(run_path("web"), O_RDONLY | O_CLOEXEC);

	CHECK_EQ(netns_close(web), 0);
	CHECK(!exists(run_path("web")));
	CHECK_EQ(netns_get_fd(web), -EBADF);
	CHECK_STR(netns_get_path(web), run_path("web"));
	CHECK_EQ(netns_close(web), -EBADF);
	CHECK_MSG("web");
	netns_free(web);

	/* The others have the namespace still. */
	CHECK(inode_of(other) != here());
	CHECK_EQ(netns_attach(other, NULL, "again"), 0);
	CHECK_EQ(netns_delete(NULL, "again"), 0);
	CHECK_EQ(netns_close(other), 0);
	CHECK_EQ(netns_close(other), -EBADF);
	netns_free(other);
	close(fd);
}

static void close_opener(void)
{
	struct netns *web = create_ns("web", 0), *other = open_name("web"), *again;

	CHECK_EQ(netns_open(run_path("web"), &again), 0);
	CHECK_EQ(netns_close(other), 0);
	netns_free(other);
	netns_free(again);
	check_names("web", web);
	CHECK_EQ(netns_close(web), 0);
	CHECK(!exists(run_path("web")));
	netns_free(web);
}

static void free_is_close(void)
{
	struct netns *web = create_ns("web", 0);

	netns_free(open_name("web"));
	CHECK(exists(run_path("web")));
	netns_free(web);
	CHECK(!exists(run_path("web")));

	web = create_ns("web", NETNS_CREATE_KEEP);
	netns_free(web);
	CHECK(exists(run_path("web")));
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(NULL);
}

/* free takes the handle and its descriptor also when the pin cannot be removed. */
static void free_without_success(void)
{
	const char *dir = tmp_path("pins");
	struct netns *ns;
	int fd;

	CHECK(mkdir(dir, 0755) == 0);
	CHECK(mount("tests", dir, "tmpfs", 0, NULL) == 0);
	ns = create_in(dir, "web");
	fd = netns_get_fd(ns);
	remount(dir, MS_RDONLY);
	netns_free(ns);
	CHECK(fcntl(fd, F_GETFD) < 0);
	remount(dir, 0);
	CHECK_EQ(netns_delete(dir, "web"), 0);
	CHECK(umount(dir) == 0);
}

static void pin_is_gone(void)
{
	struct netns *web = create_ns("web", 0);

	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK_EQ(netns_close(web), 0);
	netns_free(web);

	web = create_ns("web", 0);
	CHECK(umount(run_path("web")) == 0 && unlink(run_path("web")) == 0);
	CHECK_EQ(netns_close(web), 0);
	netns_free(web);

	web = create_in(tmp_path("pins"), "web");
	CHECK(umount(tmp_path("pins/web")) == 0 && unlink(tmp_path("pins/web")) == 0);
	CHECK(rmdir(tmp_path("pins")) == 0);
	CHECK_EQ(netns_close(web), 0);
	netns_free(web);
}

static void name_is_anothers(void)
{
	struct netns *web = create_ns("web", 0), *other;

	CHECK_EQ(netns_delete(NULL, "web"), 0);
	other = create_ns("web", 0);
	CHECK_EQ(netns_close(web), 0);
	check_names("web", other);
	netns_free(web);
	CHECK_EQ(netns_close(other), 0);
	CHECK(!exists(run_path("web")));
	netns_free(other);
}

static void another_is_on_top(void)
{
	struct netns *web = create_ns("web", 0);
	struct netns *other = create_ns(NULL, NETNS_CREATE_UNPINNED);

	pin_raw(other, run_path("web"));
	CHECK_EQ(netns_close(web), 0);
	check_names("web", other);
	netns_free(web);
	netns_free(other);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
}

/* A pin of another lies under ours: only ours goes. */
static void another_is_below(void)
{
	struct netns *other = create_ns("web", NETNS_CREATE_KEEP);
	struct netns *web = create_ns("mine", 0);

	CHECK_EQ(netns_delete(NULL, "mine"), 0);
	make_stale("mine");
	pin_raw(other, run_path("mine"));
	pin_raw(web, run_path("mine"));
	CHECK_EQ(netns_close(web), 0);
	check_names("mine", other);
	CHECK_EQ(netns_delete(NULL, "mine"), 0);
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(web);
	netns_free(other);
}

static void link_stands_there(void)
{
	struct netns *web = create_ns("web", 0);
	struct netns *db = create_ns("db", NETNS_CREATE_KEEP);

	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK_EQ(netns_attach(web, NULL, "mine"), 0);
	make_link("mine", run_path("web"));
	CHECK_EQ(netns_close(web), 0);
	CHECK_EQ(netns_check_path(run_path("mine")), 0);
	CHECK(exists(run_path("web")));
	CHECK(unlink(run_path("web")) == 0);
	CHECK_EQ(netns_delete(NULL, "mine"), 0);
	CHECK_EQ(netns_delete(NULL, "db"), 0);
	netns_free(web);
	netns_free(db);
}

static void something_else_stands_there(void)
{
	struct netns *web = create_ns("web", 0);

	CHECK_EQ(netns_delete(NULL, "web"), 0);
	write_file(run_path("web"), "precious");
	CHECK_EQ(netns_close(web), 0);
	CHECK(exists(run_path("web")));
	CHECK(unlink(run_path("web")) == 0);
	netns_free(web);

	web = create_ns("web", 0);
	CHECK(mount("/proc/self/ns/uts", run_path("web"), "none", MS_BIND, NULL) == 0);
	CHECK_EQ(netns_close(web), 0);
	check_mount_stays("web");
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	netns_free(web);
}

static void close_from_elsewhere(void)
{
	struct netns *web = create_ns("web", 0);

	CHECK(chdir("/proc") == 0);
	CHECK_EQ(netns_close(web), 0);
	CHECK(chdir("/") == 0);
	CHECK(!exists(run_path("web")));
	netns_free(web);
}

static struct netns *shared;

static void close_shared(void)
{
	CHECK_EQ(netns_close(shared), 0);
	CHECK_EQ(netns_close(shared), -EBADF);
}

static void close_after_fork(void)
{
	shared = create_ns("web", 0);
	in_child(close_shared);
	CHECK(!exists(run_path("web")));
	CHECK(inode_of(shared) != here());
	CHECK_EQ(netns_close(shared), 0);
	netns_free(shared);
}

static int create_unpinned(struct netns **ret)
{
	struct netns_create_opts opts = {.size = sizeof(opts), .flags = NETNS_CREATE_UNPINNED};

	return netns_create(&opts, ret);
}

/* With room for one namespace beside the process's own: whether there is again some. */
static void check_freed_within(double seconds)
{
	double end = now() + seconds;
	struct netns *ns;
	int r;

	do {
		r = create_unpinned(&ns);
	} while (r == -ENOSPC && now() < end);
	CHECK_EQ(r, 0);
	netns_free(ns);
}

static void check_not_freed(void)
{
	struct netns *ns;

	for (double end = now() + 0.15; now() < end;)
		CHECK_EQ(create_unpinned(&ns), -ENOSPC);
}

static void use_up_namespaces(void)
{
	struct netns *web, *opened;
	int sock, fd;

	enter_user_namespace(1);
	web = create_ns("web", 0);
	opened = open_name("web");
	fd = dup(netns_get_fd(web));
	sock = netns_socket(web, AF_INET, SOCK_DGRAM, 0);
	CHECK(sock >= 0);
	CHECK_EQ(netns_attach(web, NULL, "again"), 0);

	netns_free(web);
	check_not_freed();
	netns_free(opened);
	check_not_freed();
	close(fd);
	check_not_freed();
	CHECK_EQ(netns_delete(NULL, "again"), 0);
	check_not_freed();
	close(sock);
	check_freed_within(5);
}

/* The limit on their number tells when one is really gone: with its last user. */
static void namespace_is_freed(void)
{
	in_lone_child(use_up_namespaces);
}

static void make_the_only_one(void)
{
	enter_user_namespace(1);
	netns_free(create_ns("web", 0));
}

static void make_the_only_one_alone(void)
{
	in_lone_child(make_the_only_one);
}

/* None is made in vain before the one that is kept. */
static void room_for_one(void)
{
	on_each_kernel(make_the_only_one_alone);
}

/* Runs ip(8) with a few words; its output is part of the case's. Returns its exit status. */
static int ip(const char *word, ...)
{
	char *argv[16] = {(char *)"ip", (char *)word};
	int n = 2, status;
	va_list args;
	pid_t pid;

	va_start(args, word);
	while (n < 15 && (argv[n] = va_arg(args, char *)))
		n++;
	va_end(args);
	pid = fork();
	if (pid == 0) {
		execvp("ip", argv);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool loopback_is_up(struct netns *ns)
{
	int fd = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);
	struct ifreq request = {.ifr_name = "lo"};

	CHECK(fd >= 0);
	CHECK(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	close(fd);
	return request.ifr_flags & IFF_UP;
}

static void need_ip(void)
{
	if (strcmp(netns_get_run_dir(), "/var/run/netns") != 0)
		skip_case("ip-netns(8) has another run directory than %s", netns_get_run_dir());
	if (ip("-V", NULL) == 127)
		skip_case("no ip(8)");
}

static void check_run_dir_mounted_once(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char place[PATH_MAX], point[PATH_MAX], line[8192];
	int n = 0, n_shared = 0;

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

static void ip_sees_ours(void)
{
	struct netns *web;
	char line[64] = "";
	FILE *out;

	need_ip();
	web = create_ns("web", 0);
	CHECK_EQ(ip("netns", "add", "db", NULL), 0);
	check_run_dir_mounted_once();
	CHECK(ip("netns", "add", "web", NULL) != 0);
	check_names("web", web);
	CHECK_EQ(ip("netns", "exec", "web", "true", NULL), 0);

	out = popen("ip netns list | sort", "re");
	CHECK(out && fgets(line, sizeof(line), out) && strncmp(line, "db", 2) == 0);
	CHECK(fgets(line, sizeof(line), out) && strncmp(line, "web", 3) == 0);
	CHECK(!fgets(line, sizeof(line), out));
	pclose(out);

	CHECK_EQ(ip("netns", "delete", "web", NULL), 0);
	CHECK(!exists(run_path("web")));
	CHECK_EQ(netns_close(web), 0);
	netns_free(web);
	CHECK_EQ(netns_delete(NULL, "db"), 0);
	CHECK(!exists(run_path("db")));
}

static void we_see_ips(void)
{
	struct netns *web, *ns;

	need_ip();
	CHECK_EQ(ip("netns", "add", "web", NULL), 0);
	check_run_dir_mounted_once();
	web = open_name("web");
	CHECK_EQ(netns_create(&(struct netns_create_opts){.size = sizeof(struct netns_create_opts),
				      .name = "web"},
			 &ns),
		-EEXIST);
	netns_free(create_ns("db", 0));
	check_run_dir_mounted_once();
	CHECK_EQ(netns_attach(web, NULL, "web2"), 0);
	CHECK_EQ(ip("netns", "exec", "web2", "ip", "link", "set", "lo", "up", NULL), 0);
	CHECK(loopback_is_up(web));
	CHECK_EQ(netns_delete(NULL, "web"), 0);
	CHECK_EQ(ip("netns", "delete", "web2", NULL), 0);
	CHECK(!exists(run_path("web")) && !exists(run_path("web2")));
	netns_free(web);
}

static pid_t start_ip_add(const char *name)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("ip", "ip", "netns", "add", name, (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* Both come to an unmade run directory at once. */
static void ip_and_we_race(void)
{
	struct netns *ns;
	int status;
	pid_t pid;

	need_ip();
	for (int i = 0; i < 40; i++) {
		pid = start_ip_add("theirs");
		usleep((useconds_t)i * 100);
		ns = create_ns("ours", 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, 0);
		check_run_dir_mounted_once();
		check_names("ours", ns);
		CHECK_EQ(netns_check_path(run_path("theirs")), 0);
		netns_free(ns);
		CHECK_EQ(netns_delete(NULL, "theirs"), 0);
		CHECK(umount(netns_get_run_dir()) == 0);
		CHECK(rmdir(netns_get_run_dir()) == 0);
	}
}

/* Both want one name: one gets it, or it is free afterwards. */
static void ip_and_we_want_one_name(void)
{
	int status, r;
	struct netns *ns;
	pid_t pid;

	need_ip();
	netns_free(create_ns(NULL, 0));
	for (int i = 0; i < 40; i++) {
		struct netns_create_opts opts = {.size = sizeof(opts), .name = "web"};

		pid = start_ip_add("web");
		usleep((useconds_t)i * 100);
		r = netns_create(&opts, &ns);
		CHECK(r == 0 || r == -EEXIST);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK((status == 0) != (r == 0));
		if (r == 0) {
			check_names("web", ns);
			netns_free(ns);
		} else {
			CHECK_EQ(netns_delete(NULL, "web"), 0);
		}
		CHECK(!exists(run_path("web")));
	}
}

TEST_MAIN({"attach", attach, NEED_ROOT, 0}, {"attach_process", attach_process, NEED_ROOT, 0},
	{"attach_current", attach_current, NEED_ROOT, 0},
	{"attach_refused", attach_refused, NEED_ROOT, 0},
	{"attach_heals_leftover", attach_heals_leftover, NEED_ROOT, 0},
	{"names_need_privilege", names_need_privilege, NEED_ROOT, 0},
	{"delete_bad_names", delete_bad_names, NEED_ROOT, 0},
	{"delete_in_use", delete_in_use, NEED_ROOT, 0},
	{"delete_stack", delete_stack, NEED_ROOT, 0},
	{"delete_leftover", delete_leftover, NEED_ROOT, 0},
	{"delete_foreign_files", delete_foreign_files, NEED_ROOT, 0},
	{"delete_foreign_mounts", delete_foreign_mounts, NEED_ROOT, 0},
	{"delete_under_foreign_mount", delete_under_foreign_mount, NEED_ROOT, 0},
	{"delete_over_foreign_mount", delete_over_foreign_mount, NEED_ROOT, 0},
	{"read_only_directory", read_only_directory, NEED_ROOT, 0},
	{"delete_from_other_mount_namespace", delete_from_other_mount_namespace, NEED_ROOT, 0},
	{"close_owner", close_owner, NEED_ROOT, 0}, {"close_opener", close_opener, NEED_ROOT, 0},
	{"free_is_close", free_is_close, NEED_ROOT, 0},
	{"free_without_success", free_without_success, NEED_ROOT, 0},
	{"pin_is_gone", pin_is_gone, NEED_ROOT, 0},
	{"name_is_anothers", name_is_anothers, NEED_ROOT, 0},
	{"another_is_on_top", another_is_on_top, NEED_ROOT, 0},
	{"another_is_below", another_is_below, NEED_ROOT, 0},
	{"link_stands_there", link_stands_there, NEED_ROOT, 0},
	{"something_else_stands_there", something_else_stands_there, NEED_ROOT, 0},
	{"close_from_elsewhere", close_from_elsewhere, NEED_ROOT, 0},
	{"close_after_fork", close_after_fork, NEED_ROOT, 0},
	{"namespace_is_freed", namespace_is_freed, NEED_ROOT, 0},
	{"room_for_one", room_for_one, NEED_ROOT, 0}, {"ip_sees_ours", ip_sees_ours, NEED_ROOT, 0},
	{"we_see_ips", we_see_ips, NEED_ROOT, 0}, {"ip_and_we_race", ip_and_we_race, NEED_ROOT, 60},
	{"ip_and_we_want_one_name", ip_and_we_want_one_name, NEED_ROOT, 60})
