/* SPDX-License-Identifier: MIT */
/*
 * A program started inside a namespace.
 *
 * The child shares the caller's memory and suspends the calling thread until it executes the
 * program or ends, as after vfork(2): nothing is copied, and it can write down which step failed.
 * What it may do is what a signal handler may, since other threads go on and may hold any lock;
 * so everything that needs memory is prepared before.
 *
 * It is cloned without an exit signal, which makes it invisible to the caller's other wait()s and
 * sends no SIGCHLD if it fails. execve(2) gives it SIGCHLD, as it gives it to any process.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "advice.h"
#include "checker.h"
#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "mounts.h"
#include "options.h"

#define ALL_FLAGS                                                                                  \
	(NETNS_SPAWN_MOUNTS | NETNS_SPAWN_SEARCH | NETNS_SPAWN_SETSID | NETNS_SPAWN_SETPGROUP |    \
		NETNS_SPAWN_SETUSER)

/* execvpe(3) builds paths and, for a script without "#!", an argument list on the stack. */
#define STACK_SIZE (256 * 1024)

/* What the child is told, and tells. */
struct child {
	int ns_fd;
	const char *file;
	char *const *argv;
	struct netns_spawn_opts opts;
	struct mounts *mounts;
	pid_t parent;
	sigset_t mask; /* the caller's */
	int pidfd;     /* its own; filled in by the kernel before it runs */
	enum netns_spawn_step step;
	const char *step_name;
	bool at_cwd;
	int error; /* that ended it; 0 while it has not failed */
	bool executing;
};

extern char **environ;

/* There in a program that is built with AddressSanitizer. */
extern void __asan_unpoison_memory_region(const volatile void *, size_t) __attribute__((weak));

