/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "generation.h"
#include "here.h"
#include "netns.h"
#include "nsfd.h"

/* What is kept for one thread. */
struct here {
	struct here *next, **link; /* in `all` */
	unsigned generation;       /* of the process that the pidfd was opened in */
	int pidfd;                 /* of the thread; -1: none */
	struct inode inode;        /* the pidfd's; the thread's for good (pidfs, Linux 6.9) */
	bool unsupported;          /* the kernel has none of this */
	char path[HERE_PATH_SIZE];
};

static _Thread_local struct here *mine;

/* All of the process, so that the child of a fork can close those of threads it has not got. */
static struct here *all;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_exit;
static bool usable;

/* The number may have become another's: the caller may close what he did not open. */
static bool is_that_pidfd(const struct here *here)
{
	struct inode now;

	return here->pidfd >= 0 && sys_inode(here->pidfd, &now) == 0 &&
	       now.ino == here->inode.ino && now.dev == here->inode.dev;
}

static bool pidfd_is_ours(const struct here *here)
{
	return here->pidfd >= 0 && here->generation == generation_here() && is_that_pidfd(here);
}

/* The caller's own pidfd of the same thread looks the same, save how ours was opened. */
static void close_pidfd(const struct here *here)
{
	if (is_that_pidfd(here) && (fcntl(here->pidfd, F_GETFL) & PIDFD_THREAD))
		sys_close(here->pidfd);
}

static void drop(void *pointer)
{
	struct here *here = pointer;

	mine = NULL;
	pthread_mutex_lock(&all_lock);
	*here->link = here->next;
	if (here->next)
		here->next->link = here->link;
	pthread_mutex_unlock(&all_lock);

	if (here->generation == generation_here())
		close_pidfd(here);
	free(here);
}

static void before_fork(void)
{
	pthread_mutex_lock(&all_lock);
}

static void after_fork_in_parent(void)
{
	pthread_mutex_unlock(&all_lock);
}

static void after_fork_in_child(void)
{
	struct here *here = all, *next;

	for (; here; here = next) {
		next = here->next;
		close_pidfd(here);
		free(here);
	}
	all = NULL;
	mine = NULL;
	pthread_setspecific(at_thread_exit, NULL);
	pthread_mutex_unlock(&all_lock);
}

static void set_up(void)
{
	if (!generation_here())
		return;
	if (pthread_key_create(&at_thread_exit, drop) != 0)
		return;
	usable = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
}

static struct here *new_here(void)
{
	struct here *here;

	pthread_once(&once, set_up);
	if (!usable)
		return NULL;
	here = malloc(sizeof(*here));
	if (!here)
		return NULL;
	*here = (struct here){.pidfd = -1};
	if (pthread_setspecific(at_thread_exit, here) != 0) {
		free(here);
		return NULL;
	}

	pthread_mutex_lock(&all_lock);
	here->next = all;
	here->link = &all;
	if (all)
		all->link = &here->next;
	all = here;
	pthread_mutex_unlock(&all_lock);
	return mine = here;
}

static void format_path(char path[])
{
	snprintf(path, HERE_PATH_SIZE, "/proc/%d/task/%d/ns/net", (int)getpid(),
		(int)syscall(SYS_gettid));
}

/* A pidfd that is no longer ours is forgotten, not closed: its number is another's. */
static int renew_pidfd(struct here *here)
{
	int CLEANUP_FD fd = -1;
	int r;

	here->pidfd = -1;
	fd = sys_pidfd_open((pid_t)syscall(SYS_gettid), PIDFD_THREAD);
	if (fd < 0)
		return fd;
	r = sys_inode(fd, &here->inode);
	if (r < 0)
		return r;
	here->generation = generation_here();
	format_path(here->path);
	return here->pidfd = TAKE_FD(fd);
}

static int ask_pidfd(char path[])
{
	struct here *here = mine ? mine : new_here();
	int fd;

	if (!here || here->unsupported)
		return -ENOTTY;

	fd = pidfd_is_ours(here) ? here->pidfd : renew_pidfd(here);
	if (fd >= 0)
		fd = sys_ioctl(fd, IOCTL_PIDFD_GET_NET_NS, NULL);
	if (fd >= 0 && path)
		memcpy(path, here->path, HERE_PATH_SIZE);

	here->unsupported = fd == -ENOTTY || fd == -EINVAL || fd == -ENOSYS;
	if (here->unsupported && here->pidfd >= 0)
		sys_close(TAKE_FD(here->pidfd));
	return fd;
}

int here_open(char path[])
{
	int fd = ask_pidfd(path);

	if (fd >= 0 || fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return fd;
	if (path)
		format_path(path);
	return nsfd_open_thread();
}

void netns_thread_release(void)
{
	if (!mine)
		return;
	pthread_setspecific(at_thread_exit, NULL);
	drop(mine);
}
