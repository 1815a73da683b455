/* SPDX-License-Identifier: MIT */
/*
 * A cable's size of packets, delay, loss and rate: tc-netem(8) at both ends, and tc-tbf(8) for
 * the rate, since netem as libnl knows it has none.
 */
#include <stdlib.h>
#include <string.h>

#include "cable.h"

struct unit {
	const char *name;
	double factor;
};

/* "10ms": a number and one of the units; negative when it is not. */
static double parse_quantity(const char *text, const struct unit *units)
{
	char *end;
	double number;

	if (!strchr("0123456789.", text[0]))
		return -1; /* strtod() takes more than that */
	number = strtod(text, &end);
	for (; units->name; units++)
		if (strcasecmp(end, units->name) == 0)
			return number * units->factor;
	return -1;
}

static int parse_delay(const char *text)
{
	static const struct unit units[] = {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {NULL, 0}};
	double delay = parse_quantity(text, units);

	if (delay < 0 || delay > 100e6)
		usage_error("--delay: '%s' is none: 10ms, 200us, 1s; at most 100s", text);
	return (int)delay;
}

static uint32_t parse_loss(const char *text)
{
	static const struct unit units[] = {{"%", 1}, {NULL, 0}};
	double loss = parse_quantity(text, units);

	if (loss < 0 || loss > 100)
		usage_error("--loss: '%s' is none: 1%%, 0.1%%; at most 100%%", text);
	return (uint32_t)(loss / 100 * UINT32_MAX);
}

static int parse_rate(const char *text)
{
	static const struct unit units[] = {
		{"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}, {NULL, 0}};
	double rate = parse_quantity(text, units);

	if (rate < 8e3 || rate > 17e9)
		usage_error("--rate: '%s' is none: 10mbit, 1gbit, 500kbit; 8kbit to 17gbit", text);
	return (int)(rate / 8);
}

static unsigned parse_mtu(const char *text)
{
	char *end;
	unsigned long mtu = strtoul(text, &end, 10);

	if (!strchr("123456789", text[0]) || *end || mtu < 68 || mtu > 65535)
		usage_error("--mtu: '%s' is none: a number from 68 to 65535", text);
	return (unsigned)mtu;
}

bool shape_option(int option, const char *argument, struct shape *shape)
{
	switch (option) {
	case SHAPE_MTU:
		shape->mtu = parse_mtu(argument);
		return true;
	case 'D':
		shape->delay = parse_delay(argument);
		return true;
	case 'L':
		shape->loss = parse_loss(argument);
		return true;
	case 'R':
		shape->rate = parse_rate(argument);
		return true;
	default:
		return false;
	}
}

static struct rtnl_qdisc *make_qdisc(const char *kind, int index, uint32_t parent, uint32_t handle)
{
	struct rtnl_qdisc *qdisc = need(rtnl_qdisc_alloc());

	rtnl_tc_set_ifindex(TC_CAST(qdisc), index);
	rtnl_tc_set_parent(TC_CAST(qdisc), parent);
	rtnl_tc_set_handle(TC_CAST(qdisc), handle);
	if (rtnl_tc_set_kind(TC_CAST(qdisc), kind) < 0)
		need(NULL);
	return qdisc;
}

static void request(
	struct rtnl_qdisc *qdisc, const struct end *end, const char *what, struct batch *batch)
{
	struct nl_msg *msg;
	int r = rtnl_qdisc_build_add_request(qdisc, NLM_F_CREATE | NLM_F_EXCL, &msg);

	batch_add(batch, r, msg, "%s: %s", end->label, what);
	rtnl_qdisc_put(qdisc);
}

/* The queue holds what is on its way: 1,000 packets, as is usual, would be 12 mbit at 1s. */
static void request_netem(
	const struct shape *shape, const struct end *end, int index, struct batch *batch)
{
	struct rtnl_qdisc *qdisc = make_qdisc("netem", index, TC_H_ROOT, TC_HANDLE(1, 0));

	rtnl_netem_set_limit(qdisc, 100000);
	rtnl_netem_set_delay(qdisc, shape->delay);
	if (shape->loss)
		rtnl_netem_set_loss(qdisc, (int)shape->loss);
	request(qdisc, end, "netem, for --delay and --loss", batch);
}

/* Below netem's when there is one. What comes at once is 10 ms, or two packets; it waits 50 ms. */
static void request_tbf(
	const struct shape *shape, const struct end *end, int index, struct batch *batch)
{
	bool below = shape->delay || shape->loss;
	int least = 2 * ((shape->mtu ? (int)shape->mtu : 1500) + 14);
	int burst = shape->rate / 100 > least ? shape->rate / 100 : least;
	struct rtnl_qdisc *qdisc =
		make_qdisc("tbf", index, below ? TC_HANDLE(1, 1) : TC_H_ROOT, TC_HANDLE(2, 0));

	rtnl_qdisc_tbf_set_rate(qdisc, shape->rate, burst, 0);
	if (rtnl_qdisc_tbf_set_limit_by_latency(qdisc, 50000) < 0)
		need(NULL);
	request(qdisc, end, "tbf, for --rate", batch);
}

void shape_request(const struct shape *shape, const struct end *end, int index, struct batch *batch)
{
	if (shape->delay || shape->loss)
		request_netem(shape, end, index, batch);
	if (shape->rate)
		request_tbf(shape, end, index, batch);
}
