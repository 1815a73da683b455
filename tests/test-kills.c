/* SPDX-License-Identifier: MIT */
/*
 * Whoever changes names is killed at the entry of every system call.
 *
 * After each: the names of others are as they were, nobody has the lock, nothing is mounted twice,
 * and the name is free, or stands for a whole namespace, or is an empty file that is listed as
 * stale and that the next create takes over.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "leftovers.h"
#include "operations.h"
#include "raw.h"
#include "stage.h"

/* Counted over all processes. */
static struct tally {
	_Atomic unsigned points, died, live, stale;
} * tally;

struct killing {
	const struct operation *operation;
	struct point at;
	struct progress progress;
};

static int kill_there(const struct watched_call *call, void *data)
{
	struct killing *killing = data;
	struct point point;

	if (is_point(&killing->progress, killing->operation, call, &point) &&
		same_point(&point, &killing->at))
		kill(killing->operation->flags & OF_TOOL ? call->tid : getpid(), SIGKILL);
	else
		feed_command(call);
	return 0;
}

static int run(void *arg)
{
	const char *message;

	return run_operation(arg, &message);
}

/* In a process of its own. The tool is another one, which this one watches. */
static void run_to_the_end(struct killing *killing)
{
	const struct operation *operation = killing->operation;

	if (operation->set_up)
		operation->set_up();
	if (run_watched(run, (void *)(uintptr_t)operation, kill_there, killing) < 0)
		raise(SIGKILL);
	_exit(0);
}

static bool was_killed(const struct operation *operation, const struct point *point)
{
	struct killing killing = {.operation = operation, .at = *point};
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (pid == 0)
		run_to_the_end(&killing);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
	return status != 0;
}

static void check_lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	CHECK(flock(fd, LOCK_EX | LOCK_NB) == 0);
	close(fd);
}

/* An operation that finds a stack may be killed before it has taken it down. */
static void check_mounts(const struct operation *operation, const char *path)
{
	CHECK(count_mounts_on(path) <= (operation->stacked ? operation->stacked : 1));
}

/*
 * Before Linux 5.12 the run directory is made a mount of its own in steps, and between two of them
 * each pin would be mounted on the directory below as well.
 */
static unsigned most_mounts_after(const struct point *point)
{
	return point->nr == SYS_mount ? 2 : 1;
}

/* A later create works at once, whatever is left; unless it is all there. */
static void create_again(const char *directory, const char *name, int state, unsigned most)
{
	struct netns_create_opts opts = {
		.size = sizeof(opts), .name = name, .dir = directory, .flags = NETNS_CREATE_KEEP};
	struct netns *ns;
	char path[PATH_MAX];
	int r = netns_create(&opts, &ns);

	CHECK_EQ(r, state == NETNS_LIVE ? -EEXIST : 0);
	if (r == 0) {
		snprintf(path, sizeof(path), "%s/%s", directory, name);
		CHECK(count_mounts_on(path) <= most);
		netns_free(ns);
	}
	CHECK_EQ(netns_delete(directory, name), 0);
}

/* What `netns gc` does, every other time: what is stale goes, and nothing else. */
static int state_after_gc(const char *directory, const struct netns_entry *entry)
{
	bool stale = entry->state == NETNS_STALE;

	if (tally->points % 2)
		return entry->state;
	CHECK_EQ(netns_collect(directory, entry->name, NETNS_COLLECT_STALE), stale);
	return stale ? 0 : entry->state;
}

static void clear_names(const struct operation *operation, const char *directory, unsigned most)
{
	const struct netns_entry *entry;
	struct netns_iter *it;
	char path[PATH_MAX];

	if (netns_iter_new(directory, &it) == -ENOENT)
		return;
	while (netns_iter_next(it, &entry) == 1) {
		CHECK(entry->state == NETNS_LIVE || entry->state == NETNS_STALE);
		if (strcmp(entry->name, BYSTANDER) == 0)
			continue;
		tally->live += entry->state == NETNS_LIVE;
		tally->stale += entry->state == NETNS_STALE;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->name);
		check_mounts(operation, path);
		create_again(directory, entry->name, state_after_gc(directory, entry), most);
	}
	netns_iter_free(it);
}

static void kill_at(const struct operation *operation, const struct point *point)
{
	const char *directory = operation_directory(operation);
	struct inventory before = take_inventory_of(gettid()), after;
	unsigned most = most_mounts_after(point);
	bool died;

	tally->points++;
	died = was_killed(operation, point);
	tally->died += died;
	printf("%s: %s before call %u.%u (number %d)\n", operation->name,
		died ? "killed" : "not killed", point->task, point->index, point->nr);

	if (operation->killed)
		operation->killed();
	check_lock(directory);
	if (access(directory, F_OK) == 0)
		check_mounts(operation, directory);
	clear_names(operation, directory, most);
	if (access(directory, F_OK) == 0)
		create_again(directory, NAME, 0, most);
	if (operation->forget)
		operation->forget();
	after = take_inventory_of(gettid());
	CHECK(same_inventory(&before, &after));
	free_inventory(&before);
	free_inventory(&after);
}

struct place {
	const struct operation *operation;
	const struct point *point;
};

static void kill_at_place(void *arg)
{
	const struct place *place = arg;

	kill_at(place->operation, place->point);
}

/* Not by the library, which would remember what the first of its calls had to find out. */
static ino_t bystander(const struct operation *operation)
{
	struct stat st = {0};

	if (!(operation->flags & FIRST_EVER))
		CHECK(stat(run_path(BYSTANDER), &st) == 0);
	return st.st_ino;
}

static void kill_everywhere(const struct operation *operation)
{
	const struct trace *trace = trace_operation(operation);
	ino_t before = bystander(operation);

	for (unsigned i = 0; i < trace->n; i++) {
		struct place place = {operation, &trace->points[i]};

		/* In a process of its own, so that the next begins with what was traced. */
		in_watching_child(kill_at_place, &place);
	}
	CHECK(bystander(operation) == before);
}

static void kill_at_each_call(void)
{
	unsigned points = tally->points, died = tally->died;

	with_operation_on_kernels(operation_of_case(), kill_everywhere);
	points = tally->points - points;
	check_reached(points, points - (tally->died - died));
}

int main(int argc, char **argv)
{
	int status;

	tally = mmap(
		NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 2;
	status = run_operation_cases(kill_at_each_call, CHANGES_NAMES, argc, argv);
	/* Worker threads share out the names as they come: a call may be another one's this time. */
	printf("# %u points (operation x system call), killed at %u, not reached again %u; then %u "
	       "names were live, %u stale\n",
		tally->points, tally->died, tally->points - tally->died, tally->live, tally->stale);
	return status;
}
