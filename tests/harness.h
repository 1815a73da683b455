/* SPDX-License-Identifier: MIT */
/*
 * The frame of the C tests: TAP on standard output, one process a case.
 *
 * Each case runs in a child with a mount namespace of its own, in which the
 * parent of the default run directory is an empty tmpfs, so that the machine's
 * names are neither seen nor touched. A case that leaves a descriptor, thread,
 * child, mount or file in the run directory behind fails, even if all its
 * checks held.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <netns.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum {
	NEED_ROOT = 1 << 0, /* CAP_SYS_ADMIN; without it the case is skipped */
};

struct test_case {
	const char *name;
	void (*run)(void);
	unsigned needs;
	unsigned timeout_s; /* 0: 30 seconds */
};

/* The name of the case that runs. */
const char *case_name(void);

/* Runs the cases named by the arguments, or all; returns main()'s status. */
int run_cases(const struct test_case *cases, size_t n, int argc, char **argv);

#define TEST_MAIN(...)                                                                             \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		static const struct test_case cases[] = {__VA_ARGS__};                             \
		return run_cases(cases, ARRAY_SIZE(cases), argc, argv);                            \
	}

/* Ends the case: as failed, or as skipped (a failure when NETNS_TESTS_MUST_RUN is 1). */
void fail_case(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
void skip_case(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* May be used on any thread of the case. */
#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			fail_case(__FILE__, __LINE__, "%s", #cond);                                \
	} while (0)

/* Integers. The second is what is expected; says both, and netns_errmsg(). */
#define CHECK_EQ(got, want) check_eq(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
void check_eq(const char *file, int line, const char *what, long long got, long long want);

#define CHECK_STR(got, want) check_str(__FILE__, __LINE__, #got, (got), (want))
void check_str(const char *file, int line, const char *what, const char *got, const char *want);

/* netns_errmsg() holds this text. */
#define CHECK_MSG(text) check_msg(__FILE__, __LINE__, (text))
void check_msg(const char *file, int line, const char *text);

/* How many times as long things may take, as NETNS_TESTS_PATIENCE says: 1, or on an emulator 20. */
unsigned patience(void);

/* From any thread: the case means to end in another network namespace than it began in. */
void moved_on_purpose(void);

/* Inode number of the network namespace that the calling thread is in. */
uint64_t here(void);

/* Inode number of the network namespace of a handle. */
uint64_t inode_of(const struct netns *ns);

/* The default run directory, '/', name; in one of a few static buffers. */
const char *run_path(const char *name);

/*
 * A place for files of the case: the path of `name` in a directory of its own; in one of a few
 * static buffers.
 */
const char *tmp_path(const char *name);

/* netns_create() with that name (NULL: a random one) and those flags; ends the case on failure. */
struct netns *create_ns(const char *name, unsigned flags);

/*
 * Runs fn in a child process, or on a thread, and waits; a failure in there fails the case. A lone
 * child is made behind the C library's back and has one thread, also where a sanitizer would
 * keep another.
 */
void in_child(void (*fn)(void));
void in_lone_child(void (*fn)(void));
void in_thread(void (*fn)(void));

/*
 * Runs fn in one child process per kernel that the library has other ways for: this one as it
 * is, and with less and less of what came after Linux 4.19.
 */
void on_each_kernel(void (*fn)(void));

/* A child process that runs fn, when that has written a byte to `ready`. */
pid_t start_ready(void (*fn)(int ready));

/* A process in a new network namespace, waiting; and its end, up to being waited for. */
pid_t start_inside(void);
void stop_process(pid_t pid);

/* The calling process becomes one without privileges, for good. */
void drop_privileges(void);

/*
 * The calling process, a lone child, enters a new user namespace as its root, with a mount
 * namespace and a network namespace that belong to that. At most `more` network namespaces can
 * be made in there.
 */
void enter_user_namespace(unsigned more);

/* Creates a file with this content; NULL is none. Or a symbolic link, or a socket's file. */
void write_file(const char *path, const char *content);
void make_link(const char *target, const char *path);
void make_socket_file(const char *path);

/* No more than n descriptors can be opened from now on; the case gets its limit back at its end. */
void limit_free_descriptors(unsigned n);
void unlimit_descriptors(void);

/* The number of descriptors from 3 on that would survive execve(2). */
unsigned count_inheritable(void);

/* Seconds by the monotonic clock. */
double now(void);

/* Creates the default run directory as a plain directory, and an empty file in it. */
void make_stale(const char *name);

/*
 * From now on, on this thread and what it starts, system call `nr` fails with
 * `error` when its argument number `arg` (0 to 5) and `mask` equals `value`;
 * always when `arg` is negative. By a seccomp filter; stays till the case ends.
 */
void deny_syscall(int nr, int arg, uint32_t mask, uint32_t value, int error);

/* The kernel as it was before an interface came (see src/kernel.h). */
void without_thread_pidfd(void);  /* Linux < 6.9 */
void without_pidfd_ioctls(void);  /* Linux < 6.11 */
void without_ns_id(void);         /* Linux < 6.18 */
void without_open_tree(void);     /* Linux < 5.2: open_tree, move_mount, mount_setattr */
void without_mount_setattr(void); /* Linux < 5.12 */
void as_before_6_8(void);         /* the newer ones, and no list of mounts */
void as_before_5_1(void);         /* all of them, and no pidfds */

#ifdef __cplusplus
}
#endif

#endif
