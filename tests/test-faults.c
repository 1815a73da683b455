/* SPDX-License-Identifier: MIT */
/*
 * Every system call of every operation fails once, with each error that it may have.
 *
 * After each: the thread is where it was, nothing is left or lost, the answer is the error, or
 * success where the operation could do without, the message names what failed and on what, and
 * the same thread can do the same again.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "leftovers.h"
#include "operations.h"
#include "raw.h"

/* Numbers that are the same on every architecture, and newer than some headers. */
enum { SYS_FSOPEN = 430, SYS_FSCONFIG = 431, SYS_FSMOUNT = 432 };

#define MAX_ERRORS 12

/* Of the tool, whose calls are the library's for the most part: each with the first of the errors. */
#define MAX_ERRORS_OF_TOOL 4

/* What a call may answer, and one of the words by which a message about it says so. */
struct fallible {
	int nr;
	const char *words; /* separated by '|' */
	int errors[MAX_ERRORS];
};

/* clang-format off */
static const struct fallible fallible[] = {
	{SYS_openat, "open|create|enter|look|delete|lease|mount|read",
		{EACCES, EMFILE, ENFILE, ENOMEM, EPERM, EIO, ENOSPC, EROFS}},
	{SYS_close, "", {EIO, EINTR}},
	{SYS_statx, "stat|open|look|enter|create|delete|read|lock|lease|mount|held|hold", {ENOMEM, EACCES, EIO, EPERM}},
	{SYS_newfstatat, "open|look|read|library|elsewhere", {ENOMEM, EACCES, EIO, EPERM}},
	{SYS_fstatfs, "open|look|read|delete", {EIO, ENOMEM, ENOSYS, EPERM}},
	{SYS_statfs, "mount|read", {EIO, ENOMEM, EACCES}},
	{SYS_ioctl, "ask|open|look|read|enter|delete|loopback|nsid|elsewhere", {EPERM, ENOTTY, EINVAL, EMFILE, ENFILE, ENOMEM, EIO}},
	{SYS_fcntl, "open|look", {EMFILE, EINVAL, EPERM}},
	{SYS_flock, "lock", {EINTR, ENOLCK, ENOMEM}},
	{SYS_mkdirat, "mkdir", {EACCES, EPERM, ENOSPC, EROFS, ENOMEM, EIO, EDQUOT}},
	{SYS_fchmodat, "chmod", {EPERM, EROFS, EIO, ENOMEM}},
	{SYS_unlinkat, "remove", {EACCES, EPERM, EBUSY, EROFS, EIO, ENOMEM}},
	{SYS_open_tree, "mount", {EPERM, ENOMEM, EMFILE, ENFILE, EINVAL, ENOSYS, ENOSPC}},
	{SYS_move_mount, "mount", {EPERM, ENOMEM, ENOSPC, EINVAL, ENOSYS, EBUSY}},
	{442 /* mount_setattr */, "mount", {EPERM, EINVAL, ENOSYS, ENOMEM}},
	{SYS_FSOPEN, "tmpfs", {EPERM, ENODEV, EMFILE, ENFILE, ENOMEM, ENOSYS}},
	{SYS_FSCONFIG, "tmpfs", {EPERM, EINVAL, ENOMEM, ENOSYS}},
	{SYS_FSMOUNT, "tmpfs", {EPERM, EMFILE, ENFILE, ENOMEM, ENOSYS}},
	{SYS_fsetxattr, "lease", {EPERM, EOPNOTSUPP, ENOSPC, EIO, ENOMEM}},
	{SYS_getxattr, "read|lease", {EPERM, EIO, ENOMEM}},
	{SYS_name_to_handle_at, "look|open", {EPERM, EOPNOTSUPP, ENOMEM}},
	{SYS_mount, "mount", {EPERM, ENOMEM, ENOSPC, EINVAL, EBUSY, ENOENT}},
	{SYS_umount2, "unmount|umount", {EPERM, EBUSY, EINVAL, ENOMEM, ENOENT}},
	{SYS_clone, "create|thread|process|fork|links|clone", {EAGAIN, ENOMEM, ENOSPC, EPERM, EINVAL, ENOSYS}},
	{SYS_clone3, "create|thread", {EAGAIN, ENOMEM, EPERM, EINVAL, ENOSYS}},
	{SYS_unshare, "create|make|unshare", {EPERM, ENOSPC, ENOMEM, EINVAL}},
	{SYS_setns, "setns|links", {EPERM, ENOMEM, EINVAL}},
	{SYS_socket, "socket|nsid|loopback|links|routes",
		{EMFILE, ENFILE, ENOMEM, ENOBUFS, EACCES, EPERM, EAFNOSUPPORT, EPROTONOSUPPORT}},
	{SYS_bind, "nsid|connect|watch|links", {EPERM, ENOMEM, EADDRINUSE}},
	{SYS_getsockname, "nsid", {ENOBUFS, EPERM}},
	{SYS_getsockopt, "nsid|look", {ENOPROTOOPT, EPERM}},
	{SYS_setsockopt, "nsid|links", {ENOPROTOOPT, ENOMEM, EPERM}},
	{SYS_sendto, "nsid|links|look|listed", {ENOBUFS, ENOMEM, EINTR, EPERM}},
	{SYS_recvmsg, "nsid|look|listed|links|rtnetlink", {ENOBUFS, ENOMEM, EINTR, EPERM}},
	{SYS_recvfrom, "nsid|look|listed|links|rtnetlink", {ENOBUFS, ENOMEM, EINTR, EPERM}},
	{SYS_getrandom, "getrandom|lease", {EINTR, ENOSYS, EPERM}},
	{SYS_pidfd_open, "open|start|look|enter|read", {EINVAL, EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM}},
	{SYS_pidfd_send_signal, "open|start|look", {EPERM, ENOSYS, ENOMEM}},
	{SYS_read, "read|look|open|lease|mount|elsewhere", {EIO, EINTR, ENOMEM}},
	{SYS_write, "write|written", {EIO, ENOSPC, EPIPE}},
	{SYS_getdents64, "read|look", {EIO, ENOMEM}},
	{SYS_mmap, "start|thread|process", {ENOMEM}},
	{SYS_mprotect, "start|thread|process|library", {ENOMEM}},
	{SYS_brk, "", {0}}, /* answers where it stands, never an error */
	{SYS_munmap, "", {ENOMEM}},
	{SYS_madvise, "", {ENOMEM, EINVAL}},
	{SYS_execve, "execute|command|/bin/", {ENOMEM, EACCES, E2BIG, EIO, ENOENT, EPERM}},
	{SYS_readlinkat, "open|read|look|unmount|elsewhere", {EIO, ENOMEM, EACCES}},
	{SYS_faccessat, "", {EACCES, EIO}},
	{SYS_wait4, "", {EINTR}},
	{SYS_waitid, "", {EINTR}},
	{SYS_rt_sigtimedwait, "", {EINTR, EAGAIN}},
	{SYS_rt_sigaction, "", {0}},
	{SYS_kill, "", {0}},
#ifdef SYS_open
	{SYS_open, "open", {EACCES, EMFILE, ENFILE, ENOMEM, EPERM, EIO}},
	{SYS_mkdir, "mkdir", {EACCES, EPERM, ENOSPC, EROFS, ENOMEM, EIO, EDQUOT}},
	{SYS_rmdir, "remove", {EBUSY, EACCES}},
	{SYS_chmod, "chmod", {EPERM, EROFS, EIO, ENOMEM}},
	{SYS_readlink, "open|read|look|elsewhere", {EIO, ENOMEM, EACCES}},
	{SYS_access, "", {EACCES, EIO}},
#endif
};
/* clang-format on */

