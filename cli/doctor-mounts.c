/* SPDX-License-Identifier: MIT */
/* Pins that are not seen: stacked on one another, or under what was mounted over the directory. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"
#include "mountinfo.h"

/* A mount of a network namespace below the run directory. */
struct pin {
	int id, parent;
	uint64_t inode;
	char *name;
	char *path;
};

struct pins {
	const char *dir; /* resolved */
	int dir_mount;   /* what the directory that is seen is on */
	struct pin *v;
	size_t n;
};

static void remember(struct mountinfo *mount, void *arg)
{
	struct pins *pins = arg;
	size_t length = strlen(pins->dir);
	unsigned long long inode;

	mountinfo_unescape(mount->target);
	if (strcmp(mount->type, "nsfs") != 0 || sscanf(mount->root, "net:[%llu]", &inode) != 1 ||
		strncmp(mount->target, pins->dir, length) != 0 || mount->target[length] != '/')
		return;
	if ((pins->n & (pins->n + 1)) == 0)
		pins->v = need(reallocarray(pins->v, 2 * (pins->n + 1), sizeof(*pins->v)));
	pins->v[pins->n] = (struct pin){.id = mount->id,
		.parent = mount->parent,
		.inode = inode,
		.path = need(strdup(mount->target))};
	pins->v[pins->n].name = pins->v[pins->n].path + length + 1;
	pins->n++;
}

static const struct pin *by_id(const struct pins *pins, int id)
{
	for (size_t i = 0; i < pins->n; i++)
		if (pins->v[i].id == id)
			return &pins->v[i];
	return NULL;
}

/* The one on top: only there MNT_DETACH takes the same namespace and no other. */
static char *unmount_top(void *path)
{
	return why_call(umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0, "umount", path);
}

static void look_at_stack(struct doctor *doctor, const struct pin *top, const struct pin *below)
{
	const struct finding same = {
		.kind = "stacked-pin",
		.name = top->name,
		.remedy = "unmount the one on top",
		.fix = unmount_top,
		.arg = top->path,
	};
	const struct finding other = {
		.kind = "stacked-pin",
		.name = top->name,
		.remedy = "'netns delete' removes both; until then the hidden one lives on",
	};

	if (top->inode == below->inode)
		finding(doctor, &same,
			"The namespace is mounted here twice, one on the other; ip netns delete "
			"takes the "
			"upper one only and then fails to remove the file.");
	else
		finding(doctor, &other,
			"Two namespaces are mounted here, one on the other: net:[%ju] hides "
			"net:[%ju].",
			(uintmax_t)top->inode, (uintmax_t)below->inode);
}

/* From the name up: whichever of them is a mount, and the last one first. */
static bool unmount_one_of(const char *name)
{
	char *path = need(strdup(name)), *slash;
	bool done, passed;

	do {
		done = umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
		/* no mount, or not there: the next one up may be */
		passed = !done && (errno == EINVAL || errno == ENOENT);
		slash = strrchr(path, '/');
		*slash = '\0';
	} while (passed && slash > path);
	free(path);
	return done;
}

/* What covers the directory is taken away, until the hidden name is seen. */
static char *uncover_and_open(const struct pin *pin, struct netns **ret)
{
	struct netns_inode inode;
	int r;

	do {
		r = netns_open(pin->path, ret);
		if (r == -ENOENT || r == -EMEDIUMTYPE || r == -ENOTDIR)
			continue;
		if (r == 0)
			r = netns_get_inode(*ret, &inode);
		if (r < 0)
			return why_library(r);
		if (inode.ino == pin->inode)
			return NULL;
		netns_free(*ret);
	} while (unmount_one_of(pin->path));
	return text("%s: what covers it could not be taken away: %s", pin->path, strerror(errno));
}

/* In a child with mounts of its own: there the hidden name is opened, and here it is given again. */
static char *name_by_child(const struct pin *pin, int outside)
{
	struct netns *ns;
	char *why = why_call(unshare(CLONE_NEWNS) < 0, "unshare", "mounts");

	if (!why)
		why = why_call(
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0, "make private", "/");
	if (!why)
		why = uncover_and_open(pin, &ns);
	if (!why)
		why = why_call(setns(outside, CLONE_NEWNS) < 0, "setns", "/proc/self/ns/mnt");
	return why ? why : why_library(netns_attach(ns, globals.run_dir, pin->name));
}

