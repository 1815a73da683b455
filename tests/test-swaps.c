/* SPDX-License-Identifier: MIT */
/*
 * Somebody else does something between two system calls of a command: before each of them in turn.
 *
 * Whenever it is, no live namespace is lost, and nothing is changed where another's link leads.
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elsewhere.h"
#include "harness.h"
#include "leftovers.h"
#include "operations.h"
#include "stage.h"
#include "tool.h"

struct swap {
	struct operation operation;
	const char *words[2]; /* of the command */
	bool in_dir;          /* not in the default run directory, but in the attacker's */
	void (*meddle)(void);
};

static struct swap *chosen;

static bool meddled;

/* Counted over all processes. */
static struct tally {
	_Atomic unsigned points, missed;
} * tally;

#define DIR_OF_ATTACKER tmp_path("dir")

/* Whatever it answers: what was asked for may be impossible by then. */
static int run_chosen(void)
{
	const char *dir = chosen->in_dir ? DIR_OF_ATTACKER : netns_get_run_dir();
	const char *const argv[] = {
		"netns", "--run-dir", dir, chosen->words[0], chosen->words[1], NULL};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), status;
	pid_t pid;

	CHECK(null >= 0);
	pid = start_tool(argv, null);
	close(null);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return 0;
}

/* ---- a pin that is elsewhere ---- */

static void prepare_for_elsewhere(void)
{
	make_target();
	prepare_tool();
	prepare_elsewhere();
}

static void end_elsewhere_and_forget(void)
{
	end_elsewhere();
	if (netns_delete(NULL, NAME) < 0)
		check_absent();
}

/* ---- a stale name that is given again in another mount namespace, as the library does ---- */

static struct {
	pid_t pid;
	bool given;
} * elsewhere;

static void prepare_for_giver(void)
{
	make_target();
	prepare_tool();
	elsewhere = mmap(NULL, sizeof(*elsewhere), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(elsewhere != MAP_FAILED);
}

/* Not if somebody has the lock, for which the library would wait. */
static void give_and_stay(int ready)
{
	int dir = open(netns_get_run_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char source[64];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(target));
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(dir >= 0);
	if (flock(dir, LOCK_EX | LOCK_NB) == 0)
		elsewhere->given = mount(source, run_path(NAME), "none", MS_BIND, NULL) == 0;
	close(dir);
	CHECK(write(ready, "", 1) == 1);
	for (;;)
		pause();
}

static void give_elsewhere(void)
{
	elsewhere->given = false;
	elsewhere->pid = start_ready(give_and_stay);
}

static void check_given(void)
{
	char path[2 * PATH_MAX], place[PATH_MAX];
	struct stat there;

	CHECK(realpath(netns_get_run_dir(), place));
	snprintf(path, sizeof(path), "/proc/%d/root%s/%s", elsewhere->pid, place, NAME);
	if (meddled && elsewhere->given) {
		CHECK(stat(path, &there) == 0);
		CHECK_EQ(there.st_ino, inode_of(target));
	}
	if (meddled) {
		CHECK(kill(elsewhere->pid, SIGKILL) == 0);
		CHECK_EQ(waitpid(elsewhere->pid, NULL, 0), elsewhere->pid);
	}
	if (netns_delete(NULL, NAME) < 0)
		check_absent();
}

/* ---- a name that another makes anew, by neither the library nor its lock ---- */

static struct netns *other;

static void prepare(void)
{
	make_target();
	prepare_tool();
	other = create_ns(NULL, NETNS_CREATE_UNPINNED);
	netns_thread_release();
}

static void make_anew(void)
{
	const char *path = run_path(NAME);
	char source[64];
	int fd;

	while (umount2(path, MNT_DETACH) == 0)
		;
	CHECK(unlink(path) == 0 || errno == ENOENT);
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	CHECK(fd >= 0);
	close(fd);
	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(other));
	CHECK(mount(source, path, "none", MS_BIND, NULL) == 0);
}

static void check_leads_to(const struct netns *ns)
{
	struct netns *pin;

	CHECK_EQ(netns_open_name(NAME, &pin), 0);
	CHECK_EQ(netns_is_same(pin, ns), 1);
	netns_free(pin);
}

static void check_made_anew(void)
{
	if (meddled) /* and was not only traced */
		check_leads_to(other);
	if (netns_delete(NULL, NAME) < 0)
		check_absent();
}

/* ---- mounts that another takes away ---- */

