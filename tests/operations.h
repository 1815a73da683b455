/* SPDX-License-Identifier: MIT */
/*
 * What the library and the tool do, one row an operation, for the tests that go through every
 * system call of each: test-faults.c makes it fail, test-kills.c ends the process there.
 *
 * A new function of the library is a new row in library-operations.c, a new command in
 * tool-operations.c.
 */
#ifndef TESTS_OPERATIONS_H
#define TESTS_OPERATIONS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "watch.h"

enum operation_flags {
	CHANGES_NAMES = 1 << 0, /* in a run directory; so it is killed as well */
	FIRST_EVER = 1 << 1,    /* there is no run directory before */
	OF_TOOL = 1 << 2,       /* run() starts the tool */
	UNSTACKS = 1 << 3,      /* a failure may leave one pin where some were stacked */
	ONE_WAY = 1 << 4,       /* older kernels have no other that is not another row's, too */
	LOOKS = 1 << 5,         /* at all processes, however many: see thin_out() in trace.c */
	DEAR = 1 << 7,          /* takes its time: each call fails with one error only */
	DONE_ANYWAY = 1 << 6,   /* a failure can come when the job is done; undo() knows */
	OLDER_WAYS = 1 << 8,    /* a tool's that is tried on older kernels, too */
	SHARED_OUT = 1 << 9, /* by its threads, as it comes: it is not asked which of them calls */
};

struct operation {
	const char *name;
	const char *
		subject; /* what each message names, one of several by '|'; NULL: nothing that is known before */
	unsigned flags;        /* enum operation_flags */
	void (*prepare)(void); /* once, before all else; NULL: nothing to do */
	void (*set_up)(void);  /* before each run(); NULL: nothing to do */
	int (*run)(void);      /* the calls, on a thread of their own: 0 or a negative errno */
	void (*undo)(void);    /* checks what run() did, and takes back that and set_up() */
	void (*killed)(void);  /* at once when run() was: checks, and ends what else runs; NULL */
	void (*forget)(void);  /* what a killed run() leaves beside the names; NULL: nothing */
	unsigned stacked;      /* how many mounts it may find on a place; 0: one */
	const char *(*directory)(void); /* that names change in; NULL: the default one */
};

extern const struct operation library_operations[], tool_operations[];
extern const unsigned n_library_operations, n_tool_operations;

/* The directory that it changes names in. */
const char *operation_directory(const struct operation *operation);

/* A name that stays meanwhile, and must. */
#define BYSTANDER "bystander"

/* The one that the case is named after. */
const struct operation *operation_of_case(void);

/* main() of a program that has a case for each operation with all of these flags. */
int run_operation_cases(void (*fn)(void), unsigned flags, int argc, char **argv);

/*
 * In a process of its own: begins and ends with the run directory as the operation wants it, and
 * with process numbers of its own for the tool, which looks at all there are.
 */
void with_operation(const struct operation *operation, void (*fn)(const struct operation *));

/*
 * Fails the case when calls that were traced did not come again. Some do not: worker threads share
 * out the names as they come, and a call may be another one's.
 */
void check_reached(unsigned points, unsigned missed);

/* The same, on this kernel and on the older ones where the operation goes other ways. */
void with_operation_on_kernels(
	const struct operation *operation, void (*fn)(const struct operation *));

/*
 * run() on the calling thread, with `within_call` true as long as the calls belong to the
 * operation; *message gets what the library or the tool said.
 */
extern _Atomic bool within_call;
int run_operation(const struct operation *operation, const char **message);

/*
 * A system call of an operation: which of those that one of its tasks makes, and which of those of
 * its number. By the latter it is known again: in loops whose rounds depend on what else there is
 * (processes, a lock to wait for) the former may be another one in the next run.
 */
struct point {
	unsigned task, index, nth;
	int nr;
	uint64_t args[3];
};

/* Follows an operation under run_watched(); begins as zeros. */
struct progress {
	unsigned calls[64];                /* of each task, so far */
	unsigned short of_number[64][512]; /* the same by their numbers */
	enum { NOT_YET, INSIDE, OVER } of_task[64];
	bool begun;
};

/*
 * Whether a call is the operation's, and which point that is. Of the tool these are the calls
 * from main() on, in every process up to its execve(2).
 */
bool is_point(struct progress *progress, const struct operation *operation,
	const struct watched_call *call, struct point *ret);

bool same_point(const struct point *a, const struct point *b);

/* To be told of each call: the command of `netns run` ends when it has been waited for. */
void feed_command(const struct watched_call *call);

/* All points of the operation, in order; written where child processes can fill it in. */
struct trace {
	unsigned n;
	struct point points[8000];
};
const struct trace *trace_operation(const struct operation *operation);

#endif
