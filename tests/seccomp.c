/* SPDX-License-Identifier: MIT */
/* System calls that fail because a filter of the test says so. */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "the number of this architecture (AUDIT_ARCH_*) is wanted here"
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Goes on when it holds; else skips n instructions. */
#define ONLY_IF(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))
#define ANSWER(action)    BPF_STMT(BPF_RET | BPF_K, (action))

/* The answer: 0, or a descriptor when the flags ask for one. */
static int install(unsigned flags, struct sock_filter *filter, size_t n)
{
	struct sock_fprog program = {.len = (unsigned short)n, .filter = filter};
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

	if (r < 0 && errno == EACCES) { /* no CAP_SYS_ADMIN */
		CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	}
	if (r < 0 && (errno == ENOSYS || errno == EINVAL))
		skip_case("seccomp: %m");
	CHECK(r >= 0);
	return (int)r;
}

void deny_syscall(int nr, int arg, uint32_t mask, uint32_t value, int error)
{
	/* The lower half of an argument: both architectures are little-endian. */
	uint32_t at =
		(uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)(arg < 0 ? 0 : arg));
	struct sock_filter filter[] = {
		LOAD(arch),
		ONLY_IF(NATIVE_ARCH, 6),
		LOAD(nr),
		ONLY_IF((uint32_t)nr, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, arg < 0 ? 0 : mask),
		ONLY_IF(arg < 0 ? 0 : value, 1),
		ANSWER(SECCOMP_RET_ERRNO | (uint32_t)error),
		ANSWER(SECCOMP_RET_ALLOW),
	};

	install(0, filter, ARRAY_SIZE(filter));
}

void without_thread_pidfd(void)
{
	deny_syscall(SYS_pidfd_open, 1, O_EXCL, O_EXCL, EINVAL);
}

void without_pidfd_ioctls(void)
{
	deny_syscall(SYS_ioctl, 1, 0xff00, 0xff00, ENOTTY);
}

void without_ns_id(void)
{
	deny_syscall(SYS_ioctl, 1, 0xffff, 0xb70d, ENOTTY);
}

static void without_mount_setattr(void)
{
	deny_syscall(442, -1, 0, 0, ENOSYS);
}

void without_open_tree(void)
{
	deny_syscall(SYS_open_tree, -1, 0, 0, ENOSYS);
	deny_syscall(SYS_move_mount, -1, 0, 0, ENOSYS);
	without_mount_setattr();
}

static void as_it_is(void)
{
}

static void before_6_11(void)
{
	without_ns_id();
	without_pidfd_ioctls();
}

static void before_6_9(void)
{
	before_6_11();
	without_thread_pidfd();
}

static void before_5_12(void)
{
	before_6_9();
	without_mount_setattr();
}

static void before_5_1(void)
{
	before_6_9();
	without_open_tree();
	deny_syscall(SYS_pidfd_open, -1, 0, 0, ENOSYS);
}

static void (*kernel)(void), (*body)(void);

static void run_on_kernel(void)
{
	kernel();
	body();
}

void on_each_kernel(void (*fn)(void))
{
	static const struct {
		const char *name;
		void (*pretend)(void);
	} kernels[] = {
		{"this kernel", as_it_is},
		{"before Linux 6.18", without_ns_id},
		{"before Linux 6.11", before_6_11},
		{"before Linux 6.9", before_6_9},
		{"before Linux 5.12", before_5_12},
		{"before Linux 5.1", before_5_1},
	};

	body = fn;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		printf("%s:\n", kernels[i].name);
		kernel = kernels[i].pretend;
		in_child(run_on_kernel);
	}
}

/* What the library calls and the kernel may refuse; the rest cannot fail, or is not its doing. */
static const int fallible[] = {
#ifdef SYS_open
	SYS_open, SYS_stat, SYS_lstat, SYS_readlink, SYS_mkdir, SYS_unlink, SYS_rmdir, SYS_chmod,
	SYS_fork, SYS_vfork, SYS_poll,
#endif
	SYS_openat, SYS_openat2, SYS_close, SYS_dup, SYS_dup3, SYS_fcntl, SYS_ioctl, SYS_flock,
	SYS_read, SYS_getdents64, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs,
	SYS_readlinkat, SYS_faccessat, SYS_mkdirat, SYS_unlinkat, SYS_fchmod, SYS_fchmodat,
	SYS_mount, SYS_umount2, SYS_open_tree, SYS_move_mount, SYS_clone, SYS_clone3, SYS_unshare,
	SYS_setns, SYS_socket, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_bind,
	SYS_getrandom, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_ppoll, SYS_nanosleep,
	SYS_clock_nanosleep, 442 /* mount_setattr */, 452 /* fchmodat2 */};

struct judged {
	int (*fn)(void *arg);
	void *arg;
	_Atomic int listener;
	int value;
};

static int listen_to_calls(void)
{
	struct sock_filter filter[4 + ARRAY_SIZE(fallible) + 1];
	size_t n = 0;

	filter[n++] = (struct sock_filter)LOAD(arch);
	filter[n++] = (struct sock_filter)ONLY_IF(NATIVE_ARCH, 1 + ARRAY_SIZE(fallible));
	filter[n++] = (struct sock_filter)LOAD(nr);
	for (size_t i = 0; i < ARRAY_SIZE(fallible); i++)
		filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			(uint32_t)fallible[i], (unsigned char)(ARRAY_SIZE(fallible) - i), 0);
	filter[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
	filter[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_USER_NOTIF);
	return install(SECCOMP_FILTER_FLAG_NEW_LISTENER, filter, n);
}

static void *run_listened(void *pointer)
{
	struct judged *judged = pointer;

	judged->listener = listen_to_calls();
	judged->value = judged->fn(judged->arg);
	return NULL;
}

/* fstat(2), in its newer form: of a descriptor that is open. */
static bool cannot_fail(const struct seccomp_data *call)
{
	return call->nr == SYS_newfstatat && (call->args[3] & AT_EMPTY_PATH);
}

/* Says false when nobody is left who could make a call. */
static bool answer_call(
	int listener, int (*judge)(unsigned, int, void *), void *data, unsigned *position)
{
	struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
	struct seccomp_notif call = {0};
	struct seccomp_notif_resp answer = {0};

	CHECK(poll(&poll_fd, 1, -1) == 1);
	if (!(poll_fd.revents & POLLIN))
		return false;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return true; /* the call was interrupted meanwhile */
	answer.id = call.id;
	if (!cannot_fail(&call.data))
		answer.error = -judge((*position)++, call.data.nr, data);
	if (answer.error == 0)
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0 || errno == ENOENT);
	return true;
}

int run_judged(int (*fn)(void *arg), void *arg, int (*judge)(unsigned position, int nr, void *data),
	void *data)
{
	struct judged judged = {.fn = fn, .arg = arg, .listener = -1};
	unsigned position = 0;
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, run_listened, &judged), 0);
	while (judged.listener < 0)
		sched_yield();
	while (answer_call(judged.listener, judge, data, &position))
		;
	CHECK_EQ(pthread_join(thread, NULL), 0);
	close(judged.listener);
	return judged.value;
}
