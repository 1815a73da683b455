/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elsewhere.h"
#include "mountinfo.h"

/* What needs no second look. */
struct seen {
	uint64_t *v;
	size_t n;
};

static bool is_seen(const struct seen *seen, uint64_t value)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->v[i] == value)
			return true;
	return false;
}

static void remember(struct seen *seen, uint64_t value)
{
	if ((seen->n & (seen->n + 1)) == 0)
		seen->v = need(reallocarray(seen->v, 2 * (seen->n + 1), sizeof(*seen->v)));
	seen->v[seen->n++] = value;
}

enum whose {
	STRANGERS,
	UNKNOWN, /* of somebody who is trusted with the directory, or it cannot be asked */
	OWN,
};

struct search {
	const char *dir; /* resolved */
	struct stat here;
	struct stat users; /* the user namespace of the caller; zero: the kernel has none */
	struct seen mount_namespaces;
	struct seen views; /* by the first mount, for a mount is in one mount namespace only */
	struct names *names;
	const char *pid;
	uint64_t mounts;  /* its mount namespace, if that can be asked */
	enum whose whose; /* that is */
	char *doubt;      /* why that is not known, or of the network namespace */
	void (*fn)(const struct elsewhere *found, void *arg);
	void *arg;
	char *why_not;
};

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The first reason will do. */
static void could_not_look(struct search *s, const char *at, int error)
{
	if (!s->why_not)
		s->why_not = text("%s: %s", at, strerror(error));
}

/* Likewise. */
static void doubt(struct search *s, const char *why)
{
	if (!s->doubt)
		s->doubt = need(strdup(why));
}

static void forget_doubt(struct search *s)
{
	free(s->doubt);
	s->doubt = NULL;
}

/* What belongs to the user namespace that the descriptor is of. */
static enum whose whose_by(struct search *s, int users)
{
	struct stat st;
	uid_t uid;

	if (fstat(users, &st) < 0)
		doubt(s, strerror(errno));
	else if (is_same(&st, &s->users))
		return OWN;
	if (ioctl(users, NS_GET_OWNER_UID, &uid) < 0)
		doubt(s, strerror(errno));
	else if (uid != s->here.st_uid && uid != geteuid())
		return STRANGERS;
	return UNKNOWN;
}

/* The same; the descriptor is closed, or there is none, because of what is said. */
static enum whose whose_is(struct search *s, int users, const char *why_none)
{
	enum whose whose;

	if (users < 0 && !s->users.st_ino)
		return OWN;
	if (users < 0) {
		doubt(s, why_none);
		return UNKNOWN;
	}
	whose = whose_by(s, users);
	close(users);
	return whose;
}

static enum whose whose_network(struct search *s, const char *path, uint64_t inode)
{
	enum whose whose = UNKNOWN;
	struct netns_inode found;
	struct netns *ns;
	int r = netns_open(path, &ns);

	if (r == 0) {
		r = netns_get_inode(ns, &found);
		if (r == 0 && found.ino == inode)
			whose = whose_is(s, netns_open_owner(ns), netns_errmsg());
		netns_free(ns);
	}
	if (r < 0)
		doubt(s, netns_errmsg());
	return whose;
}

/*
 * A process may go into a mount namespace of its own at any time, and say there what it likes. It
 * does not come back, so what is asked after the mounts were opened is true of these.
 */
static bool is_in(struct search *s, const char *pid, uint64_t inode)
{
	char *ns = text("/proc/%s/ns/mnt", pid);
	struct stat st;
	bool known = stat(ns, &st) == 0;

	if (!known)
		doubt(s, strerror(errno));
	free(ns);
	return known && st.st_ino == inode;
}

static int compare(const void *key, const void *name)
{
	return strverscmp(key, ((const struct name *)name)->name);
}

static struct name *stale_name(const struct names *names, const char *key)
{
	struct name *name = bsearch(key, names->v, names->n, sizeof(*names->v), compare);

	return name && name->state == NETNS_STALE ? name : NULL;
}

static void look_at_mount(struct mountinfo *mount, void *arg)
{
	struct search *s = arg;
	struct elsewhere found = {.pid = s->pid};
	size_t length = strlen(s->dir);
	unsigned long long inode;
	char *path;

	mountinfo_unescape(mount->target);
	if (strcmp(mount->type, "nsfs") != 0 || sscanf(mount->root, "net:[%llu]", &inode) != 1 ||
		strncmp(mount->target, s->dir, length) != 0 || mount->target[length] != '/')
		return;
	found.name = stale_name(s->names, mount->target + length + 1);
	if (!found.name)
		return;
	found.path = path = text("/proc/%s/root%s", s->pid, mount->target);
	found.inode = inode;
	if (s->whose == OWN) {
		forget_doubt(s); /* it was about another mount */
		found.own = is_in(s, s->pid, s->mounts) && whose_network(s, path, inode) == OWN;
	}
	found.doubt = s->doubt;
	s->fn(&found, s->arg);
	free(path);
}

static int look_at_mounts(struct search *s, const char *pid, enum whose whose)
{
	char *mounts = text("/proc/%s/mountinfo", pid);
	int r;

	s->pid = pid;
	s->whose = whose;
	r = mountinfo_read(AT_FDCWD, mounts, look_at_mount, s);
	free(mounts);
	return r;
}

