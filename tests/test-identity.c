/* SPDX-License-Identifier: MIT */
/* Which namespace a handle means, and whose it is. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "harness.h"
#include "raw.h"

/* ---- inode ---- */

static void inode_is_what_stat_says(void)
{
	struct netns *ns = new_ns(), *home = current_ns();
	struct netns_inode inode;
	struct stat st;

	CHECK_EQ(stat("/proc/thread-self/ns/net", &st), 0);
	CHECK_EQ(netns_get_inode(home, &inode), 0);
	CHECK_EQ(inode.ino, st.st_ino);
	CHECK_EQ(inode.dev, st.st_dev);

	CHECK_EQ(netns_get_inode(ns, &inode), 0);
	CHECK(inode.ino != st.st_ino);
	CHECK_EQ(fstat(netns_get_fd(ns), &st), 0);
	CHECK_EQ(inode.ino, st.st_ino);
	CHECK_EQ(inode.dev, st.st_dev);
	netns_free(home);
	netns_free(ns);
}

/* Errors leave the output alone. */
static void bad_arguments_are_refused(void)
{
	struct netns *ns = new_ns(), *closed = closed_ns();
	struct netns_inode inode = {1, 2};
	uint64_t id = 3;
	uid_t uid = 4;

	CHECK_EQ(netns_get_inode(NULL, &inode), -EINVAL);
	CHECK_EQ(netns_get_inode(ns, NULL), -EINVAL);
	CHECK_EQ(netns_get_inode(closed, &inode), -EBADF);
	CHECK_EQ(netns_get_id(NULL, &id), -EINVAL);
	CHECK_EQ(netns_get_id(ns, NULL), -EINVAL);
	CHECK_EQ(netns_get_id(closed, &id), -EBADF);
	CHECK_EQ(netns_list_ids(NULL), -EINVAL);
	CHECK_EQ(netns_get_owner_uid(NULL, &uid), -EINVAL);
	CHECK_EQ(netns_get_owner_uid(ns, NULL), -EINVAL);
	CHECK_EQ(netns_get_owner_uid(closed, &uid), -EBADF);
	CHECK_EQ(netns_open_owner(NULL), -EINVAL);
	CHECK_EQ(netns_open_owner(closed), -EBADF);
	CHECK_EQ(netns_is_same(NULL, ns), -EINVAL);
	CHECK_EQ(netns_is_same(ns, NULL), -EINVAL);
	CHECK_EQ(netns_is_same(closed, ns), -EBADF);
	CHECK_EQ(netns_is_same(ns, closed), -EBADF);
	CHECK_EQ(inode.dev, 1);
	CHECK_EQ(inode.ino, 2);
	CHECK_EQ(id, 3);
	CHECK_EQ(uid, 4);
	netns_free(closed);
	netns_free(ns);
}

static void sameness_is_of_the_namespace(void)
{
	struct netns *ns = new_ns(), *copy, *home = current_ns(), *home_too;

	CHECK_EQ(netns_open_fd(netns_get_fd(ns), &copy), 0);
	CHECK_EQ(netns_open_pid(getpid(), &home_too), 0);
	CHECK_EQ(netns_is_same(ns, ns), 1);
	CHECK_EQ(netns_is_same(ns, copy), 1);
	CHECK_EQ(netns_is_same(copy, ns), 1);
	CHECK_EQ(netns_is_same(home, home_too), 1);
	CHECK_EQ(netns_is_same(ns, home), 0);
	CHECK_EQ(netns_is_same(home, copy), 0);
	netns_free(home_too);
	netns_free(home);
	netns_free(copy);
	netns_free(ns);
}

/* ---- id ---- */

static void check_id(struct netns *ns)
{
	uint64_t place = where(), id = 0;

	CHECK_EQ(netns_get_id(ns, &id), 0);
	CHECK(id != 0);
	CHECK_EQ(id, cookie_of(ns));
	CHECK_EQ(where(), place);
}

static void check_ids(void *arg)
{
	struct netns *const *ns = arg;
	uint64_t a, b;

	check_id(ns[0]);
	check_id(ns[1]);
	CHECK_EQ(netns_get_id(ns[0], &a), 0);
	CHECK_EQ(netns_get_id(ns[1], &b), 0);
	CHECK(a != b);
	CHECK_EQ(netns_get_id(ns[2], &b), 0);
	CHECK_EQ(a, b);
	CHECK_EQ(netns_get_id(ns[3], &b), 0);
	CHECK_EQ(b, where());
}

