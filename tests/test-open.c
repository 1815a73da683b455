/* SPDX-License-Identifier: MIT */
/* Handles on namespaces that exist: by path, name, thread, process, descriptor, socket. */
#include <fcntl.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

/* What an output must still be after a failure. */
#define UNTOUCHED ((struct netns *)0x5a5a5a5a)

static void check_open(const char *path, int want)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_open(path, &ns), want);
	if (want < 0) {
		CHECK(ns == UNTOUCHED);
		CHECK_MSG(path);
	} else {
		netns_free(ns);
	}
	CHECK_EQ(netns_check_path(path), want);
	if (want < 0)
		CHECK_MSG(path);
}

static void check_handle(struct netns *ns, uint64_t inode, const char *path)
{
	int flags = fcntl(netns_get_fd(ns), F_GETFD);

	CHECK(flags >= 0 && (flags & FD_CLOEXEC));
	CHECK(inode_of(ns) == inode);
	CHECK_STR(netns_get_path(ns), path);
	netns_free(ns);
}

static void path_of_pin(void)
{
	struct netns *web = create_ns("web", 0), *ns;
	char relative[64];

	CHECK_EQ(netns_open(run_path("web"), &ns), 0);
	check_handle(ns, inode_of(web), run_path("web"));

	make_link(run_path("web"), tmp_path("link"));
	make_link("link", tmp_path("link-to-link"));
	CHECK_EQ(netns_open(tmp_path("link-to-link"), &ns), 0);
	check_handle(ns, inode_of(web), tmp_path("link-to-link"));
	CHECK_EQ(netns_check_path(tmp_path("link")), 0);

	snprintf(relative, sizeof(relative), "../%s/web", strrchr(netns_get_run_dir(), '/') + 1);
	CHECK(chdir(tmp_path("")) == 0);
	CHECK_EQ(netns_open(relative, &ns), 0);
	check_handle(ns, inode_of(web), relative);
	CHECK(chdir("/") == 0);
	netns_free(web);
}

static void path_in_proc(void)
{
	struct netns *ns;
	char path[64];

	CHECK_EQ(netns_open("/proc/self/ns/net", &ns), 0);
	check_handle(ns, here(), "/proc/self/ns/net");
	CHECK_EQ(netns_check_path("/proc/thread-self/ns/net"), 0);

	CHECK_EQ(netns_open_current(&ns), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", netns_get_fd(ns));
	CHECK_EQ(netns_check_path(path), 0);
	netns_free(ns);
}

static void path_of_nothing(void)
{
	check_open("", -ENOENT);
	check_open("/nowhere/at/all", -ENOENT);
	check_open(tmp_path("missing"), -ENOENT);
	make_link("missing", tmp_path("dangling"));
	check_open(tmp_path("dangling"), -ENOENT);
	check_open("/proc/self/ns/nothing", -ENOENT);
}

static void path_of_something_else(void)
{
	write_file(tmp_path("file"), "content");
	check_open(tmp_path("file"), -EMEDIUMTYPE);
	make_stale("stale");
	check_open(run_path("stale"), -EMEDIUMTYPE);
	unlink(run_path("stale"));
	check_open(tmp_path(""), -EMEDIUMTYPE);
	make_socket_file(tmp_path("socket"));
	check_open(tmp_path("socket"), -EMEDIUMTYPE);
	check_open("/proc/self/status", -EMEDIUMTYPE);
	check_open("/proc/self/ns", -EMEDIUMTYPE);
	check_open("/", -EMEDIUMTYPE);
}

static void path_of_other_namespace(void)
{
	static const char *const kinds[] = {"cgroup", "ipc", "mnt", "pid", "user", "uts"};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		check_open(path, access(path, F_OK) == 0 ? -EMEDIUMTYPE : -ENOENT);
	}
	make_link("/proc/self/ns/uts", tmp_path("link"));
	check_open(tmp_path("link"), -EMEDIUMTYPE);

	write_file(tmp_path("uts"), NULL);
	CHECK(mount("/proc/self/ns/uts", tmp_path("uts"), "none", MS_BIND, NULL) == 0);
	check_open(tmp_path("uts"), -EMEDIUMTYPE);
	CHECK(umount(tmp_path("uts")) == 0);
}

static void path_of_descriptor(void)
{
	int pipe_fds[2], fds[4];
	char path[64];

	CHECK(pipe2(pipe_fds, O_CLOEXEC) == 0);
	fds[0] = pipe_fds[0];
	fds[1] = pipe_fds[1];
	fds[2] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	fds[3] = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		check_open(path, -EMEDIUMTYPE);
		close(fds[i]);
	}
}

