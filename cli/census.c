/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "census.h"
#include "cli.h"
#include "foreign.h"
#include "mount-scan.h"
#include "mountinfo.h"
#include "number-map.h"
#include "procfs.h"

const char *const holder_words[N_HOLDER_KINDS] = {
	[HELD_BY_NAME] = "name",
	[HELD_BY_MOUNT] = "mount",
	[HELD_BY_PROCESS] = "process",
	[HELD_BY_THREAD] = "thread",
	[HELD_BY_DESCRIPTOR] = "descriptor",
	[HELD_BY_SOCKET] = "socket",
	[HELD_BY_TUN] = "tun",
	[HELD_UNSEEN] = "unseen",
};

/* /dev/net/tun, wherever it is and whatever it is called (Documentation/admin-guide/devices.txt) */
enum { TUN_MAJOR = 10, TUN_MINOR = 200 };

/* A census under way. The maps lead to 1 + the index of a namespace; 0: none. */
struct taking {
	struct census *census;
	enum census_depth depth;
	struct mount_scan scan; /* its map of inodes is that of all */
	struct map cookies;
	struct map sockets;
	struct map mount_namespaces; /* those that are or will be read */
	struct map others;           /* of other kinds, and those that could not be looked at */
	struct map own;              /* those that this process has open */
	struct map names;            /* the paths, by their hash */
	struct foreign foreign;
	uint64_t *ids; /* the kernel's list */
	int n_ids;     /* or a negative errno */
	pid_t self;
	uint64_t home; /* the namespace of this process */
	dev_t nsfs;
	int lacking; /* 0, or the errno by which a descriptor was passed over though it is there */
};

static size_t at_inode(struct taking *taking, uint64_t inode)
{
	struct census *census = taking->census;
	int is_new;
	size_t *index = map_at(&taking->scan.inodes, inode, &is_new);

	if (!*index) {
		/* grows at the powers of two */
		if ((census->n & (census->n + 1)) == 0)
			census->v = need(
				reallocarray(census->v, 2 * (census->n + 1), sizeof(*census->v)));
		census->v[census->n] = (struct namespace){.inode = inode};
		*index = ++census->n;
	}
	return *index;
}

static struct namespace *namespace_at(struct taking *taking, size_t index)
{
	return &taking->census->v[index - 1];
}

static struct holder *add_holder(struct namespace *ns, enum holder_kind kind, pid_t pid)
{
	struct holder *holder;

	if ((ns->n_holders & (ns->n_holders + 1)) == 0)
		ns->holders = need(
			reallocarray(ns->holders, 2 * (ns->n_holders + 1), sizeof(*ns->holders)));
	holder = &ns->holders[ns->n_holders++];
	*holder = (struct holder){.kind = kind, .pid = pid, .fd = -1};
	ns->kinds |= 1u << kind;
	return holder;
}

/* FNV-1a; what two names share by accident once in 2^64 is that one of them is not called stale. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static uint64_t hash_more(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t hash(const char *path)
{
	return hash_more(HASH_BEGIN, path) | 1;
}

/* One of the caller's own. Its copies are known by the groups that it is in. */
static void found_mount(struct mountinfo *mount, void *arg)
{
	struct taking *taking = arg;
	size_t index = NOT_OF_NETWORK;
	uint64_t inode;
	int is_new;

	if (strcmp(mount->type, "nsfs") != 0)
		return;
	inode = procfs_inode(mount->root, "net");
	if (inode) {
		mountinfo_unescape(mount->target);
		map_at(&taking->names, hash(mount->target), &is_new);
		index = at_inode(taking, inode);
		add_holder(namespace_at(taking, index), HELD_BY_NAME, 0)->path =
			need(strdup(mount->target));
	}
	if (mount->group)
		*map_at(&taking->scan.groups, mount->group, &is_new) = index;
	if (mount->master)
		*map_at(&taking->scan.groups, mount->master, &is_new) = index;
}

