/* SPDX-License-Identifier: MIT */
/* netns monitor */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "link-events.h"
#include "watch.h"

struct monitor {
	const char *command; /* to run for each event; NULL: none */
	bool initial;        /* what is there at first is told too */
	bool links;
	bool begun; /* what is there at first has been dealt with */
	bool over;  /* a signal has ended it, or the output cannot be written */
	int status;
	int signals;
	sigset_t mask; /* what it was */
	struct link_events link_events;
};

/* As it is told. What there is not is NULL or 0. */
struct event {
	const char *event;
	const char *name;
	uint64_t inode;
	uint64_t id;
	const char *link;
	int index;
	const char *state;
};

static void print_json(const struct monitor *monitor, const struct event *e)
{
	json_line_begin();
	json_string("event", e->event);
	json_string("name", e->name);
	if (e->inode)
		json_number("inode", e->inode);
	if (e->id)
		json_number("netns-id", e->id);
	if (e->link) {
		json_string("ifname", e->link);
		json_number("ifindex", (uint64_t)e->index);
	}
	if (e->state)
		json_string("state", e->state);
	if (!monitor->begun)
		json_true("initial");
	json_line_end();
}

static void print_line(const struct event *e)
{
	char *words = text("%s %s%s%s%s%s", e->event, e->name, e->link ? " " : "",
		e->link ? e->link : "", e->state ? " " : "", e->state ? e->state : "");
	char *safe = escape(words, escape_for(STDOUT_FILENO));

	puts(safe);
	free(safe);
	free(words);
}

static void set_variable(const char *variable, const char *value)
{
	if (value)
		setenv(variable, value, 1);
	else
		unsetenv(variable);
}

static void set_number(const char *variable, uint64_t number)
{
	set_variable(variable, number ? text("%" PRIu64, number) : NULL);
}

static void be_command(const struct monitor *monitor, const struct event *e)
{
	const char *dir = globals.run_dir ? globals.run_dir : netns_get_run_dir();

	set_variable("NETNS_EVENT", e->event);
	set_variable("NETNS_NAME", e->name);
	set_variable("NETNS_PATH", text("%s/%s", dir, e->name));
	set_number("NETNS_INODE", e->inode);
	set_number("NETNS_ID", e->id);
	set_variable("NETNS_LINK", e->link);
	set_variable("NETNS_LINK_STATE", e->state);
	sigprocmask(SIG_SETMASK, &monitor->mask, NULL);
	execl("/bin/sh", "sh", "-c", monitor->command, (char *)NULL);
	message("/bin/sh: %s", strerror(errno));
	_exit(STATUS_NOT_FOUND);
}

/* A signal that ends the monitor leaves the command to itself. */
static bool wait_for(struct monitor *monitor, pid_t pid, int *status)
{
	struct signalfd_siginfo info;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (read(monitor->signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGCHLD) {
			monitor->over = true;
			return false;
		}
	}
	return true;
}

/* One after the other, so that they run in the order of the events; those wait meanwhile. */
static void run_for(struct monitor *monitor, const struct event *e)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		be_command(monitor, e);
	if (pid < 0)
		message("%s %s: no process could be made: %s", e->event, e->name,
			reason_for_process(errno));
	else if (!wait_for(monitor, pid, &status))
		return;
	if (WIFSIGNALED(status))
		message("%s %s: the command was killed by signal %d", e->event, e->name,
			WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		message("%s %s: the command failed with status %d", e->event, e->name,
			WEXITSTATUS(status));
}

static void tell(struct monitor *monitor, const struct event *e)
{
	if (monitor->over)
		return;
	if (globals.json)
		print_json(monitor, e);
	else
		print_line(e);
	if (fflush(stdout) != 0) {
		/* finish_output() says it again, but does not know why any more */
		message("the output could not be written: %s", strerror(errno));
		monitor->over = true;
		monitor->status = STATUS_FAILED;
	} else if (monitor->command) {
		run_for(monitor, e);
	}
}

static void on_change(const struct watched *what, bool is_there, void *arg)
{
	struct monitor *monitor = arg;
	const struct event e = {
		.event = is_there ? "add" : "delete",
		.name = what->name,
		.inode = what->inode.ino,
		.id = what->id,
	};

	if (monitor->links && is_there)
		link_events_add(&monitor->link_events, what->name);
	else if (monitor->links)
		link_events_remove(&monitor->link_events, what->name);
	if (monitor->begun || monitor->initial)
		tell(monitor, &e);
}