static void fifo_does_not_block(void)
{
	int fd;

	CHECK(mkfifo(tmp_path("fifo"), 0600) == 0);
	check_open(tmp_path("fifo"), -EMEDIUMTYPE);

	/* Nor does it wake or end a reader's or writer's wait for more than a moment. */
	fd = open(tmp_path("fifo"), O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	check_open(tmp_path("fifo"), -EMEDIUMTYPE);
	close(fd);
}

static void devices(void)
{
	check_open("/dev/null", -EMEDIUMTYPE);
	check_open("/dev/zero", -EMEDIUMTYPE);
	CHECK(mknod(tmp_path("no-driver"), S_IFCHR | 0600, makedev(240, 77)) == 0);
	check_open(tmp_path("no-driver"), -EMEDIUMTYPE);
	CHECK(mknod(tmp_path("no-disk"), S_IFBLK | 0600, makedev(240, 77)) == 0);
	check_open(tmp_path("no-disk"), -EMEDIUMTYPE);
}

/* A session leader without a terminal would be given the first that it opens. */
static void take_no_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char path[64];

	CHECK(setsid() > 0);
	if (master < 0 || unlockpt(master) < 0 || ptsname_r(master, path, sizeof(path)) != 0)
		skip_case("no pseudo-terminals");
	check_open(path, -EMEDIUMTYPE);
	CHECK(open("/dev/tty", O_RDONLY | O_CLOEXEC) < 0);
	CHECK_EQ(errno, ENXIO);
}

static void terminal_is_not_taken(void)
{
	in_child(take_no_terminal);
}

static void ignore(int signal)
{
	(void)signal;
}

/* open(2) without O_NONBLOCK waits for the holder of a lease, up to 45 seconds. */
static void lease_does_not_block(void)
{
	int fd;

	signal(SIGIO, ignore);
	write_file(tmp_path("leased"), "content");
	fd = open(tmp_path("leased"), O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_SETLEASE, F_WRLCK) == 0);
	check_open(tmp_path("leased"), -EMEDIUMTYPE);
	close(fd);
}

static void errors_of_open(void)
{
	char *path = calloc(1, 5001);

	make_link("loop", tmp_path("loop"));
	check_open(tmp_path("loop"), -ELOOP);

	write_file(tmp_path("file"), NULL);
	check_open(tmp_path("file/below"), -ENOTDIR);

	memset(path, 'x', 256);
	check_open(tmp_path(path), -ENAMETOOLONG);

	for (size_t i = 0; i < 5000; i += 2)
		memcpy(path + i, "/x", 2);
	CHECK_EQ(netns_check_path(path), -ENAMETOOLONG);
	CHECK(strlen(netns_errmsg()) > 100);
	free(path);
}

static void open_unreadable(void)
{
	drop_privileges();
	check_open(tmp_path("secret/pin"), -EACCES);
}

static void no_permission(void)
{
	CHECK(mkdir(tmp_path("secret"), 0700) == 0);
	write_file(tmp_path("secret/pin"), NULL);
	in_child(open_unreadable);
}

static void hostile_paths(void)
{
	static const char *const names[] = {
		"new\nline",
		"%s%s%s%n%n%n",
		"\xff\xfe\x80",
		"tab\tand\x1b[31mred",
		" ",
		"-x",
		"quote'\"\\",
	};
	char longest[NAME_MAX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_open(tmp_path(names[i]), -ENOENT);
		write_file(tmp_path(names[i]), "x");
		check_open(tmp_path(names[i]), -EMEDIUMTYPE);
	}
	memset(longest, '%', NAME_MAX);
	longest[NAME_MAX] = '\0';
	check_open(tmp_path(longest), -ENOENT);
}

struct flip {
	char from[2][PATH_MAX];
	char to[PATH_MAX];
	_Atomic bool stop;
};

static void *flip_link(void *arg)
{
	struct flip *flip = arg;
	char staged[PATH_MAX + 8];

	snprintf(staged, sizeof(staged), "%s.new", flip->to);
	for (unsigned i = 0; !flip->stop; i++) {
		CHECK(symlink(flip->from[i % 2], staged) == 0);
		CHECK(rename(staged, flip->to) == 0);
	}
	return NULL;
}