/* Nobody implements every call: containers and gVisor refuse those that they do not know. */
static const struct fallible unknown = {-1, "", {EPERM, ENOSYS}};

static const struct fallible *errors_of(int nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(fallible); i++)
		if (fallible[i].nr == nr)
			return &fallible[i];
	return &unknown;
}

/* Where the answer is another one than the error, and what the message says then. */
static const struct translation {
	const char *operation; /* NULL: each of the tool's */
	int nr, error, answer;
	const char *says;
} translations[] = {
	/* pthread_create(3) has one error for all. */
	{"do_thread", SYS_mmap, ENOMEM, EAGAIN, "make a thread"},
	{"do_thread", SYS_mprotect, ENOMEM, EAGAIN, "make a thread"},
	{"do_thread", SYS_clone3, ENOMEM, EAGAIN, "make a thread"},
	{"create_many", SYS_mmap, ENOMEM, EAGAIN, "make a thread"},
	{"create_many", SYS_mprotect, ENOMEM, EAGAIN, "make a thread"},
	{"create_many", SYS_clone3, ENOMEM, EAGAIN, "make a thread"},
	{"pool_new: its thread", SYS_mmap, ENOMEM, EAGAIN, "make"},
	{"pool_new: its thread", SYS_mprotect, ENOMEM, EAGAIN, "make"},
	{"pool_new: its thread", SYS_clone3, ENOMEM, EAGAIN, "make"},
	/* They need Linux 5.2. */
	{"dir_mount", SYS_FSOPEN, ENOSYS, EOPNOTSUPP, "Linux 5.2"},
	{"dir_mount", SYS_FSCONFIG, ENOSYS, EOPNOTSUPP, "Linux 5.2"},
	{"dir_mount", SYS_FSMOUNT, ENOSYS, EOPNOTSUPP, "Linux 5.2"},
	{"create_many: mounted", SYS_FSOPEN, ENOSYS, EOPNOTSUPP, "Linux 5.2"},
	{"create_many: mounted", SYS_FSCONFIG, ENOSYS, EOPNOTSUPP, "Linux 5.2"},
	{"create_many: mounted", SYS_FSMOUNT, ENOSYS, EOPNOTSUPP, "Linux 5.2"},
	{"create_many: mounted", SYS_mmap, ENOMEM, EAGAIN, "make a thread"},
	{"create_many: mounted", SYS_mprotect, ENOMEM, EAGAIN, "make a thread"},
	{"create_many: mounted", SYS_clone3, ENOMEM, EAGAIN, "make a thread"},
	/* A lease cannot be read before Linux 5.2. */
	{"get_lease", SYS_open_tree, ENOSYS, EOPNOTSUPP, "lease"},
	/* What does not know the question is of another kind. */
	{"open_fd", SYS_ioctl, ENOTTY, EMEDIUMTYPE, "neither a network namespace nor a pidfd"},
	{"open_fd: pidfd", SYS_ioctl, ENOTTY, EMEDIUMTYPE,
		"neither a network namespace nor a pidfd"},
	{"open_socket", SYS_ioctl, ENOTTY, EMEDIUMTYPE, "no socket"},
	{"open_socket", SYS_ioctl, EINVAL, EMEDIUMTYPE, "no socket"},
	{"open_spec: fd", SYS_ioctl, ENOTTY, EMEDIUMTYPE, "nor a socket"},
	{"open_spec: fd of a socket", SYS_ioctl, ENOTTY, EMEDIUMTYPE, "nor a socket"},
	{"open_spec: fd of a socket", SYS_ioctl, EINVAL, EMEDIUMTYPE, "nor a socket"},
	{"open_pid", SYS_openat, EACCES, EPERM, "not permitted"},
	{"open_fd: pidfd", SYS_openat, EACCES, EPERM, "not permitted"},
	{"open_spec: pid", SYS_openat, EACCES, EPERM, "not permitted"},
	/* Before Linux 6.18, who may not enter cannot ask. */
	{"get_id", SYS_openat, EPERM, EOPNOTSUPP, "does not tell the id"},
	{"get_id", SYS_setns, EPERM, EOPNOTSUPP, "does not tell the id"},
	{"get_id", SYS_socket, EPERM, EOPNOTSUPP, "does not tell the id"},
	{"get_id", SYS_getsockopt, EPERM, EOPNOTSUPP, "does not tell the id"},
	{"get_id", SYS_getsockopt, ENOPROTOOPT, EOPNOTSUPP, "does not tell the id"},
	/* It is there, so it must be what it names. */
	{"netns exec", SYS_execve, ENOENT, 0, "interpreter"},
	{"netns exec --no-mounts", SYS_execve, ENOENT, 0, "interpreter"},
	{"netns run", SYS_execve, ENOENT, 0, "interpreter"},
	/* What rtnetlink refuses is told in the words of its commands. */
	{NULL, SYS_sendmsg, EPERM, 0, "not permitted"},
	{NULL, SYS_recvfrom, EPERM, 0, "not permitted"},
	{"netns delete --wait", SYS_ioctl, ENOTTY, 0, "neither a network namespace"},
	/* pthread_create(3) again, and Linux 5.2. */
	{NULL, SYS_mmap, ENOMEM, 0, "make a thread"},
	{NULL, SYS_mprotect, ENOMEM, 0, "make a thread"},
	{NULL, SYS_clone3, ENOMEM, 0, "make a thread"},
	{"netns add --mount", SYS_FSOPEN, ENOSYS, 0, "Linux 5.2"},
	{"netns add --mount", SYS_FSCONFIG, ENOSYS, 0, "Linux 5.2"},
	{"netns add --mount", SYS_FSMOUNT, ENOSYS, 0, "Linux 5.2"},
	/* The dynamic loader has words of its own. */
	{NULL, SYS_mmap, ENOMEM, 0, "failed to map"},
	/* The guard takes whatever ends its waiting for the end of the command, which fails at once. */
	{"netns bridge", SYS_read, EIO, 0, "no such link"},
	{"netns bridge", SYS_read, EIO, 0, "Invalid argument"},
	{"netns run --link", SYS_read, EIO, 0, "no such link"},
	{"netns run --link", SYS_read, EIO, 0, "Invalid argument"},
	/* Before Linux 4.20. */
	{"netns map", SYS_setsockopt, ENOPROTOOPT, 0, "not supported"},
	/* A parameter of the kernel's may be only to be written, or never have been set. */
	{"netns diff", SYS_openat, EACCES, 0, "sysctls"},
	{"netns diff", SYS_read, EIO, 0, "sysctls"},
	{"netns run --up --name", SYS_execve, ENOENT, 0, "interpreter"},
};