/* The number of the first mount that a process sees; 0: it sees none; or a negative errno. */
static int first_mount(const char *pid)
{
	char *path = text("/proc/%s/mountinfo", pid);
	FILE *f = fopen(path, "re");
	int id = f ? 0 : -errno;

	free(path);
	if (!f)
		return id;
	if (fscanf(f, "%d", &id) != 1)
		id = ferror(f) ? -errno : 0;
	fclose(f);
	return id;
}

/* As the kernel answers for the mounts of a process that is gone, or a zombie. */
static bool is_over(int error)
{
	return error == EINVAL || error == ENOENT || error == ESRCH;
}

/*
 * For who may not look at the namespaces of a process: its mounts can be read without that right.
 * Whether the directory is the same, and whose it all is, cannot be known; so the names are taken
 * for pins, but no namespace for the caller's own.
 */
static int look_from_outside(struct search *s, const char *pid, int why)
{
	int view = first_mount(pid), r;

	if (view <= 0 || is_seen(&s->views, (uint64_t)view))
		return view < 0 ? view : 0;
	doubt(s, strerror(why));
	r = look_at_mounts(s, pid, UNKNOWN);
	if (r == 0)
		remember(&s->views, (uint64_t)view);
	return r;
}

/* A container with a directory of its own is another matter. */
static bool may_see_directory(const struct search *s, const char *pid)
{
	char *path = text("/proc/%s/root%s", pid, s->dir);
	struct stat st;
	bool may =
		stat(path, &st) == 0 ? is_same(&st, &s->here) : errno != ENOENT && errno != ENOTDIR;

	free(path);
	return may;
}

/*
 * Strangers first: nothing is looked up in what they have mounted. And what was not read is not
 * remembered: the next process there may live longer, or have another root directory.
 */
static int look_inside(struct search *s, const char *pid, int ns, uint64_t inode)
{
	int users = ioctl(ns, NS_GET_USERNS), r;
	enum whose whose = whose_is(s, users, strerror(errno));

	if (whose == STRANGERS) {
		remember(&s->mount_namespaces, inode);
		return 0;
	}
	if (!may_see_directory(s, pid))
		return 0;
	s->mounts = inode;
	r = look_at_mounts(s, pid, whose);
	if (r == 0 && is_in(s, pid, inode))
		remember(&s->mount_namespaces, inode);
	return r;
}

static void look_at_thread(struct search *s, const char *pid)
{
	char *path = text("/proc/%s/ns/mnt", pid);
	int ns = open(path, O_RDONLY | O_CLOEXEC), r = 0;
	struct stat st;

	forget_doubt(s);
	if (ns < 0 || fstat(ns, &st) < 0)
		r = look_from_outside(s, pid, errno);
	else if (!is_seen(&s->mount_namespaces, st.st_ino))
		r = look_inside(s, pid, ns, st.st_ino);
	if (ns >= 0)
		close(ns);
	if (r < 0 && !is_over(-r)) {
		char *at = text("process %s", pid);

		could_not_look(s, at, -r);
		free(at);
	}
	free(path);
}

/* What the caller is in. false: nothing is to be seen by /proc. */
static bool look_at_self(struct search *s)
{
	int view = first_mount("self");
	struct stat st;

	if (view < 0) {
		could_not_look(s, "/proc/self/mountinfo", -view);
		return false;
	}
	remember(&s->views, (uint64_t)view);
	if (stat("/proc/self/ns/mnt", &st) == 0)
		remember(&s->mount_namespaces, st.st_ino);
	if (stat("/proc/self/ns/user", &s->users) < 0 && errno != ENOENT) {
		could_not_look(s, "/proc/self/ns/user", errno);
		return false;
	}
	return true;
}

static void each_number(
	struct search *s, const char *path, void (*fn)(struct search *s, const char *number))
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	while (directory && (errno = 0, entry = readdir(directory)))
		if (isdigit((unsigned char)entry->d_name[0]))
			fn(s, entry->d_name);
	if (errno && !is_over(errno)) {
		char *at = text("%s %s", directory ? "read" : "open", path);

		could_not_look(s, at, errno);
		free(at);
	}
	if (directory)
		closedir(directory);
}

/* A thread can have mounts of its own. /proc has it by its number as well, but does not list it. */
static void look_at_process(struct search *s, const char *pid)
{
	char *task = text("/proc/%s/task", pid);
	struct stat st;

	/* A directory has two links and one for each directory in it: here, for each thread. */
	if (stat(task, &st) < 0 || st.st_nlink > 3)
		each_number(s, task, look_at_thread);
	else
		look_at_thread(s, pid);
	free(task);
}

static void look_at_processes(struct search *s)
{
	struct stat st;

	/* proc(5) mounted with hidepid leaves out what is another's */
	if (stat("/proc/1", &st) < 0)
		could_not_look(s, "process 1", errno);
	each_number(s, "/proc", look_at_process);
}

char *each_elsewhere(const char *dir, struct names *names,
	void (*fn)(const struct elsewhere *found, void *arg), void *arg)
{
	struct search s = {.names = names, .fn = fn, .arg = arg};

	if (!has_stale(names))
		return NULL;
	s.dir = realpath(dir, NULL);
	if (!s.dir || stat(s.dir, &s.here) < 0)
		could_not_look(&s, dir, errno);
	else if (look_at_self(&s))
		look_at_processes(&s);
	forget_doubt(&s);
	free(s.mount_namespaces.v);
	free(s.views.v);
	free((char *)s.dir);
	return s.why_not;
}
