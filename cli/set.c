/* SPDX-License-Identifier: MIT */
/* netns set */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "rtnl.h"

enum { AUTO = -1 };

static const char *why_not(int error)
{
	return error == -EPERM && geteuid() != 0 ? rtnl_reason(error) : netns_errmsg();
}

/* What it has already is as good as set. */
static int set_nsid(struct netns *ns, const char *spec, int nsid)
{
	int r = netns_set_nsid(ns, nsid), has;
	char *why;

	if (r == 0)
		return STATUS_OK;
	why = text("%s", why_not(r));
	if (r != -EEXIST || netns_get_nsid(ns, &has) < 0)
		message("%s: %s", spec, why);
	else if (has == nsid)
		r = 0;
	else
		message("%s: has the nsid %d already, which cannot be changed", spec, has);
	free(why);
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

static int assign_nsid(struct netns *ns, const char *spec)
{
	int nsid, r = netns_assign_nsid(ns, &nsid);

	if (r < 0) {
		message("%s: %s", spec, why_not(r));
		return STATUS_FAILED;
	}
	if (!globals.json)
		return STATUS_OK;
	json_begin();
	json_object_begin();
	if (name_of(ns))
		json_string("name", name_of(ns));
	json_number("id", (uint64_t)nsid);
	json_object_end();
	json_end();
	return STATUS_OK;
}

static int set_main(int argc, char **argv)
{
	int nsid = AUTO, status, c;
	const char *spec;
	struct netns *ns;

	while ((c = next_option(argc, argv)) != -1)
		json_option(c);
	if (argc - optind < 2)
		usage_error("a name and a number (or 'auto') are missing");
	if (argc - optind > 2)
		usage_error("one name and one number at a time");
	spec = argv[optind];
	if (strcmp(argv[optind + 1], "auto") != 0)
		nsid = read_number(argv[optind + 1], "an nsid");
	ns = open_spec(spec);
	if (!ns)
		return STATUS_FAILED;
	status = nsid == AUTO ? assign_nsid(ns, spec) : set_nsid(ns, spec, nsid);
	netns_free(ns);
	return status;
}

static const struct cli_option options[] = {
	JSON_OPTIONS,
	{0},
};

const struct command set_command = {
	.name = "set",
	.usage = "[--json] NAME NSID|auto",
	.summary = "Choose the number by which this namespace knows another",
	.details =
		"With 'auto' the kernel chooses, if there is none yet; with --json, the number is\n"
		"printed. A number stays until one of the two namespaces goes.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns set web 5\n"
		    "  netns set web auto\n"
		    "  netns set --json web auto\n",
	.operands = "spec words:auto",
	.run = set_main,
	.flags = FROM_IP,
};
