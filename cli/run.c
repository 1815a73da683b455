/* SPDX-License-Identifier: MIT */
/*
 * netns run: the command is a child, and this process stays outside to clean up.
 * It takes signals only where it waits for them, and stands in for the command
 * towards whoever sends them.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "run-link.h"

enum { GRACE = 5 }; /* seconds between SIGTERM and SIGKILL */

/* What is run, and how. */
struct run_how {
	struct netns_create_opts create;
	bool mounts;
	bool keep;
	unsigned timeout; /* seconds; 0: none */
	struct identity identity;
	struct run_links links;
	char **command;
};

/* What there was before this process changed it; the command gets it back. */
struct inherited {
	sigset_t mask;
	bool ignores_child;
	bool children;
};

/* All but those that mean a fault in this process itself. */
static void signals_to_wait_for(sigset_t *set)
{
	static const int faults[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};

	sigfillset(set);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		sigdelset(set, faults[i]);
}

static void become_parent(struct inherited *inherited)
{
	const struct sigaction action = {.sa_handler = SIG_DFL};
	struct sigaction before;
	siginfo_t info;
	sigset_t set;

	signals_to_wait_for(&set);
	sigprocmask(SIG_BLOCK, &set, &inherited->mask);
	/* were it ignored, there would be nothing to wait for */
	sigaction(SIGCHLD, &action, &before);
	inherited->ignores_child = before.sa_handler == SIG_IGN;
	/* `job & exec netns run ...` in a shell hands its jobs on to us */
	inherited->children = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* The command's pidfd, or an exit status below zero. */
static int start_command(
	const struct run_how *how, struct netns *ns, const struct inherited *inherited, pid_t *pid)
{
	const char *name = how->create.name;
	sigset_t child;
	int step, fd;
	const struct netns_spawn_opts opts = {
		.size = sizeof(opts),
		.flags = NETNS_SPAWN_SEARCH | (how->mounts ? NETNS_SPAWN_MOUNTS : 0) |
			 (how->identity.changes ? NETNS_SPAWN_SETUSER : 0),
		.sigmask = &inherited->mask,
		.sigignore = inherited->ignores_child ? &child : NULL,
		.death_signal = SIGKILL,
		.cwd = how->identity.cwd,
		.uid = how->identity.uid,
		.gid = how->identity.gid,
		.groups = how->identity.groups,
		.n_groups = how->identity.n_groups,
		.name = name,
		.warn = warn_of_mounts,
		.arg = (void *)name,
		.failed_step = &step,
	};

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	fd = netns_spawn(ns, how->command[0], how->command, &opts, pid);
	if (fd >= 0)
		return fd;
	explain_spawn(name, how->command[0], step, fd);
	return -spawn_status(step, fd);
}

/* Stops as the command has stopped, so that the shell above sees it. */
static void stop_like_it(int sig)
{
	const struct sigaction action = {.sa_handler = SIG_DFL};
	struct sigaction before;
	sigset_t set;

	if (sig == SIGSTOP) {
		raise(sig);
		return;
	}
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigaction(sig, &action, &before);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(sig, &before, NULL);
}

/* What the terminal sends, it sends to the command as well. */
static bool is_for_us_only(const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGINT:
	case SIGQUIT:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGWINCH:
		return info->si_code <= 0;
	default:
		return true;
	}
}

/* Reaps whatever has ended; true if the command has. */
static bool has_ended(pid_t command, int *status)
{
	int s;
	pid_t pid;

	while ((pid = waitpid(-1, &s, WNOHANG | WUNTRACED)) > 0) {
		if (pid != command)
			continue;
		if (WIFSTOPPED(s)) {
			stop_like_it(WSTOPSIG(s));
			continue;
		}
		*status = WIFSIGNALED(s) ? 128 + WTERMSIG(s) : WEXITSTATUS(s);
		return true;
	}
	return false;
}

