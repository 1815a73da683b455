/* SPDX-License-Identifier: MIT */
/* netns_socket() and netns_openat(): one call inside, exactly answered, with signals held off. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "harness.h"
#include "raw.h"

static struct netns *new_ns_up(void)
{
	return create_ns(NULL, NETNS_CREATE_UNPINNED | NETNS_CREATE_LO_UP);
}

/* ---- sockets ---- */

static void check_lives_in(int sock, struct netns *ns)
{
	struct netns *of_socket;

	CHECK(sock >= 0);
	CHECK_EQ(netns_open_socket(sock, &of_socket), 0);
	CHECK_EQ(inode_of(of_socket), inode_of(ns));
	netns_free(of_socket);
	CHECK(socket_cookie(sock) != where());
	CHECK_EQ(fcntl(sock, F_GETFD), FD_CLOEXEC);
}

static void make_sockets(void *arg)
{
	static const struct {
		int domain, type, protocol;
	} kinds[] = {
		{AF_INET, SOCK_STREAM, 0},
		{AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP},
		{AF_INET, SOCK_RAW, IPPROTO_ICMP},
		{AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0},
		{AF_NETLINK, SOCK_RAW, 0},
		{AF_PACKET, SOCK_DGRAM, 0},
	};
	uint64_t place = where();

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int sock = socket(kinds[i].domain, kinds[i].type, kinds[i].protocol);
		int domain;

		if (sock < 0)
			continue; /* this kernel has no such sockets */
		close(sock);
		sock = netns_socket(arg, kinds[i].domain, kinds[i].type, kinds[i].protocol);
		check_lives_in(sock, arg);
		CHECK_EQ(getsockopt(sock, SOL_SOCKET, SO_DOMAIN, &domain,
				 &(socklen_t){sizeof(domain)}),
			0);
		CHECK_EQ(domain, kinds[i].domain);
		CHECK_EQ(!(fcntl(sock, F_GETFL) & O_NONBLOCK), !(kinds[i].type & SOCK_NONBLOCK));
		close(sock);
		CHECK_EQ(where(), place);
	}
}

static void make_sockets_without_pidfd(void *arg)
{
	without_thread_pidfd();
	make_sockets(arg);
	without_pidfd_ioctls();
	make_sockets(arg);
	hide_proc();
	make_sockets(arg);
}

static void socket_lives_in_the_namespace(void)
{
	struct netns *ns = new_ns();

	make_sockets(ns);
	in_thread_with(make_sockets, ns);
	in_thread_with(make_sockets_without_pidfd, ns);
	netns_free(ns);
}

static void socket_outlives_handle_and_home(void)
{
	struct netns *ns = new_ns();
	int sock = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);
	uint64_t cookie = cookie_of(ns);

	netns_free(ns);
	CHECK_EQ(socket_cookie(sock), cookie);
	close(sock);
}

static void socket_errors_are_exact(void)
{
	static const struct {
		int domain, type, protocol, error;
	} wrong[] = {
		{9999, SOCK_STREAM, 0, -EAFNOSUPPORT},
		{-1, SOCK_STREAM, 0, -EAFNOSUPPORT},
		{AF_INET, 15, 0, -EINVAL},
		{AF_INET, SOCK_STREAM | 0x100000, 0, -EINVAL},
		{AF_INET, SOCK_STREAM, 255, -EPROTONOSUPPORT},
		{AF_INET, SOCK_SEQPACKET, 0, -ESOCKTNOSUPPORT},
		{AF_UNIX, SOCK_STREAM, 7, -EPROTONOSUPPORT},
		{AF_INET, SOCK_STREAM, -1, -EINVAL},
	};
	struct netns *ns = new_ns();
	uint64_t place = where();

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		int sock = socket(wrong[i].domain, wrong[i].type, wrong[i].protocol);

		CHECK(sock < 0);
		CHECK_EQ(-errno, wrong[i].error); /* what the kernel says of itself */
		CHECK_EQ(netns_socket(ns, wrong[i].domain, wrong[i].type, wrong[i].protocol),
			wrong[i].error);
		CHECK_MSG(strerror(-wrong[i].error));
		CHECK_EQ(where(), place);
	}
	netns_free(ns);
}

