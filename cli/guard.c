/* SPDX-License-Identifier: MIT */
/*
 * All or nothing, also when this process is killed. Links in the making bear a group of
 * their own, a random number, by which the kernel deletes them all at one request; letting
 * them stay is to set the group of all to 0 within one system call. The request for deleting
 * is in the hands of a child that nobody else knows: it sends it when this process gives up
 * or goes, unless it has been killed by it because all is well.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cable.h"

/* Removes what bears the mark; what else there is of a cable goes with it. */
static struct batch removal(const struct guard *guard)
{
	struct rtnl_link *all = need(rtnl_link_alloc());
	struct batch batch = {0};
	struct nl_msg *msg;
	int r;

	rtnl_link_set_ifindex(all, 0); /* none in particular */
	r = rtnl_link_build_delete_request(all, &msg);
	if (r == 0)
		r = nla_put_u32(msg, IFLA_GROUP, guard->mark);
	batch_add_optional(&batch, r, msg);
	rtnl_link_put(all);
	return batch;
}

static void stand_by(const struct guard *guard, struct batch *batch, int pipe)
{
	sigset_t all;
	char nothing;

	/* what is meant for the group or the terminal of the other is not meant for this one */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	while (read(pipe, &nothing, 1) < 0 && errno == EINTR)
		;
	batch_send_quietly(batch, guard->rtnl);
	_exit(0);
}

int guard_begin(struct guard *guard, const struct rtnl *rtnl)
{
	struct batch batch;
	int ends[2];

	*guard = (struct guard){.rtnl = rtnl, .pid = -1, .pipe = -1};
	if (getrandom(&guard->mark, sizeof(guard->mark), 0) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		message("cannot begin (getrandom, pipe): %s", reason_for(errno));
		return STATUS_FAILED;
	}
	guard->mark |= 1u << 31; /* small ones are in use by people, and 0 means none */
	batch = removal(guard);
	guard->pid = fork();
	if (guard->pid == 0) {
		close(ends[1]);
		stand_by(guard, &batch, ends[0]);
	}
	close(ends[0]);
	guard->pipe = ends[1];
	batch_drop(&batch);
	if (guard->pid < 0)
		message("no process could be made: %s", reason_for_process(errno));
	return guard->pid < 0 ? STATUS_FAILED : STATUS_OK;
}

void guard_add(struct guard *guard, int index)
{
	guard->links = need(reallocarray(guard->links, guard->n_links + 1, sizeof(int)));
	guard->links[guard->n_links++] = index;
}

static struct batch marking(const struct guard *guard, uint32_t mark)
{
	struct rtnl_link *link = need(rtnl_link_alloc()), *change = need(rtnl_link_alloc());
	struct batch batch = {0};

	rtnl_link_set_group(change, mark);
	for (size_t i = 0; i < guard->n_links; i++) {
		struct nl_msg *msg;
		int r;

		rtnl_link_set_ifindex(link, guard->links[i]);
		r = rtnl_link_build_change_request(link, change, 0, &msg);
		batch_add(&batch, r, msg, "%s", guard->rtnl->spec);
	}
	rtnl_link_put(change);
	rtnl_link_put(link);
	return batch;
}

/* It may have been done, and only its answer lost: then the mark by which they go is put back. */
static int let_stay(const struct guard *guard)
{
	struct batch batch = marking(guard, 0);
	int status = batch_send(&batch, guard->rtnl);

	if (status != STATUS_OK) {
		batch = marking(guard, guard->mark);
		batch_send_quietly(&batch, guard->rtnl);
	}
	return status;
}

int guard_end(struct guard *guard, int status)
{
	if (status == STATUS_OK)
		status = let_stay(guard);
	if (guard->pid > 0 && status == STATUS_OK)
		kill(guard->pid, SIGKILL);
	if (guard->pipe >= 0)
		close(guard->pipe);
	if (guard->pid > 0)
		waitpid(guard->pid, NULL, 0);
	free(guard->links);
	return status;
}
