/* SPDX-License-Identifier: MIT */
/* The numbers by which rtnetlink knows other namespaces. */
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>

#include "harness.h"
#include "raw.h"

/*
 * What the kernel says, asked without the library: the nsid that the calling thread's namespace
 * has for the one of a descriptor, or -1.
 */
static int kernel_nsid(int fd)
{
	struct {
		struct nlmsghdr head;
		struct rtgenmsg family;
		struct nlattr attr __attribute__((aligned(NLMSG_ALIGNTO)));
		int32_t value;
	} question = {
		.head = {.nlmsg_len = sizeof(question),
			.nlmsg_type = RTM_GETNSID,
			.nlmsg_flags = NLM_F_REQUEST},
		.attr = {.nla_len = NLA_HDRLEN + sizeof(int32_t), .nla_type = NETNSA_FD},
		.value = fd,
	};
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	CHECK_EQ(send(sock, &question, sizeof(question), 0), sizeof(question));
	memset(&question, 0, sizeof(question));
	CHECK(recv(sock, &question, sizeof(question), 0) > 0);
	close(sock);
	CHECK_EQ(question.head.nlmsg_type, RTM_NEWNSID);
	CHECK_EQ(question.attr.nla_type, NETNSA_NSID);
	return question.value;
}

/* What both say, -1 for -ENODATA. */
static int nsid_of(struct netns *ns)
{
	int nsid = -77, r = netns_get_nsid(ns, &nsid);

	CHECK(r == 0 || r == -ENODATA);
	if (r == -ENODATA) {
		CHECK_EQ(nsid, -77);
		nsid = -1;
	}
	CHECK_EQ(nsid, kernel_nsid(netns_get_fd(ns)));
	return nsid;
}

static void there_is_none_at_first(void)
{
	struct netns *ns = new_ns(), *self;
	int nsid;

	leave_machine();
	self = current_ns();
	CHECK_EQ(nsid_of(ns), -1);
	CHECK_EQ(nsid_of(self), -1);
	CHECK_EQ(netns_get_nsid(ns, &nsid), -ENODATA);
	CHECK_MSG("no nsid");
	netns_free(self);
	netns_free(ns);
}

static void a_chosen_one_stays(void)
{
	struct netns *a = new_ns(), *b = new_ns();

	leave_machine();
	CHECK_EQ(netns_set_nsid(a, 5), 0);
	CHECK_EQ(nsid_of(a), 5);
	CHECK_EQ(netns_set_nsid(b, 0), 0);
	CHECK_EQ(nsid_of(b), 0);
	CHECK_EQ(nsid_of(a), 5);
	netns_free(b);
	netns_free(a);
}

/* With the reason, which only the kernel knows. */
static void taken_ones_are_refused(void)
{
	struct netns *a = new_ns(), *b = new_ns();

	leave_machine();
	CHECK_EQ(netns_set_nsid(a, 5), 0);
	CHECK_EQ(netns_set_nsid(a, 6), -EEXIST);
	CHECK_MSG("Peer netns already has a nsid assigned");
	CHECK_EQ(netns_set_nsid(a, 5), -EEXIST);
	CHECK_EQ(netns_set_nsid(b, 5), -EEXIST);
	CHECK_MSG("The specified nsid is already used");
	CHECK_EQ(nsid_of(a), 5);
	CHECK_EQ(nsid_of(b), -1);
	netns_free(b);
	netns_free(a);
}

static void the_kernel_assigns_one_each(void)
{
	struct netns *ns[20];
	int nsids[ARRAY_SIZE(ns)], again;

	leave_machine();
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		ns[i] = new_ns();
		CHECK_EQ(netns_assign_nsid(ns[i], &nsids[i]), 0);
		CHECK(nsids[i] >= 0);
		CHECK_EQ(nsid_of(ns[i]), nsids[i]);
		for (size_t j = 0; j < i; j++)
			CHECK(nsids[i] != nsids[j]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		CHECK_EQ(netns_assign_nsid(ns[i], &again), 0);
		CHECK_EQ(again, nsids[i]);
		netns_free(ns[i]);
	}
}

static void assign_keeps_a_chosen_one(void)
{
	struct netns *ns = new_ns();
	int nsid;

	leave_machine();
	CHECK_EQ(netns_set_nsid(ns, 4711), 0);
	CHECK_EQ(netns_assign_nsid(ns, &nsid), 0);
	CHECK_EQ(nsid, 4711);
	netns_free(ns);
}

struct race {
	struct netns *ns, *home;
	pthread_barrier_t start;
};

