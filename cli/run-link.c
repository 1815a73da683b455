/* SPDX-License-Identifier: MIT */
/*
 * netns run --link: a cable from the new namespace to the host, or to another one. What is meant by
 * "host=10.9.0.1/24,ns=10.9.0.2/24" is put into the words of `netns link`, in which the new
 * namespace is called by its descriptor.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cable.h"
#include "run-link.h"
#include "wind-up.h"

/* Is the part before the only colon a kind of SPEC, and not a namespace with a link behind? */
static bool is_kind(const char *word, size_t length)
{
	static const char *const kinds[] = {"pid", "fd", "id", "ino", "nsid", "docker", "podman"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i]) == length && strncmp(word, kinds[i], length) == 0)
			return true;
	return false;
}

/* SPEC or SPEC:LINK */
static bool has_link(const char *side)
{
	const char *colon = strrchr(side, ':');

	return colon && !(strchr(side, ':') == colon && is_kind(side, (size_t)(colon - side)));
}

/* One of the two: whose end, and its addresses. */
struct side {
	char *whose;
	char *addresses; /* or NULL */
};

static bool is_inside(const char *whose)
{
	return strcmp(whose, "ns") == 0 || strncmp(whose, "ns:", 3) == 0;
}

static void add_address(struct side *side, const char *address)
{
	char *before = side->addresses;

	side->addresses = before ? text("%s,%s", before, address) : need(strdup(address));
	free(before);
}

/* Words with a '=' or without a '/' begin a side; the others are more addresses of it. */
static void split(char *list, struct side *near, struct side *far)
{
	struct side *side = NULL;
	char *word;

	while ((word = strsep(&list, ","))) {
		char *value = strchr(word, '=');

		if (side && !value && strchr(word, '/')) {
			add_address(side, word);
			continue;
		}
		if (value)
			*value++ = '\0';
		side = is_inside(word) ? near : far;
		if (side->whose || !*word)
			usage_error("--link: a cable has two ends: HOST=ADDRESS,ns=ADDRESS");
		side->whose = need(strdup(word));
		if (value && *value)
			add_address(side, value);
	}
	if (!far->whose)
		usage_error("--link: where to? as in --link host=10.9.0.1/24,ns=10.9.0.2/24");
}

static char *end_word(const char *spec_and_link, const struct side *side)
{
	return side->addresses ? text("%s=%s", spec_and_link, side->addresses)
			       : need(strdup(spec_and_link));
}

/* The names that they have if none was given: eth0, eth1 inside; the process's number outside. */
static char *near_word(const struct side *near, int ns_fd, unsigned i)
{
	char *whose, *word;

	if (near->whose && near->whose[2])
		whose = text("fd:%d:%s", ns_fd, near->whose + 3);
	else
		whose = text("fd:%d:eth%u", ns_fd, i);
	word = end_word(whose, near);
	free(whose);
	return word;
}

static char *far_word(const struct side *far, unsigned i)
{
	char *named = i == 0 ? text("%s:ns%d", far->whose, getpid())
			     : text("%s:ns%d.%u", far->whose, getpid(), i);
	char *word = end_word(has_link(far->whose) ? far->whose : named, far);

	free(named);
	return word;
}

static int lay_one(const char *given, int ns_fd, unsigned i, const struct shape *shape)
{
	struct side near = {NULL, NULL}, far = {NULL, NULL};
	char *list = need(strdup(given)), *near_end, *far_end;
	struct end ends[2];
	int status;

	split(list, &near, &far);
	near_end = near_word(&near, ns_fd, i);
	far_end = far_word(&far, i);
	end_parse(near_end, &ends[0]);
	end_parse(far_end, &ends[1]);
	status = cable_connect(&ends[0], &ends[1], shape);
	end_free(&ends[0]);
	end_free(&ends[1]);
	free(near_end);
	free(far_end);
	free(near.whose);
	free(near.addresses);
	free(far.whose);
	free(far.addresses);
	free(list);
	return status;
}

void run_links_add(struct run_links *links, const char *given)
{
	if (links->n == ARRAY_SIZE(links->given))
		usage_error("--link: %zu cables are enough", links->n);
	links->given[links->n++] = given;
}

int run_links_lay(const struct run_links *links, struct netns *ns)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < links->n && status == STATUS_OK; i++)
		status = lay_one(links->given[i], netns_get_fd(ns), (unsigned)i, &links->shape);
	return status;
}

/*
 * With the namespace the links go as well, but a little later. Whoever comes next with the same
 * names shall not meet them. That the command has removed them itself is no failure.
 */
void run_links_cut(const struct run_links *links, struct netns *ns)
{
	if (links->n > 0)
		remove_links(ns, "the namespace");
}