static void check_ids_of_old(void *arg)
{
	without_ns_id();
	check_ids(arg);
	without_thread_pidfd();
	without_pidfd_ioctls();
	hide_proc();
	check_ids(arg);
}

static void id_is_the_cookie_of_sockets_inside(void)
{
	struct netns *ns[4] = {new_ns(), new_ns(), NULL, current_ns()};

	CHECK_EQ(netns_open_fd(netns_get_fd(ns[0]), &ns[2]), 0);
	check_ids(ns);
	in_thread_with(check_ids, ns);
	in_thread_with(check_ids_of_old, ns);
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		netns_free(ns[i]);
}

/* Inode numbers may come again, and do; ids may not. */
static void ids_are_never_given_again(void)
{
	uint64_t ids[50];

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct netns *ns = new_ns();

		CHECK_EQ(netns_get_id(ns, &ids[i]), 0);
		netns_free(ns);
		for (size_t j = 0; j < i; j++)
			CHECK(ids[i] != ids[j]);
	}
}

static void ask_without_cookie(void *arg)
{
	uint64_t id = 7;

	without_ns_id();
	deny_syscall(SYS_getsockopt, 2, 0xffffffff, SO_NETNS_COOKIE, ENOPROTOOPT);
	CHECK_EQ(netns_get_id(arg, &id), -EOPNOTSUPP);
	CHECK_EQ(id, 7);
}

static void ask_without_right_to_enter(void *arg)
{
	uint64_t id = 7;

	without_ns_id();
	drop_capability(CAP_SYS_ADMIN);
	CHECK_EQ(netns_get_id(arg, &id), -EOPNOTSUPP);
	CHECK_EQ(id, 7);
}

static void ask_without_descriptors(void *arg)
{
	uint64_t id = 7;

	without_ns_id();
	limit_free_descriptors(0);
	CHECK_EQ(netns_get_id(arg, &id), -EMFILE);
	unlimit_descriptors();
	CHECK_EQ(id, 7);
}

static void id_may_be_unknown(void)
{
	struct netns *ns = new_ns();

	in_thread_with(ask_without_cookie, ns);
	in_thread_with(ask_without_right_to_enter, ns);
	in_thread_with(ask_without_descriptors, ns);
	netns_free(ns);
}

static void ask_unprivileged(void *arg)
{
	uint64_t *id = arg, again;
	struct netns *ns = new_ns();

	CHECK_EQ(netns_get_id(ns, id), 0);
	drop_capability(CAP_SYS_ADMIN);
	if (netns_get_id(ns, &again) == -EOPNOTSUPP)
		skip_case("needs NS_GET_ID (Linux 6.18)");
	CHECK_EQ(again, *id);
	netns_free(ns);
}

static void id_needs_no_privilege(void)
{
	uint64_t id;

	in_thread_with(ask_unprivileged, &id);
}

/* ---- owner ---- */

enum { OWNER = 12345 };

/* Of the calling thread only; what it may do stays. */
static void become_owner(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	CHECK_EQ(syscall(SYS_capget, &head, data), 0);
	if (syscall(SYS_setresuid, -1, OWNER, -1) < 0)
		skip_case("user id %d: %m", OWNER);
	CHECK_EQ(syscall(SYS_capset, &head, data), 0);
}

/* In a user namespace of its own. Not unshare(2), which wants a process of one thread. */
static pid_t fork_foreigner(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER | CLONE_NEWNET, 0, 0, 0, 0);

	if (pid < 0)
		skip_case("clone(CLONE_NEWUSER): %m");
	return pid;
}

static void start_foreigner(void *arg)
{
	pid_t *pid = arg;

	become_owner();
	*pid = fork_foreigner();
	if (*pid == 0)
		while (pause())
			;
}

static ino_t inode_at(const char *fmt, int pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), fmt, pid);
	CHECK_EQ(stat(path, &st), 0);
	return st.st_ino;
}

static void check_owner(struct netns *ns, int pid, uid_t owner)
{
	struct stat st;
	uid_t uid = 1;
	int fd;

	CHECK_EQ(netns_get_owner_uid(ns, &uid), 0);
	CHECK_EQ(uid, owner);
	fd = netns_open_owner(ns);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(ioctl(fd, _IO(0xb7, 3)), CLONE_NEWUSER); /* NS_GET_NSTYPE */
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_ino, inode_at("/proc/%d/ns/user", pid));
	close(fd);
}