static void *assign_in_race(void *arg)
{
	struct race *race = arg;
	int nsid;

	CHECK_EQ(netns_set(race->home), 0);
	pthread_barrier_wait(&race->start);
	CHECK_EQ(netns_assign_nsid(race->ns, &nsid), 0);
	CHECK_EQ(nsid_of(race->ns), nsid);
	return NULL;
}

static void many_assign_at_once(void)
{
	pthread_t threads[8];
	struct race race;

	for (int round = 0; round < 20; round++) {
		race = (struct race){.ns = new_ns(), .home = new_ns()};
		pthread_barrier_init(&race.start, NULL, ARRAY_SIZE(threads));
		for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
			CHECK_EQ(pthread_create(&threads[i], NULL, assign_in_race, &race), 0);
		for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
			CHECK_EQ(pthread_join(threads[i], NULL), 0);
		pthread_barrier_destroy(&race.start);
		netns_free(race.home);
		netns_free(race.ns);
	}
}

/* It is the thread's namespace that has a number for another, not the process's. */
static void look_from_elsewhere(void *arg)
{
	CHECK_EQ(nsid_of(arg), 8);
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	CHECK_EQ(nsid_of(arg), -1);
	CHECK_EQ(netns_set_nsid(arg, 9), 0);
	CHECK_EQ(nsid_of(arg), 9);
}

static int look_from_inside(struct netns *host, void *arg)
{
	CHECK_EQ(nsid_of(host), -1);
	CHECK_EQ(netns_set_nsid(host, 10), 0);
	CHECK_EQ(nsid_of(host), 10);
	CHECK_EQ(nsid_of(arg), -1);
	return 0;
}

static void the_threads_namespace_counts(void)
{
	struct netns *ns = new_ns();

	leave_machine();
	CHECK_EQ(netns_set_nsid(ns, 8), 0);
	in_thread_with(look_from_elsewhere, ns);
	CHECK_EQ(netns_do(ns, look_from_inside, ns), 0);
	CHECK_EQ(nsid_of(ns), 8);
	netns_free(ns);
}

static void bad_arguments_are_refused(void)
{
	struct netns *ns = new_ns(), *closed = closed_ns();
	int nsid = -77;

	leave_machine();
	CHECK_EQ(netns_get_nsid(NULL, &nsid), -EINVAL);
	CHECK_EQ(netns_get_nsid(ns, NULL), -EINVAL);
	CHECK_EQ(netns_get_nsid(closed, &nsid), -EBADF);
	CHECK_EQ(netns_assign_nsid(NULL, &nsid), -EINVAL);
	CHECK_EQ(netns_assign_nsid(ns, NULL), -EINVAL);
	CHECK_EQ(netns_assign_nsid(closed, &nsid), -EBADF);
	CHECK_EQ(netns_set_nsid(NULL, 1), -EINVAL);
	CHECK_EQ(netns_set_nsid(closed, 1), -EBADF);
	CHECK_EQ(netns_set_nsid(ns, -1), -EINVAL);
	CHECK_EQ(netns_set_nsid(ns, INT32_MIN), -EINVAL);
	CHECK_EQ(nsid, -77);
	CHECK_EQ(nsid_of(ns), -1);
	netns_free(closed);
	netns_free(ns);
}

static void try_without_privilege(void *arg)
{
	struct netns *const *ns = arg;
	int nsid = -77;

	drop_capability(CAP_NET_ADMIN);
	CHECK_EQ(netns_set_nsid(ns[1], 3), -EPERM);
	CHECK_EQ(netns_assign_nsid(ns[1], &nsid), -EPERM);
	CHECK_EQ(nsid, -77);
	CHECK_EQ(nsid_of(ns[1]), -1);
	CHECK_EQ(nsid_of(ns[0]), 2);
	CHECK_EQ(netns_assign_nsid(ns[0], &nsid), 0);
	CHECK_EQ(nsid, 2);
}

static void asking_needs_no_privilege(void)
{
	struct netns *ns[] = {new_ns(), new_ns()};

	leave_machine();
	CHECK_EQ(netns_set_nsid(ns[0], 2), 0);
	in_thread_with(try_without_privilege, ns);
	netns_free(ns[0]);
	netns_free(ns[1]);
}