static void bad_handles_are_refused(void)
{
	struct netns *closed = closed_ns(), *ns = new_ns();
	char *long_path = malloc(5000);

	memset(long_path, '/', 4999);
	long_path[4999] = '\0';
	CHECK_EQ(netns_socket(NULL, AF_INET, SOCK_STREAM, 0), -EINVAL);
	CHECK_EQ(netns_socket(closed, AF_INET, SOCK_STREAM, 0), -EBADF);
	CHECK_EQ(netns_openat(NULL, "/proc/net/dev", O_RDONLY, 0), -EINVAL);
	CHECK_EQ(netns_openat(closed, "/proc/net/dev", O_RDONLY, 0), -EBADF);
	CHECK_EQ(netns_openat(ns, NULL, O_RDONLY, 0), -EINVAL);
	CHECK_EQ(netns_openat(ns, long_path, O_RDONLY, 0), -ENAMETOOLONG);
	memcpy(long_path, "/proc/net/", 10);
	CHECK_EQ(netns_openat(ns, long_path, O_RDONLY, 0), -ENAMETOOLONG);
	long_path[4096] = '\0';
	CHECK_EQ(netns_openat(ns, long_path, O_RDONLY, 0), -ENAMETOOLONG);
	free(long_path);
	netns_free(ns);
	netns_free(closed);
}

static void try_without_privilege(void *arg)
{
	uint64_t place = where();

	drop_capability(CAP_NET_RAW);
	CHECK_EQ(netns_socket(arg, AF_INET, SOCK_RAW, IPPROTO_ICMP), -EPERM);
	CHECK_MSG("socket");
	CHECK_EQ(where(), place);
	close(netns_socket(arg, AF_INET, SOCK_STREAM, 0));

	drop_capability(CAP_SYS_ADMIN);
	CHECK_EQ(netns_socket(arg, AF_INET, SOCK_STREAM, 0), -EPERM);
	CHECK_EQ(netns_openat(arg, "/proc/net/dev", O_RDONLY, 0), -EPERM);
	CHECK_EQ(where(), place);
}

static void privilege_is_needed(void)
{
	struct netns *ns = new_ns();

	in_thread_with(try_without_privilege, ns);
	netns_free(ns);
}

static void descriptors_run_out(void)
{
	struct netns *ns = new_ns();
	uint64_t place = where();

	/* From none at all to enough: the way home, the socket, what the library keeps. */
	for (unsigned n = 0; n < 4; n++) {
		int sock, fd;

		limit_free_descriptors(n);
		sock = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);
		CHECK(sock >= 0 || sock == -EMFILE);
		close(sock);
		fd = netns_openat(ns, "/proc/net/dev", O_RDONLY, 0);
		CHECK(fd >= 0 || fd == -EMFILE);
		close(fd);
		unlimit_descriptors();
		CHECK(n > 0 || (sock < 0 && fd < 0));
		CHECK(n < 3 || (sock >= 0 && fd >= 0));
		CHECK_EQ(where(), place);
	}
	netns_free(ns);
}

/* The thread cannot come home: that is the answer, and what was made is closed again. */
static void lose_way_home(void *arg)
{
	int descriptors;

	close(netns_socket(arg, AF_INET, SOCK_STREAM, 0));
	descriptors = count_descriptors();
	bar_way_home();
	CHECK_EQ(netns_socket(arg, AF_INET, SOCK_STREAM, 0), -ENOTRECOVERABLE);
	CHECK_MSG("go back");
	CHECK_EQ(count_descriptors(), descriptors);
	CHECK_EQ(inode_of(arg), here());
	CHECK_EQ(netns_openat(arg, "/proc/net/dev", O_RDONLY, 0), -ENOTRECOVERABLE);
	CHECK_EQ(count_descriptors(), descriptors);
}

static void nothing_is_made_when_home_is_lost(void)
{
	struct netns *ns = new_ns();

	in_thread_with(lose_way_home, ns);
	netns_free(ns);
}

