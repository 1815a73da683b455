/* SPDX-License-Identifier: MIT */
/* Which namespace it is, and whose. */
#include <sys/socket.h>

#include "cleanup.h"
#include "error.h"
#include "handle.h"

static int read_inode(const struct netns *ns, struct netns_inode *inode)
{
	int fd = handle_fd(ns);
	struct inode found;
	int r;

	if (fd < 0)
		return fd;
	r = sys_inode(fd, &found);
	if (r < 0)
		return error_errno(r, "stat %s", handle_label(ns));
	*inode = (struct netns_inode){.dev = found.dev, .ino = found.ino};
	return 0;
}

int netns_get_inode(const struct netns *ns, struct netns_inode *ret)
{
	return ret ? read_inode(ns, ret) : error_null("the answer");
}

int netns_is_same(const struct netns *a, const struct netns *b)
{
	struct netns_inode inode_a, inode_b;
	int r;

	r = read_inode(a, &inode_a);
	if (r == 0)
		r = read_inode(b, &inode_b);
	if (r < 0)
		return r;
	return inode_a.dev == inode_b.dev && inode_a.ino == inode_b.ino;
}

static int unknown_id(const struct netns *ns)
{
	return error_text(-EOPNOTSUPP,
		"%s: the kernel does not tell the id (Linux 5.14 does to "
		"who may enter, 6.18 to all)",
		handle_label(ns));
}

/* Every socket knows the id of its namespace. */
static int read_cookie(struct netns *ns, uint64_t *ret)
{
	int CLEANUP_FD sock = netns_socket(ns, AF_UNIX, SOCK_DGRAM, 0);
	socklen_t size = sizeof(*ret);

	if (sock == -EPERM)
		return unknown_id(ns);
	if (sock < 0)
		return sock;
	if (getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, ret, &size) < 0)
		return unknown_id(ns);
	return 0;
}

int netns_get_id(struct netns *ns, uint64_t *ret)
{
	int fd = handle_fd(ns), r;
	uint64_t id;

	if (fd < 0)
		return fd;
	if (!ret)
		return error_null("the answer");
	r = sys_ioctl(fd, IOCTL_NS_GET_ID, &id);
	if (r < 0)
		r = read_cookie(ns, &id);
	if (r < 0)
		return r;
	*ret = id;
	return 0;
}

int netns_open_owner(const struct netns *ns)
{
	int fd = handle_fd(ns), owner;

	if (fd < 0)
		return fd;
	owner = sys_ioctl(fd, IOCTL_NS_GET_USERNS, NULL);
	if (owner < 0)
		return error_errno(owner, "open the user namespace that owns %s", handle_label(ns));
	return owner;
}

int netns_get_owner_uid(const struct netns *ns, uid_t *ret)
{
	int CLEANUP_FD owner = -1;
	uid_t uid;
	int r;

	if (!ret)
		return error_null("the answer");
	owner = netns_open_owner(ns);
	if (owner < 0)
		return owner;
	r = sys_ioctl(owner, IOCTL_NS_GET_OWNER_UID, &uid);
	if (r < 0)
		return error_errno(r, "ask for the owner of %s", handle_label(ns));
	*ret = uid;
	return 0;
}