static void descriptors_run_out(void)
{
	struct netns *ns = new_ns();
	int nsid = -77;

	leave_machine();
	limit_free_descriptors(0);
	CHECK_EQ(netns_get_nsid(ns, &nsid), -EMFILE);
	CHECK_EQ(netns_set_nsid(ns, 1), -EMFILE);
	CHECK_EQ(netns_assign_nsid(ns, &nsid), -EMFILE);
	unlimit_descriptors();
	CHECK_EQ(nsid, -77);
	CHECK_EQ(nsid_of(ns), -1);
	netns_free(ns);
}

#define NOTHING ((struct netns_nsid *)-1L)

static int by_nsid(const void *a, const void *b)
{
	return ((const struct netns_nsid *)a)->nsid - ((const struct netns_nsid *)b)->nsid;
}

static void nsids_are_listed(void)
{
	enum { MANY = 300 }; /* more than fit into one message */
	struct netns *ns[MANY];
	struct netns_nsid *all = NOTHING;

	leave_machine();
	CHECK_EQ(netns_list_nsids(-1, &all), 0);
	CHECK(all == NULL);
	for (int i = 0; i < MANY; i++) {
		ns[i] = new_ns();
		CHECK_EQ(netns_set_nsid(ns[i], 2 * i), 0);
	}
	CHECK_EQ(netns_list_nsids(-1, &all), MANY);
	qsort(all, MANY, sizeof(*all), by_nsid);
	for (int i = 0; i < MANY; i++) {
		CHECK_EQ(all[i].nsid, 2 * i);
		CHECK_EQ(all[i].current, 2 * i);
		netns_free(ns[i]);
	}
	free(all);
}

static void nsids_of_another_are_listed(void)
{
	struct netns *a = new_ns(), *b = new_ns(), *c = new_ns();
	struct netns_nsid *all = NOTHING;
	struct netns_scope scope;

	leave_machine();
	CHECK_EQ(netns_enter(&scope, a, NULL), 0);
	CHECK_EQ(netns_set_nsid(b, 7), 0);
	CHECK_EQ(netns_set_nsid(c, 8), 0);
	CHECK_EQ(netns_leave(&scope), 0);
	CHECK_EQ(netns_set_nsid(a, 1), 0);
	CHECK_EQ(netns_set_nsid(b, 2), 0);

	CHECK_EQ(netns_list_nsids(1, &all), 2);
	qsort(all, 2, sizeof(*all), by_nsid);
	CHECK_EQ(all[0].nsid, 7);
	CHECK_EQ(all[0].current, 2);
	CHECK_EQ(all[1].nsid, 8);
	CHECK_EQ(all[1].current, -1);
	free(all);

	all = NOTHING;
	CHECK(netns_list_nsids(5, &all) < 0);
	CHECK(all == NOTHING);
	CHECK_MSG("nsid 5");
	CHECK_EQ(netns_list_nsids(-1, NULL), -EINVAL);
	netns_free(c);
	netns_free(b);
	netns_free(a);
}

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function, NEED_ROOT, 0                                                  \
	}

/* Sends to the port that the next question will be asked from an answer to it, again and again. */
static void forge_answers(pid_t pid)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} answer = {
		.head = {.nlmsg_len = sizeof(answer), .nlmsg_type = NLMSG_ERROR, .nlmsg_seq = 1},
		.error = {.error = -EXDEV},
	};
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = (uint32_t)pid};
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	answer.head.nlmsg_pid = (uint32_t)pid;
	for (;;)
		sendto(sock, &answer, sizeof(answer), MSG_DONTWAIT, (struct sockaddr *)&to,
			sizeof(to));
}

static void nobody_else_can_answer(void)
{
	struct netns *ns = new_ns();
	pid_t asker = getpid(), forger;
	int nsid = 7;

	leave_machine();
	CHECK_EQ(netns_set_nsid(ns, 7), 0);
	forger = fork();
	if (forger == 0)
		forge_answers(asker);
	CHECK(forger > 0);
	for (int i = 0; i < 2000; i++) {
		CHECK_EQ(netns_get_nsid(ns, &nsid), 0);
		CHECK_EQ(nsid, 7);
	}
	stop_process(forger);
	netns_free(ns);
}

TEST_MAIN(CASE(there_is_none_at_first), CASE(a_chosen_one_stays), CASE(taken_ones_are_refused),
	CASE(the_kernel_assigns_one_each), CASE(assign_keeps_a_chosen_one),
	CASE(many_assign_at_once), CASE(the_threads_namespace_counts),
	CASE(bad_arguments_are_refused), CASE(asking_needs_no_privilege), CASE(descriptors_run_out),
	CASE(nsids_are_listed), CASE(nsids_of_another_are_listed), CASE(nobody_else_can_answer), )
