/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elsewhere.h"
#include "harness.h"
#include "stage.h"

/* Shared, because whoever has started the process may be killed before it. */
static struct {
	pid_t pid, tid;
	_Atomic bool moved;
} * elsewhere;

void prepare_elsewhere(void)
{
	elsewhere = mmap(NULL, sizeof(*elsewhere), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(elsewhere != MAP_FAILED);
}

static void move(int signal)
{
	(void)signal;
	elsewhere->moved = unshare(CLONE_NEWNS) == 0;
}

static void *mount_and_stay(void *ready)
{
	char source[64];
	int fd = *(int *)ready;

	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_get_fd(target));
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount(source, run_path(NAME), "none", MS_BIND, NULL) == 0);
	CHECK(signal(SIGUSR1, move) != SIG_ERR);
	elsewhere->tid = gettid();
	CHECK(write(fd, "", 1) == 1);
	/* with nothing of what the test has open, so that only the mount holds the namespace */
	close_range(3, ~0U, 0);
	for (;;)
		pause();
}

static void be_elsewhere(int ready)
{
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, mount_and_stay, &ready), 0);
	for (;;)
		pause();
}

void pin_elsewhere(void)
{
	leave_stale();
	elsewhere->pid = start_ready(be_elsewhere);
}

void move_elsewhere(void)
{
	elsewhere->moved = false;
	CHECK(tgkill(elsewhere->pid, elsewhere->tid, SIGUSR1) == 0);
	while (!elsewhere->moved)
		usleep(100);
}

static int look_there(struct stat *ret)
{
	char path[2 * PATH_MAX], place[PATH_MAX];

	CHECK(realpath(netns_get_run_dir(), place));
	snprintf(path, sizeof(path), "/proc/%d/task/%d/root%s/%s", elsewhere->pid, elsewhere->tid,
		place, NAME);
	return stat(path, ret);
}

void check_elsewhere(void)
{
	struct stat there;

	CHECK(access(run_path(NAME), F_OK) == 0);
	CHECK(look_there(&there) == 0);
	CHECK_EQ(there.st_ino, inode_of(target));
}

void end_elsewhere(void)
{
	struct stat st;

	check_elsewhere();
	CHECK(kill(elsewhere->pid, SIGKILL) == 0);
	/* It is another's child when that one was killed; then it has gone with its mounts. */
	if (waitpid(elsewhere->pid, NULL, 0) < 0)
		while (look_there(&st) == 0)
			usleep(1000);
}