static void owner_is_who_made_the_user_namespace(void)
{
	struct netns *ns;
	pid_t pid;

	in_thread_with(start_foreigner, &pid);
	CHECK_EQ(netns_open_pid(pid, &ns), 0);
	CHECK_EQ(inode_of(ns), inode_at("/proc/%d/ns/net", pid));
	check_owner(ns, pid, OWNER);
	netns_free(ns);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void own_namespaces_are_ones_own(void)
{
	int fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	struct netns *ns = new_ns();
	uid_t owner;

	CHECK_EQ(ioctl(fd, _IO(0xb7, 4), &owner), 0); /* NS_GET_OWNER_UID */
	check_owner(ns, getpid(), owner);
	close(fd);
	netns_free(ns);
}

/* From below a user namespace one does not see who owns what is above. */
static void owner_above_is_not_told(void)
{
	struct netns *ns = new_ns();
	pid_t pid = fork_foreigner();
	uid_t uid = 7;

	if (pid == 0) {
		CHECK_EQ(netns_get_owner_uid(ns, &uid), -EPERM);
		CHECK_EQ(netns_open_owner(ns), -EPERM);
		CHECK_EQ(uid, 7);
		end_child();
	}
	check_child(pid);
	netns_free(ns);
}

static void owner_without_descriptors(void)
{
	struct netns *ns = new_ns();
	uid_t uid = 7;

	limit_free_descriptors(0);
	CHECK_EQ(netns_get_owner_uid(ns, &uid), -EMFILE);
	CHECK_EQ(netns_open_owner(ns), -EMFILE);
	unlimit_descriptors();
	CHECK_EQ(uid, 7);
	netns_free(ns);
}

/* 1, 0, or the error. */
static int is_listed(uint64_t id)
{
	uint64_t *ids = NULL;
	int n = netns_list_ids(&ids), found = 0;

	for (int i = 0; i < n; i++) {
		found |= ids[i] == id;
		CHECK(i == 0 || ids[i - 1] < ids[i]);
	}
	CHECK(n > 0 || !ids);
	free(ids);
	return n < 0 ? n : found;
}

static void send_away(int sock, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	char x = 0;
	struct iovec byte = {&x, 1};
	struct msghdr message = {.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	CHECK_EQ(sendmsg(sock, &message, 0), 1);
}

/* Also of what nothing but a descriptor on its way through a socket holds. */
static void ids_are_listed(void)
{
	struct netns *ns = new_ns();
	char spec[32] = "id:0";
	uint64_t id = 0;
	int ends[2];

	if (is_listed(1) == -EOPNOTSUPP) {
		CHECK_MSG("the kernel does not list namespaces (Linux 6.19 does)");
		netns_free(ns);
		return;
	}
	CHECK_EQ(netns_get_id(ns, &id), 0);
	CHECK_EQ(is_listed(id), 1);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	send_away(ends[0], netns_get_fd(ns));
	netns_free(ns);
	CHECK_EQ(is_listed(id), 1);
	snprintf(spec, sizeof(spec), "id:%llu", (unsigned long long)id);
	CHECK_EQ(netns_open_spec(spec, &ns), 0);
	netns_free(ns);
	close(ends[0]);
	close(ends[1]);
	CHECK_EQ(netns_open_spec(spec, &ns), -ENOENT);
	CHECK_EQ(is_listed(id), 0);
}

static void ids_may_be_unknown(void)
{
	uint64_t *ids = NULL;

	deny_syscall(470, -1, 0, 0, ENOSYS); /* listns */
	CHECK_EQ(netns_list_ids(&ids), -EOPNOTSUPP);
	CHECK(!ids);
}

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function, NEED_ROOT, 0                                                  \
	}

TEST_MAIN(CASE(inode_is_what_stat_says), CASE(bad_arguments_are_refused),
	CASE(sameness_is_of_the_namespace), CASE(id_is_the_cookie_of_sockets_inside),
	CASE(ids_are_never_given_again), CASE(id_may_be_unknown), CASE(id_needs_no_privilege),
	CASE(owner_is_who_made_the_user_namespace), CASE(own_namespaces_are_ones_own),
	CASE(owner_above_is_not_told), CASE(owner_without_descriptors), CASE(ids_are_listed),
	CASE(ids_may_be_unknown), )
