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
#include <unistd.h>

#include "cli.h"

/* What there was before this process changed it; the command gets it back. */
struct inherited {
	sigset_t mask;
	struct sigaction child_action;
	pid_t parent; /* of the command */
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
	siginfo_t info;
	sigset_t set;

	inherited->parent = getpid();
	signals_to_wait_for(&set);
	sigprocmask(SIG_BLOCK, &set, &inherited->mask);
	/* were it ignored, there would be nothing to wait for */
	sigaction(SIGCHLD, &action, &inherited->child_action);
	/* `job & exec netns run ...` in a shell hands its jobs on to us */
	inherited->children = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void be_command(const struct inherited *inherited, struct netns *ns, const char *name,
	bool mounts, char **argv)
{
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != inherited->parent)
		_exit(STATUS_FAILED); /* it died before */
	status = enter(ns, name, mounts);
	if (status != STATUS_OK)
		_exit(status);
	sigaction(SIGCHLD, &inherited->child_action, NULL);
	sigprocmask(SIG_SETMASK, &inherited->mask, NULL);
	_exit(run_program(argv));
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

static int stand_in_for(pid_t command)
{
	int status = STATUS_FAILED;
	siginfo_t info;
	sigset_t set;

	signals_to_wait_for(&set);
	for (;;) {
		if (sigwaitinfo(&set, &info) < 0)
			continue; /* stopped and continued, or traced */
		if (info.si_signo != SIGCHLD) {
			if (is_for_us_only(&info))
				kill(command, info.si_signo);
		} else if (has_ended(command, &status)) {
			return status;
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

static int run_in(struct netns *ns, const char *name, bool mounts,
	const struct inherited *inherited, char **argv)
{
	pid_t command = fork();
	int status;

	if (command < 0) {
		message("no process could be made: %s", strerror(errno));
		return STATUS_FAILED;
	}
	if (command == 0)
		be_command(inherited, ns, name, mounts, argv);
	status = stand_in_for(command);
	end_leftovers(ns, inherited);
	return status;
}

static int run_in_new(struct netns_create_opts *opts, bool mounts, char **argv)
{
	struct inherited inherited;
	struct netns *ns;
	int status, r;

	become_parent(&inherited);
	r = netns_create(opts, &ns);
	if (r < 0) {
		explain(opts->name, r);
		return STATUS_FAILED;
	}
	status = run_in(ns, opts->name, mounts, &inherited, argv);
	r = netns_close(ns);
	if (r < 0) {
		explain(opts->name, r);
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

static int run_main(int argc, char **argv)
{
	struct netns_create_opts opts = {.size = sizeof(opts)};
	char *alone[] = {shell(), NULL};
	bool mounts = true;
	int c;

	while ((c = next_option(argc, argv)) != -1) {
		if (c == 'm')
			mounts = false;
		else if (c == 'n')
			opts.name = optarg;
		else
			opts.flags |= NETNS_CREATE_LO_UP;
	}
	opts.dir = opts.name ? globals.run_dir : NULL;
	if (!opts.name)
		opts.flags |= NETNS_CREATE_UNPINNED;
	return run_in_new(&opts, mounts, optind < argc ? argv + optind : alone);
}

static const struct cli_option options[] = {
	{'u', "up", NULL, "with the loopback interface up", NULL},
	{'n', "name", "NAME", "with a name meanwhile, for 'netns exec NAME' and others", "new"},
	{'m', "no-mounts", NULL, "leave /sys and /etc as they are", NULL},
	{0},
};

const struct command run_command = {
	.name = "run",
	.usage = "[--up] [--name NAME] [--no-mounts] [COMMAND [ARGUMENT]...]",
	.summary = "Run a command inside a new network namespace that goes with it",
	.details =
		"Without a command: a shell ($SHELL, else /bin/sh). When the command has ended,\n"
		"what it has left running is killed, and the namespace is gone.\n",
	.options = options,
	.examples =
		"Exit status: the command's, 128+N if signal N killed it; 126 if it could not be\n"
		"run, 127 if it was not found, 1 if there was no namespace to run it in.\n"
		"\n"
		"Examples:\n"
		"  netns run ip link\n"
		"  netns run --up python3 -m http.server\n"
		"  netns run --up --name lab\n",
	.operands = "command",
	.run = run_main,
	.flags = OPTIONS_FIRST,
};
