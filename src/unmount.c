/* SPDX-License-Identifier: MIT */
#include "unmount.h"
#include <sys/mount.h>

#include "kernel.h"
#include "pin.h"
#include "thread.h"

/* A name in a directory, and what umount2(2) answered for it. */
struct unmounting {
	int dir;
	const char *name;
	int answer;
};

/* On a thread with a working directory of its own, as umount2(2) takes no descriptor. */
static void *unmount_there(void *arg)
{
	struct unmounting *unmounting = arg;
	int r = sys_result(unshare(CLONE_FS));

	if (r == 0)
		r = sys_result(fchdir(unmounting->dir));
	if (r == 0)
		r = sys_result(umount2(unmounting->name, MNT_DETACH | UMOUNT_NOFOLLOW));
	unmounting->answer = r;
	return NULL;
}

int unmount_this(int fd, int parent, const char *name)
{
	struct unmounting unmounting = {.dir = parent, .name = name};
	char path[FD_PATH_SIZE];
	int r;

	fd_path(path, fd);
	r = sys_result(umount2(path, MNT_DETACH));
	if (r != -ENOENT)
		return r;
	r = thread_run(unmount_there, &unmounting);
	return r < 0 ? r : unmounting.answer;
}
