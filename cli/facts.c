/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"

/* Who may not ask for these does not, and that is how it is meant to be. */
static bool is_known(int r)
{
	note_shortage("the columns", r);
	return r >= 0;
}

static bool ask_owner(const struct netns *ns, uint64_t *ret)
{
	int fd = netns_open_owner(ns);
	struct stat st;
	bool known = is_known(fd) && fstat(fd, &st) == 0;

	if (known)
		*ret = st.st_ino;
	if (fd >= 0)
		close(fd);
	return known;
}

/* What a user namespace owns that is not to be reached from this one is not ours to know. */
static void note_links(const struct netns *ns, int error)
{
	uint64_t owner;

	if (error != -EPERM || ask_owner(ns, &owner))
		note_missing("the links", error);
}

/* Lines of /proc/net/dev, after two of headings. */
static bool count_links(struct netns *ns, uint64_t *ret)
{
	int fd = netns_openat(ns, "/proc/net/dev", O_RDONLY, 0);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	uint64_t lines = 0;
	int c;

	if (!f) {
		note_links(ns, fd);
		return false;
	}
	while ((c = getc_unlocked(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	*ret = lines > 2 ? lines - 2 : 0;
	return true;
}

/*
 * When its file was first there, to be opened or mounted. The file of a namespace that only
 * processes hold comes and goes.
 */
static bool ask_created(const struct namespace *ns, const struct netns *handle, struct facts *facts)
{
	const unsigned lasting =
		1u << HELD_BY_NAME | 1u << HELD_BY_MOUNT | 1u << HELD_BY_DESCRIPTOR;
	struct stat st;
	struct tm tm;

	return (ns->kinds & lasting) && fstat(netns_get_fd(handle), &st) == 0 &&
	       localtime_r(&st.st_mtime, &tm) &&
	       strftime(facts->created, sizeof(facts->created), "%FT%T%z", &tm) > 0;
}

static bool ask_nsid(
	const struct namespace *ns, struct netns *handle, struct nsids *nsids, uint64_t *ret)
{
	const struct netns_inode inode = {.ino = ns->inode};
	int nsid = nsid_by_asking(nsids, &inode, handle);

	*ret = (uint64_t)nsid;
	return nsid >= 0;
}

static bool ask(struct facts *facts, enum fact fact, const struct namespace *ns,
	struct netns *handle, struct nsids *nsids)
{
	switch (fact) {
	case FACT_NETNS_ID:
		return is_known(netns_get_id(handle, &facts->netns_id));
	case FACT_NSID:
		return ask_nsid(ns, handle, nsids, &facts->nsid);
	case FACT_OWNER:
		return ask_owner(handle, &facts->owner);
	case FACT_OWNER_USER:
		return is_known(netns_get_owner_uid(handle, &facts->owner_user));
	case FACT_LINKS:
		return count_links(handle, &facts->links);
	case FACT_CREATED:
		return ask_created(ns, handle, facts);
	}
	return false;
}

/* Most have no nsid, and need not be opened to learn so. */
static unsigned without_nsid(
	struct facts *facts, unsigned wanted, const struct namespace *ns, struct nsids *nsids)
{
	const struct netns_inode inode = {.ino = ns->inode};
	int nsid;

	if (!(wanted & FACT_NSID) || !nsid_is_known(nsids, &inode, &nsid))
		return wanted;
	if (nsid >= 0) {
		facts->nsid = (uint64_t)nsid;
		facts->known |= FACT_NSID;
	}
	return wanted & ~(unsigned)FACT_NSID;
}

void learn_facts(
	struct facts *facts, unsigned wanted, const struct namespace *ns, struct nsids *nsids)
{
	struct netns *handle;

	wanted &= ~facts->asked;
	facts->asked |= wanted;
	if (wanted)
		wanted = without_nsid(facts, wanted, ns, nsids);
	if (!wanted || !is_known(open_namespace(ns, &handle)))
		return;
	for (unsigned fact = 1; fact <= FACT_CREATED; fact <<= 1)
		if (wanted & fact && ask(facts, (enum fact)fact, ns, handle, nsids))
			facts->known |= fact;
	netns_free(handle);
}