/* ---- traffic ---- */

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static int listen_in(struct netns *ns, int port)
{
	struct sockaddr_in address = loopback(port);
	int sock = netns_socket(ns, AF_INET, SOCK_STREAM, 0);

	CHECK(sock >= 0);
	CHECK_EQ(bind(sock, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_EQ(listen(sock, 8), 0);
	return sock;
}

/* A connected socket, or a negative errno. */
static int connect_in(struct netns *ns, int port)
{
	struct sockaddr_in address = loopback(port);
	int sock = netns_socket(ns, AF_INET, SOCK_STREAM, 0), error;

	CHECK(sock >= 0);
	if (connect(sock, (struct sockaddr *)&address, sizeof(address)) == 0)
		return sock;
	error = errno;
	close(sock);
	return -error;
}

enum { PORT = 8080, CITIES = 4 };

/* One thread serves the same address in several namespaces, and says in which. */
static void serve(const int listeners[CITIES])
{
	struct pollfd polled[CITIES];
	int connection;

	for (int i = 0; i < CITIES; i++)
		polled[i] = (struct pollfd){.fd = listeners[i], .events = POLLIN};
	CHECK(poll(polled, CITIES, 5000) > 0);
	for (int i = 0; i < CITIES; i++) {
		if (!(polled[i].revents & POLLIN))
			continue;
		connection = accept4(listeners[i], NULL, NULL, SOCK_CLOEXEC);
		CHECK(connection >= 0);
		CHECK_EQ(write(connection, &i, sizeof(i)), sizeof(i));
		close(connection);
	}
}

static void one_thread_serves_many_namespaces(void)
{
	struct netns *ns[CITIES], *empty = new_ns_up();
	int listeners[CITIES], client, answer;
	uint64_t place = where();

	for (int i = 0; i < CITIES; i++)
		listeners[i] = listen_in(ns[i] = new_ns_up(), PORT);
	for (int i = 0; i < 3 * CITIES; i++) {
		client = connect_in(ns[i % CITIES], PORT);
		CHECK(client >= 0);
		serve(listeners);
		CHECK_EQ(read(client, &answer, sizeof(answer)), sizeof(answer));
		CHECK_EQ(answer, i % CITIES);
		close(client);
	}
	CHECK_EQ(connect_in(empty, PORT), -ECONNREFUSED);
	CHECK_EQ(where(), place);
	for (int i = 0; i < CITIES; i++) {
		close(listeners[i]);
		netns_free(ns[i]);
	}
	netns_free(empty);
}

static void loopback_down_means_unreachable(void)
{
	struct netns *ns = new_ns();

	CHECK_EQ(connect_in(ns, PORT), -ENETUNREACH);
	netns_free(ns);
}

static void datagrams_stay_inside(void)
{
	struct netns *ns = new_ns_up(), *other = new_ns_up();
	struct sockaddr_in address = loopback(PORT);
	int receiver = netns_socket(ns, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int sender = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);
	int stranger = netns_socket(other, AF_INET, SOCK_DGRAM, 0);
	char got[16];

	CHECK_EQ(bind(receiver, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_EQ(sendto(stranger, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)), 1);
	CHECK_EQ(recv(receiver, got, sizeof(got), 0), -1);
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(sendto(sender, "abc", 3, 0, (struct sockaddr *)&address, sizeof(address)), 3);
	CHECK_EQ(recv(receiver, got, sizeof(got), 0), 3);
	CHECK_EQ(memcmp(got, "abc", 3), 0);
	close(receiver);
	close(sender);
	close(stranger);
	netns_free(other);
	netns_free(ns);
}

/* ---- signals ---- */

/*
 * A storm of signals from a timer and from another thread; the handler looks where it runs. Only
 * a handler that never sees anything but home is good enough.
 */
static uint64_t home_place;
static volatile sig_atomic_t handled, handled_away; /* plain, see where() */
static _Atomic bool storm_over;

static void look_around(int sig)
{
	int error = errno;

	(void)sig;
	handled++;
	if (where() != home_place)
		handled_away++;
	errno = error;
}

static void *raise_storm(void *arg)
{
	pthread_t target = *(pthread_t *)arg;

	while (!storm_over) {
		pthread_kill(target, SIGUSR1);
		usleep(20);
	}
	return NULL;
}

static void in_storm(void (*run)(struct netns *ns), struct netns *ns)
{
	struct sigaction action = {.sa_handler = look_around, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 97}, {0, 97}}, never = {0};
	pthread_t self = pthread_self(), thread;
	sigset_t block, mask;

	home_place = where();
	handled = handled_away = 0;
	storm_over = false;
	CHECK_EQ(sigaction(SIGUSR1, &action, NULL), 0);
	CHECK_EQ(sigaction(SIGALRM, &action, NULL), 0);

	/* The other thread is in no namespace but home; its part in the storm is to make it. */
	sigfillset(&block);
	pthread_sigmask(SIG_SETMASK, &block, &mask);
	CHECK_EQ(pthread_create(&thread, NULL, raise_storm, &self), 0);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	CHECK_EQ(setitimer(ITIMER_REAL, &often, NULL), 0);

	run(ns);

	CHECK_EQ(setitimer(ITIMER_REAL, &never, NULL), 0);
	storm_over = true;
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(where(), home_place);
}

/* Until enough signals have come; a time-out of the case ends it otherwise. */
static void visit_often(struct netns *ns)
{
	while (handled < 3000) {
		int sock = netns_socket(ns, AF_INET, SOCK_STREAM, 0);
		int fd = netns_openat(ns, "/proc/net/dev", O_RDONLY, 0);

		CHECK(sock >= 0);
		CHECK(fd >= 0);
		close(sock);
		close(fd);
		CHECK_EQ(netns_socket(ns, 9999, SOCK_STREAM, 0), -EAFNOSUPPORT);
		CHECK_EQ(netns_openat(ns, "/proc/net/none", O_RDONLY, 0), -ENOENT);
	}
}

static int wait_for_signal(struct netns *host, void *arg)
{
	int before = handled;

	(void)host, (void)arg;
	while (handled < before + 2)
		usleep(10); /* ThreadSanitizer calls handlers when a call blocks */
	return 0;
}

static void wait_inside(struct netns *ns)
{
	CHECK_EQ(netns_do(ns, wait_for_signal, NULL), 0);
}

static void no_handler_runs_inside(void)
{
	struct netns *ns = new_ns();

	in_storm(visit_often, ns);
	CHECK_EQ(handled_away, 0);

	/* That the handler would have seen it. */
	in_storm(wait_inside, ns);
	CHECK(handled_away > 0);
	netns_free(ns);
}

static void mask_is_as_before(void)
{
	struct netns *ns = new_ns();
	sigset_t before, after;

	sigemptyset(&before);
	sigaddset(&before, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &before, &after);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	close(netns_socket(ns, AF_INET, SOCK_STREAM, 0));
	CHECK_EQ(netns_socket(ns, 9999, 0, 0), -EAFNOSUPPORT);
	close(netns_openat(ns, "/proc/net/dev", O_RDONLY, 0));
	CHECK_EQ(netns_openat(ns, "/proc/net/none", O_RDONLY, 0), -ENOENT);
	limit_free_descriptors(0);
	CHECK_EQ(netns_socket(ns, AF_INET, SOCK_STREAM, 0), -EMFILE);
	unlimit_descriptors();
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		CHECK_EQ(sigismember(&after, sig), sigismember(&before, sig));
	sigemptyset(&before);
	sigaddset(&before, SIGUSR2);
	pthread_sigmask(SIG_UNBLOCK, &before, NULL);
	netns_free(ns);
}

/* ---- files ---- */

/* Marks a namespace: its loopback device gets another name. */
static void rename_loopback(struct netns *ns, const char *name)
{
	int sock = netns_socket(ns, AF_INET, SOCK_DGRAM, 0);
	struct ifreq request = {.ifr_name = "lo"};

	snprintf(request.ifr_newname, IFNAMSIZ, "%s", name);
	CHECK_EQ(ioctl(sock, SIOCSIFNAME, &request), 0);
	close(sock);
}

static const char *read_all(int fd)
{
	static _Thread_local char text[16384];
	size_t size = 0;
	ssize_t n;

	CHECK(fd >= 0);
	while ((n = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += (size_t)n;
	CHECK_EQ(n, 0);
	text[size] = '\0';
	return text;
}

static void look_at_devices(void *arg)
{
	static const char *const paths[] = {"/proc/net/dev", "/proc/self/net/dev",
		"/proc/thread-self/net/dev", "/proc/net/./dev", "/proc/net//dev"};
	uint64_t place = where();

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int fd = netns_openat(arg, paths[i], O_RDONLY, 0);

		CHECK_EQ(where(), place);
		CHECK(strstr(read_all(fd), "inside0:"));
		CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);

		/* It still does when the file is read anew from here. */
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		CHECK(strstr(read_all(fd), "inside0:"));
		close(fd);
	}
}

static void proc_net_shows_the_namespace(void)
{
	struct netns *ns = new_ns(), *outside;
	int fd;

	leave_machine();
	outside = current_ns();
	rename_loopback(outside, "outside0");
	rename_loopback(ns, "inside0");

	fd = open("/proc/net/dev", O_RDONLY | O_CLOEXEC);
	CHECK(!strstr(read_all(fd), "inside0:"));
	close(fd);
	look_at_devices(ns);
	in_thread_with(look_at_devices, ns);
	netns_free(outside);
	netns_free(ns);
}

static const char *const forward = "/proc/sys/net/ipv4/ip_forward";

static int read_forward(struct netns *ns)
{
	int fd = ns ? netns_openat(ns, forward, O_RDONLY, 0) : open(forward, O_RDONLY | O_CLOEXEC);
	int value = atoi(read_all(fd));

	close(fd);
	return value;
}

static void write_forward(struct netns *ns, int value)
{
	char digit = (char)('0' + value);
	int fd = netns_openat(ns, forward, O_WRONLY, 0);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, &digit, 1), 1);
	close(fd);
}

