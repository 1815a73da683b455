/* SPDX-License-Identifier: MIT */
/* The numbers by which the calling thread's namespace knows others. */
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "error.h"
#include "handle.h"
#include "kernel.h"
#include "netlink.h"

struct question {
	char buffer[128] __attribute__((aligned(NLMSG_ALIGNTO)));
	char extack[EXTACK_SIZE];
};

static struct nlmsghdr *ask_about(struct question *question, uint16_t type, int fd)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(question->buffer);
	struct rtgenmsg *family;

	request->nlmsg_type = type;
	family = mnl_nlmsg_put_extra_header(request, sizeof(*family));
	family->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(request, NETNSA_FD, (uint32_t)fd);
	return request;
}

static int failed(const struct netns *ns, int error, const char *what, const char *extack)
{
	if (extack[0])
		return error_errno(error, "%s the nsid of %s: %s", what, handle_label(ns), extack);
	return error_errno(error, "%s the nsid of %s", what, handle_label(ns));
}

static int read_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NETNSA_NSID && mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		*(int *)data = (int)mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int read_answer(const struct nlmsghdr *message, void *data)
{
	return mnl_attr_parse(message, sizeof(struct rtgenmsg), read_attr, data);
}

static int look_up(const struct netns *ns, int fd, int *ret)
{
	struct question question;
	struct nlmsghdr *request = ask_about(&question, RTM_GETNSID, fd);
	int nsid = NETNSA_NSID_NOT_ASSIGNED, r;

	r = netlink_ask(request, read_answer, &nsid, question.extack);
	if (r < 0)
		return failed(ns, r, "look up", question.extack);
	if (nsid < 0)
		return error_text(-ENODATA, "%s has no nsid here", handle_label(ns));
	*ret = nsid;
	return 0;
}

static int give(const struct netns *ns, int fd, int nsid)
{
	struct question question;
	struct nlmsghdr *request = ask_about(&question, RTM_NEWNSID, fd);
	int r;

	mnl_attr_put_u32(request, NETNSA_NSID, (uint32_t)nsid);
	r = netlink_ask(request, NULL, NULL, question.extack);
	return r < 0 ? failed(ns, r, "set", question.extack) : 0;
}

int netns_get_nsid(struct netns *ns, int *ret)
{
	int fd = handle_fd(ns);

	if (fd < 0)
		return fd;
	return ret ? look_up(ns, fd, ret) : error_null("the nsid");
}

int netns_set_nsid(struct netns *ns, int nsid)
{
	int fd = handle_fd(ns);

	if (fd < 0)
		return fd;
	if (nsid < 0)
		return error_text(
			-EINVAL, "set the nsid of %s: %d is negative", handle_label(ns), nsid);
	return give(ns, fd, nsid);
}

int netns_assign_nsid(struct netns *ns, int *ret)
{
	int fd = handle_fd(ns), r;

	if (fd < 0)
		return fd;
	if (!ret)
		return error_null("the nsid");
	r = look_up(ns, fd, ret);
	if (r != -ENODATA)
		return r;

	/* -EEXIST: somebody else was faster, and now it has one. */
	r = give(ns, fd, NETNSA_NSID_NOT_ASSIGNED);
	return r < 0 && r != -EEXIST ? r : look_up(ns, fd, ret);
}