/* The time until the next of the signals that end a command that takes too long. */
static bool next_deadline(struct timespec *left, const struct timespec *end)
{
	clock_gettime(CLOCK_MONOTONIC, left);
	left->tv_sec = end->tv_sec - left->tv_sec;
	left->tv_nsec = end->tv_nsec - left->tv_nsec;
	if (left->tv_nsec < 0) {
		left->tv_sec--;
		left->tv_nsec += 1000000000;
	}
	return left->tv_sec >= 0;
}

/* SIGTERM at the end of its time, SIGKILL a while later. */
static int stand_in_for(pid_t command, unsigned timeout)
{
	struct timespec end, left;
	int status = STATUS_FAILED, overtime = 0;
	siginfo_t info;
	sigset_t set;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += timeout;
	signals_to_wait_for(&set);
	for (;;) {
		int sig;

		if (timeout && overtime < 2 && !next_deadline(&left, &end)) {
			kill(command, overtime++ == 0 ? SIGTERM : SIGKILL);
			kill(command, SIGCONT);
			end.tv_sec += GRACE;
			continue;
		}
		sig = timeout && overtime < 2 ? sigtimedwait(&set, &info, &left)
					      : sigwaitinfo(&set, &info);
		if (sig < 0)
			continue; /* too late, stopped and continued, or traced */
		if (info.si_signo != SIGCHLD) {
			if (is_for_us_only(&info))
				kill(command, info.si_signo);
		} else if (has_ended(command, &status)) {
			return overtime ? STATUS_TIMEOUT : status;
		}
	}
}

static bool is_child(const char *pid)
{
	char path[280], stat[512];
	const char *rest;
	size_t n = 0;
	int parent;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (f) {
		n = fread(stat, 1, sizeof(stat) - 1, f);
		fclose(f);
	}
	stat[n] = '\0';
	rest = strrchr(stat, ')'); /* the name before it may hold anything */
	return rest && sscanf(rest, ") %*c %d", &parent) == 1 && parent == getpid();
}

static bool is_inside(pid_t pid, struct netns *ns)
{
	struct netns *its;
	bool same;

	if (netns_open_pid(pid, &its) < 0)
		return false;
	same = netns_is_same(its, ns) == 1;
	netns_free(its);
	return same;
}

/* A child's number stays its own until it is waited for. Returns how many were killed. */
static size_t kill_children(struct netns *only_inside)
{
	const struct dirent *entry;
	char self[32] = "";
	size_t n = 0;
	DIR *proc;

	/* of another pid namespace, it would show other numbers */
	if (readlink("/proc/self", self, sizeof(self) - 1) < 0 || atoi(self) != getpid())
		return 0;
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc))) {
		pid_t pid = isdigit(entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (pid > 0 && is_child(entry->d_name) &&
			(!only_inside || is_inside(pid, only_inside)) && kill(pid, SIGKILL) == 0)
			n++;
	}
	if (proc)
		closedir(proc);
	return n;
}

/* What the killed leave behind is ours next, hence the loop. */
static void end_leftovers(struct netns *ns, const struct inherited *inherited)
{
	for (;;) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 || kill_children(inherited->children ? ns : NULL) == 0)
			return;
		waitpid(-1, NULL, 0);
	}
}

static int run_in(const struct run_how *how, struct netns *ns, const struct inherited *inherited)
{
	pid_t command;
	int status = run_links_lay(&how->links, ns);

	status = status == STATUS_OK ? start_command(how, ns, inherited, &command) : -status;
	if (status < 0) {
		if (how->keep) /* nothing has been done in it that would be worth it */
			netns_delete(how->create.dir, how->create.name);
		return -status;
	}
	close(status);
	status = stand_in_for(command, how->timeout);
	end_leftovers(ns, inherited);
	if (!how->keep)
		run_links_cut(&how->links, ns);
	return status;
}