static void on_link(const struct link_event *link, void *arg)
{
	const struct event e = {
		.event = link->state ? "link" : "link-delete",
		.name = link->netns,
		.link = link->link,
		.index = link->index,
		.state = link->state,
	};

	tell(arg, &e);
}

static int take_signals(struct monitor *monitor)
{
	const struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t set;

	/* were it ignored, there would be nothing to wait for */
	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &monitor->mask);
	monitor->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (monitor->signals >= 0)
		return STATUS_OK;
	message("signals cannot be waited for: %s", strerror(errno));
	return STATUS_FAILED;
}

static void take_signal(struct monitor *monitor)
{
	struct signalfd_siginfo info;

	if (read(monitor->signals, &info, sizeof(info)) == sizeof(info) &&
		info.ssi_signo != SIGCHLD)
		monitor->over = true;
}

static int follow(struct monitor *monitor, struct watch *watch)
{
	struct pollfd fds[] = {
		{.fd = monitor->signals, .events = POLLIN},
		{.fd = watch->fd, .events = watch->events},
		{.fd = monitor->link_events.fd, .events = POLLIN},
	};
	int status = STATUS_OK;

	while (!monitor->over && status == STATUS_OK) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents)
			take_signal(monitor);
		/* mountinfo tells a change once, and so not again after this poll() */
		if (fds[1].revents && !monitor->over)
			status = watch_look(watch);
		if (fds[2].revents && !monitor->over && status == STATUS_OK)
			status = link_events_read(&monitor->link_events, on_link, monitor);
	}
	return status == STATUS_OK ? monitor->status : status;
}

static int run_monitor(struct monitor *monitor)
{
	struct watch watch;
	int status = STATUS_OK;

	if (monitor->links)
		status = link_events_open(&monitor->link_events);
	if (status != STATUS_OK)
		return status;
	status = watch_begin(&watch, on_change, monitor);
	monitor->begun = true;
	if (status == STATUS_OK)
		status = follow(monitor, &watch);
	watch_end(&watch);
	return status;
}

static int monitor_main(int argc, char **argv)
{
	struct monitor monitor = {.link_events.fd = -1};
	int c, status;

	while ((c = next_option(argc, argv)) != -1) {
		json_option(c);
		if (c == 'i')
			monitor.initial = true;
		else if (c == 'l')
			monitor.links = true;
		else if (c == 'e')
			monitor.command = optarg;
	}
	if (optind < argc)
		usage_error("takes no name: '%s'", argv[optind]);
	status = take_signals(&monitor);
	if (status != STATUS_OK)
		return status;
	status = run_monitor(&monitor);
	link_events_close(&monitor.link_events);
	close(monitor.signals);
	return status;
}

static const struct cli_option options[] = {
	{'e', "exec", "COMMAND",
		"run it by the shell for each event, with NETNS_EVENT,\n"
		"NETNS_NAME, NETNS_PATH, NETNS_INODE and NETNS_ID set; for\n"
		"links, NETNS_LINK and NETNS_LINK_STATE",
		"new"},
	{'i', "initial", NULL, "begin with an 'add' for each name that is there", NULL},
	{'j', "json", NULL, "print an object a line", NULL},
	{'l', "links", NULL, "tell of the links inside them too", NULL},
	{0},
};

const struct command monitor_command = {
	.name = "monitor",
	.usage = "[--initial] [--links] [--json] [--exec COMMAND]",
	.summary = "Show names as they come and go",
	.details =
		"Prints 'add NAME' when a namespace is really there under the name, so that it "
		"can\n"
		"be entered, and 'delete NAME' when it is not any more. With --links, also\n"
		"'link NAME LINK STATE' and 'link-delete NAME LINK'. Ends on SIGINT (Ctrl-C) and\n"
		"SIGTERM.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns monitor\n"
		    "  netns monitor --initial --json | jq --unbuffered .name\n"
		    "  netns monitor --exec 'logger \"$NETNS_EVENT $NETNS_NAME\"'\n",
	.operands = "",
	.run = monitor_main,
	.flags = FROM_IP,
};
