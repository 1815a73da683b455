/* SPDX-License-Identifier: MIT */
#include "ids.h"
#include "cleanup.h"
#include "error.h"
#include "netns.h"

enum { AT_ONCE = 1024 };

int ids_list(uint64_t **ret)
{
	uint64_t CLEANUP(cleanup_ids) *ids = NULL;
	int n = 0, got;

	do {
		uint64_t *more = reallocarray(ids, (size_t)n + AT_ONCE, sizeof(*ids));

		if (!more)
			return -ENOMEM;
		ids = more;
		got = sys_listns(n > 0 ? ids[n - 1] : 0, ids + n, AT_ONCE);
		if (got < 0 && got != -ENOENT)
			return got;
		n += got > 0 ? got : 0;
	} while (got > 0);
	*ret = n > 0 ? TAKE_PTR(ids) : NULL;
	return n;
}

int netns_list_ids(uint64_t **ret)
{
	int n;

	if (!ret)
		return error_null("the ids");
	n = ids_list(ret);
	if (n == -ENOSYS)
		return error_text(
			-EOPNOTSUPP, "the kernel does not list namespaces (Linux 6.19 does)");
	return n < 0 ? error_errno(n, "list the ids of network namespaces") : n;
}