/* What a child says, until it has ended; NULL: nothing, and it ended well. */
static char *hear(pid_t child, int fd)
{
	char said[PIPE_BUF + 1];
	ssize_t n;
	int status;

	while ((n = read(fd, said, PIPE_BUF)) < 0 && errno == EINTR)
		;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return text("wait for a child: %s", strerror(errno));
	if (n > 0)
		return need(strndup(said, (size_t)n));
	return status == 0 ? NULL
			   : text("the child that was to do it ended with status %#x", status);
}

static char *name_again(void *arg)
{
	int outside = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), said[2];
	char *why = why_call(outside < 0, "open", "/proc/self/ns/mnt");
	pid_t child;

	if (why)
		return why;
	if (pipe2(said, O_CLOEXEC) < 0) {
		close(outside);
		return text("pipe: %s", strerror(errno));
	}
	child = fork();
	if (child == 0) {
		why = name_by_child(arg, outside);
		_exit(why && write(said[1], why, strnlen(why, PIPE_BUF)) >= 0 ? 1 : why != NULL);
	}
	why = child < 0 ? text("fork: %s", strerror(errno)) : NULL;
	close(said[1]);
	if (child > 0)
		why = hear(child, said[0]);
	close(said[0]);
	close(outside);
	return why;
}

static bool name_is_free(const struct doctor *doctor, const struct pin *pin)
{
	char *path = text("%s/%s", doctor->dir, pin->name);
	struct stat st;
	bool is_free = lstat(path, &st) < 0;

	free(path);
	return is_free;
}

/* Has the namespace a name where it is seen? */
static bool is_seen(const struct pins *pins, uint64_t inode)
{
	for (size_t i = 0; i < pins->n; i++)
		if (pins->v[i].inode == inode && pins->v[i].parent == pins->dir_mount)
			return true;
	return false;
}

static void look_at_hidden(struct doctor *doctor, const struct pins *pins, struct pin *pin)
{
	const struct finding found = {
		.kind = "mounted-over",
		.name = pin->name,
		.remedy = name_is_free(doctor, pin)
				  ? "give the namespace its name again, on top"
				  : "the name is taken by now; free it, and run this again",
		.fix = name_is_free(doctor, pin) ? name_again : NULL,
		.arg = pin,
	};

	if (!is_seen(pins, pin->inode))
		finding(doctor, &found,
			"The name leads to net:[%ju], which is alive, but something was mounted "
			"over %s "
			"since and hides it.",
			(uintmax_t)pin->inode, doctor->dir);
}

/*
 * The mount that a path is on, by the number that mountinfo has for it: fdinfo tells on every kernel.
 * The library looks the same thing up for itself (submounts.c) and has no call for it: what it could
 * answer is a number that means something only next to mountinfo, which is read here.
 */
static int mount_of(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC), id = -1;
	char *proc = text("/proc/self/fdinfo/%d", fd), *line = NULL;
	FILE *f = fd >= 0 ? fopen(proc, "re") : NULL;
	size_t size = 0;
	int error;

	while (f && getline(&line, &size, f) > 0)
		if (sscanf(line, "mnt_id: %d", &id) == 1)
			break;
	free(line);
	error = errno; /* of the first call that failed */
	if (f)
		fclose(f);
	free(proc);
	if (fd >= 0)
		close(fd);
	errno = error;
	return id;
}

void look_under(struct doctor *doctor)
{
	struct pins pins = {.dir = realpath(doctor->dir, NULL)};
	int r;

	if (!pins.dir) {
		if (errno != ENOENT)
			cannot_look(doctor, doctor->dir);
		return;
	}
	errno = 0;
	pins.dir_mount = mount_of(pins.dir);
	if (pins.dir_mount < 0) {
		cannot_look(doctor, pins.dir);
		free((char *)pins.dir);
		return;
	}
	r = mountinfo_read(AT_FDCWD, "/proc/self/mountinfo", remember, &pins);
	if (r < 0) {
		errno = -r;
		cannot_look(doctor, "/proc/self/mountinfo");
	}
	for (size_t i = 0; i < pins.n; i++) {
		struct pin *pin = &pins.v[i];
		const struct pin *below = by_id(&pins, pin->parent);

		if (below)
			look_at_stack(doctor, pin, below);
		else if (pin->parent != pins.dir_mount)
			look_at_hidden(doctor, &pins, pin);
	}
	for (size_t i = 0; i < pins.n; i++)
		free(pins.v[i].path);
	free(pins.v);
	free((char *)pins.dir);
}
