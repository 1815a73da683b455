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
#include "watch.h"

struct monitor {
	const char *command; /* to run for each event; NULL: none */
	bool initial;        /* what is there at first is told too */
	bool begun;          /* that has been dealt with */
	bool over;           /* a signal has ended it, or the output cannot be written */
	int signals;
	sigset_t mask; /* what it was */
	int status;
};

static void print_event(
	const struct monitor *monitor, const struct watched *what, const char *event)
{
	char *safe;

	if (globals.json) {
		json_line_begin();
		json_string("event", event);
		json_string("name", what->name);
		json_number("inode", what->inode.ino);
		if (what->id)
			json_number("netns-id", what->id);
		if (!monitor->begun)
			json_true("initial");
		json_line_end();
		return;
	}
	safe = escape(what->name, escape_for(STDOUT_FILENO));
	printf("%s %s\n", event, safe);
	free(safe);
}

static void set_number(const char *variable, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	if (number)
		setenv(variable, digits, 1);
	else
		unsetenv(variable);
}

static void be_command(const struct monitor *monitor, const struct watched *what, const char *event)
{
	const char *dir = globals.run_dir ? globals.run_dir : netns_get_run_dir();

	setenv("NETNS_EVENT", event, 1);
	setenv("NETNS_NAME", what->name, 1);
	setenv("NETNS_PATH", text("%s/%s", dir, what->name), 1);
	set_number("NETNS_INODE", what->inode.ino);
	set_number("NETNS_ID", what->id);
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
static void run_for(struct monitor *monitor, const struct watched *what, const char *event)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		be_command(monitor, what, event);
	if (pid < 0)
		message("%s %s: no process could be made: %s", event, what->name, strerror(errno));
	else if (!wait_for(monitor, pid, &status))
		return;
	if (WIFSIGNALED(status))
		message("%s %s: the command was killed by signal %d", event, what->name,
			WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		message("%s %s: the command failed with status %d", event, what->name,
			WEXITSTATUS(status));
}

static void on_change(const struct watched *what, bool is_there, void *arg)
{
	const char *event = is_there ? "add" : "delete";
	struct monitor *monitor = arg;

	if (monitor->over || (!monitor->begun && !monitor->initial))
		return;
	print_event(monitor, what, event);
	if (fflush(stdout) != 0) {
		/* finish_output() says why */
		monitor->over = true;
		monitor->status = STATUS_FAILED;
	} else if (monitor->command) {
		run_for(monitor, what, event);
	}
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
	message("signals: %s", strerror(errno));
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
	}
	return status == STATUS_OK ? monitor->status : status;
}

static int monitor_main(int argc, char **argv)
{
	struct monitor monitor = {0};
	struct watch watch;
	int c, status;

	while ((c = next_option(argc, argv)) != -1) {
		if (c == 'j')
			globals.json = true;
		else if (c == 'i')
			monitor.initial = true;
		else if (c == 'e')
			monitor.command = optarg;
	}
	if (optind < argc)
		usage_error("takes no name: '%s'", argv[optind]);
	status = take_signals(&monitor);
	if (status != STATUS_OK)
		return status;
	status = watch_begin(&watch, on_change, &monitor);
	monitor.begun = true;
	if (status == STATUS_OK)
		status = follow(&monitor, &watch);
	watch_end(&watch);
	close(monitor.signals);
	return status;
}

static const struct cli_option options[] = {
	{'e', "exec", "COMMAND",
		"run it by the shell for each event, with NETNS_EVENT\n"
		"('add' or 'delete'), NETNS_NAME, NETNS_PATH, NETNS_INODE\n"
		"and NETNS_ID set",
		"new"},
	{'i', "initial", NULL, "begin with an 'add' for each name that is there", NULL},
	{'j', "json", NULL, "print an object a line", NULL},
	{0},
};

const struct command monitor_command = {
	.name = "monitor",
	.usage = "[--initial] [--json] [--exec COMMAND]",
	.summary = "Show names as they come and go",
	.details = "Prints 'add NAME' when a namespace is really there under the name, so that it "
		   "can\n"
		   "be entered, and 'delete NAME' when it is not any more. Ends on SIGINT (Ctrl-C) "
		   "and\n"
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
