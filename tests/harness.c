/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "leftovers.h"

/* Of ThreadSanitizer: cases fork with threads about. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}

enum verdict { OPEN, PASSED, FAILED, SKIPPED };

/* Seen by the runner and by every process of the case, so that none can fail unnoticed. */
struct report {
	_Atomic int verdict;
	char text[4096];
};

static struct report *report;
static const char *name_of_case;
static pid_t case_pid;
static bool is_private;
static _Atomic bool moved;
static struct rlimit descriptors;

const char *case_name(void)
{
	return name_of_case;
}

/* The first verdict counts. */
static void end_case(enum verdict verdict, const char *fmt, va_list args)
{
	int open = OPEN;

	if (atomic_compare_exchange_strong(&report->verdict, &open, verdict))
		vsnprintf(report->text, sizeof(report->text), fmt, args);
	_exit(1);
}

static void end_case_with(enum verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void end_case_with(enum verdict verdict, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	end_case(verdict, fmt, args);
	va_end(args);
}

void fail_case(const char *file, int line, const char *fmt, ...)
{
	const char *name = strrchr(file, '/');
	char text[3000];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	end_case_with(FAILED, "%s:%d: %s", name ? name + 1 : file, line, text);
	__builtin_unreachable();
}

void skip_case(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	end_case(SKIPPED, fmt, args);
	__builtin_unreachable();
}

void check_eq(const char *file, int line, const char *what, long long got, long long want)
{
	if (got != want)
		fail_case(file, line, "%s is %lld, expected %lld\nnetns_errmsg(): %s", what, got,
			want, netns_errmsg());
}

void check_str(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (!got || !want ? got != want : strcmp(got, want) != 0)
		fail_case(file, line, "%s is \"%s\", expected \"%s\"", what, got ? got : "(null)",
			want ? want : "(null)");
}

void check_msg(const char *file, int line, const char *text)
{
	if (!strstr(netns_errmsg(), text))
		fail_case(file, line, "netns_errmsg() is \"%s\", without \"%s\"", netns_errmsg(),
			text);
}

void moved_on_purpose(void)
{
	moved = true;
}

/* A mount namespace of its own, in which nothing comes from outside or goes there. */
static void isolate(unsigned needs)
{
	char parent[PATH_MAX], place[PATH_MAX];

	if (unshare(CLONE_NEWNS) < 0) {
		CHECK_EQ(errno, EPERM);
		if (needs & NEED_ROOT)
			skip_case("needs root (CAP_SYS_ADMIN)");
		return;
	}
	snprintf(parent, sizeof(parent), "%s", netns_get_run_dir());
	*strrchr(parent, '/') = '\0';
	CHECK(realpath(parent, place));
	CHECK(mount(NULL, "/", "none", MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("tests", place, "tmpfs", 0, "mode=755") == 0);
	is_private = true;
	CHECK(mkdir(tmp_path(""), 0755) == 0);
}

const char *tmp_path(const char *name)
{
	static _Thread_local char paths[8][PATH_MAX];
	static _Thread_local unsigned next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];
	const char *run_dir = netns_get_run_dir();

	if (!is_private)
		skip_case("needs root (a private mount namespace)");
	snprintf(path, PATH_MAX, "%.*s/tmp/%s", (int)(strrchr(run_dir, '/') - run_dir), run_dir,
		name);
	return path;
}

unsigned patience(void)
{
	const char *factor = getenv("NETNS_TESTS_PATIENCE");

	return factor && atoi(factor) > 0 ? (unsigned)atoi(factor) : 1;
}

/* A thread's exit is not quite over when it has been joined. */
static void check_threads(int n)
{
	for (unsigned i = 0; i < 1000 * patience() && count_threads() != n; i++)
		usleep(1000);
	CHECK_EQ(count_threads(), n);
}

static void check_children(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	if (pid > 0)
		fail_case(__FILE__, __LINE__, "process %d was not waited for", (int)pid);
	if (pid == 0)
		fail_case(__FILE__, __LINE__, "a child process was left running");
	CHECK_EQ(errno, ECHILD);
}

static void *tell_path(void *arg)
{
	snprintf(arg, 64, "/proc/self/task/%d", (int)gettid());
	return NULL;
}

/* ThreadSanitizer starts a thread of its own beside the first. */
static void warm_up(void)
{
	pthread_t thread;
	char path[64];

	CHECK_EQ(pthread_create(&thread, NULL, tell_path, path), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	while (access(path, F_OK) == 0)
		usleep(100);
}

static void run_here(const struct test_case *test)
{
	struct inventory before, after;
	uint64_t home = here();
	int threads, open = OPEN;

	isolate(test->needs);
	warm_up();
	getrlimit(RLIMIT_NOFILE, &descriptors);
	before = take_inventory();
	threads = count_threads();

	test->run();

	if (getpid() != case_pid)
		fail_case(__FILE__, __LINE__, "a child of the case came back from it");
	unlimit_descriptors();
	netns_thread_release();
	check_children();
	check_threads(threads);
	after = take_inventory();
	if (!same_inventory(&before, &after))
		fail_case(__FILE__, __LINE__, "the case left something behind");
	if (!moved)
		CHECK_EQ(here(), home);
	free_inventory(&before);
	free_inventory(&after);
	atomic_compare_exchange_strong(&report->verdict, &open, PASSED);
}

/* Not _exit(): a sanitizer has its say at exit. */
static void run_child(const struct test_case *test, const sigset_t *mask, int output)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	close(null);
	close(output);
	setvbuf(stdout, NULL, _IONBF, 0);
	CHECK(chdir("/") == 0);
	case_pid = getpid();
	name_of_case = test->name;
	run_here(test);
	exit(0);
}

static struct timespec remaining(double deadline)
{
	double left = deadline - now();

	if (left < 0)
		left = 0;
	return (struct timespec){(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
}

/* Waits for SIGCHLD, which is blocked. */
static bool wait_until(pid_t pid, double deadline, int *status)
{
	struct timespec left;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	for (;;) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		left = remaining(deadline);
		if (left.tv_sec == 0 && left.tv_nsec == 0)
			return false;
		sigtimedwait(&signals, NULL, &left);
	}
}

static unsigned kill_children(void)
{
	FILE *file = fopen("/proc/thread-self/children", "re");
	unsigned n = 0;
	int pid;

	while (file && fscanf(file, "%d", &pid) == 1)
		n += kill(pid, SIGKILL) == 0;
	if (file)
		fclose(file);
	return n;
}

/* Processes that outlive their case come to the runner, a subreaper; says how many lived. */
static unsigned end_orphans(double seconds)
{
	double deadline = now() + seconds;
	unsigned killed = 0;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (pid == 0 && now() >= deadline)
			killed += kill_children();
		if (pid == 0)
			usleep(1000);
	}
	return killed;
}

static void print_diagnostics(const char *text)
{
	while (*text) {
		int n = (int)strcspn(text, "\n");

		printf("# %.*s\n", n, text);
		text += n + (text[n] != '\0');
	}
}

static void print_output(int fd)
{
	char text[65536];
	off_t size = lseek(fd, 0, SEEK_END), room = sizeof(text) - 1;
	ssize_t n = pread(fd, text, sizeof(text) - 1, size > room ? size - room : 0);

	text[n < 0 ? 0 : n] = '\0';
	print_diagnostics(text);
}

static void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void fail(const char *fmt, ...)
{
	size_t n = report->verdict == FAILED ? strlen(report->text) : 0;
	va_list args;

	if (n > 0 && n < sizeof(report->text) - 1)
		report->text[n++] = '\n';
	va_start(args, fmt);
	vsnprintf(report->text + n, sizeof(report->text) - n, fmt, args);
	va_end(args);
	report->verdict = FAILED;
}

static unsigned limit_of(const struct test_case *test)
{
	return (test->timeout_s ? test->timeout_s : 30) * patience();
}

static void watch_child(const struct test_case *test, pid_t pid)
{
	unsigned limit = limit_of(test), orphans;
	bool in_time;
	int status;

	in_time = wait_until(pid, now() + limit, &status);
	if (!in_time) {
		fail("not done after %u seconds", limit);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	orphans = end_orphans(in_time ? patience() : 0);

	if (!in_time)
		return;
	if (WIFSIGNALED(status))
		fail("killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (report->verdict == OPEN || (report->verdict == PASSED && WEXITSTATUS(status) != 0))
		fail("ended with status %d", WEXITSTATUS(status));
	else if (report->verdict == PASSED && orphans > 0)
		fail("%u processes were left running", orphans);
}

static void skip_or_fail(void)
{
	const char *must = getenv("NETNS_TESTS_MUST_RUN");
	char reason[256];

	if (!must || strcmp(must, "1") != 0)
		return;
	snprintf(reason, sizeof(reason), "%.250s", report->text);
	report->verdict = OPEN;
	fail("must run, but was skipped: %s", reason);
}

/*
 * Where a tool watches that cannot do what a case needs, NETNS_TESTS_LEFT_OUT is a file with those:
 * "PROGRAM CASE REASON" a line.
 */
static bool is_left_out(const struct test_case *test, char *reason, size_t size)
{
	const char *path = getenv("NETNS_TESTS_LEFT_OUT");
	FILE *file = path ? fopen(path, "re") : NULL;
	char line[512], wanted[128];
	bool found = false;
	size_t length;

	length = (size_t)snprintf(
		wanted, sizeof(wanted), "%s %s ", program_invocation_short_name, test->name);
	while (!found && file && fgets(line, sizeof(line), file))
		found = strncmp(line, wanted, length) == 0;
	if (found)
		snprintf(reason, size, "%.*s", (int)strcspn(line + length, "\n"), line + length);
	if (file)
		fclose(file);
	return found;
}

static bool run_case(const struct test_case *test, unsigned number)
{
	sigset_t block, mask;
	char reason[256];
	pid_t pid;
	int output;

	if (is_left_out(test, reason, sizeof(reason))) {
		printf("ok %u - %s # SKIP %s\n", number, test->name, reason);
		return true;
	}
	output = memfd_create("output", MFD_CLOEXEC);
	memset(report, 0, sizeof(*report));
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, &mask);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		run_child(test, &mask, output);
	if (pid < 0)
		fail("fork: %m");
	else
		watch_child(test, pid);

	if (report->verdict == SKIPPED)
		skip_or_fail();
	printf("%sok %u - %s%s%s\n", report->verdict == FAILED ? "not " : "", number, test->name,
		report->verdict == SKIPPED ? " # SKIP " : "",
		report->verdict == SKIPPED ? report->text : "");
	if (report->verdict == FAILED) {
		print_diagnostics(report->text);
		print_output(output);
	}
	fflush(stdout);
	close(output);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return report->verdict != FAILED;
}

static const struct test_case *find_case(const struct test_case *cases, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(cases[i].name, name) == 0)
			return &cases[i];
	printf("Bail out! No case is named %s\n", name);
	exit(2);
}

/* What the program that started us left open is none of count_inheritable()'s. */
static void keep_from_children(void)
{
	int flags;

	for (int fd = 3; fd < 4096; fd++) {
		flags = fcntl(fd, F_GETFD);
		if (flags >= 0)
			fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
	}
}

int run_cases(const struct test_case *cases, size_t n, int argc, char **argv)
{
	size_t wanted = argc > 1 ? (size_t)argc - 1 : n;
	bool ok = true;

	report = mmap(
		NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
		printf("Bail out! %m\n");
		return 2;
	}
	keep_from_children();
	printf("1..%zu\n", wanted);
	for (size_t i = 0; i < wanted; i++)
		ok &= run_case(
			argc > 1 ? find_case(cases, n, argv[i + 1]) : &cases[i], (unsigned)i + 1);
	return ok ? 0 : 1;
}

void limit_free_descriptors(unsigned n)
{
	struct rlimit limit = descriptors;

	/* The limit is a number above which no descriptor may be, so those in use are passed. */
	for (limit.rlim_cur = 0; fcntl((int)limit.rlim_cur, F_GETFD) >= 0 || n-- > 0;)
		limit.rlim_cur++;
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

void unlimit_descriptors(void)
{
	CHECK(setrlimit(RLIMIT_NOFILE, &descriptors) == 0);
}
