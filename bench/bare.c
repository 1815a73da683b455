/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "frame.h"

#include "bare.h"

void bare_pin_new(const char *path)
{
	check(unshare(CLONE_NEWNET), "unshare");
	close(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
	check(mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL), "mount");
}

void bare_unpin(const char *path)
{
	check(umount2(path, MNT_DETACH), "umount");
	check(unlink(path), "unlink");
}
