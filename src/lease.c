/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "advice.h"
#include "cleanup.h"
#include "error.h"
#include "handle.h"
#include "lease.h"
#include "netns.h"
#include "owner.h"
#include "pin.h"
#include "random-name.h"
#include "rundir.h"

/*
 * The first needs CAP_SYS_ADMIN in the initial user namespace, and so cannot be forged by a user
 * who owns a custom run directory; the second is what is left in a user namespace (tmpfs: since
 * Linux 6.6).
 */
static const char *const attributes[] = {"trusted.netns.lease", "user.netns.lease"};

/* What stands in the attribute: the owner, and the namespace that it is about. */
struct lease {
	struct owner owner;
	uint64_t inode, id; /* id 0: not known */
};

#define LEASE_FORMAT                                                                               \
	"1 pid=%d start=%" PRIu64 " pidns=%" PRIu64 " timens=%" PRIu64 " boot=%s inode=%" PRIu64   \
	" id=%" PRIu64
#define LEASE_SCAN                                                                                 \
	"1 pid=%d start=%" SCNu64 " pidns=%" SCNu64 " timens=%" SCNu64                             \
	" boot=%36[0-9a-f-] inode=%" SCNu64 " id=%" SCNu64

static void identify(int nsfd, uint64_t *inode, uint64_t *id)
{
	struct inode found = {0};

	sys_inode(nsfd, &found);
	*inode = found.ino;
	if (sys_ioctl(nsfd, IOCTL_NS_GET_ID, id) < 0)
		*id = 0;
}

/* By the descriptor, or where that is only O_PATH by the link to it. */
static int set_attribute(int file, const char *name, const char *value)
{
	char path[FD_PATH_SIZE];

	if (fsetxattr(file, name, value, strlen(value), 0) == 0)
		return 0;
	if (errno != EBADF)
		return -errno;
	fd_path(path, file);
	return sys_result(setxattr(path, name, value, strlen(value), 0));
}

int lease_compose(char text[LEASE_SIZE], int nsfd)
{
	const struct owner *owner;
	uint64_t inode, id;
	int r = owner_here(&owner);

	text[0] = '\0';
	if (r < 0)
		return r;
	identify(nsfd, &inode, &id);
	snprintf(text, LEASE_SIZE, LEASE_FORMAT, owner->pid, owner->start, owner->pid_ns,
		owner->time_ns, owner->boot, inode, id);
	return 0;
}

static int write_attribute(int file, const char *value)
{
	return set_attribute(file, attributes[0], value) < 0
		       ? set_attribute(file, attributes[1], value)
		       : 0;
}

void lease_write(int file, const char *text)
{
	if (text[0])
		write_attribute(file, text);
}

void lease_clear(int file)
{
	char path[FD_PATH_SIZE];

	fd_path(path, file);
	for (size_t i = 0; i < 2; i++)
		removexattr(path, attributes[i]);
}

static int parse(const char *value, struct lease *ret)
{
	struct owner *owner = &ret->owner;

	*ret = (struct lease){0};
	if (sscanf(value, LEASE_SCAN, &owner->pid, &owner->start, &owner->pid_ns, &owner->time_ns,
		    owner->boot, &ret->inode, &ret->id) != 7 ||
		owner->pid <= 0)
		return -ENODATA;
	return 0;
}

/* Whoever owns the file could have written the second kind at any time. */
static bool is_ours(int file)
{
	struct statx stx;

	return statx(file, "", AT_EMPTY_PATH, STATX_UID, &stx) == 0 && stx.stx_uid == geteuid();
}

/* -ENODATA: none. */
static int read_attribute(int file, char value[LEASE_SIZE])
{
	char path[FD_PATH_SIZE];
	ssize_t n;

	fd_path(path, file);
	n = getxattr(path, attributes[0], value, LEASE_SIZE - 1);
	if (n < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) {
		if (!is_ours(file))
			return -ENODATA;
		n = getxattr(path, attributes[1], value, LEASE_SIZE - 1);
	}
	if (n < 0)
		return errno == EOPNOTSUPP || errno == ERANGE ? -ENODATA : -errno;
	value[n] = '\0';
	return 0;
}

/* The file under whatever is mounted on it: a copy of the mount that the directory is on is bare. */
static int open_under(const char *dir, const char *name)
{
	int CLEANUP_FD fd = rundir_open(dir, O_PATH);
	int CLEANUP_FD bare = fd < 0 ? fd : sys_clone_tree(fd, 0);

	if (bare < 0)
		return bare == -ENOSYS ? -EOPNOTSUPP : bare;
	return sys_openat(bare, name, O_PATH | O_NOFOLLOW, 0);
}

/* An attribute that was left on the file tells nothing of another namespace there. */
static bool is_about(const struct lease *lease, int nsfd)
{
	uint64_t inode, id;

	identify(nsfd, &inode, &id);
	return inode == lease->inode && (id == lease->id || !id || !lease->id);
}

int lease_read(const char *dir, const char *name, int nsfd, struct netns_lease *ret)
{
	int CLEANUP_FD file = open_under(dir, name);
	char value[LEASE_SIZE];
	struct lease lease;
	int r = file < 0 ? file : read_attribute(file, value);

	if (r == 0)
		r = parse(value, &lease);
	if (r < 0 && r != -ENODATA)
		return error_advise(
			error_errno(r, "open what is under the mount of %s/%s to read its lease",
				dir, name),
			advice_on_mount(r));
	*ret = (struct netns_lease){.state = NETNS_LEASE_NONE};
	if (r == 0 && is_about(&lease, nsfd))
		*ret = (struct netns_lease){
			.state = owner_state(&lease.owner), .pid = lease.owner.pid};
	return 0;
}

/* What stands there in place of an owner when there is none. */
static const char kept[] = "1 kept";

int lease_write_dir(int directory, bool leased, char text[LEASE_SIZE])
{
	char name[RANDOM_NAME_SIZE];
	int r = random_name(name);

	if (r < 0)
		return r;
	strcpy(text, kept);
	if (leased)
		r = lease_compose(text, -1);
	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r; /* no /proc */
	snprintf(text + strlen(text), LEASE_SIZE - strlen(text), " dir=%s", name);
	return sys_result(fsetxattr(directory, attributes[0], text, strlen(text), 0));
}

int lease_read_dir(int directory, char text[LEASE_SIZE], struct netns_lease *ret)
{
	struct lease lease;
	ssize_t n = fgetxattr(directory, attributes[0], text, LEASE_SIZE - 1);

	if (n < 0)
		return errno == EOPNOTSUPP || errno == ERANGE ? -ENODATA : -errno;
	text[n] = '\0';
	*ret = (struct netns_lease){.state = NETNS_LEASE_NONE};
	if (parse(text, &lease) == 0)
		*ret = (struct netns_lease){
			.state = owner_state(&lease.owner), .pid = lease.owner.pid};
	return ret->pid || strncmp(text, kept, strlen(kept)) == 0 ? 0 : -ENODATA;
}

int netns_get_lease(const char *dir, const char *name, struct netns_lease *ret)
{
	struct netns CLEANUP_HANDLE *ns = NULL;
	int r;

	if (!ret)
		return error_null("the lease");
	r = rundir_check(&dir, name);
	if (r == 0)
		r = netns_open_name_in(dir, name, &ns);
	return r < 0 ? r : lease_read(dir, name, ns->fd, ret);
}
