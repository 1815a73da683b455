/* SPDX-License-Identifier: MIT */
/* All nsids of a namespace at once. */
#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>

#include "error.h"
#include "netlink.h"
#include "netns.h"

enum { UNTOLD = -2 }; /* NETNSA_NSID_NOT_ASSIGNED is -1 */

/* What a dump of the nsids has told so far. */
struct dump {
	struct netns_nsid *v;
	size_t n;
	bool of_target;
	int error;
};

static int read_pair(const struct nlattr *attr, void *data)
{
	struct netns_nsid *pair = data;

	if (mnl_attr_get_type(attr) == NETNSA_CURRENT_NSID &&
		mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		pair->current = (int)mnl_attr_get_u32(attr);
	if (mnl_attr_get_type(attr) == NETNSA_NSID && mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		pair->nsid = (int)mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int append(struct dump *dump, const struct netns_nsid *pair)
{
	struct netns_nsid *more;

	/* grows at the powers of two */
	if ((dump->n & (dump->n + 1)) == 0) {
		more = reallocarray(dump->v, 2 * (dump->n + 1), sizeof(*more));
		if (!more)
			return -ENOMEM;
		dump->v = more;
	}
	dump->v[dump->n++] = *pair;
	return 0;
}

static int add_pair(const struct nlmsghdr *message, void *data)
{
	struct netns_nsid pair = {.nsid = UNTOLD, .current = UNTOLD};
	struct dump *dump = data;

	mnl_attr_parse(message, sizeof(struct rtgenmsg), read_pair, &pair);
	if (!dump->of_target)
		pair.current = pair.nsid;
	/* A kernel that does not tell it has not understood whose nsids are wanted. */
	if (pair.current == UNTOLD)
		dump->error = -EOPNOTSUPP;
	else if (pair.nsid >= 0 && !dump->error)
		dump->error = append(dump, &pair);
	return MNL_CB_OK;
}

/*
 * Newer kernels (6.18 for one) end this dump when the first datagram is full, and do not tell.
 * What the kernel keeps of the size for itself is less than this.
 */
static bool was_cut(size_t alone)
{
	return alone > NETLINK_DUMP_SIZE - 512;
}

static int ask_for_all(int target, struct dump *dump, char extack[EXTACK_SIZE])
{
	char buffer[128] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtgenmsg *family;
	size_t alone;
	int r;

	request->nlmsg_type = RTM_GETNSID;
	family = mnl_nlmsg_put_extra_header(request, sizeof(*family));
	family->rtgen_family = AF_UNSPEC;
	if (dump->of_target)
		mnl_attr_put_u32(request, NETNSA_TARGET_NSID, (uint32_t)target);
	r = netlink_dump(request, add_pair, dump, extack, &alone);
	if (r < 0)
		return r;
	return !dump->error && was_cut(alone) ? -EOVERFLOW : dump->error;
}

int netns_list_nsids(int target, struct netns_nsid **ret)
{
	struct dump dump = {.of_target = target >= 0};
	char extack[EXTACK_SIZE];
	int r;

	if (!ret)
		return error_null("the nsids");
	r = ask_for_all(target, &dump, extack);
	if (r < 0)
		free(dump.v);
	if (r < 0 && dump.of_target)
		return error_errno(r, "list the nsids of the namespace with the nsid %d%s%s",
			target, *extack ? ": " : "", extack);
	if (r < 0)
		return error_errno(r, "list the nsids%s%s", *extack ? ": " : "", extack);
	*ret = dump.v;
	return (int)dump.n;
}
