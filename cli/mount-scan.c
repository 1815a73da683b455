/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli.h"
#include "mount-scan.h"
#include "mountinfo.h"
#include "procfs.h"
#include "statmount.h"

#define GET_MNTNS_ID _IOR(0xb7, 0x5, uint64_t) /* NS_GET_MNTNS_ID, Linux 6.11 */

enum { MOST_THREADS = 4 };

void scan_add_reader(struct mount_scan *scan, const struct mount_reader *reader)
{
	size_t n = scan->n_readers;

	if ((n & (n + 1)) == 0)
		scan->readers =
			need(reallocarray(scan->readers, 2 * (n + 1), sizeof(*scan->readers)));
	scan->readers[scan->n_readers++] = *reader;
}

/* Is said by any thread, in any order. */
static void known_is_at(struct mount_scan *scan, size_t known, size_t reader)
{
	size_t *first = &scan->first[known - 1], old = __atomic_load_n(first, __ATOMIC_RELAXED);

	while ((old == 0 || old > reader + 1) &&
		!__atomic_compare_exchange_n(
			first, &old, reader + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* ---- by listmount(2) and statmount(2) ---- */

/* The number of what is mounted; NOT_OF_NETWORK; 0: unknown. */
static size_t look_at(const struct mount_scan *scan, uint64_t mount, uint64_t mount_namespace)
{
	struct mount_request request = {.size = sizeof(request),
		.mount = mount,
		.param = WANT_SB_BASIC | WANT_BASIC,
		.mount_namespace = mount_namespace};
	struct mount_answer answer;
	size_t known;

	if (syscall(SYS_STATMOUNT, &request, &answer, sizeof(answer), 0) < 0 ||
		(answer.told & request.param) != request.param)
		return 0;
	if (answer.magic != NSFS)
		return NOT_OF_NETWORK;
	known = answer.group ? map_get(&scan->groups, answer.group) : 0;
	return known || !answer.master ? known : map_get(&scan->groups, answer.master);
}

/* The id that statmount(2) knows the root of a thread by; 0: unknown. */
static uint64_t root_mount(int thread)
{
	struct statx stx;

	if (statx(thread, "root", AT_NO_AUTOMOUNT, UNIQUE_MOUNT, &stx) < 0 ||
		!(stx.stx_mask & UNIQUE_MOUNT))
		return 0;
	return stx.stx_mnt_id;
}

/*
 * False: there is one that is not known, or the kernel does not tell. It tells what is below the
 * first that was mounted on the initial root, which need not be the root of the processes.
 */
static bool all_are_known(
	struct mount_scan *scan, size_t reader, uint64_t mount_namespace, uint64_t root)
{
	struct mount_request request = {
		.size = sizeof(request), .mount = ALL_OF_THEM, .mount_namespace = mount_namespace};
	uint64_t mounts[512];
	bool has_root = false;
	long n;

	do {
		n = syscall(SYS_LISTMOUNT, &request, mounts, ARRAY_SIZE(mounts), 0);
		for (long i = 0; i < n; i++) {
			size_t known = look_at(scan, mounts[i], mount_namespace);

			if (!known)
				return false;
			has_root |= mounts[i] == root;
			if (known != NOT_OF_NETWORK)
				known_is_at(scan, known, reader);
			request.param = mounts[i];
		}
	} while (n == ARRAY_SIZE(mounts));
	return n >= 0 && has_root;
}

/* ---- by mountinfo, which tells all ---- */

struct reading {
	struct mount_scan *scan;
	size_t reader;
};

static void add_found(struct mount_scan *scan, const struct mount_found *found)
{
	size_t n;

	pthread_mutex_lock(&scan->lock);
	n = scan->n_found++;
	if ((n & (n + 1)) == 0)
		scan->found = need(reallocarray(scan->found, 2 * (n + 1), sizeof(*scan->found)));
	scan->found[n] = *found;
	pthread_mutex_unlock(&scan->lock);
}

static void found_mount(struct mountinfo *mount, void *arg)
{
	const struct reading *reading = arg;
	struct mount_found found = {.reader = reading->reader};
	size_t known;

	if (strcmp(mount->type, "nsfs") != 0)
		return;
	found.inode = procfs_inode(mount->root, "net");
	if (!found.inode)
		return;
	known = map_get(&reading->scan->inodes, found.inode);
	if (known && known <= reading->scan->n_known) {
		known_is_at(reading->scan, known, reading->reader);
		return;
	}
	mountinfo_unescape(mount->target);
	found.path = need(strdup(mount->target));
	add_found(reading->scan, &found);
}

/* ---- each once ---- */

static void note_failure(struct mount_scan *scan, int error)
{
	if (is_shortage(error))
		__atomic_store_n(&scan->lacking, error, __ATOMIC_RELAXED);
}

/* Its /proc/PID/task/TID and namespace, if the thread is still there, and still in it. */
static void read_one(struct mount_scan *scan, size_t at)
{
	const struct mount_reader *reader = &scan->readers[at];
	char path[64];
	int thread, ns, r = 0;
	struct stat st;
	uint64_t id;

	snprintf(path, sizeof(path), "/proc/%d/task/%d", reader->pid, reader->tid);
	thread = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (thread < 0) {
		note_failure(scan, errno);
		return;
	}
	ns = openat(thread, "ns/mnt", O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		note_failure(scan, errno);
	if (ns >= 0 && fstat(ns, &st) == 0 && st.st_ino == reader->mnt &&
		!(scan->n_known && scan->groups.n && ioctl(ns, GET_MNTNS_ID, &id) == 0 &&
			all_are_known(scan, at, id, root_mount(thread))))
		r = mountinfo_read(thread, "mountinfo", found_mount,
			&(struct reading){.scan = scan, .reader = at});
	note_failure(scan, -r);
	if (ns >= 0)
		close(ns);
	close(thread);
}

static void *read_some(void *arg)
{
	struct mount_scan *scan = arg;
	size_t at;

	while ((at = __atomic_fetch_add(&scan->next, 1, __ATOMIC_RELAXED)) < scan->n_readers)
		read_one(scan, at);
	return NULL;
}

static int by_reader(const void *a, const void *b)
{
	const struct mount_found *x = a, *y = b;

	return x->reader < y->reader ? -1 : x->reader > y->reader;
}

static size_t threads_wanted(const struct mount_scan *scan)
{
	cpu_set_t cpus;
	size_t n = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (size_t)CPU_COUNT(&cpus) : 1;

	if (n > MOST_THREADS)
		n = MOST_THREADS;
	/* few are read before a thread would have begun */
	return n < scan->n_readers / 2 ? n : scan->n_readers / 2;
}

void scan_mounts(struct mount_scan *scan)
{
	pthread_t threads[MOST_THREADS];
	size_t wanted = threads_wanted(scan), n = 0;

	scan->first = need(calloc(scan->n_known + 1, sizeof(*scan->first)));
	pthread_mutex_init(&scan->lock, NULL);
	while (n + 1 < wanted && pthread_create(&threads[n], NULL, read_some, scan) == 0)
		n++;
	read_some(scan);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	pthread_mutex_destroy(&scan->lock);
	if (scan->n_found > 1)
		qsort(scan->found, scan->n_found, sizeof(*scan->found), by_reader);
}

void scan_free(struct mount_scan *scan)
{
	map_free(&scan->inodes);
	map_free(&scan->groups);
	free(scan->readers);
	free(scan->first);
	free(scan->found);
}
