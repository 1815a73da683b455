/* SPDX-License-Identifier: MIT */
/* Running an operation of the table, and knowing its system calls. */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "operations.h"
#include "raw.h"
#include "tool.h"

_Atomic bool within_call;

const char *operation_directory(const struct operation *operation)
{
	return operation->directory ? operation->directory() : netns_get_run_dir();
}

int run_operation(const struct operation *operation, const char **message)
{
	int r;

	within_call = true;
	r = operation->run();
	within_call = false;
	*message = operation->flags & OF_TOOL ? tool_message() : netns_errmsg();
	return r;
}

/* As on a machine where systemd has shared all mounts: a pin too many would be seen. */
static void share_parent(void)
{
	char parent[PATH_MAX], place[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s", netns_get_run_dir());
	*strrchr(parent, '/') = '\0';
	CHECK(realpath(parent, place));
	CHECK(mount(NULL, place, NULL, MS_SHARED, NULL) == 0);
}

static const struct operation *chosen;
static void (*body)(const struct operation *);

static void run_body(void)
{
	struct netns *bystander = NULL;

	if (chosen->flags & OF_TOOL)
		CHECK(mount("proc", "/proc", "proc", 0, NULL) == 0);
	/* Nothing is done to the machine's. */
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	if (!(chosen->flags & FIRST_EVER))
		bystander = create_ns(BYSTANDER, 0);
	if (chosen->prepare)
		chosen->prepare();

	body(chosen);

	netns_free(bystander);
	umount(netns_get_run_dir());
	CHECK(rmdir(netns_get_run_dir()) == 0 || errno == ENOENT);
}

/* The tool looks through all of /proc. */
static void number_processes_anew(void)
{
	CHECK_EQ(unshare(CLONE_NEWPID | CLONE_NEWNS), 0);
	in_child(run_body);
}

static const struct operation *nth_operation(unsigned i)
{
	return i < n_library_operations ? &library_operations[i]
					: &tool_operations[i - n_library_operations];
}

static unsigned count_operations(void)
{
	return n_library_operations + n_tool_operations;
}

const struct operation *operation_of_case(void)
{
	for (unsigned i = 0; i < count_operations(); i++)
		if (strcmp(nth_operation(i)->name, case_name()) == 0)
			return nth_operation(i);
	fail_case(__FILE__, __LINE__, "no operation %s", case_name());
}

int run_operation_cases(void (*fn)(void), unsigned flags, int argc, char **argv)
{
	struct test_case *cases = calloc(count_operations(), sizeof(*cases));
	size_t n = 0;
	int status;

	if (!cases)
		return 2;
	for (unsigned i = 0; i < count_operations(); i++)
		if ((nth_operation(i)->flags & flags) == flags)
			cases[n++] = (struct test_case){nth_operation(i)->name, fn, NEED_ROOT, 120};
	status = run_cases(cases, n, argc, argv);
	free(cases);
	return status;
}

void with_operation(const struct operation *operation, void (*fn)(const struct operation *))
{
	chosen = operation;
	body = fn;
	share_parent();
	in_child(operation->flags & OF_TOOL ? number_processes_anew : run_body);
}

static void (*older_kernel)(void);

static void run_on_older_kernel(void)
{
	older_kernel();
	with_operation(chosen, body);
}

void check_reached(unsigned points, unsigned missed)
{
	CHECK(points > 0 && missed <= points / 4);
}

void with_operation_on_kernels(
	const struct operation *operation, void (*fn)(const struct operation *))
{
	with_operation(operation, fn);
	if (operation->flags & ONE_WAY || (operation->flags & (OF_TOOL | OLDER_WAYS)) == OF_TOOL)
		return;
	older_kernel = as_before_5_1;
	in_child(run_on_older_kernel);
	if (!(operation->flags & FIRST_EVER))
		return;
	older_kernel = without_mount_setattr;
	in_child(run_on_older_kernel);
}

/* main() begins by looking whether descriptor 0 is open. */
static bool is_begin_of_main(const struct watched_call *call)
{
	return call->nr == SYS_fcntl && call->args[0] == STDIN_FILENO && call->args[1] == F_GETFD;
}

static bool is_inside(struct progress *progress, const struct operation *operation,
	const struct watched_call *call)
{
	if (!(operation->flags & OF_TOOL)) /* nor is the program that it has started */
		return within_call && progress->of_task[call->task] != OVER;

	if (call->task == 0)
		return false; /* it only starts the tool */
	if (progress->of_task[call->task] == NOT_YET)
		progress->begun |= is_begin_of_main(call);
	if (progress->begun && progress->of_task[call->task] == NOT_YET)
		progress->of_task[call->task] = INSIDE;
	return progress->of_task[call->task] == INSIDE;
}

bool is_point(struct progress *progress, const struct operation *operation,
	const struct watched_call *call, struct point *ret)
{
	unsigned task = operation->flags & SHARED_OUT ? 0 : call->task;

	if (!is_inside(progress, operation, call))
		return false;
	CHECK(call->nr >= 0 && call->nr < (int)ARRAY_SIZE(progress->of_number[0]));
	*ret = (struct point){task, progress->calls[task]++, progress->of_number[task][call->nr]++,
		call->nr, {call->args[0], call->args[1], call->args[2]}};
	if (call->nr == SYS_execve)
		progress->of_task[call->task] = OVER;
	return true;
}

bool same_point(const struct point *a, const struct point *b)
{
	return a->task == b->task && a->nth == b->nth && a->nr == b->nr;
}

struct tracing {
	const struct operation *operation;
	struct progress progress;
	struct trace *trace;
};

static int note_point(const struct watched_call *call, void *data)
{
	struct tracing *tracing = data;
	struct trace *trace = tracing->trace;

	feed_command(call);
	if (!is_point(&tracing->progress, tracing->operation, call, &trace->points[trace->n]))
		return 0;
	CHECK(++trace->n < ARRAY_SIZE(trace->points));
	return 0;
}

static int run_traced(void *arg)
{
	const char *message;

	return run_operation(arg, &message);
}

static bool same_kind(const struct point *a, const struct point *b)
{
	return a->task == b->task && a->nr == b->nr;
}

static bool is_among_first_or_last(const struct trace *trace, unsigned at)
{
	enum { FIRST = 3, LAST = 1 };
	unsigned before = 0, after = 0;

	for (unsigned i = 0; i < at; i++)
		before += same_kind(&trace->points[i], &trace->points[at]);
	for (unsigned i = at + 1; i < trace->n; i++)
		after += same_kind(&trace->points[i], &trace->points[at]);
	return before < FIRST || after < LAST;
}

/*
 * A command that looks at every process, descriptor and link makes the same few calls at the same
 * few places again and again, and what it does about a failure depends on the place. Of each call
 * of each task the first ones meet the places that come once (its beginning, the run directory, the
 * subject) and the first rounds of the loops; the last one is where most is held, and what it has
 * to say is said. The calls below the library are gone through wholly by the rows that do
 * not look.
 */
static void thin_out(struct trace *trace)
{
	bool *keep = calloc(trace->n, sizeof(*keep));
	unsigned n = 0;

	CHECK(keep);
	for (unsigned i = 0; i < trace->n; i++)
		keep[i] = is_among_first_or_last(trace, i);
	for (unsigned i = 0; i < trace->n; i++)
		if (keep[i])
			trace->points[n++] = trace->points[i];
	trace->n = n;
	free(keep);
}

const struct trace *trace_operation(const struct operation *operation)
{
	struct tracing tracing = {.operation = operation};
	pid_t pid;

	tracing.trace = mmap(NULL, sizeof(*tracing.trace), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(tracing.trace != MAP_FAILED);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		if (operation->set_up)
			operation->set_up();
		CHECK_EQ(
			run_watched(run_traced, (void *)(uintptr_t)operation, note_point, &tracing),
			0);
		operation->undo();
		_exit(0);
	}
	check_child(pid);
	CHECK(tracing.trace->n > 0);
	if (operation->flags & LOOKS)
		thin_out(tracing.trace);
	return tracing.trace;
}