/* Later, when all processes have been seen. */
static void note_mounts(struct taking *taking, const struct procfs_thread *thread)
{
	int is_new;

	if (!thread->mnt)
		return;
	map_at(&taking->mount_namespaces, thread->mnt, &is_new);
	if (is_new)
		scan_add_reader(&taking->scan,
			&(struct mount_reader){thread->pid, thread->tid, thread->mnt});
}

static void read_mounts(struct taking *taking)
{
	struct mount_scan *scan = &taking->scan;

	scan_mounts(scan);
	for (size_t i = 0; i < scan->n_known; i++)
		if (scan->first[i])
			add_holder(namespace_at(taking, i + 1), HELD_BY_MOUNT,
				scan->readers[scan->first[i] - 1].pid);
	for (size_t i = 0; i < scan->n_found; i++) {
		struct mount_found *found = &scan->found[i];
		struct namespace *ns = namespace_at(taking, at_inode(taking, found->inode));

		if (taking->depth == EACH_MOUNT || !(ns->kinds & 1u << HELD_BY_MOUNT))
			add_holder(ns, HELD_BY_MOUNT, scan->readers[found->reader].pid)->path =
				found->path;
		else
			free(found->path);
	}
}

static void count_thread(struct taking *taking, const struct procfs_thread *thread)
{
	struct namespace *ns = namespace_at(taking, at_inode(taking, thread->net));
	struct holder *last = ns->n_holders > 0 ? &ns->holders[ns->n_holders - 1] : NULL;

	if (ns->last != thread->pid) {
		ns->processes++;
		ns->last = thread->pid;
		if (!ns->first)
			ns->first = thread->pid;
	}
	if (last && last->kind == HELD_BY_PROCESS && last->pid == thread->pid) {
		last->threads++;
	} else {
		bool is_main = thread->tid == thread->pid;
		struct holder *holder =
			add_holder(ns, is_main ? HELD_BY_PROCESS : HELD_BY_THREAD, thread->pid);

		holder->tid = thread->tid;
		holder->threads = 1;
	}
}

static void found_thread(const struct procfs_thread *thread, void *arg)
{
	struct taking *taking = arg;

	if (thread->pid == taking->self)
		taking->home = thread->net;
	else
		count_thread(taking, thread);
	note_mounts(taking, thread);
}

/* This process counts only where there would be nothing without it. */
static void count_oneself(struct taking *taking)
{
	const struct procfs_thread self = {
		.pid = taking->self, .tid = taking->self, .net = taking->home};
	int is_new;

	if (taking->home && !*map_at(&taking->scan.inodes, taking->home, &is_new))
		count_thread(taking, &self);
}

static void note_failure(struct taking *taking, int r)
{
	if (is_shortage(-r))
		taking->lacking = -r;
}

static size_t at_handle(struct taking *taking, int sock)
{
	struct netns_inode inode;
	struct netns *ns;
	size_t index = 0;
	int r = netns_open_socket(sock, &ns);

	note_failure(taking, r);
	if (r < 0)
		return 0;
	if (netns_get_inode(ns, &inode) == 0)
		index = at_inode(taking, inode.ino);
	netns_free(ns);
	return index;
}

/* Each namespace is asked for its inode once; then its sockets are known by the cookie. */
static size_t at_socket(struct taking *taking, int sock)
{
	uint64_t cookie = foreign_cookie(sock);
	size_t *index;
	int is_new;

	if (!cookie)
		return at_handle(taking, sock);
	index = map_at(&taking->cookies, cookie, &is_new);
	if (is_new)
		*index = at_handle(taking, sock);
	return *index;
}

static size_t at_foreign_socket(struct taking *taking, pid_t pid, int fd)
{
	int sock = foreign_open(&taking->foreign, pid, fd);
	size_t index;

	if (sock < 0) {
		note_failure(taking, sock);
		return 0;
	}
	index = at_socket(taking, sock);
	close(sock);
	return index;
}

/* Processes share sockets, which they have inherited. */
static size_t at_known_socket(struct taking *taking, pid_t pid, int fd, uint64_t inode)
{
	int is_new;
	size_t *index = map_at(&taking->sockets, inode, &is_new);

	if (is_new)
		*index = at_foreign_socket(taking, pid, fd);
	return *index;
}

