/* SPDX-License-Identifier: MIT */
/* netns pids */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

struct process {
	int pid;
	size_t threads; /* inside */
};

struct processes {
	struct netns_inode inside;
	struct process *v;
	size_t n;
	size_t hidden; /* which the caller may not look into */
	int lacking;   /* why one could not be looked into, which is no matter of rights */
};

static bool is_number(const char *s)
{
	return isdigit((unsigned char)*s);
}

/* What has gone meanwhile is none. */
static void could_not_look(struct processes *processes, bool *hidden, int error)
{
	if (error == EACCES || error == EPERM)
		*hidden = true;
	else if (error && error != ENOENT && error != ESRCH)
		processes->lacking = error;
}

/* Threads that are inside; each has a namespace of its own to be in. */
static size_t count_threads(struct processes *processes, const char *pid, bool *hidden)
{
	const struct netns_inode *inside = &processes->inside;
	char path[sizeof("/proc//task") + 256];
	const struct dirent *entry;
	size_t n = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	tasks = opendir(path);
	while (tasks && (errno = 0, entry = readdir(tasks))) {
		char link[256 + sizeof("/ns/net")];
		struct stat st;

		if (!is_number(entry->d_name))
			continue;
		snprintf(link, sizeof(link), "%s/ns/net", entry->d_name);
		if (fstatat(dirfd(tasks), link, &st, 0) == 0)
			n += st.st_ino == inside->ino && st.st_dev == inside->dev;
		else
			could_not_look(processes, hidden, errno);
	}
	could_not_look(processes, hidden, errno);
	if (tasks)
		closedir(tasks);
	return n;
}

static void look_at(struct processes *processes, const char *pid)
{
	bool hidden = false;
	size_t threads = count_threads(processes, pid, &hidden);

	processes->hidden += hidden;
	if (threads == 0)
		return;
	/* grows at the powers of two */
	if ((processes->n & (processes->n + 1)) == 0)
		processes->v = need(
			reallocarray(processes->v, 2 * (processes->n + 1), sizeof(*processes->v)));
	processes->v[processes->n++] = (struct process){.pid = atoi(pid), .threads = threads};
}

static int by_pid(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int find(struct processes *processes)
{
	const struct dirent *entry;
	DIR *proc = NULL;

	errno = ENOENT; /* a directory alone is no /proc */
	if (has_proc())
		proc = opendir("/proc");
	if (!proc) {
		message("read /proc: %s", reason_of("/proc", errno));
		return STATUS_FAILED;
	}
	while ((errno = 0, entry = readdir(proc)))
		if (is_number(entry->d_name))
			look_at(processes, entry->d_name);
	if (errno)
		processes->lacking = errno;
	closedir(proc);
	if (processes->lacking) {
		message("read /proc: %s", reason_for(processes->lacking));
		return STATUS_FAILED;
	}
	if (processes->n > 0)
		qsort(processes->v, processes->n, sizeof(*processes->v), by_pid);
	return STATUS_OK;
}

static void print_json_object(const struct process *process)
{
	char path[64], comm[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", process->pid);
	f = fopen(path, "re");
	if (f && fgets(comm, sizeof(comm), f))
		comm[strcspn(comm, "\n")] = '\0';
	if (f)
		fclose(f);
	json_object_begin();
	json_number("pid", (uint64_t)process->pid);
	json_number("threads", process->threads);
	if (*comm)
		json_string("command", comm);
	json_object_end();
}

static void print(const struct processes *processes)
{
	if (globals.json)
		json_begin();
	for (size_t i = 0; i < processes->n; i++)
		if (globals.json)
			print_json_object(&processes->v[i]);
		else
			printf("%d\n", processes->v[i].pid);
	if (globals.json)
		json_end();
}

static int pids_main(int argc, char **argv)
{
	struct processes processes = {0};
	struct netns *ns;
	int c, r, status;

	while ((c = next_option(argc, argv)) != -1)
		json_option(c);
	if (optind == argc)
		usage_error("a name is missing");
	if (argc - optind > 1)
		usage_error("one name at a time");
	ns = open_spec(argv[optind]);
	if (!ns)
		return STATUS_FAILED;
	r = netns_get_inode(ns, &processes.inside);
	netns_free(ns);
	if (r < 0) {
		explain(argv[optind], r);
		return STATUS_FAILED;
	}
	status = find(&processes);
	if (status == STATUS_OK)
		print(&processes);
	if (processes.hidden > 0)
		message("%zu %s could not be looked into%s", processes.hidden,
			processes.hidden == 1 ? "process" : "processes",
			geteuid() == 0 ? "" : " (try as root)");
	free(processes.v);
	return status;
}

static const struct cli_option options[] = {
	JSON_OPTIONS,
	{0},
};

const struct command pids_command = {
	.name = "pids",
	.usage = "[--json] NAME",
	.summary = "Show the processes inside a network namespace",
	.details = "A process counts with any of its threads inside. Process ids, sorted, one a "
		   "line.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns pids web\n"
		    "  netns pids web | xargs --no-run-if-empty ps -f -p\n"
		    "  netns --json pids web\n",
	.operands = "spec",
	.run = pids_main,
	.flags = FROM_IP,
};