static void turn_forwarding(void *arg)
{
	struct netns *const *ns = arg;
	int outside = read_forward(NULL), other = read_forward(ns[1]);

	for (int i = 0; i < 4; i++) {
		write_forward(ns[0], i % 2);
		CHECK_EQ(read_forward(ns[0]), i % 2);
		CHECK_EQ(read_forward(ns[1]), other);
		CHECK_EQ(read_forward(NULL), outside);
	}
	write_forward(ns[1], !other);
	CHECK_EQ(read_forward(ns[1]), !other);
	CHECK_EQ(read_forward(ns[0]), 1);
	write_forward(ns[1], other);
}

static void sysctls_are_of_the_namespace(void)
{
	struct netns *ns[] = {new_ns(), new_ns()};

	leave_machine();
	turn_forwarding(ns);
	in_thread_with(turn_forwarding, ns);
	netns_free(ns[0]);
	netns_free(ns[1]);
}

static void open_errors_are_exact(void)
{
	struct netns *ns = new_ns();
	uint64_t place = where();

	CHECK_EQ(netns_openat(ns, "", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(netns_openat(ns, "/proc/net/none", O_RDONLY, 0), -ENOENT);
	CHECK_MSG("/net/none");
	CHECK_EQ(netns_openat(ns, "/proc/network", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(netns_openat(ns, "/proc/net/dev/x", O_RDONLY, 0), -ENOTDIR);
	CHECK_EQ(netns_openat(ns, "/proc/net/dev", O_RDONLY | O_DIRECTORY, 0), -ENOTDIR);
	CHECK_EQ(netns_openat(ns, "/proc/net", O_WRONLY, 0), -EISDIR);
	CHECK_EQ(netns_openat(ns, "/proc/net", O_RDONLY | O_NOFOLLOW, 0), -ELOOP);
	CHECK_EQ(netns_openat(ns, "/proc/self/exe", O_WRONLY, 0), -ETXTBSY);
	CHECK_EQ(where(), place);
	netns_free(ns);
}

static void hide_proc_and_open(void *arg)
{
	hide_proc();
	CHECK_EQ(netns_openat(arg, "/proc/net/dev", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(netns_openat(arg, forward, O_RDONLY, 0), -ENOENT);
}

static void without_proc_there_is_nothing(void)
{
	struct netns *ns = new_ns();

	in_thread_with(hide_proc_and_open, ns);
	netns_free(ns);
}

static void ordinary_files_are_made(void)
{
	struct netns *ns = new_ns();
	const char *path = tmp_path("file");
	struct stat st;
	mode_t mask;
	int fd;

	mask = umask(027);
	fd = netns_openat(ns, path, O_RDWR | O_CREAT | O_EXCL, 0666);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0640);
	close(fd);
	CHECK_EQ(netns_openat(ns, path, O_RDWR | O_CREAT | O_EXCL, 0666), -EEXIST);
	fd = netns_openat(ns, tmp_path(""), O_RDWR | O_TMPFILE, 0600);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	close(fd);
	umask(mask);
	CHECK_EQ(unlink(path), 0);
	netns_free(ns);
}

static void relative_paths_work(void)
{
	struct netns *ns = new_ns();
	int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	CHECK_EQ(chdir("/proc/sys/net/ipv4"), 0);
	fd = netns_openat(ns, "ip_forward", O_RDONLY, 0);
	CHECK_EQ(atoi(read_all(fd)), read_forward(ns));
	close(fd);
	CHECK_EQ(fchdir(before), 0);
	close(before);
	netns_free(ns);
}

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function, NEED_ROOT, 0                                                  \
	}

TEST_MAIN(CASE(socket_lives_in_the_namespace), CASE(socket_outlives_handle_and_home),
	CASE(socket_errors_are_exact), CASE(bad_handles_are_refused), CASE(privilege_is_needed),
	CASE(descriptors_run_out), CASE(nothing_is_made_when_home_is_lost),
	CASE(one_thread_serves_many_namespaces), CASE(loopback_down_means_unreachable),
	CASE(datagrams_stay_inside), CASE(no_handler_runs_inside), CASE(mask_is_as_before),
	CASE(proc_net_shows_the_namespace), CASE(sysctls_are_of_the_namespace),
	CASE(open_errors_are_exact), CASE(without_proc_there_is_nothing),
	CASE(ordinary_files_are_made), CASE(relative_paths_work), )
