/* SPDX-License-Identifier: MIT */
/*
 * The kernel makes a network namespace only around a task: the caller's, which must not move, or
 * a new one. So a thread is made, and has nothing to do but to be there until the caller has opened
 * the namespace that it was born in.
 *
 * No pthread, because half of what that costs is setting up what such a thread does not need: it
 * has a piece of the caller's stack, and of the caller's thread-local storage it must not touch
 * anything, errno neither. That it need not be run before the namespace can be opened is what
 * matters on a busy machine, where a new thread waits for milliseconds until it is. It is a thread
 * and no process: nobody can wait for it, no SIGCHLD comes. Signals are blocked before, so it never
 * runs a handler of the caller's.
 *
 * Before Linux 6.11 only the thread itself can open the namespace, and who wants the loopback
 * interface up has something to do inside: then clone(2) with CLONE_VFORK suspends the caller
 * meanwhile, whose thread-local storage can be used then as by the child of vfork(2). A pthread is
 * the fallback where clone(2) will not have it (valgrind, ThreadSanitizer, gVisor).
 */
#include <linux/futex.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "advice.h"
#include "birth.h"
#include "checker.h"
#include "cleanup.h"
#include "error.h"
#include "nsfd.h"
#include "thread.h"

#define STACK_SIZE     16384
#define SHORT_SLICE_NS 100000 /* no shorter one can be had */
#define MANY_TRIES     16
#define PAUSE_NS       50000

struct birth {
	bool lo_up;
	pid_t thread;
	_Atomic pid_t uses_memory; /* the kernel sets it to 0 when the thread does not any more */
	atomic_bool opened;        /* the thread may end */
	/* sched_yield(), bound before: the dynamic linker's work is not for the thread. */
	int (*yield)(void);
	int fd; /* or a negative errno, from ... */
	const char *failed_call;
};