/* What is at the path changes all the time; what is in the handle is right. */
static void no_race_between_check_and_use(void)
{
	struct netns *web = create_ns("web", 0), *ns;
	struct flip *flip = calloc(1, sizeof(*flip));
	unsigned opened = 0, refused = 0;
	double end = now() + 0.5;
	pthread_t thread;

	CHECK(mkfifo(tmp_path("fifo"), 0600) == 0);
	snprintf(flip->from[0], PATH_MAX, "%s", run_path("web"));
	snprintf(flip->from[1], PATH_MAX, "%s", tmp_path("fifo"));
	snprintf(flip->to, PATH_MAX, "%s", tmp_path("flipping"));
	make_link(flip->from[0], flip->to);
	CHECK_EQ(pthread_create(&thread, NULL, flip_link, flip), 0);
	while (now() < end || opened == 0 || refused == 0) {
		int r = netns_open(flip->to, &ns);

		CHECK(r == 0 || r == -EMEDIUMTYPE);
		refused += r != 0;
		opened += r == 0;
		if (r == 0)
			check_handle(ns, inode_of(web), flip->to);
	}
	flip->stop = true;
	pthread_join(thread, NULL);
	free(flip);
	netns_free(web);
}

static void check_current(void)
{
	struct netns *ns;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/net", (int)getpid(), (int)gettid());
	CHECK_EQ(netns_open_current(&ns), 0);
	check_handle(ns, here(), path);
}

/* The thread's, not the process's, and after each move the one moved to. */
static void check_current_moving(void)
{
	uint64_t home = here();

	check_current();
	CHECK(unshare(CLONE_NEWNET) == 0);
	CHECK(here() != home);
	check_current();
	CHECK(unshare(CLONE_NEWNET) == 0);
	check_current();
}

static void current_on_threads(void)
{
	check_current();
	in_thread(check_current);
	in_thread(check_current_moving);
	check_current();
	CHECK_EQ(count_inheritable(), 0);
}

static void current(void)
{
	on_each_kernel(current_on_threads);
}

static void current_stays(void)
{
	struct netns *ns, *other = create_ns(NULL, NETNS_CREATE_UNPINNED);
	uint64_t home = here();

	CHECK_EQ(netns_open_current(&ns), 0);
	CHECK_EQ(netns_set(other), 0);
	CHECK(here() == inode_of(other));
	CHECK(inode_of(ns) == home);
	CHECK_EQ(netns_set(ns), 0);
	netns_free(ns);
	netns_free(other);
}

static void hide_proc(void)
{
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", "none", MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
}

static uint64_t home_inode;

static void open_current_without_proc(void)
{
	struct netns *ns;

	hide_proc();
	CHECK_EQ(netns_open_current(&ns), 0);
	CHECK(inode_of(ns) == home_inode);
	netns_free(ns);
}

/* Without a pidfd that answers and without /proc, who may ask a socket still can. */
static void open_current_by_socket_only(void)
{
	struct netns *ns = UNTOUCHED;

	without_pidfd_ioctls();
	open_current_without_proc();
	drop_privileges();
	CHECK_EQ(netns_open_current(&ns), -ENOENT);
	CHECK(ns == UNTOUCHED);
}

static void current_without_proc(void)
{
	home_inode = here();
	in_child(open_current_without_proc);
	in_child(open_current_by_socket_only);
}

/* The descriptor that is kept for the thread is not taken for another that got its number. */
static void current_after_closing_all(void)
{
	int fds[8];

	check_current();
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	check_current();
	netns_thread_release();
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		CHECK(fcntl(fds[i], F_GETFD) >= 0);
}

static void current_survives_close_of_all(void)
{
	in_child(current_after_closing_all);
}

static void check_name(const char *name, int want)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_open_name(name, &ns), want);
	CHECK(ns == UNTOUCHED);
	CHECK_MSG(name);
}

static void name_of_pin(void)
{
	struct netns *web = create_ns("web", 0), *ns;

	CHECK_EQ(netns_open_name("web", &ns), 0);
	check_handle(ns, inode_of(web), run_path("web"));
	check_name("db", -ENOENT);
	netns_free(web);
	check_name("web", -ENOENT);
}

static void name_without_run_dir(void)
{
	check_name("web", -ENOENT);
	CHECK(access(netns_get_run_dir(), F_OK) < 0);
}