/* Counted over all processes. */
static struct tally {
	_Atomic unsigned points, missed, complaints;
} * tally;

/* One run with one fault in it. */
struct attempt {
	const struct operation *operation;
	struct point at;
	int error;
	struct progress progress;
	bool hit;
	int answer;
	char message[16384];
	uint64_t home;
	int home_fd;
	uint64_t mark; /* the last that was seen */
	struct inventory before;
};

static void complain(const struct attempt *attempt, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(const struct attempt *attempt, const char *fmt, ...)
{
	va_list args;

	tally->complaints++;
	printf("%s: call %u.%u (number %d) fails with %s: ", attempt->operation->name,
		attempt->at.task, attempt->at.index, attempt->at.nr,
		strerrorname_np(attempt->error));
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("; it answers %s, \"%.*s\"\n",
		attempt->answer ? strerrorname_np(-attempt->answer) : "0",
		(int)strcspn(attempt->message, "\n"), attempt->message);
}

static bool holds_a_word(const char *text, const char *words)
{
	size_t n;

	if (!*words)
		return true;
	for (; *words; words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		if (memmem(text, strlen(text), words, n))
			return true;
	}
	return false;
}

static bool is_about(const struct translation *t, const struct operation *operation)
{
	return t->operation ? strcmp(t->operation, operation->name) == 0
			    : operation->flags & OF_TOOL;
}

static struct translation expected(const struct attempt *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(translations); i++) {
		const struct translation *t = &translations[i];

		if (t->nr == a->at.nr && t->error == a->error && is_about(t, a->operation) &&
			(t->answer || strstr(a->message, t->says)))
			return *t;
	}
	return (struct translation){.answer = a->error, .says = strerror(a->error)};
}

