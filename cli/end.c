/* SPDX-License-Identifier: MIT */
/* An end of a cable, a port, any link: where it is, what it is called, its addresses. */
#include <linux/if.h>
#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>

#include "cable.h"

static bool is_link_name(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n >= IFNAMSIZ || strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return false;
	return !strpbrk(s, "/: \t\n\v\f\r");
}

/*
 * The last ':' in front of the addresses divides: a SPEC may have some itself, as
 * addresses of IPv6 have. A path may have a '=', but no ':' behind it as well.
 */
void end_parse(const char *word, struct end *ret)
{
	char *addresses, *colon, *address;

	*ret = (struct end){.label = need(strdup(word)), .rtnl = {.fd = -1}};
	addresses = strchr(ret->label, '=');
	if (addresses)
		*addresses++ = '\0';
	colon = strrchr(ret->label, ':');
	if (!colon || colon == ret->label)
		usage_error("'%s' is not a link in a namespace: NAMESPACE:LINK", word);
	if (!is_link_name(colon + 1))
		usage_error("%s: '%s' is not a possible name for a link "
			    "(1 to 15 bytes, no '/', ':' or space)",
			ret->label, colon + 1);
	ret->spec = need(strndup(ret->label, (size_t)(colon - ret->label)));
	ret->link = colon + 1;
	while ((address = strsep(&addresses, ",")))
		end_add_address(ret, address);
}

void end_add_address(struct end *end, const char *text)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	unsigned most = family == AF_INET6 ? 128 : 32;
	struct nl_addr *address;

	if (!strpbrk(text, "0123456789:") || nl_addr_parse(text, family, &address) < 0)
		usage_error(
			"%s: '%s' is not an address: 10.0.0.1/24, fd00::1/64", end->label, text);
	if (nl_addr_get_prefixlen(address) > most)
		usage_error("%s: '%s': the prefix has at most %u bits", end->label, text, most);
	end->addresses =
		need(reallocarray(end->addresses, end->n_addresses + 1, sizeof(struct nl_addr *)));
	end->addresses[end->n_addresses++] = address;
}

void end_set_mac(struct end *end, const char *text)
{
	if (nl_addr_parse(text, AF_LLC, &end->mac) < 0 || nl_addr_get_len(end->mac) != 6)
		usage_error("'%s' is not a hardware address: 02:00:00:00:00:01", text);
}

int end_open(struct end *end)
{
	return rtnl_open(end->spec, &end->rtnl);
}

void end_free(struct end *end)
{
	rtnl_close(&end->rtnl);
	for (size_t i = 0; i < end->n_addresses; i++)
		nl_addr_put(end->addresses[i]);
	free(end->addresses);
	if (end->mac)
		nl_addr_put(end->mac);
	free(end->spec);
	free(end->label);
	*end = (struct end){.rtnl = {.fd = -1}};
}

/* Duplicates are not looked for (RFC 4862): an address could not be used for a second or two. */
static struct rtnl_addr *make_address(int index, struct nl_addr *local)
{
	struct rtnl_addr *address = need(rtnl_addr_alloc());

	rtnl_addr_set_ifindex(address, index);
	if (rtnl_addr_set_local(address, local) < 0)
		need(NULL);
	if (nl_addr_get_family(local) == AF_INET6)
		rtnl_addr_set_flags(address, IFA_F_NODAD);
	return address;
}

void end_request_addresses(const struct end *end, int index, bool remove, struct batch *batch)
{
	for (size_t i = 0; i < end->n_addresses; i++) {
		struct rtnl_addr *address = make_address(index, end->addresses[i]);
		struct nl_msg *msg;
		char text[INET6_ADDRSTRLEN + 8];
		int r = remove ? rtnl_addr_build_delete_request(address, 0, &msg)
			       : rtnl_addr_build_add_request(address, NLM_F_EXCL, &msg);

		batch_add(batch, r, msg, "%s: %s", end->label,
			nl_addr2str(end->addresses[i], text, sizeof(text)));
		rtnl_addr_put(address);
	}
}

/*
 * The one that the kernel would make of the hardware address (RFC 4291, Modified EUI-64),
 * but would not let anyone use before it has looked for duplicates. It finds it there.
 */
static void request_link_local(const struct link_state *state, struct batch *batch)
{
	const uint8_t *mac = state->address;
	uint8_t bytes[16] = {
		0xfe, 0x80, [8] = mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};
	struct rtnl_addr *address;
	struct nl_addr *local;
	struct nl_msg *msg;
	int r;

	if (state->n_address != 6)
		return;
	local = need(nl_addr_build(AF_INET6, bytes, sizeof(bytes)));
	nl_addr_set_prefixlen(local, 64);
	address = make_address(state->index, local);
	r = rtnl_addr_build_add_request(address, NLM_F_EXCL, &msg);
	batch_add_optional(batch, r, msg); /* where there is no IPv6 there is none of this */
	rtnl_addr_put(address);
	nl_addr_put(local);
}

void request_up(const char *label, int index, struct batch *batch)
{
	struct rtnl_link *link = need(rtnl_link_alloc()), *change = need(rtnl_link_alloc());
	struct nl_msg *msg;
	int r;

	rtnl_link_set_ifindex(link, index);
	rtnl_link_set_flags(change, IFF_UP);
	r = rtnl_link_build_change_request(link, change, 0, &msg);
	batch_add(batch, r, msg, "%s", label);
	rtnl_link_put(change);
	rtnl_link_put(link);
}

int end_set_up(const struct end *end, int index, const struct shape *shape)
{
	struct link_state state;
	struct batch batch = {0};
	int r = rtnl_look(&end->rtnl, index, NULL, &state);

	if (r < 0)
		return rtnl_not_found(end->label, r);
	if (!end->is_port)
		request_link_local(&state, &batch);
	end_request_addresses(end, index, false, &batch);
	if (shape)
		shape_request(shape, end, index, &batch);
	request_up(end->label, index, &batch);
	return batch_send(&batch, &end->rtnl);
}