static void name_of_something_else(void)
{
	struct netns *web = create_ns("web", 0);

	make_stale("stale");
	check_name("stale", -EMEDIUMTYPE);
	write_file(run_path("content"), "x");
	check_name("content", -EMEDIUMTYPE);
	make_link("web", run_path("link"));
	check_name("link", -EMEDIUMTYPE);
	make_link("nowhere", run_path("dangling"));
	check_name("dangling", -EMEDIUMTYPE);
	CHECK(mkfifo(run_path("fifo"), 0600) == 0);
	check_name("fifo", -EMEDIUMTYPE);
	CHECK(mkdir(run_path("dir"), 0700) == 0);
	check_name("dir", -EMEDIUMTYPE);
	make_socket_file(run_path("socket"));
	check_name("socket", -EMEDIUMTYPE);

	unlink(run_path("stale"));
	unlink(run_path("content"));
	unlink(run_path("link"));
	unlink(run_path("dangling"));
	unlink(run_path("fifo"));
	rmdir(run_path("dir"));
	unlink(run_path("socket"));
	netns_free(web);
}

static void name_bad(void)
{
	struct netns *web = create_ns("web", 0);
	char longest[NAME_MAX + 2];

	check_name("", -EINVAL);
	check_name(".", -EINVAL);
	check_name("..", -EINVAL);
	check_name("a/b", -EINVAL);
	check_name("web/", -EINVAL);
	check_name("/web", -EINVAL);
	check_name("../netns/web", -EINVAL);
	memset(longest, 'n', NAME_MAX + 1);
	longest[NAME_MAX + 1] = '\0';
	check_name(longest, -EINVAL);
	longest[NAME_MAX] = '\0';
	check_name(longest, -ENOENT);
	check_name("new\nline%s%n", -ENOENT);
	check_name("...", -ENOENT);
	netns_free(web);
}

static void check_name_in(const char *dir, const char *name, int want)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_open_name_in(dir, name, &ns), want);
	CHECK(ns == UNTOUCHED);
}

static void name_in_directory(void)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .name = "web", .dir = tmp_path("pins")};
	struct netns *web, *db = create_ns("db", 0), *ns;

	CHECK_EQ(netns_create(&opts, &web), 0);
	CHECK_EQ(netns_open_name_in(opts.dir, "web", &ns), 0);
	check_handle(ns, inode_of(web), tmp_path("pins/web"));
	CHECK_EQ(netns_open_name_in(NULL, "db", &ns), 0);
	check_handle(ns, inode_of(db), run_path("db"));

	check_name_in(NULL, "web", -ENOENT);
	check_name_in(opts.dir, "db", -ENOENT);
	check_name_in(opts.dir, "../pins/web", -EINVAL);
	check_name_in(tmp_path("none"), "web", -ENOENT);
	CHECK(chdir(tmp_path("")) == 0);
	check_name_in("pins", "web", -EINVAL);
	check_name_in("", "web", -EINVAL);
	CHECK(chdir("/") == 0);
	write_file(tmp_path("file"), NULL);
	check_name_in(tmp_path("file"), "web", -ENOTDIR);
	netns_free(web);
	netns_free(db);
}

static void check_pid(pid_t pid, uint64_t inode)
{
	struct netns *ns;
	char path[64];

	CHECK_EQ(netns_open_pid(pid, &ns), 0);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	check_handle(ns, inode, path);
}

static void check_no_pid(pid_t pid, int want)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_open_pid(pid, &ns), want);
	CHECK(ns == UNTOUCHED);
}

static uint64_t inode_of_process(pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	CHECK(stat(path, &st) == 0);
	return st.st_ino;
}

static void open_processes(void)
{
	pid_t pid = start_inside();

	check_pid(getpid(), here());
	check_pid(pid, inode_of_process(pid));
	CHECK(inode_of_process(pid) != here());
	stop_process(pid);
	check_no_pid(pid, -ESRCH);
}

static void process(void)
{
	on_each_kernel(open_processes);
}

static void open_bad_pids(void)
{
	check_no_pid(0, -EINVAL);
	check_no_pid(-1, -EINVAL);
	check_no_pid(INT_MIN, -EINVAL);
	check_no_pid(INT_MAX, -ESRCH);
	CHECK_MSG("2147483647");
}

static void process_bad(void)
{
	on_each_kernel(open_bad_pids);
}

static void open_zombie(void)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	check_no_pid(pid, -ESRCH);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	check_no_pid(pid, -ESRCH);
}

static void process_zombie(void)
{
	on_each_kernel(open_zombie);
}

/* A thread that stands somewhere until it is told to end. */
struct stander {
	pthread_t thread;
	_Atomic pid_t tid;
	uint64_t inode;
	_Atomic bool leave;
};

static void *stand_elsewhere(void *arg)
{
	struct stander *stander = arg;

	CHECK(unshare(CLONE_NEWNET) == 0);
	stander->inode = here();
	stander->tid = gettid();
	while (!stander->leave)
		usleep(1000);
	return NULL;
}