/* Shared also with a copy of this process, see fork_child(). */
static struct child *child_new(const char *file, char *const argv[])
{
	struct child *child = mmap(
		NULL, sizeof(*child), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (child == MAP_FAILED)
		return NULL;
	child->file = file;
	child->argv = argv;
	child->parent = getpid();
	child->pidfd = -1;
	return child;
}

static void child_free(struct child **child)
{
	if (*child)
		munmap(*child, sizeof(**child));
}
#define CLEANUP_CHILD CLEANUP(child_free)

/* A handler must not run here, on the caller's memory. What is ignored stays so. */
static int set_signals(const struct netns_spawn_opts *opts)
{
	struct sigaction action;

	for (int sig = 1; sig < NSIG; sig++) {
		bool ignore = opts->sigignore && sigismember(opts->sigignore, sig) == 1;
		bool reset = opts->sigdefault && sigismember(opts->sigdefault, sig) == 1;

		/* not SIGKILL, SIGSTOP, nor those the C library keeps for itself */
		if (sigaction(sig, NULL, &action) < 0)
			continue;
		if (!ignore && !reset &&
			(action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN))
			continue;
		action = (struct sigaction){.sa_handler = ignore ? SIG_IGN : SIG_DFL};
		sigaction(sig, &action, NULL);
	}
	return 0;
}

static int set_fds(const struct netns_spawn_opts *opts)
{
	for (unsigned i = 0; i < opts->n_fds; i++) {
		int fd = opts->fds[i].fd, from = opts->fds[i].from, r = 0;

		if (from < 0)
			sys_close(fd);
		else if (from == fd) /* dup2(2) would leave close-on-exec as it is */
			r = sys_result(fcntl(fd, F_SETFD, 0));
		else
			r = sys_result(dup2(from, fd));
		if (r < 0)
			return r;
	}
	return 0;
}

/* Not by the C library, which would have all threads of the caller's change along. */
static int set_user(const struct netns_spawn_opts *opts)
{
	uid_t uid = opts->uid;
	gid_t gid = opts->gid;

	if (syscall(SYS_setgroups, opts->n_groups, opts->groups) < 0 ||
		syscall(SYS_setresgid, gid, gid, gid) < 0 ||
		syscall(SYS_setresuid, uid, uid, uid) < 0)
		return -errno;
	return 0;
}

/* The parent may have ended before it was asked to tell us. */
static int set_death_signal(const struct child *child)
{
	if (prctl(PR_SET_PDEATHSIG, child->opts.death_signal) < 0)
		return -errno;
	return getppid() == child->parent ? 0 : -ECANCELED;
}

static int execute(struct child *child)
{
	char *const *envp = child->opts.envp ? child->opts.envp : environ;

	child->executing = true;
	if (child->opts.flags & NETNS_SPAWN_SEARCH)
		execvpe(child->file, child->argv, envp);
	else
		execve(child->file, child->argv, envp);
	return -errno;
}

#define STEP(number, name, call)                                                                   \
	do {                                                                                       \
		child->step = NETNS_SPAWN_STEP_##number;                                           \
		child->step_name = (name);                                                         \
		child->error = (call);                                                             \
		if (child->error < 0)                                                              \
			return;                                                                    \
	} while (0)

static void prepare(struct child *child)
{
	const struct netns_spawn_opts *opts = &child->opts;

	if (opts->flags & NETNS_SPAWN_SETSID)
		STEP(PREPARE, "make a session (setsid)", sys_result(setsid()));
	if (opts->flags & NETNS_SPAWN_SETPGROUP)
		STEP(PREPARE, "make a process group (setpgid)", sys_result(setpgid(0, 0)));
	if (opts->flags & NETNS_SPAWN_SETUSER)
		STEP(PREPARE, "change to its user", set_user(opts));
	/* changing the user takes it back */
	if (opts->death_signal)
		STEP(PREPARE, "ask for a signal at the parent's end", set_death_signal(child));
	child->at_cwd = opts->cwd;
	if (opts->cwd)
		STEP(PREPARE, "change to the directory", sys_result(chdir(opts->cwd)));
	child->at_cwd = false;
	STEP(PREPARE, "set up a descriptor", set_fds(opts));
	STEP(PREPARE, "set the signal mask",
		sys_result(sigprocmask(
			SIG_SETMASK, opts->sigmask ? opts->sigmask : &child->mask, NULL)));
}

static void take_steps(struct child *child)
{
	STEP(START, "get a pidfd", child->pidfd >= 0 ? 0 : -EOPNOTSUPP);
	STEP(START, "set the signals", set_signals(&child->opts));
	STEP(ENTER, "enter the namespace (setns)", sys_setns(child->ns_fd));
	if (child->mounts)
		STEP(MOUNTS, "", mounts_make(child->mounts, &child->step_name));
	prepare(child);
	if (child->error == 0)
		STEP(EXECUTE, "execute it", execute(child));
}

/* What it returns is the process's status: clone(2) sees to that. */
static int be_child(void *arg)
{
	take_steps(arg);
	return 127;
}

/* No exit signal: only __WALL finds it. */
static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

/*
 * Killed on the way into execve(2), it never got an exit signal: nobody would be told of its end,
 * and no wait() would find it. Reaps it then.
 */
static bool died_without_signal(pid_t pid)
{
	long r;

	do {
		r = syscall(SYS_wait4, pid, NULL, __WCLONE, NULL);
	} while (r < 0 && errno == EINTR);
	return r == pid;
}

static bool has_died(const struct child *child, pid_t pid)
{
	if (child->executing)
		return died_without_signal(pid);
	reap(pid);
	return true;
}

static const char *advice_on_step(const struct child *child)
{
	switch (child->step) {
	case NETNS_SPAWN_STEP_ENTER:
		return advice_on_setns(child->error);
	case NETNS_SPAWN_STEP_MOUNTS:
		return advice_on_mount(child->error);
	default:
		return NULL;
	}
}

/* Has it come to an end before it executed anything? */
static int outcome(const struct child *child, pid_t pid)
{
	if (child->error < 0) {
		reap(pid);
		error_errno(child->error, "start %s in a network namespace: %s%s%s", child->file,
			child->step_name, child->at_cwd ? " " : "",
			child->at_cwd ? child->opts.cwd : "");
		return error_advise(child->error, advice_on_step(child));
	}
	if (has_died(child, pid))
		return error_errno(-ECANCELED,
			"start %s in a network namespace: it was killed before it could",
			child->file);
	return 0;
}

/* Not on the caller's stack, which may be small; and with a page below that faults. */
static int clone_child(struct child *child, pid_t *pid)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE), size = STACK_SIZE + guard;
	char *stack = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD, r;

	if (stack == MAP_FAILED)
		return -errno;
	r = sys_result(mprotect(stack + guard, STACK_SIZE, PROT_READ | PROT_WRITE));
	if (r == 0)
		r = sys_result(clone(be_child, stack + size, flags, child, &child->pidfd));
	/* glibc declares that clone() does not call back into this file; it does. */
	__asm__ volatile("" ::: "memory");
	/* the child never returned from its functions */
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(stack, size);
	munmap(stack, size);
	if (r < 0)
		return r;
	*pid = r;
	return 0;
}