static void bind(const char *path)
{
	CHECK(mount(path, path, NULL, MS_BIND, NULL) == 0);
}

static void pin_stack(void)
{
	pin_target();
	bind(run_path(NAME));
}

static void unmount_upper_pin(void)
{
	if (count_mounts_on(run_path(NAME)) == 2)
		CHECK(umount2(run_path(NAME), MNT_DETACH) == 0);
}

static void check_pinned(void)
{
	check_leads_to(target);
	unpin_target();
}

static void cover_with_itself(void)
{
	pin_target();
	bind(netns_get_run_dir());
}

static void uncover(void)
{
	if (count_mounts_on(netns_get_run_dir()) == 2)
		CHECK(umount2(netns_get_run_dir(), MNT_DETACH) == 0);
}

/* ---- a directory that its owner puts a link in place of ---- */

enum { ATTACKER = 1000 };

#define VICTIM tmp_path("victim")

static void make_directory(const char *path, const char *file, mode_t mode)
{
	int fd;

	CHECK(mkdir(path, 0700) == 0);
	fd = open(file, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 01000);
	CHECK(fd >= 0);
	close(fd);
	CHECK(chmod(path, mode) == 0);
}

static void make_directories(void)
{
	make_directory(DIR_OF_ATTACKER, tmp_path("dir/" NAME), 0777);
	CHECK(chown(DIR_OF_ATTACKER, ATTACKER, ATTACKER) == 0);
	make_directory(VICTIM, tmp_path("victim/" NAME), 0700);
}

static void pin_in_victim(void)
{
	make_directories();
	CHECK_EQ(netns_attach(target, VICTIM, NAME), 0);
}

static void put_link(void)
{
	CHECK(rename(DIR_OF_ATTACKER, tmp_path("away")) == 0);
	CHECK(symlink(VICTIM, DIR_OF_ATTACKER) == 0);
	CHECK(lchown(DIR_OF_ATTACKER, ATTACKER, ATTACKER) == 0);
}

/* Mode, owner, and the one file. */
static void check_victim(void)
{
	struct stat st;

	CHECK(stat(VICTIM, &st) == 0);
	CHECK_EQ(st.st_mode & 07777, 0700);
	CHECK_EQ(st.st_uid, geteuid());
	CHECK_EQ(access(tmp_path("victim/" NAME), F_OK), 0);
	CHECK_EQ(access(tmp_path("victim/new"), F_OK), -1);
}

static void remove_directory(const char *path, const char *file, const char *added)
{
	netns_delete(path, "new");
	netns_delete(path, NAME);
	unlink(file);
	unlink(added);
	CHECK(rmdir(path) == 0 || errno == ENOENT);
}

static void check_victim_and_clear(void)
{
	check_victim();
	CHECK(unlink(DIR_OF_ATTACKER) == 0 || errno == EISDIR);
	remove_directory(tmp_path("away"), tmp_path("away/" NAME), tmp_path("away/new"));
	remove_directory(DIR_OF_ATTACKER, tmp_path("dir/" NAME), tmp_path("dir/new"));
	remove_directory(VICTIM, tmp_path("victim/" NAME), tmp_path("victim/new"));
}

static void check_victims_pin(void)
{
	struct netns *pin;

	CHECK_EQ(netns_open_name_in(VICTIM, NAME, &pin), 0);
	CHECK_EQ(netns_is_same(pin, target), 1);
	netns_free(pin);
	check_victim_and_clear();
}

/* ---- the table ---- */