/* A file of a namespace of some kind; the kinds share the numbers. */
static size_t at_descriptor(struct taking *taking, pid_t pid, int fd, uint64_t inode)
{
	char path[64];
	int is_new, r;
	size_t *index = map_at(&taking->scan.inodes, inode, &is_new);

	if (*index)
		return *index;
	map_at(&taking->others, inode, &is_new);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	r = is_new ? netns_check_path(path) : -EEXIST;
	note_failure(taking, r);
	return r == 0 ? at_inode(taking, inode) : 0;
}

static void found_descriptor(pid_t pid, int fd, const struct statx *file, void *arg)
{
	struct taking *taking = arg;
	enum holder_kind kind;
	size_t index;
	struct holder *holder;
	bool is_namespace = makedev(file->stx_dev_major, file->stx_dev_minor) == taking->nsfs;
	int is_new;

	if (pid == taking->self) {
		if (is_namespace)
			map_at(&taking->own, file->stx_ino, &is_new);
		return;
	}
	if (is_namespace) {
		kind = HELD_BY_DESCRIPTOR;
		index = at_descriptor(taking, pid, fd, file->stx_ino);
	} else if (S_ISSOCK(file->stx_mode)) {
		kind = HELD_BY_SOCKET;
		index = at_known_socket(taking, pid, fd, file->stx_ino);
	} else if (S_ISCHR(file->stx_mode) && file->stx_rdev_major == TUN_MAJOR &&
		   file->stx_rdev_minor == TUN_MINOR) {
		kind = HELD_BY_TUN;
		index = at_foreign_socket(taking, pid, fd);
	} else {
		return;
	}
	if (!index)
		return;
	holder = add_holder(namespace_at(taking, index), kind, pid);
	holder->fd = fd;
	holder->inode = file->stx_ino;
}

static void add_dead(struct census *census, const char *dir, const struct netns_entry *entry)
{
	struct dead_name *dead;

	if ((census->n_dead & (census->n_dead + 1)) == 0)
		census->dead = need(reallocarray(
			census->dead, 2 * (census->n_dead + 1), sizeof(*census->dead)));
	dead = &census->dead[census->n_dead++];
	dead->path = text("%s/%s", dir, entry->name);
	dead->state = entry->state;
}

/* All that there is under names is known from the mounts. */
static bool has_unknown(struct taking *taking, const char *dir)
{
	const struct dirent *entry;
	DIR *directory = opendir(dir);
	uint64_t begin = hash_more(hash_more(HASH_BEGIN, dir), "/");
	bool found = false;

	while (directory && !found && (entry = readdir(directory))) {
		int is_new = 0;

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			map_at(&taking->names, hash_more(begin, entry->d_name) | 1, &is_new);
		found = is_new;
	}
	if (directory)
		closedir(directory);
	return found;
}

static void find_dead_names(struct taking *taking, const char *dir)
{
	char *real = realpath(dir, NULL);
	const struct netns_entry *entry;
	struct netns_iter *it;
	int is_new;

	if (real)
		map_at(&taking->names, hash(real), &is_new);
	if (real && is_new && has_unknown(taking, real) && netns_iter_new(real, &it) == 0) {
		while (netns_iter_next(it, &entry) > 0)
			if (entry->state != NETNS_LIVE)
				add_dead(taking->census, real, entry);
		netns_iter_free(it);
	}
	free(real);
}