static void start_stander(struct stander *stander)
{
	CHECK_EQ(pthread_create(&stander->thread, NULL, stand_elsewhere, stander), 0);
	while (!stander->tid)
		usleep(100);
}

static void open_threads(void)
{
	struct stander stander = {0};

	start_stander(&stander);
	CHECK(stander.inode != here());
	check_pid(stander.tid, stander.inode);
	check_pid(getpid(), here());
	stander.leave = true;
	pthread_join(stander.thread, NULL);
	while (syscall(SYS_tgkill, getpid(), stander.tid, 0) == 0)
		usleep(100);
	check_no_pid(stander.tid, -ESRCH);
}

static void thread_id(void)
{
	on_each_kernel(open_threads);
}

static int pipe_to_parent[2];

static void *outlive_the_leader(void *arg)
{
	pid_t tid = gettid();

	(void)arg;
	usleep(20000);
	CHECK(write(pipe_to_parent[1], &tid, sizeof(tid)) == sizeof(tid));
	for (;;)
		pause();
}

/* The process lives, but its first thread, whose namespace is asked for, does not. */
static void open_leaderless(void)
{
	pthread_t thread;
	pid_t pid, tid;

	CHECK(pipe2(pipe_to_parent, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		pthread_create(&thread, NULL, outlive_the_leader, NULL);
		syscall(SYS_exit, 0);
	}
	CHECK(read(pipe_to_parent[0], &tid, sizeof(tid)) == sizeof(tid));
	check_no_pid(pid, -ESRCH);
	check_pid(tid, here());
	close(pipe_to_parent[0]);
	close(pipe_to_parent[1]);
	stop_process(pid);
}

static void process_leaderless(void)
{
	on_each_kernel(open_leaderless);
}

static pid_t other_pid;
static int other_pidfd;

static void open_foreign_process(void)
{
	struct netns *ns = UNTOUCHED;

	drop_privileges();
	check_no_pid(other_pid, -EPERM);
	if (other_pidfd >= 0)
		CHECK_EQ(netns_open_fd(other_pidfd, &ns), -EPERM);
	CHECK(ns == UNTOUCHED);
}

static void open_foreign_processes(void)
{
	other_pid = start_inside();
	other_pidfd = (int)syscall(SYS_pidfd_open, other_pid, 0);
	in_child(open_foreign_process);
	if (other_pidfd >= 0)
		close(other_pidfd);
	stop_process(other_pid);
}

static void process_of_another(void)
{
	on_each_kernel(open_foreign_processes);
}

static void open_pid_without_proc(void)
{
	hide_proc();
	without_pidfd_ioctls();
	check_no_pid(other_pid, -ENOENT);
}

static void process_without_proc(void)
{
	other_pid = start_inside();
	in_child(open_pid_without_proc);
	stop_process(other_pid);
}

static void check_fd(int fd, int want)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_open_fd(fd, &ns), want);
	CHECK(ns == UNTOUCHED);
}

static void descriptor_of_namespace(void)
{
	struct netns *web = create_ns(NULL, NETNS_CREATE_UNPINNED), *ns;
	uint64_t inode = inode_of(web);
	int fd = dup(netns_get_fd(web));

	CHECK_EQ(netns_open_fd(fd, &ns), 0);
	CHECK(netns_get_fd(ns) != fd);
	CHECK(fcntl(fd, F_GETFD) == 0);
	close(fd);
	netns_free(web);
	check_handle(ns, inode, NULL);
}

static void descriptor_zero(void)
{
	struct netns *ns, *again, *zero;
	uint64_t home = here();
	int in = dup(0);

	CHECK_EQ(netns_open_current(&ns), 0);
	CHECK(dup2(netns_get_fd(ns), 0) == 0);
	CHECK_EQ(netns_open_fd(0, &again), 0);
	close(0);
	CHECK_EQ(netns_open_fd(netns_get_fd(ns), &zero), 0);
	CHECK_EQ(netns_get_fd(zero), 0);
	CHECK_EQ(netns_is_same(zero, again), 1);
	CHECK_EQ(netns_close(zero), 0);
	CHECK_EQ(netns_get_fd(zero), -EBADF);
	CHECK(fcntl(0, F_GETFD) < 0);
	netns_free(zero);
	netns_free(ns);
	check_handle(again, home, NULL);
	CHECK(dup2(in, 0) == 0);
	close(in);
}