/* For the tool what it looks at, and with, are as good. */
static bool says_on_what(const struct attempt *a)
{
	return holds_a_word(a->message, a->operation->subject) ||
	       strstr(a->message, operation_directory(a->operation)) ||
	       (a->operation->flags & OF_TOOL &&
		       holds_a_word(a->message, "/proc|process|the output|a library"));
}

static void check_answer(const struct attempt *a)
{
	bool tool = a->operation->flags & OF_TOOL;
	struct translation want = expected(a);

	if (a->answer == 0)
		return;
	if (a->answer == -ENOTRECOVERABLE && a->at.nr == SYS_setns)
		return;
	if (!tool && a->answer != -want.answer)
		complain(a, "another answer");
	if (!strstr(a->message, want.says))
		complain(a, "the message does not say why");
	if (a->operation->subject && !says_on_what(a))
		complain(a, "the message does not say on what");
	/* a translation has words of its own */
	if (strcmp(want.says, strerror(a->error)) == 0 &&
		!holds_a_word(a->message, errors_of(a->at.nr)->words))
		complain(a, "the message does not say what");
}

static uint64_t where_is(pid_t tid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/task/%d/ns/net", (int)tid);
	CHECK(stat(path, &st) == 0);
	return st.st_ino;
}

static void check_lock(const struct attempt *a)
{
	int fd = open(operation_directory(a->operation), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		complain(a, "the lock is held");
	close(fd);
}

/* As the thread stands still, at the first mark before the run, at the second after it. */
static void look_after(struct attempt *a, pid_t tid)
{
	struct inventory after;

	check_answer(a);
	check_lock(a);
	if (a->answer == 0 || a->operation->flags & DONE_ANYWAY) {
		a->operation->undo();
		if (a->operation->set_up)
			a->operation->set_up();
	}
	if (a->answer != -ENOTRECOVERABLE && where_is(tid) != a->home)
		complain(a, "the thread is elsewhere");
	after = take_inventory_of(tid);
	if (a->answer && !(a->operation->flags & (UNSTACKS | DONE_ANYWAY)) &&
		!same_inventory(&a->before, &after))
		complain(a, "something is left or gone");
	free_inventory(&after);
	free_inventory(&a->before);
}

enum { MARK_BEFORE = 0x1000000, MARK_AFTER };

/* A call that nothing else makes, and that the kernel is not even asked for. */
static void mark(unsigned which)
{
	syscall(SYS_personality, which);
}

static int inject(const struct watched_call *call, void *data)
{
	struct attempt *a = data;
	struct point point;

	if (call->nr == SYS_personality) {
		/* The end of a child of set_up() can make the call begin anew. */
		if (call->args[0] == a->mark)
			return ECANCELED;
		a->mark = call->args[0];
		if (a->mark == MARK_BEFORE)
			a->before = take_inventory_of(call->tid);
		else
			look_after(a, call->tid);
		return ECANCELED;
	}
	feed_command(call);
	/* What was not reached the first time could be so the second time, which is without a fault. */
	if (a->hit || a->mark != MARK_BEFORE || !is_point(&a->progress, a->operation, call, &point))
		return 0;
	if (!same_point(&point, &a->at))
		return 0;
	a->hit = true;
	/* close(2) always closes, whatever it answers. */
	if (point.nr == SYS_close && !(a->operation->flags & OF_TOOL))
		close((int)call->args[0]);
	return a->error;
}

static int run_attempt(void *arg)
{
	struct attempt *a = arg;
	const char *message;

	mark(MARK_BEFORE);
	a->answer = run_operation(a->operation, &message);
	snprintf(a->message, sizeof(a->message), "%s", a->answer ? message : "");
	netns_thread_release();
	mark(MARK_AFTER);
	if (a->answer == -ENOTRECOVERABLE)
		CHECK(setns(a->home_fd, CLONE_NEWNET) == 0);
	if (run_operation(a->operation, &message) != 0)
		complain(a, "then it fails without a fault: %s", message);
	return 0;
}

static void try_point(const struct operation *operation, const struct point *point, int error)
{
	struct attempt a = {.operation = operation, .at = *point, .error = error, .home = here()};
	struct inventory before, after;

	printf("%s: call %u.%u (number %d) fails with %s\n", operation->name, point->task,
		point->index, point->nr, strerrorname_np(error));
	a.home_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	before = take_inventory();
	if (operation->set_up)
		operation->set_up();
	run_watched(run_attempt, &a, inject, &a);
	operation->undo();
	after = take_inventory();
	if (!same_inventory(&before, &after))
		complain(&a, "in the end something is left or gone");
	tally->points++;
	tally->missed += !a.hit;
}

/*
 * What does not wait is not interrupted. And a close that fails closes all the same, which can be
 * done in the place of the library, but not of a tool that runs on.
 */
static bool can_fail(const struct operation *operation, const struct point *point)
{
	if (point->nr == SYS_wait4)
		return !(point->args[2] & WNOHANG);
	if (point->nr == SYS_close && operation->flags & OF_TOOL)
		return point->args[0] <= STDERR_FILENO;
	return true;
}

struct trial {
	const struct operation *operation;
	const struct point *point;
	int error;
};

static void try_in_child(void *arg)
{
	const struct trial *trial = arg;

	try_point(trial->operation, trial->point, trial->error);
}

static void try_operation(const struct operation *operation)
{
	const struct trace *trace = trace_operation(operation);
	unsigned most = operation->flags & DEAR      ? 1
			: operation->flags & OF_TOOL ? MAX_ERRORS_OF_TOOL
						     : MAX_ERRORS;

	for (unsigned i = 0; i < trace->n; i++) {
		const int *errors = errors_of(trace->points[i].nr)->errors;

		for (unsigned j = 0; j < most && errors[j]; j++) {
			struct trial trial = {operation, &trace->points[i], errors[j]};

			if (can_fail(operation, &trace->points[i]))
				in_watching_child(try_in_child, &trial);
		}
	}
}

static void fail_each_call(void)
{
	unsigned points = tally->points, missed = tally->missed;

	tally->complaints = 0;
	with_operation_on_kernels(operation_of_case(), try_operation);
	check_reached(tally->points - points, tally->missed - missed);
	if (tally->complaints)
		fail_case(__FILE__, __LINE__, "%u complaints", tally->complaints);
}

int main(int argc, char **argv)
{
	int status;

	tally = mmap(
		NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 2;
	status = run_operation_cases(fail_each_call, 0, argc, argv);
	printf("# %u points (operation x system call x error), %u of them not reached\n",
		tally->points, tally->missed);
	return status;
}