static int run_in_new(const struct run_how *how)
{
	const char *name = how->create.name;
	struct inherited inherited;
	struct netns *ns;
	int status, r;

	become_parent(&inherited);
	r = netns_create(&how->create, &ns);
	if (r < 0) {
		explain(name, r);
		return STATUS_FAILED;
	}
	status = run_in(how, ns, &inherited);
	r = netns_close(ns);
	if (r < 0) {
		explain(name, r);
		status = status == STATUS_OK ? STATUS_FAILED : status;
	}
	netns_free(ns);
	return status;
}

static char *shell(void)
{
	static char fallback[] = "/bin/sh";
	char *wanted = getenv("SHELL");

	return wanted && *wanted ? wanted : fallback;
}

static void read_options(int argc, char **argv, struct run_how *how)
{
	int c;

	while ((c = next_option(argc, argv)) != -1) {
		if (shape_option(c, optarg, &how->links.shape) ||
			identity_option(c, optarg, &how->identity))
			continue;
		switch (c) {
		case 'l':
			run_links_add(&how->links, optarg);
			break;
		case 'k':
			how->keep = true;
			break;
		case 'm':
			how->mounts = false;
			break;
		case 'n':
			how->create.name = optarg;
			break;
		case 't':
			how->timeout = (unsigned)read_number(optarg, "--timeout");
			if (how->timeout == 0)
				usage_error("--timeout: at least one second is needed");
			break;
		case 'u':
			how->create.flags |= NETNS_CREATE_LO_UP;
			break;
		}
	}
	if (how->keep && !how->create.name)
		usage_error("--keep needs a name to keep it under (--name)");
	find_identity(&how->identity);
}

static int run_main(int argc, char **argv)
{
	struct run_how how = {.create = {.size = sizeof(how.create)}, .mounts = true};
	char *alone[] = {shell(), NULL};
	int status;

	read_options(argc, argv, &how);
	how.create.dir = how.create.name ? globals.run_dir : NULL;
	if (!how.create.name)
		how.create.flags |= NETNS_CREATE_UNPINNED;
	else if (how.keep)
		how.create.flags |= NETNS_CREATE_KEEP;
	how.command = optind < argc ? argv + optind : alone;
	status = run_in_new(&how);
	free(how.identity.groups);
	return status;
}

static const struct cli_option options[] = {
	{'u', "up", NULL, "with the loopback interface up", NULL},
	{'n', "name", "NAME", "with a name meanwhile, for 'netns exec NAME' and others", "new"},
	{'k', "keep", NULL, "with --name: the namespace and its name stay", NULL},
	{'t', "timeout", "SECONDS",
		"the command gets SIGTERM when it takes longer, and\n"
		"SIGKILL five seconds later",
		"number"},
	{'l', "link", "HOST=ADDRESS,ns=ADDRESS",
		"a cable to another namespace, with addresses on both\n"
		"ends; once or more",
		"new"},
	SHAPE_OPTIONS,
	{'m', "no-mounts", NULL, "leave /sys and /etc as they are", NULL},
	IDENTITY_OPTIONS,
	{0},
};

const struct command run_command = {
	.name = "run",
	.usage = "[OPTION]... [COMMAND [ARGUMENT]...]",
	.summary = "Run a command inside a new network namespace that goes with it",
	.details =
		"Without a command: a shell ($SHELL, else /bin/sh). When the command has ended,\n"
		"what it has left running is killed, and the namespace is gone.\n",
	.options = options,
	.examples =
		"Exit status: the command's, 128+N if signal N killed it, 124 if it took too "
		"long;\n"
		"126 if it could not be run, 127 if it was not found, 1 if there was no namespace\n"
		"to run it in.\n"
		"\n"
		"Examples:\n"
		"  netns run ip link\n"
		"  netns run --up python3 -m http.server\n"
		"  netns run --up --name lab\n"
		"  netns run --timeout 60 make check\n"
		"  netns run --link host=10.9.0.1/24,ns=10.9.0.2/24 -- curl 10.9.0.1:8000\n",
	.operands = "command",
	.run = run_main,
	.flags = OPTIONS_FIRST,
};