static void descriptor_bad(void)
{
	int fd = open("/proc/self/ns/net", O_PATH | O_CLOEXEC);

	CHECK(fd >= 0);
	check_fd(fd, -EBADF);
	close(fd);
	check_fd(fd, -EBADF);
	check_fd(-1, -EBADF);
	check_fd(AT_FDCWD, -EBADF);
	check_fd(INT_MAX, -EBADF);
	CHECK_MSG("2147483647");
}

static void descriptor_of_something_else(void)
{
	static const char *const paths[] = {
		"/proc/self/ns/uts",
		"/proc/self/ns/user",
		"/proc/self/status",
		"/dev/null",
		"/",
		"/proc/self/ns",
	};
	int fds[ARRAY_SIZE(paths) + 4];
	size_t n = 0;

	for (; n < ARRAY_SIZE(paths); n++)
		fds[n] = open(paths[n], O_RDONLY | O_CLOEXEC);
	CHECK(pipe2(fds + n, O_CLOEXEC) == 0);
	n += 2;
	fds[n++] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	fds[n++] = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < n; i++) {
		CHECK(fds[i] >= 0);
		check_fd(fds[i], -EMEDIUMTYPE);
		CHECK(fcntl(fds[i], F_GETFD) == FD_CLOEXEC);
	}
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

static void open_descriptors_of_others(void)
{
	descriptor_of_something_else();
	descriptor_bad();
}

static void descriptor_wrong(void)
{
	on_each_kernel(open_descriptors_of_others);
}

static int open_pidfd(pid_t pid, unsigned flags)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, flags);

	if (fd < 0 && errno != ENOSYS && errno != EINVAL)
		CHECK_EQ(errno, 0);
	return fd;
}

static void open_pidfds(void)
{
	pid_t pid = start_inside();
	uint64_t inode = inode_of_process(pid);
	int fd = open_pidfd(pid, 0);
	struct netns *ns;

	if (fd >= 0) {
		CHECK_EQ(netns_open_fd(fd, &ns), 0);
		check_handle(ns, inode, NULL);
		kill(pid, SIGKILL);
		CHECK(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT) == 0);
		check_fd(fd, -ESRCH);
	}
	stop_process(pid);
	if (fd >= 0) {
		check_fd(fd, -ESRCH);
		CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
		close(fd);
	}
}

static void pidfd(void)
{
	on_each_kernel(open_pidfds);
}

static void open_thread_pidfds(void)
{
	struct stander stander = {0};
	struct netns *ns;
	int fd;

	start_stander(&stander);
	fd = open_pidfd(stander.tid, O_EXCL);
	if (fd >= 0) {
		CHECK_EQ(netns_open_fd(fd, &ns), 0);
		check_handle(ns, stander.inode, NULL);
	}
	stander.leave = true;
	pthread_join(stander.thread, NULL);
	while (syscall(SYS_tgkill, getpid(), stander.tid, 0) == 0)
		usleep(100);
	if (fd >= 0) {
		check_fd(fd, -ESRCH);
		close(fd);
	}
}

static void pidfd_of_thread(void)
{
	on_each_kernel(open_thread_pidfds);
}

static void check_socket(int sock, uint64_t inode)
{
	struct netns *ns;

	CHECK(sock >= 0);
	CHECK_EQ(netns_open_socket(sock, &ns), 0);
	CHECK(fcntl(sock, F_GETFD) >= 0);
	check_handle(ns, inode, NULL);
}

static void check_no_socket(int fd, int want)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_open_socket(fd, &ns), want);
	CHECK(ns == UNTOUCHED);
}

static void socket_of_each_kind(void)
{
	static const int kinds[][2] = {
		{AF_UNIX, SOCK_STREAM},
		{AF_UNIX, SOCK_DGRAM},
		{AF_INET, SOCK_STREAM},
		{AF_INET, SOCK_DGRAM},
		{AF_INET6, SOCK_DGRAM},
		{AF_NETLINK, SOCK_RAW},
		{AF_PACKET, SOCK_RAW},
	};
	struct netns *ns = create_ns(NULL, NETNS_CREATE_UNPINNED);
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fd = socket(kinds[i][0], kinds[i][1] | SOCK_CLOEXEC, 0);
		if (fd < 0 && errno == EAFNOSUPPORT)
			continue;
		check_socket(fd, here());
		close(fd);
		fd = netns_socket(ns, kinds[i][0], kinds[i][1], 0);
		check_socket(fd, inode_of(ns));
		close(fd);
	}
	netns_free(ns);
}