/* Of iproute2 and podman; docker; podman without root. */
static void find_all_dead_names(struct taking *taking)
{
	glob_t found;

	if (globals.run_dir)
		find_dead_names(taking, globals.run_dir);
	find_dead_names(taking, netns_get_run_dir());
	find_dead_names(taking, "/run/netns");
	find_dead_names(taking, "/run/docker/netns");
	if (glob("/run/user/*/netns", GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			find_dead_names(taking, found.gl_pathv[i]);
	globfree(&found);
}

static uint64_t inode_of_id(uint64_t id)
{
	struct netns_inode inode = {0};
	struct netns *ns;

	if (open_by_id(id, &ns) == 0) {
		netns_get_inode(ns, &inode);
		netns_free(ns);
	}
	return inode.ino;
}

static void add_if_unseen(struct taking *taking, uint64_t id)
{
	uint64_t inode = inode_of_id(id);
	struct namespace *found;
	int is_new;

	if (!inode || *map_at(&taking->scan.inodes, inode, &is_new))
		return;
	map_at(&taking->own, inode, &is_new);
	if (!is_new)
		return;
	found = namespace_at(taking, at_inode(taking, inode));
	found->id = id;
	add_holder(found, HELD_UNSEEN, 0);
}

/*
 * The kernel's list (Linux 6.19) has those with a holder that is not a socket. It is from before
 * the look at all else, as what has come since may have been missed. To open each of them would
 * cost more than all else; so it is done only where there are not just as many as were seen.
 */
static void find_unseen(struct taking *taking)
{
	const unsigned no_matter = 1u << HELD_BY_SOCKET | 1u << HELD_BY_TUN;
	int seen = 0;

	for (size_t i = 0; i < taking->census->n; i++)
		seen += (taking->census->v[i].kinds & ~no_matter) != 0;
	if (seen == taking->n_ids)
		return;
	for (int i = 0; i < taking->n_ids; i++)
		add_if_unseen(taking, taking->ids[i]);
}

/* The caller's own mounts are its names; they are not read again for another process there. */
static int read_own_mounts(struct taking *taking)
{
	char link[64];
	ssize_t n = readlink("/proc/thread-self/ns/mnt", link, sizeof(link) - 1);
	int is_new;

	if (n < 0)
		return -errno;
	link[n] = '\0';
	map_at(&taking->mount_namespaces, procfs_inode(link, "mnt"), &is_new);
	return mountinfo_read(AT_FDCWD, "/proc/thread-self/mountinfo", found_mount, taking);
}

static int look_everywhere(struct taking *taking)
{
	struct procfs_visitor visitor = {
		.thread = found_thread, .descriptor = found_descriptor, .arg = taking};
	struct stat st;
	int r;

	taking->n_ids = netns_list_ids(&taking->ids);
	r = read_own_mounts(taking);
	if (stat("/proc/thread-self/ns/net", &st) == 0)
		taking->nsfs = st.st_dev;

	if (taking->depth == WHETHER_MOUNTED)
		taking->scan.n_known = taking->census->n;
	if (r == 0)
		r = procfs_visit(&visitor);
	read_mounts(taking);
	count_oneself(taking);
	find_unseen(taking);
	taking->census->hidden = visitor.hidden;
	if (r == 0)
		find_all_dead_names(taking);
	if (r == 0)
		r = taking->scan.lacking ? -taking->scan.lacking : -taking->lacking;
	return r;
}

int take_census(struct census *ret, enum census_depth depth)
{
	struct taking taking = {
		.census = ret, .self = getpid(), .depth = depth, .foreign = {.pidfd = -1}};
	int r;

	*ret = (struct census){0};
	r = look_everywhere(&taking);
	foreign_close(&taking.foreign);
	scan_free(&taking.scan);
	map_free(&taking.cookies);
	map_free(&taking.sockets);
	map_free(&taking.mount_namespaces);
	map_free(&taking.others);
	map_free(&taking.own);
	map_free(&taking.names);
	free(taking.ids);
	order_census(ret);
	if (r < 0)
		message("read /proc: %s", reason_of("/proc", r));
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

void tell_hidden(const struct census *census)
{
	if (census->hidden > 0)
		message("%zu %s could not be looked into%s", census->hidden,
			census->hidden == 1 ? "process" : "processes",
			geteuid() == 0 ? "" : " (try as root)");
}

void free_census(struct census *census)
{
	for (size_t i = 0; i < census->n; i++) {
		for (size_t j = 0; j < census->v[i].n_holders; j++)
			free(census->v[i].holders[j].path);
		free(census->v[i].holders);
	}
	for (size_t i = 0; i < census->n_dead; i++)
		free(census->dead[i].path);
	free(census->v);
	free(census->dead);
}
