/* SPDX-License-Identifier: MIT */
/*
 * Pins that are stacked on one another. In a shared directory the copies are peers, and what is
 * unmounted from one is unmounted from all: that can take more than was meant, of this name or of
 * another. So the namespaces are held meanwhile, and a name that went with it is given again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"
#include "pins.h"

struct stack {
	struct doctor *doctor;
	const struct pins *pins;
	const struct pin *top;
};

/* A name, and what it led to. */
struct held {
	const char *name;
	uint64_t inode;
	struct netns *ns;
};

static bool is_part_of_a_stack(const struct pins *pins, uint64_t inode)
{
	for (size_t i = 0; i < pins->n; i++)
		if (pins->v[i].inode == inode && pins->v[i].depth > 0)
			return true;
	return false;
}

/* Each name that a stack has to do with. */
static char *hold(
	const struct stack *stack, const struct names *names, struct held *held, size_t *n)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct name *name = &names->v[i];
		int r;

		if (name->state != NETNS_LIVE || !is_part_of_a_stack(stack->pins, name->inode.ino))
			continue;
		held[*n] = (struct held){.name = name->name, .inode = name->inode.ino};
		r = netns_open_name_in(globals.run_dir, name->name, &held[*n].ns);
		if (r < 0)
			return why_library(r);
		++*n;
	}
	return NULL;
}

static char *give_again(const struct held *held)
{
	struct netns_inode inode = {0};
	struct netns *ns;
	int r = netns_open_name_in(globals.run_dir, held->name, &ns);

	if (r == -ENOENT)
		return NULL; /* somebody has deleted it; unmounting leaves the file */
	if (r == -EMEDIUMTYPE)
		return why_library(netns_attach(held->ns, globals.run_dir, held->name));
	if (r < 0)
		return why_library(r);
	r = netns_get_inode(ns, &inode);
	netns_free(ns);
	if (r == 0 && inode.ino != held->inode)
		return text("%s leads to another namespace by now", held->name);
	return why_library(r);
}

/* Whether it is on top of the same namespace still: another's unmounting may have taken it. */
static char *look_again(const struct stack *stack, bool *is_stacked)
{
	const struct pin *top, *below;
	struct pins now;
	int r = pins_read(stack->doctor->dir, &now);

	*is_stacked = false;
	if (r < 0)
		return text("read the mounts below %s: %s", stack->doctor->dir, strerror(-r));
	top = pins_by_id(&now, stack->top->id);
	below = top ? pins_by_id(&now, top->parent) : NULL;
	if (below)
		*is_stacked = top->inode == stack->top->inode && below->inode == top->inode &&
			      strcmp(top->path, stack->top->path) == 0;
	pins_free(&now);
	return NULL;
}

/*
 * By its descriptor: who takes no lock may put another mount on its path at any time, and that can get
 * the number of one that is gone. While the descriptor is open the number stays what it is.
 */
static char *unmount_mount(const struct stack *stack, int top)
{
	char *path = text("/proc/self/fd/%d", top), *why = NULL;
	bool is_stacked = false;
	int id = mount_of(path);

	if (id < 0)
		why = why_call(true, "look at", stack->top->path);
	else if (id == stack->top->id)
		why = look_again(stack, &is_stacked);
	if (is_stacked)
		why = why_call(umount2(path, MNT_DETACH) < 0, "umount", stack->top->path);
	else if (!why)
		why = text("%s: something else is mounted there by now", stack->top->path);
	free(path);
	return why;
}

static char *unmount_top(const struct stack *stack)
{
	int dir, top = -1;
	/* so that the library mounts no other name on top meanwhile */
	char *why = doctor_lock(stack->doctor, &dir);

	if (!why) {
		top = openat(dir, stack->top->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		why = why_call(top < 0, "open", stack->top->path);
	}
	if (!why)
		why = unmount_mount(stack, top);
	if (top >= 0)
		close(top);
	if (dir >= 0)
		close(dir);
	return why;
}

/* All of them, whatever became of one. The first complaint. */
static char *give_all_again(struct held *held, size_t n)
{
	char *first = NULL;

	for (size_t i = 0; i < n; i++) {
		char *why = give_again(&held[i]);

		if (first)
			free(why);
		else
			first = why;
	}
	return first;
}

static char *unmount_and_keep(const struct stack *stack, const struct names *names)
{
	struct held *held = need(calloc(names->n + 1, sizeof(*held)));
	size_t n = 0;
	char *why = hold(stack, names, held, &n);

	if (!why)
		why = unmount_top(stack);
	if (!why)
		why = give_all_again(held, n);
	for (size_t i = 0; i < n; i++)
		netns_free(held[i].ns);
	free(held);
	return why;
}

static char *unstack(void *arg)
{
	const struct stack *stack = arg;
	struct names names;
	bool is_stacked;
	char *why = look_again(stack, &is_stacked);

	if (!is_stacked)
		return why;
	why = read_names(&names) == STATUS_OK ? unmount_and_keep(stack, &names)
					      : text("the names could not be read");
	free_names(&names);
	return why;
}

/* Then it is not on top, and cannot be unmounted without what is. */
static bool is_under_another(const struct pins *pins, const struct pin *pin)
{
	for (size_t i = 0; i < pins->n; i++)
		if (pins->v[i].parent == pin->id)
			return pins->v[i].inode != pin->inode ||
			       is_under_another(pins, &pins->v[i]);
	return false;
}

void look_at_stack(struct doctor *doctor, const struct pins *pins, const struct pin *top)
{
	const struct pin *below = pins_by_id(pins, top->parent);
	struct stack stack = {doctor, pins, top};
	const struct finding same = {
		.kind = "stacked-pin",
		.name = top->name,
		.remedy = "unmount the one on top",
		.fix = unstack,
		.arg = &stack,
	};
	const struct finding other = {
		.kind = "stacked-pin",
		.name = top->name,
		.remedy = "'netns delete' removes both; until then the hidden one lives on",
	};

	if (top->inode == below->inode && is_under_another(pins, top))
		return; /* which is said */
	if (top->inode == below->inode)
		finding(doctor, &same,
			"The namespace is mounted here twice, one on the other; ip netns delete "
			"takes the upper one only and then fails to remove the file.");
	else
		finding(doctor, &other,
			"Two namespaces are mounted here, one on the other: net:[%ju] hides "
			"net:[%ju].",
			(uintmax_t)top->inode, (uintmax_t)below->inode);
}
