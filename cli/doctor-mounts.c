/* SPDX-License-Identifier: MIT */
/* Pins that are not seen: under what was mounted over the directory. */
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
#include "directory.h"
#include "doctor.h"
#include "pins.h"

/* A pin that is not seen, and the directory. */
struct hidden {
	const char *dir;
	const struct pin *pin;
};

/* From the name up: whichever of them is a mount, and the last one first. */
static bool unmount_one_of(const char *name)
{
	char *path = need(strdup(name)), *slash;
	bool done, passed;

	do {
		done = umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
		/* no mount, or not there: the next one up may be */
		passed = !done && (errno == EINVAL || errno == ENOENT || errno == ENOTDIR);
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
	return text("umount what covers %s: %s", pin->path, strerror(errno));
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
	const struct hidden *hidden = arg;
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
		why = name_by_child(hidden->pin, outside);
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

/* Only if nothing is on it and nobody uses it: the kernel sees to that where MNT_DETACH is not given. */
static char *unmount_upper(const struct pins *pins, const char *dir)
{
	struct stat st;
	int fd = directory_open(dir, &st),
	    above = fd < 0 ? -1 : openat(fd, "..", O_PATH | O_CLOEXEC);
	char *why = why_call(above < 0, "open", dir), *path;
	int id;

	if (fd >= 0)
		close(fd);
	if (why)
		return why;
	path = text("/proc/self/fd/%d%s", above, strrchr(pins->dir, '/'));
	id = mount_of(path);
	if (id < 0)
		why = why_call(true, "look at", dir);
	else if (id != pins->dir_mount)
		why = text("%s: something else is mounted there by now", dir);
	else
		why = why_call(umount2(path, UMOUNT_NOFOLLOW) < 0, "umount", dir);
	free(path);
	close(above);
	return why;
}

/* Until the pin is seen, which may have been uncovered for another name already. */
static char *uncover(void *arg)
{
	const struct hidden *hidden = arg;
	bool is_hidden;
	char *why = NULL;

	do {
		struct pins pins;
		int r = pins_read(hidden->dir, &pins);

		if (r < 0)
			return text("read the mounts: %s", strerror(-r));
		is_hidden = pins.dir_mount != hidden->pin->parent;
		if (is_hidden &&
			layers_are_stacked(&pins.layers, pins.dir_mount, hidden->pin->parent))
			why = unmount_upper(&pins, hidden->dir);
		else if (is_hidden)
			why = text("%s: something else is mounted there by now", hidden->dir);
		pins_free(&pins);
	} while (is_hidden && !why);
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

/* Where the files are the same each name counts, and not the namespace only. */
static bool is_seen(const struct pins *pins, const struct pin *pin)
{
	bool by_name = pins_are_hidden(pins, pin->parent);

	for (size_t i = 0; i < pins->n; i++)
		if (pins->v[i].inode == pin->inode && pins->v[i].parent == pins->dir_mount &&
			(!by_name || strcmp(pins->v[i].name, pin->name) == 0))
			return true;
	return false;
}

/* What hides it may be mounted above, and hide more than the directory. */
static char *remedy_above(const struct pins *pins)
{
	const struct layer *upper = layer_by_id(&pins->layers, pins->dir_mount);

	return text("unmount what was mounted over %s since, and run this again; the file is the "
		    "same there, and not stale",
		upper->target);
}

static void look_at_hidden(struct doctor *doctor, const struct pins *pins, const struct pin *pin)
{
	struct hidden hidden = {doctor->dir, pin};
	struct finding found = {.kind = "mounted-over", .name = pin->name, .arg = &hidden};
	char *above = NULL;

	if (is_seen(pins, pin))
		return;
	if (!pins_are_hidden(pins, pin->parent) && name_is_free(doctor, pin)) {
		found.remedy = "give the namespace its name again, on top";
		found.fix = name_again;
	} else if (!pins_are_hidden(pins, pin->parent)) {
		found.remedy = "the name is taken by now; free it, and run this again";
	} else if (!layers_are_stacked(&pins->layers, pins->dir_mount, pin->parent)) {
		found.remedy = above = remedy_above(pins);
	} else if (pins->has_mounts) {
		found.remedy = "the directory is mounted over itself, with names of its own; "
			       "delete those, and run this again";
	} else {
		found.remedy = "unmount what hides it, which is the same directory once more";
		found.fix = uncover;
	}
	finding(doctor, &found,
		"The name leads to net:[%ju], which is alive, but something was mounted over %s "
		"since and hides it.",
		(uintmax_t)pin->inode, doctor->dir);
	free(above);
}

static void be_live(struct name *name)
{
	name->state = NETNS_LIVE;
}

static void cannot_read_pins(struct doctor *doctor, int r)
{
	errno = -r;
	cannot_look(doctor, r == -ENOENT ? "/proc/self/mountinfo" : doctor->dir);
}

bool leave_hidden(struct doctor *doctor, struct names *names)
{
	int r = pins_each_hidden(doctor->dir, names, be_live);

	if (r < 0)
		cannot_read_pins(doctor, r);
	return r == 0;
}

static bool is_hidden_pin(const struct pins *pins, const struct pin *pin)
{
	return pin->depth == 0 && pin->parent != pins->dir_mount;
}

/* One namespace that was given one name again and again is told of once: where it was given last. */
static bool is_hidden_again(const struct pins *pins, size_t at)
{
	for (size_t i = at + 1; i < pins->n; i++)
		if (pins->v[i].inode == pins->v[at].inode && is_hidden_pin(pins, &pins->v[i]) &&
			strcmp(pins->v[i].name, pins->v[at].name) == 0)
			return true;
	return false;
}

static void look_at_stacks(struct doctor *doctor, const struct pins *pins)
{
	/* From the top, which has to go first. Of what is hidden no name leads to the top. */
	for (unsigned depth = pins->depth; depth > 0; depth--)
		for (size_t i = 0; i < pins->n; i++)
			if (pins->v[i].depth == depth && pins->v[i].on == pins->dir_mount)
				look_at_stack(doctor, pins, &pins->v[i]);
}

/* On the same directory, which is mounted over itself; or on what is another. Are there of these? */
static bool look_at_all_hidden(struct doctor *doctor, const struct pins *pins, bool same)
{
	bool others = false;

	for (size_t i = 0; i < pins->n; i++) {
		const struct pin *pin = &pins->v[i];

		if (!is_hidden_pin(pins, pin) || is_hidden_again(pins, i))
			continue;
		if (pins_are_hidden(pins, pin->parent) == same)
			look_at_hidden(doctor, pins, pin);
		else
			others = true;
	}
	return others;
}

/* What was uncovered is seen by now; and a name that is given on top keeps it from being uncovered. */
void look_under(struct doctor *doctor)
{
	struct pins pins;
	int r = pins_read(doctor->dir, &pins);
	bool others = false;

	if (r == 0) {
		look_at_stacks(doctor, &pins);
		others = look_at_all_hidden(doctor, &pins, true);
		pins_free(&pins);
	}
	if (others)
		r = pins_read(doctor->dir, &pins);
	if (others && r == 0) {
		look_at_all_hidden(doctor, &pins, false);
		pins_free(&pins);
	}
	if (r < 0)
		cannot_read_pins(doctor, r);
}