/* The only thing that holds it is the socket. */
static void socket_alone(void)
{
	struct netns *ns = create_ns(NULL, 0);
	uint64_t inode = inode_of(ns);
	int fd = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);

	netns_free(ns);
	check_socket(fd, inode);
	close(fd);
}

static int open_tun(void)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		skip_case("/dev/net/tun: %m");
	CHECK(ioctl(fd, TUNSETIFF, &request) == 0);
	return fd;
}

static void tun_descriptor(void)
{
	struct netns *ns = create_ns(NULL, NETNS_CREATE_UNPINNED), *home;
	int fd;

	CHECK_EQ(netns_open_current(&home), 0);
	CHECK_EQ(netns_set(ns), 0);
	fd = open_tun();
	CHECK_EQ(netns_set(home), 0);
	check_socket(fd, inode_of(ns));
	close(fd);
	netns_free(home);
	netns_free(ns);
}

static void socket_wrong(void)
{
	static const char *const paths[] = {
		"/proc/self/ns/net",
		"/proc/self/ns/uts",
		"/dev/null",
		"/proc/self/status",
		"/",
	};
	int fds[2], fd;

	check_no_socket(-1, -EBADF);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	close(fd);
	check_no_socket(fd, -EBADF);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		CHECK(fd >= 0);
		check_no_socket(fd, -EMEDIUMTYPE);
		close(fd);
	}
	CHECK(pipe2(fds, O_CLOEXEC) == 0);
	check_no_socket(fds[0], -EMEDIUMTYPE);
	close(fds[0]);
	close(fds[1]);
	fd = epoll_create1(EPOLL_CLOEXEC);
	check_no_socket(fd, -EMEDIUMTYPE);
	close(fd);
}

static void open_socket_unprivileged(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	drop_privileges();
	check_no_socket(fd, -EPERM);
}

static void socket_unprivileged(void)
{
	in_child(open_socket_unprivileged);
}

static struct netns *pinned;
static int a_socket, a_pidfd;

/* Each way to a handle, by number; -ENOSYS after the last. */
static int open_somehow(unsigned way, struct netns **ret)
{
	switch (way) {
	case 0:
		return netns_open(netns_get_path(pinned), ret);
	case 1:
		return netns_open_current(ret);
	case 2:
		return netns_open_name("web", ret);
	case 3:
		return netns_open_pid(getpid(), ret);
	case 4:
		return netns_open_fd(netns_get_fd(pinned), ret);
	case 5:
		return netns_open_fd(a_pidfd, ret);
	case 6:
		return netns_open_socket(a_socket, ret);
	case 7:
		return netns_check_path(netns_get_path(pinned));
	default:
		return -ENOSYS;
	}
}

static void start_ways(void)
{
	pinned = create_ns("web", 0);
	a_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	a_pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	CHECK(a_pidfd >= 0);
}

static void end_ways(void)
{
	close(a_pidfd);
	close(a_socket);
	netns_free(pinned);
}

static void run_out_of_descriptors(void)
{
	struct netns *ns;
	int r = 0;

	for (unsigned way = 0; r != -ENOSYS; way++) {
		unsigned room = 0;

		do {
			ns = UNTOUCHED;
			netns_thread_release();
			limit_free_descriptors(room);
			r = open_somehow(way, &ns);
			unlimit_descriptors();
			if (r != 0)
				CHECK(ns == UNTOUCHED);
			else if (ns != UNTOUCHED)
				netns_free(ns);
			if (room == 0 && r != -ENOSYS)
				CHECK_EQ(r, -EMFILE);
		} while (r == -EMFILE && room++ < 8);
		CHECK(r == 0 || r == -ENOSYS);
	}
}

static void descriptors_run_out(void)
{
	start_ways();
	run_out_of_descriptors();
	on_each_kernel(run_out_of_descriptors);
	end_ways();
}

static void *open_everything(void *arg)
{
	struct netns *ns;
	int r = 0;

	(void)arg;
	for (unsigned i = 0; i < 200; i++)
		for (unsigned way = 0; way < 8; way++) {
			ns = NULL;
			r = open_somehow(way, &ns);
			CHECK_EQ(r, 0);
			CHECK(way == 7 ||
				inode_of(ns) == (way == 0 || way == 2 || way == 4 ? inode_of(pinned)
										  : here()));
			netns_free(ns);
		}
	return NULL;
}

static void many_threads(void)
{
	pthread_t threads[16];

	start_ways();
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, open_everything, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	end_ways();
}

