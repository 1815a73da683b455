/* SPDX-License-Identifier: MIT */
/*
 * netns exec --all: a command in every namespace with a name, several at a time. One loop over the
 * output of all of them and their ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

/* What one of the two outputs has said and not yet shown. */
struct captured {
	int fd; /* -1: at its end */
	char *text;
	size_t length;
};

struct job {
	const char *name;
	pid_t pid;
	int pidfd; /* -1: not running */
	bool done;
	int status;
	struct captured out[2]; /* standard output and error */
};

struct jobs {
	const struct exec_how *how;
	char **command;
	struct job *v;
	size_t n;
	size_t started, running;
	sigset_t mask; /* the command's */
	int signals;   /* a signalfd: those that would end this process */
	int null;
};

static void append(struct captured *captured, const char *text, size_t length)
{
	captured->text = need(realloc(captured->text, captured->length + length + 1));
	memcpy(captured->text + captured->length, text, length);
	captured->length += length;
	captured->text[captured->length] = '\0';
}

/* Lines with the name before each; what follows the last newline only at the end. */
static void show_lines(struct job *job, int which, bool end)
{
	struct captured *captured = &job->out[which];
	FILE *to = which == 0 ? stdout : stderr;
	char *safe = escape(job->name, escape_for(which + 1)), *line = captured->text;

	while (captured->length > 0) {
		char *newline = memchr(line, '\n', captured->length);
		size_t length = newline ? (size_t)(newline + 1 - line) : captured->length;

		if (!newline && !end)
			break;
		fprintf(to, "%s: ", safe);
		fwrite(line, 1, length, to);
		if (!newline)
			fputc('\n', to);
		line += length;
		captured->length -= length;
	}
	if (captured->length > 0)
		memmove(captured->text, line, captured->length);
	fflush(to);
	free(safe);
}

static void show_text(const struct captured *captured, FILE *to)
{
	if (captured->length > 0)
		fwrite(captured->text, 1, captured->length, to);
	fflush(to);
}

static void show_block(struct job *job)
{
	char *safe = escape(job->name, escape_for(STDOUT_FILENO));

	printf("netns: %s\n", safe);
	show_text(&job->out[0], stdout);
	show_text(&job->out[1], stderr);
	free(safe);
}

static void start(struct jobs *jobs, struct job *job)
{
	const struct identity *identity = &jobs->how->identity;
	int out[2], err[2], step;
	struct netns *ns = NULL;
	int r;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0) {
		message("%s: no pipe could be made: %s", job->name, reason_for(errno));
		exit(STATUS_FAILED);
	}
	const struct netns_spawn_fd fds[] = {{0, jobs->null}, {1, out[1]}, {2, err[1]}};
	const struct netns_spawn_opts opts = {
		.size = sizeof(opts),
		.flags = NETNS_SPAWN_SEARCH | (jobs->how->mounts ? NETNS_SPAWN_MOUNTS : 0) |
			 (identity->changes ? NETNS_SPAWN_SETUSER : 0),
		.fds = fds,
		.n_fds = ARRAY_SIZE(fds),
		.sigmask = &jobs->mask,
		.cwd = jobs->how->identity.cwd,
		.uid = identity->uid,
		.gid = identity->gid,
		.groups = identity->groups,
		.n_groups = identity->n_groups,
		.name = job->name,
		.warn = warn_of_mounts,
		.arg = (void *)job->name,
		.failed_step = &step,
	};

	r = netns_open_name_in(globals.run_dir, job->name, &ns);
	if (r < 0)
		explain(job->name, r);
	else
		r = job->pidfd = netns_spawn(ns, jobs->command[0], jobs->command, &opts, &job->pid);
	if (r < 0 && ns)
		explain_spawn(job->name, jobs->command[0], step, r);
	job->status = r >= 0 ? STATUS_OK : ns ? spawn_status(step, r) : STATUS_FAILED;
	netns_free(ns);
	close(out[1]);
	close(err[1]);
	job->out[0].fd = out[0];
	job->out[1].fd = err[0];
}

static void finish(struct jobs *jobs, struct job *job)
{
	job->done = true;
	jobs->running--;
	if (globals.json)
		return;
	if (jobs->how->blocks) {
		show_block(job);
	} else {
		show_lines(job, 0, true);
		show_lines(job, 1, true);
	}
	if (job->status != STATUS_OK && job->pid > 0)
		message("%s: the command ended with status %d", job->name, job->status);
}

/* A background process of the command's may keep the pipe: its end is not waited for. */
static void drain(struct captured *captured)
{
	char buffer[65536];
	ssize_t n;

	fcntl(captured->fd, F_SETFL, O_NONBLOCK);
	while ((n = read(captured->fd, buffer, sizeof(buffer))) > 0)
		append(captured, buffer, (size_t)n);
	close(captured->fd);
	captured->fd = -1;
}