static int bring_loopback_up(void)
{
	int CLEANUP_FD sock =
		sys_result(syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	struct ifreq request = {.ifr_name = "lo"};
	int r;

	if (sock < 0)
		return sock;
	r = sys_ioctl(sock, SIOCGIFFLAGS, &request);
	if (r < 0)
		return r;
	request.ifr_flags |= IFF_UP;
	return sys_ioctl(sock, SIOCSIFFLAGS, &request);
}

static void open_newborn(struct birth *birth)
{
	int CLEANUP_FD fd = nsfd_open_thread();
	int r;

	if (fd < 0) {
		birth->fd = fd;
		birth->failed_call = "open the new network namespace";
		return;
	}
	if (birth->lo_up) {
		r = bring_loopback_up();
		if (r < 0) {
			birth->fd = r;
			birth->failed_call = "bring the loopback interface up";
			return;
		}
	}
	birth->fd = TAKE_FD(fd);
}

static int open_inside(void *arg)
{
	open_newborn(arg);
	return 0;
}

/* By a system call that does not fail, as there is no errno to write to. */
static int be_there(void *arg)
{
	struct birth *birth = arg;

	while (!birth->opened)
		birth->yield();
	return 0;
}

/*
 * On a busy machine it may be some time until the thread is run to its end: one that asks for short
 * slices is sooner (Linux 6.12; before, the kernel ignores it).
 */
static void hurry(pid_t thread)
{
	struct sched_attributes its;

	if (sys_sched_getattr(thread, &its) < 0 ||
		(its.policy != SCHED_OTHER && its.policy != SCHED_BATCH))
		return;
	its.runtime = SHORT_SLICE_NS;
	sys_sched_setattr(thread, &its);
}

/*
 * By its pidfd: /proc may be that of another pid namespace, where the number is another's. Then
 * waits for its end by that, as to yield again and again is to be last in turn (Linux 6.18).
 */
static void open_from_outside(struct birth *birth)
{
	int CLEANUP_FD pidfd = sys_pidfd_open(birth->thread, PIDFD_THREAD);

	birth->fd = pidfd < 0 ? pidfd : sys_ioctl(pidfd, IOCTL_PIDFD_GET_NET_NS, NULL);
	hurry(birth->thread);
	birth->opened = true;
	if (birth->fd >= 0)
		sys_wait_until_gone(pidfd);
}

static void be_born_here(struct birth *birth)
{
	if (unshare(CLONE_NEWNET) < 0)
		birth->fd = -errno;
	else
		open_newborn(birth);
}

static void *born_by_unshare(void *arg)
{
	struct birth *birth = arg;

	birth->thread = (pid_t)syscall(SYS_gettid);
	be_born_here(birth);
	return NULL;
}

/*
 * Until its stack is the caller's own again, and it is no thread of the process any more: the caller
 * may depend on being alone, as unshare(CLONE_NEWUSER) does.
 */
static void wait_until_gone(const struct birth *birth)
{
	pid_t self = getpid();
	int tries = 0;

	while (birth->uses_memory)
		syscall(SYS_futex, &birth->uses_memory, FUTEX_WAIT, 1, NULL);
	while (syscall(SYS_tgkill, self, birth->thread, 0) == 0)
		if (++tries < MANY_TRIES)
			sched_yield();
		else /* a real-time caller yields to its like only */
			sys_pause(PAUSE_NS);
}

static int clone_thread(struct birth *birth, bool inside)
{
	alignas(16) char stack[STACK_SIZE];
	char *end = stack + sizeof(stack);
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		    CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | CLONE_NEWNET;

	birth->uses_memory = 1;
	birth->thread =
		inside ? clone(open_inside, end, flags | CLONE_VFORK, birth, NULL, NULL,
				 &birth->uses_memory)
		       : clone(be_there, end, flags, birth, NULL, NULL, &birth->uses_memory);
	if (birth->thread < 0) {
		birth->uses_memory = 0;
		return -errno;
	}
	/* glibc declares that clone() does not call back into this file; it does. */
	__asm__ volatile("" ::: "memory");
	if (!inside)
		open_from_outside(birth);
	wait_until_gone(birth);
	return 0;
}

/* No pidfds of threads, or they do not tell (Linux 6.9, 6.11): not what a filter answered once. */
static bool is_unsupported(int error)
{
	return error == -EINVAL || error == -ENOTTY || error == -ENOSYS;
}

/*
 * Asked of the caller's own thread, once: a new one that does not tell is born in vain, and its
 * namespace counts against the limits for a while.
 */
static bool threads_tell(void)
{
	static _Atomic int known; /* -1: they do not */

	if (!known) {
		int CLEANUP_FD pidfd = sys_pidfd_open((pid_t)syscall(SYS_gettid), PIDFD_THREAD);
		int CLEANUP_FD fd =
			pidfd < 0 ? pidfd : sys_ioctl(pidfd, IOCTL_PIDFD_GET_NET_NS, NULL);

		if (fd < 0 && !is_unsupported(fd))
			return false;
		known = fd < 0 ? -1 : 1;
	}
	return known > 0;
}

static int be_born_by_clone(struct birth *birth)
{
	bool inside;
	int r;

	if (checker_watches())
		return -EINVAL;
	inside = birth->lo_up || !threads_tell();
	birth->yield = sched_yield;
	r = clone_thread(birth, inside);
	if (r < 0 || inside || birth->fd >= 0)
		return r;
	return clone_thread(birth, true);
}

static int be_born_in_thread(struct birth *birth)
{
	int r = thread_run(born_by_unshare, birth);

	if (r == 0)
		wait_until_gone(birth);
	return r;
}

/* The descriptor, or what went wrong. */
static int outcome(const struct birth *birth, const char *name)
{
	if (birth->fd >= 0)
		return birth->fd;
	return error_advise(error_errno(birth->fd, "create %s: %s",
				    name ? name : "a network namespace", birth->failed_call),
		advice_on_clone(birth->fd));
}

int birth_here(const char *name, bool lo_up)
{
	struct birth birth = {.lo_up = lo_up, .failed_call = "make a new one (unshare)"};

	be_born_here(&birth);
	return outcome(&birth, name);
}

int birth_netns(const char *name, bool lo_up)
{
	struct birth birth = {.lo_up = lo_up,
		.fd = -EIO,
		.failed_call = "make a thread in a new network namespace (clone)"};
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = be_born_by_clone(&birth);
	if (r == -EINVAL || r == -ENOSYS)
		r = be_born_in_thread(&birth);
	pthread_sigmask(SIG_SETMASK, &before, NULL);

	if (r < 0)
		birth.fd = r;
	return outcome(&birth, name);
}