/*
 * For a checker's eyes: a fork, and a pipe that is closed when the program is executed. What the
 * mounts could not put in place does not come back from a copy.
 */
static int fork_child(struct child *child, pid_t *pid)
{
	int ends[2], r;
	char nothing;

	/* not the wrapper: the closing goes past it too */
	if (syscall(SYS_pipe2, ends, O_CLOEXEC) < 0)
		return -errno;
	child->pidfd = 0; /* something, until there is one */
	*pid = fork();
	if (*pid == 0)
		_exit(be_child(child));
	r = *pid < 0 ? -errno : 0;
	sys_close(ends[1]);
	while (r == 0 && syscall(SYS_read, ends[0], &nothing, 1) < 0 && errno == EINTR)
		;
	sys_close(ends[0]);
	child->pidfd = r == 0 ? sys_pidfd_open(*pid, 0) : r;
	return r;
}

static int start(struct child *child, pid_t *ret)
{
	pid_t pid = -1;
	sigset_t all;
	int r;

	/* No handler of the caller's runs in the child, whose memory is the caller's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &child->mask);
	r = checker_watches() ? fork_child(child, &pid) : clone_child(child, &pid);
	pthread_sigmask(SIG_SETMASK, &child->mask, NULL);
	if (r < 0)
		return error_advise(
			error_errno(r, "start %s in a network namespace: make a process (clone)",
				child->file),
			advice_on_clone(r));

	r = outcome(child, pid);
	if (r < 0) {
		cleanup_fd(&child->pidfd);
		return r;
	}
	*ret = pid;
	return child->pidfd;
}

static int read_opts(const struct netns_spawn_opts *given, struct netns_spawn_opts *opts)
{
	int r = 0;

	*opts = (struct netns_spawn_opts){.size = sizeof(*opts)};
	if (given)
		r = options_read(given, opts, sizeof(*opts), "spawn");
	if (r == 0 && (opts->flags & ~ALL_FLAGS || opts->reserved))
		return error_text(-EINVAL, "spawn: unknown flags 0x%x", opts->flags);
	if (r == 0 && opts->n_fds > 0 && !opts->fds)
		return error_null("the descriptors of the program");
	if (r == 0 && opts->n_groups > 0 && !opts->groups)
		return error_null("the groups of the program");
	return r;
}

int netns_spawn(struct netns *ns, const char *file, char *const argv[],
	const struct netns_spawn_opts *given, pid_t *ret)
{
	struct mounts CLEANUP_MOUNTS *mounts = NULL;
	struct child CLEANUP_CHILD *child = child_new(file, argv);
	int ns_fd = handle_fd(ns), r;

	if (ns_fd < 0)
		return ns_fd;
	if (!file || !argv || !ret)
		return error_null(!file ? "the program" : !argv ? "its arguments" : "its number");
	if (!child)
		return error_errno(-ENOMEM, "start %s in a network namespace", file);
	r = read_opts(given, &child->opts);
	if (r == 0 && child->opts.flags & NETNS_SPAWN_MOUNTS)
		r = mounts_plan(child->opts.name, &mounts);
	if (r < 0)
		return r;

	child->ns_fd = ns_fd;
	child->mounts = mounts;
	r = start(child, ret);
	if (r < 0 && child->opts.failed_step)
		*child->opts.failed_step = (int)child->step;
	if (r >= 0 && mounts)
		mounts_tell(mounts, child->opts.warn, child->opts.arg);
	return r;
}