static void take_end(struct jobs *jobs, struct job *job)
{
	int status;

	if (job->pidfd >= 0) {
		waitpid(job->pid, &status, 0);
		job->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		close(job->pidfd);
		job->pidfd = -1;
	}
	for (int which = 0; which < 2; which++)
		if (job->out[which].fd >= 0)
			drain(&job->out[which]);
	finish(jobs, job);
}

static void take_output(struct jobs *jobs, struct job *job, int which)
{
	struct captured *captured = &job->out[which];
	char buffer[65536];
	ssize_t n = read(captured->fd, buffer, sizeof(buffer));

	if (n > 0) {
		append(captured, buffer, (size_t)n);
		if (!globals.json && !jobs->how->blocks)
			show_lines(job, which, false);
	} else if (n == 0) {
		close(captured->fd);
		captured->fd = -1;
	}
}

/* The terminal has sent it to the commands as well; anybody else has not. */
static void take_signal(struct jobs *jobs)
{
	struct signalfd_siginfo info;

	if (read(jobs->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_code <= 0)
		for (size_t i = 0; i < jobs->started; i++)
			if (jobs->v[i].pidfd >= 0)
				kill(jobs->v[i].pid, (int)info.ssi_signo);
	/* and nothing more is begun */
	jobs->n = jobs->started;
}

/* The events of job i stand at 3 i + 1. */
static void wait_for_something(struct jobs *jobs, struct pollfd *fds)
{
	fds[0] = (struct pollfd){.fd = jobs->signals, .events = POLLIN};
	for (size_t i = 0; i < jobs->started; i++) {
		const struct job *job = &jobs->v[i];
		struct pollfd *its = &fds[3 * i + 1];

		its[0] = (struct pollfd){.fd = job->pidfd, .events = POLLIN};
		its[1] = (struct pollfd){.fd = job->out[0].fd, .events = POLLIN};
		its[2] = (struct pollfd){.fd = job->out[1].fd, .events = POLLIN};
	}
	if (poll(fds, 3 * jobs->started + 1, -1) < 0)
		return;
	if (fds[0].revents)
		take_signal(jobs);
	for (size_t i = 0; i < jobs->started; i++) {
		const struct pollfd *its = &fds[3 * i + 1];

		for (int which = 0; which < 2; which++)
			if (its[1 + which].revents)
				take_output(jobs, &jobs->v[i], which);
		if (its[0].revents)
			take_end(jobs, &jobs->v[i]);
	}
}

static void run_all(struct jobs *jobs, size_t at_once)
{
	struct pollfd *fds = need(calloc(3 * jobs->n + 1, sizeof(*fds)));

	while (jobs->started < jobs->n || jobs->running > 0) {
		while (jobs->started < jobs->n && jobs->running < at_once) {
			struct job *job = &jobs->v[jobs->started++];

			start(jobs, job);
			jobs->running++;
			if (job->pidfd < 0)
				take_end(jobs, job);
		}
		if (jobs->running > 0)
			wait_for_something(jobs, fds);
	}
	free(fds);
}

static void print_json(const struct jobs *jobs)
{
	json_begin();
	for (size_t i = 0; i < jobs->n; i++) {
		const struct job *job = &jobs->v[i];

		json_object_begin();
		json_string("name", job->name);
		json_number("status", (uint64_t)job->status);
		json_string("stdout", job->out[0].text ? job->out[0].text : "");
		json_string("stderr", job->out[1].text ? job->out[1].text : "");
		json_object_end();
	}
	json_end();
}

static void take_signals(struct jobs *jobs)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, &jobs->mask);
	jobs->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* were it ignored, there would be nothing to wait for */
	signal(SIGCHLD, SIG_DFL);
}

static size_t default_jobs(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? 2 * (size_t)n : 2;
}

int exec_all(const struct exec_how *how, char **command)
{
	struct jobs jobs = {.how = how, .command = command};
	struct names names;
	size_t all;
	int status = read_known_names(&names);

	jobs.v = need(calloc(names.n + 1, sizeof(*jobs.v)));
	for (size_t i = 0; i < names.n; i++)
		if (names.v[i].state == NETNS_LIVE)
			jobs.v[jobs.n++] = (struct job){.name = names.v[i].name,
				.pidfd = -1,
				.out = {{.fd = -1}, {.fd = -1}}};
	all = jobs.n;
	jobs.null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	take_signals(&jobs);
	run_all(&jobs, how->jobs ? how->jobs : default_jobs());
	if (globals.json)
		print_json(&jobs);
	for (size_t i = 0; i < all; i++) {
		if (!jobs.v[i].done || jobs.v[i].status != STATUS_OK)
			status = STATUS_FAILED;
		free(jobs.v[i].out[0].text);
		free(jobs.v[i].out[1].text);
	}
	if (jobs.n < all)
		message("stopped; not run in %zu of %zu namespaces", all - jobs.n, all);
	free(jobs.v);
	free_names(&names);
	return status;
}
