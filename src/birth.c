/* SPDX-License-Identifier: MIT */
/*
 * The kernel makes a network namespace only around a task: the caller's, which must not move, or
 * a new one. So a thread is made that does nothing but open the namespace it was born in.
 *
 * Not a pthread at first, because half of what that costs is setting up what a thread of five
 * system calls does not need: clone(2) with CLONE_VFORK suspends the caller until the new thread
 * is gone, so that it can use the caller's thread-local storage and a piece of the caller's
 * stack, as the child of vfork(2) does. It is a thread and no process: nobody can wait for it,
 * no SIGCHLD comes. Signals are blocked before, so it never runs a handler. A pthread is the
 * fallback where clone(2) will not have it (valgrind, ThreadSanitizer, gVisor).
 */
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <sys/socket.h>

#include "advice.h"
#include "birth.h"
#include "checker.h"
#include "cleanup.h"
#include "error.h"
#include "nsfd.h"
#include "thread.h"

#define STACK_SIZE 16384

struct birth {
	bool lo_up;
	pid_t thread;
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

static int born_by_clone(void *arg)
{
	open_newborn(arg);
	return 0;
}

static int clone_thread(struct birth *birth)
{
	alignas(16) char stack[STACK_SIZE];
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		    CLONE_SYSVSEM | CLONE_VFORK | CLONE_NEWNET;

	if (checker_watches())
		return -EINVAL;
	birth->thread = clone(born_by_clone, stack + sizeof(stack), flags, birth);
	if (birth->thread < 0)
		return -errno;
	/* glibc declares that clone() does not call back into this file; it does. */
	__asm__ volatile("" ::: "memory");
	return 0;
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

static int make_any_thread(struct birth *birth)
{
	int r = clone_thread(birth);

	return r == -EINVAL || r == -ENOSYS ? thread_run(born_by_unshare, birth) : r;
}

/*
 * Both ways let go of the caller when the thread gives up its memory, which is a moment before it
 * is gone. The caller may depend on being alone, as unshare(CLONE_NEWUSER) does.
 */
static void wait_until_gone(pid_t thread)
{
	pid_t self = getpid();

	while (syscall(SYS_tgkill, self, thread, 0) == 0)
		sched_yield();
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
	r = make_any_thread(&birth);
	if (r == 0)
		wait_until_gone(birth.thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);

	if (r < 0)
		birth.fd = r;
	return outcome(&birth, name);
}