static struct swap swaps[] = {
	{{.name = "gc: mounts move to another namespace",
		 .prepare = prepare_for_elsewhere,
		 .set_up = pin_elsewhere,
		 .undo = end_elsewhere_and_forget},
		.words = {"gc"}, .meddle = move_elsewhere},
	{{.name = "doctor: mounts move to another namespace",
		 .prepare = prepare_for_elsewhere,
		 .set_up = pin_elsewhere,
		 .undo = end_elsewhere_and_forget},
		.words = {"doctor", "--fix"}, .meddle = move_elsewhere},
	{{.name = "gc: a stale name is given elsewhere",
		 .prepare = prepare_for_giver,
		 .set_up = leave_stale,
		 .undo = check_given},
		.words = {"gc"}, .meddle = give_elsewhere},
	{{.name = "doctor: a stale name is given elsewhere",
		 .prepare = prepare_for_giver,
		 .set_up = leave_stale,
		 .undo = check_given},
		.words = {"doctor", "--fix"}, .meddle = give_elsewhere},
	{{.name = "gc: a stale name is made anew",
		 .prepare = prepare,
		 .set_up = leave_stale,
		 .undo = check_made_anew},
		.words = {"gc"}, .meddle = make_anew},
	{{.name = "doctor: a stale name is made anew",
		 .prepare = prepare,
		 .set_up = leave_stale,
		 .undo = check_made_anew},
		.words = {"doctor", "--fix"}, .meddle = make_anew},
	{{.name = "doctor: a stack is made anew",
		 .prepare = prepare,
		 .set_up = pin_stack,
		 .undo = check_made_anew},
		.words = {"doctor", "--fix"}, .meddle = make_anew},
	{{.name = "doctor: the upper pin is unmounted",
		 .prepare = prepare,
		 .set_up = pin_stack,
		 .undo = check_pinned},
		.words = {"doctor", "--fix"}, .meddle = unmount_upper_pin},
	{{.name = "doctor: the directory is uncovered",
		 .prepare = prepare,
		 .set_up = cover_with_itself,
		 .undo = check_pinned},
		.words = {"doctor", "--fix"}, .meddle = uncover},
	{{.name = "gc: the directory becomes a link",
		 .prepare = prepare,
		 .set_up = make_directories,
		 .undo = check_victim_and_clear},
		.words = {"gc"}, .in_dir = true, .meddle = put_link},
	{{.name = "doctor: the directory becomes a link",
		 .prepare = prepare,
		 .set_up = make_directories,
		 .undo = check_victim_and_clear},
		.words = {"doctor", "--fix"}, .in_dir = true, .meddle = put_link},
	{{.name = "add: the directory becomes a link",
		 .prepare = prepare,
		 .set_up = make_directories,
		 .undo = check_victim_and_clear},
		.words = {"add", "new"}, .in_dir = true, .meddle = put_link},
	{{.name = "delete: the directory becomes a link",
		 .prepare = prepare,
		 .set_up = pin_in_victim,
		 .undo = check_victims_pin},
		.words = {"delete", NAME}, .in_dir = true, .meddle = put_link},
};

/* ---- before each call in turn ---- */

struct meddling {
	struct point at;
	struct progress progress;
	bool done;
};

static int meddle_there(const struct watched_call *call, void *data)
{
	struct meddling *meddling = data;
	struct point point;

	if (!meddling->done && is_point(&meddling->progress, &chosen->operation, call, &point) &&
		same_point(&point, &meddling->at)) {
		meddling->done = true;
		chosen->meddle();
	}
	return 0;
}

static int run(void *arg)
{
	const char *message;

	(void)arg;
	return run_operation(&chosen->operation, &message);
}

static void meddle_before(void *arg)
{
	struct meddling meddling = {.at = *(const struct point *)arg};

	tally->points++;
	meddled = true;
	printf("%s: before call %u.%u (number %d)\n", chosen->operation.name, meddling.at.task,
		meddling.at.index, meddling.at.nr);
	chosen->operation.set_up();
	CHECK_EQ(run_watched(run, NULL, meddle_there, &meddling), 0);
	tally->missed += !meddling.done;
	if (!meddling.done)
		chosen->meddle();
	chosen->operation.undo();
}

static void meddle_everywhere(const struct operation *operation)
{
	const struct trace *trace = trace_operation(operation);

	for (unsigned i = 0; i < trace->n; i++)
		in_watching_child(meddle_before, (void *)(uintptr_t)&trace->points[i]);
}

static void run_case(void)
{
	unsigned points = tally->points, missed = tally->missed;

	for (size_t i = 0; i < ARRAY_SIZE(swaps); i++)
		if (strcmp(swaps[i].operation.name, case_name()) == 0)
			chosen = &swaps[i];
	chosen->operation.flags = OF_TOOL;
	chosen->operation.run = run_chosen;
	with_operation(&chosen->operation, meddle_everywhere);
	check_reached(tally->points - points, tally->missed - missed);
}

int main(int argc, char **argv)
{
	struct test_case cases[ARRAY_SIZE(swaps)];
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(swaps); i++)
		cases[i] = (struct test_case){swaps[i].operation.name, run_case, NEED_ROOT, 120};
	tally = mmap(
		NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 2;
	status = run_cases(cases, ARRAY_SIZE(swaps), argc, argv);
	printf("# %u points (command x system call), %u of them not reached again\n", tally->points,
		tally->missed);
	return status;
}