/* Never inheritable, not even for a moment. */
static void *watch_inheritance(void *arg)
{
	_Atomic bool *stop = arg;

	while (!*stop)
		CHECK_EQ(count_inheritable(), 0);
	return NULL;
}

static void close_on_exec(void)
{
	static _Atomic bool stop;
	double end = now() + 0.3;
	struct netns *ns;
	pthread_t thread;

	start_ways();
	limit_free_descriptors(16);
	CHECK_EQ(pthread_create(&thread, NULL, watch_inheritance, &stop), 0);
	while (now() < end)
		for (unsigned way = 0; way < 8; way++) {
			ns = NULL;
			netns_thread_release();
			CHECK_EQ(open_somehow(way, &ns), 0);
			netns_free(ns);
		}
	stop = true;
	pthread_join(thread, NULL);
	end_ways();
}

/* Opening asks for nothing: the cases that an ordinary user has. */
static void unprivileged(void)
{
	struct netns *ns;

	CHECK_EQ(netns_open_current(&ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_open("/proc/self/ns/net", &ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_open_pid(getpid(), &ns), 0);
	netns_free(ns);
	CHECK_EQ(netns_check_path("/proc/self/ns/uts"), -EMEDIUMTYPE);
	CHECK_EQ(netns_check_path("/nowhere"), -ENOENT);
	open_bad_pids();
}

TEST_MAIN({"path_of_pin", path_of_pin, NEED_ROOT, 0}, {"path_in_proc", path_in_proc, 0, 0},
	{"path_of_nothing", path_of_nothing, NEED_ROOT, 0},
	{"path_of_something_else", path_of_something_else, NEED_ROOT, 0},
	{"path_of_other_namespace", path_of_other_namespace, NEED_ROOT, 0},
	{"path_of_descriptor", path_of_descriptor, NEED_ROOT, 0},
	{"fifo_does_not_block", fifo_does_not_block, NEED_ROOT, 0},
	{"devices", devices, NEED_ROOT, 0}, {"terminal_is_not_taken", terminal_is_not_taken, 0, 0},
	{"lease_does_not_block", lease_does_not_block, NEED_ROOT, 0},
	{"errors_of_open", errors_of_open, NEED_ROOT, 0},
	{"no_permission", no_permission, NEED_ROOT, 0},
	{"hostile_paths", hostile_paths, NEED_ROOT, 0},
	{"no_race_between_check_and_use", no_race_between_check_and_use, NEED_ROOT, 0},
	{"current", current, NEED_ROOT, 0}, {"current_stays", current_stays, NEED_ROOT, 0},
	{"current_without_proc", current_without_proc, NEED_ROOT, 0},
	{"current_survives_close_of_all", current_survives_close_of_all, 0, 0},
	{"name_of_pin", name_of_pin, NEED_ROOT, 0},
	{"name_without_run_dir", name_without_run_dir, NEED_ROOT, 0},
	{"name_of_something_else", name_of_something_else, NEED_ROOT, 0},
	{"name_bad", name_bad, NEED_ROOT, 0},
	{"name_in_directory", name_in_directory, NEED_ROOT, 0}, {"process", process, NEED_ROOT, 0},
	{"process_bad", process_bad, 0, 0}, {"process_zombie", process_zombie, 0, 0},
	{"process_leaderless", process_leaderless, 0, 0},
	{"process_of_another", process_of_another, NEED_ROOT, 0},
	{"process_without_proc", process_without_proc, NEED_ROOT, 0},
	{"thread_id", thread_id, NEED_ROOT, 0},
	{"descriptor_of_namespace", descriptor_of_namespace, NEED_ROOT, 0},
	{"descriptor_zero", descriptor_zero, 0, 0}, {"descriptor_wrong", descriptor_wrong, 0, 0},
	{"pidfd", pidfd, NEED_ROOT, 0}, {"pidfd_of_thread", pidfd_of_thread, NEED_ROOT, 0},
	{"socket_of_each_kind", socket_of_each_kind, NEED_ROOT, 0},
	{"socket_alone", socket_alone, NEED_ROOT, 0},
	{"tun_descriptor", tun_descriptor, NEED_ROOT, 0},
	{"socket_wrong", socket_wrong, NEED_ROOT, 0},
	{"socket_unprivileged", socket_unprivileged, NEED_ROOT, 0},
	{"descriptors_run_out", descriptors_run_out, NEED_ROOT, 0},
	{"many_threads", many_threads, NEED_ROOT, 0},
	{"close_on_exec", close_on_exec, NEED_ROOT, 0}, {"unprivileged", unprivileged, 0, 0})
