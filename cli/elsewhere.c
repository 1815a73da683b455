/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elsewhere.h"
#include "mount-namespace.h"
#include "pin-view.h"
#include "place.h"
#include "whose.h"

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

struct search {
	char *place; /* of the directory */
	char *dir;   /* resolved */
	struct judge judge;
	struct seen mount_namespaces;
	struct seen views; /* by the first mount, for a mount is in one mount namespace only */
	struct names *names;
	const char *pid; /* NULL: nobody's */
	bool has_path;   /* what it sees can be opened by its root directory */
	bool doubtful;   /* what may be a name of another directory is told of */
	bool quiet;      /* nothing is told of; has_any: but there was something to tell */
	bool has_any;
	uint64_t mounts;  /* the mount namespace, if that can be asked; or 0 */
	enum whose whose; /* that is */
	void (*fn)(const struct elsewhere *found, void *arg);
	void *arg;
	char *why_not;
};

/* The first reason will do. */
static void could_not_look(struct search *s, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void could_not_look(struct search *s, int error, const char *fmt, ...)
{
	va_list args;
	char *at;

	if (s->why_not)
		return;
	va_start(args, fmt);
	if (vasprintf(&at, fmt, args) < 0)
		need(NULL);
	va_end(args);
	s->why_not = text("%s: %s", at, strerror(error));
	free(at);
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
		judge_doubt(&s->judge, strerror(errno));
	free(ns);
	return known && st.st_ino == inode;
}

bool elsewhere_is_own(const struct elsewhere *found)
{
	struct search *s = found->search;

	if (found->in_doubt || !found->path || s->whose != OWN)
		return false;
	judge_forget_doubt(&s->judge); /* it was about another mount */
	return is_in(s, s->pid, s->mounts) &&
	       whose_network(&s->judge, found->path, found->inode) == OWN;
}

const char *elsewhere_doubt(const struct elsewhere *found)
{
	return found->search->judge.doubt;
}

static bool is_self(const struct search *s)
{
	return s->pid && strcmp(s->pid, "self") == 0;
}

/* By the path of the directory itself: what is not known yet has been made since. */
static bool is_in_plain_sight(const struct search *s, const char *target)
{
	size_t length = strlen(s->dir);

	return strncmp(target, s->dir, length) == 0 && target[length] == '/' &&
	       !strchr(target + length + 1, '/');
}

static void tell(const struct view_pin *pin, void *arg)
{
	struct search *s = arg;
	bool here = is_self(s) && s->has_path; /* and not outside of the root directory */
	struct elsewhere found = {
		.name = pin->name,
		.here = here ? pin->target : NULL,
		.pid = is_self(s) && !here ? NULL : s->pid,
		.mounts = s->mounts,
		.inode = pin->inode,
		.in_doubt = pin->in_doubt,
		.search = s,
	};
	char *path;

	s->has_any = true;
	if (s->quiet || (pin->in_doubt && !s->doubtful) ||
		(here && is_in_plain_sight(s, pin->target)))
		return;
	path = s->has_path ? text("/proc/%s/root%s", s->pid, pin->target) : NULL;
	found.path = path;
	s->fn(&found, s->arg);
	free(path);
}

/* `pid` has a root directory by which what is seen can be opened, or not: has_path. */
static int look_through(
	struct search *s, int mounts, const char *pid, bool has_path, enum whose whose)
{
	int r;

	s->pid = pid;
	s->has_path = has_path;
	s->whose = whose;
	r = view_each_pin(mounts, s->place, s->names, tell, s);
	close(mounts);
	return r;
}

/* What a process sees from its root directory. */
static int look_at_view(struct search *s, const char *pid, enum whose whose)
{
	char *path = text("/proc/%s/mountinfo", pid);
	int mounts = open(path, O_RDONLY | O_CLOEXEC), error = errno;

	free(path);
	return mounts < 0 ? -error : look_through(s, mounts, pid, true, whose);
}

/* All that there is, which no process may see. 1: there is no right to look. */
static int look_at_all(struct search *s, const char *pid, int ns, enum whose whose)
{
	int mounts = mount_namespace_view(ns);

	if (mounts == -EPERM)
		return 1;
	if (mounts >= 0)
		return look_through(s, mounts, pid, false, whose);
	could_not_look(
		s, -mounts, "look into mount namespace %ju (clone, setns)", (uintmax_t)s->mounts);
	return 0; /* which has been said */
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

/* By who may see no more. Processes with one root directory see the same; the first mount tells. */
static int look_by_view_only(struct search *s, const char *pid, int view, enum whose whose)
{
	int r;

	s->doubtful = true;
	r = look_at_view(s, pid, whose);
	s->doubtful = false;
	if (r == 0)
		remember(&s->views, (uint64_t)view);
	return r;
}

/*
 * For who may not look at the namespaces of a process: its mounts can be read without that right.
 * Whose it all is cannot be known; so the names are taken for pins, but no namespace for the caller's
 * own.
 */
static int look_from_outside(struct search *s, const char *pid, int view, int why)
{
	judge_doubt(&s->judge, strerror(why));
	s->mounts = 0;
	return look_by_view_only(s, pid, view, UNKNOWN);
}

/* Mostly there is nothing, which one look at all mounts shows. Else as look_at_all(). */
static int look_for_any(struct search *s, const char *pid, int ns, enum whose whose)
{
	int r;

	s->quiet = true;
	s->has_any = false;
	r = look_at_all(s, pid, ns, whose);
	s->quiet = false;
	return r;
}

/*
 * What the process sees is told first, for that can be opened by it. In what directory a name is may
 * not be seen from its root directory, but among all mounts it is. What was not read is not
 * remembered: the next process there may live longer, or see more.
 */
static int look_inside(struct search *s, const char *pid, int view, int ns, uint64_t inode)
{
	enum whose whose = whose_is(&s->judge, ns);
	int r = 0;

	s->mounts = inode;
	s->has_any = false;
	if (whose != STRANGERS)
		r = look_for_any(s, pid, ns, whose);
	if (r > 0)
		return look_by_view_only(s, pid, view, whose);
	if (r == 0 && s->has_any)
		r = look_at_view(s, pid, whose);
	if (r == 0 && s->has_any)
		r = look_at_all(s, pid, ns, whose);
	if (r == 0)
		remember(&s->mount_namespaces, inode);
	return r;
}

/* `ns` is its mount namespace, or -1 because of what is said. */
static int look_if_new(struct search *s, const char *pid, int ns, int why)
{
	struct stat st;
	int view;

	if (ns >= 0 && fstat(ns, &st) < 0)
		return -errno;
	if (ns >= 0 && is_seen(&s->mount_namespaces, st.st_ino))
		return 0;
	view = first_mount(pid);
	if (view < 0 || (view > 0 && is_seen(&s->views, (uint64_t)view)))
		return view < 0 ? view : 0;
	return ns >= 0 ? look_inside(s, pid, view, ns, st.st_ino)
		       : look_from_outside(s, pid, view, why);
}

static void look_at_thread(struct search *s, const char *pid)
{
	char *path = text("/proc/%s/ns/mnt", pid);
	int ns = open(path, O_RDONLY | O_CLOEXEC), r;

	judge_forget_doubt(&s->judge);
	r = look_if_new(s, pid, ns, errno);
	if (ns >= 0)
		close(ns);
	if (r < 0 && !is_over(-r))
		could_not_look(s, -r, "process %s", pid);
	free(path);
}

/* What the caller is in. false: nothing is to be seen by /proc. */
static bool look_at_self(struct search *s)
{
	int view = first_mount("self");

	if (view < 0) {
		could_not_look(s, -view, "/proc/self/mountinfo");
		return false;
	}
	if (stat("/proc/self/ns/user", &s->judge.users) < 0 && errno != ENOENT) {
		could_not_look(s, errno, "/proc/self/ns/user");
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
	if (errno && !is_over(errno))
		could_not_look(s, errno, "%s %s", directory ? "read" : "open", path);
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
		could_not_look(s, errno, "process 1");
	each_number(s, "/proc", look_at_process);
}

/* One in which no process was found. */
static void look_at_namespace(int ns, void *arg)
{
	struct search *s = arg;
	struct stat st;
	enum whose whose;
	int r = 0;

	judge_forget_doubt(&s->judge);
	if (fstat(ns, &st) < 0) {
		could_not_look(s, errno, "mount namespaces");
		return;
	}
	if (is_seen(&s->mount_namespaces, st.st_ino))
		return;
	whose = whose_is(&s->judge, ns);
	s->mounts = st.st_ino;
	if (whose != STRANGERS)
		r = look_at_all(s, NULL, ns, whose);
	if (r < 0)
		could_not_look(s, -r, "mount namespace %ju", (uintmax_t)st.st_ino);
}

/* The own mounts first, and the processes, for by one of them it can be said where a pin is. */
static void look_everywhere(struct search *s)
{
	int r;

	look_at_thread(s, "self");
	look_at_processes(s);
	r = mount_namespace_each(look_at_namespace, s);
	if (r < 0)
		could_not_look(s, -r, "mount namespaces");
}

static bool look_at_directory(struct search *s, const char *dir)
{
	struct stat st;

	s->dir = realpath(dir, NULL);
	if (s->dir && stat(dir, &st) == 0) {
		s->judge.trusted = st.st_uid;
		s->place = place_find(dir);
	}
	if (!s->place && errno == EXDEV)
		s->why_not =
			text("%s: the mount that it is on is not seen from here (chroot)", dir);
	else if (!s->place)
		could_not_look(s, errno, "%s", dir);
	return s->place;
}

char *each_elsewhere(const char *dir, struct names *names,
	void (*fn)(const struct elsewhere *found, void *arg), void *arg)
{
	struct search s = {.names = names, .fn = fn, .arg = arg};

	if (!has_stale(names))
		return NULL;
	if (look_at_self(&s) && look_at_directory(&s, dir))
		look_everywhere(&s);
	judge_forget_doubt(&s.judge);
	free(s.mount_namespaces.v);
	free(s.views.v);
	free(s.place);
	free(s.dir);
	return s.why_not;
}
