/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "search.h"

#include "frame.h"

int bare_search(const struct netns_inode *inode)
{
	DIR *dir = opendir(netns_get_run_dir());
	struct dirent *entry;
	int n = 0;

	check(dir ? 0 : -1, "opendir");
	while ((entry = readdir(dir))) {
		struct statx st;

		if (statx(dirfd(dir), entry->d_name, AT_SYMLINK_NOFOLLOW, STATX_INO, &st) < 0)
			continue;
		n += st.stx_ino == inode->ino &&
		     makedev(st.stx_dev_major, st.stx_dev_minor) == inode->dev;
	}
	closedir(dir);
	return n;
}

int our_search(const struct netns_inode *inode)
{
	const struct netns_entry *entry;
	struct netns_iter *it;
	int r, n = 0;

	check(netns_iter_new(NULL, &it), "netns_iter_new");
	while ((r = netns_iter_next(it, &entry)) > 0)
		n += entry->state == NETNS_LIVE && entry->inode.ino == inode->ino &&
		     entry->inode.dev == inode->dev;
	check(r, "netns_iter_next");
	netns_iter_free(it);
	return n;
}
