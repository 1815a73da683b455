/* SPDX-License-Identifier: MIT */
/*
 * What the kernel and the start of a program take of a command of the tool: a program that does
 * nothing but to make the system calls that it takes, and expects no trouble.
 *
 *	netns-bare list DIRECTORY
 *	netns-bare add PIN
 *	netns-bare exec PIN COMMAND...               with a /sys of its own
 *	netns-bare exec-no-mounts PIN COMMAND...
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

static void check(int r, const char *what)
{
	if (r < 0)
		err(1, "%s", what);
}

/* What tells a network namespace from other things: its file handle (Linux 6.18), or opened. */
static void verify(int directory, const char *name)
{
	struct {
		struct file_handle head;
		char bytes[MAX_HANDLE_SZ];
	} handle = {.head.handle_bytes = MAX_HANDLE_SZ};
	int mount, fd;

	if (name_to_handle_at(directory, name, &handle.head, &mount, 0) == 0)
		return;
	fd = openat(directory, name, O_RDONLY);
	check(fd, "open");
	check(ioctl(fd, NS_GET_NSTYPE), "NS_GET_NSTYPE");
	close(fd);
}

static void list(char **argv)
{
	DIR *directory = opendir(argv[0]);
	struct dirent *entry;

	check(directory ? 0 : -1, "opendir");
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.') {
			verify(dirfd(directory), entry->d_name);
			puts(entry->d_name);
		}
}

static void add(char **argv)
{
	check(unshare(CLONE_NEWNET), "unshare");
	check(open(argv[0], O_RDONLY | O_CREAT | O_EXCL, 0), "creat");
	check(mount("/proc/self/ns/net", argv[0], NULL, MS_BIND, NULL), "mount");
}

static void exec_no_mounts(char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	check(fd, "open");
	check(setns(fd, CLONE_NEWNET), "setns");
	execvp(argv[1], argv + 1);
	err(1, "%s", argv[1]);
}

static void exec_with_mounts(char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	check(fd, "open");
	check(setns(fd, CLONE_NEWNET), "setns");
	check(unshare(CLONE_NEWNS), "unshare");
	check(mount("", "/", NULL, MS_SLAVE | MS_REC, NULL), "make / slave");
	check(umount2("/sys", MNT_DETACH), "umount /sys");
	check(mount("sysfs", "/sys", "sysfs", 0, NULL), "mount /sys");
	execvp(argv[1], argv + 1);
	err(1, "%s", argv[1]);
}

static const struct {
	const char *name;
	void (*run)(char **argv);
} commands[] = {
	{"list", list},
	{"add", add},
	{"exec", exec_with_mounts},
	{"exec-no-mounts", exec_no_mounts},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			commands[i].run(argv + 2);
			return 0;
		}
	errx(2, "see the head of bench/bare-process.c");
}
