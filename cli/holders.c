/* SPDX-License-Identifier: MIT */
/* netns holders */
#include <inttypes.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "foreign.h"
#include "holders.h"
#include "procfs.h"
#include "subject.h"

enum { KIND, PID, TID, FD, THREADS, USER, PATH, COMMAND };

static const struct column columns[] = {
	[KIND] = {"KIND", NULL, "kind", 0},
	[PID] = {"PID", NULL, "pid", COLUMN_NUMBER},
	[TID] = {"TID", NULL, "tid", COLUMN_NUMBER},
	[FD] = {"FD", NULL, "fd", COLUMN_NUMBER},
	[THREADS] = {"THREADS", NULL, "threads", COLUMN_NUMBER},
	[USER] = {"USER", NULL, "user", 0},
	[PATH] = {"PATH", NULL, "path", 0},
	[COMMAND] = {"COMMAND", NULL, "command", COLUMN_LONG},
	{0},
};

static const struct cell empty = {.kind = CELL_EMPTY};

/* "tcp", "udp", "unix", or the family's number */
static const char *protocol_of(int domain, int type)
{
	switch (domain) {
	case AF_UNIX:
		return "unix";
	case AF_INET:
	case AF_INET6:
		return type == SOCK_STREAM  ? "tcp"
		       : type == SOCK_DGRAM ? "udp"
		       : type == SOCK_RAW   ? "raw"
					    : "inet";
	case AF_NETLINK:
		return "netlink";
	case AF_PACKET:
		return "packet";
	}
	return "other";
}

static int option_of(int sock, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	return getsockopt(sock, SOL_SOCKET, option, &value, &size) < 0 ? -1 : value;
}

static char *socket_text(int sock, uint64_t inode)
{
	const char *protocol = protocol_of(option_of(sock, SO_DOMAIN), option_of(sock, SO_TYPE));

	return text("socket:[%" PRIu64 "] %s", inode, protocol);
}

/* The name of the device, as it is called where it is now. */
static char *tun_text(int fd)
{
	struct ifreq request = {0};

	if (ioctl(fd, TUNGETIFF, &request) < 0)
		return need(strdup("no device"));
	return need(strndup(request.ifr_name, sizeof(request.ifr_name)));
}

static struct cell foreign_cell(const struct holder *holder)
{
	struct foreign foreign = {.pidfd = -1};
	int fd = foreign_open(&foreign, holder->pid, holder->fd);
	char *what;

	foreign_close(&foreign);
	if (fd < 0)
		return empty;
	what = holder->kind == HELD_BY_TUN ? tun_text(fd) : socket_text(fd, holder->inode);
	close(fd);
	return owned_cell(what);
}

/* The way it was opened by, as far as there is one still. */
static struct cell descriptor_cell(const struct holder *holder)
{
	char link[32], *way;

	snprintf(link, sizeof(link), "fd/%d", holder->fd);
	way = procfs_link(holder->pid, link);
	if (way && strcmp(way, "/") != 0)
		return owned_cell(way);
	free(way);
	return owned_cell(text("net:[%" PRIu64 "]", holder->inode));
}

static struct cell path_cell(const struct holder *holder)
{
	switch (holder->kind) {
	case HELD_BY_NAME:
	case HELD_BY_MOUNT:
		return text_cell(holder->path);
	case HELD_BY_PROCESS:
	case HELD_BY_THREAD:
		return owned_cell(procfs_link(holder->pid, "exe"));
	case HELD_BY_DESCRIPTOR:
		return descriptor_cell(holder);
	case HELD_UNSEEN:
		return empty;
	case HELD_BY_SOCKET:
	case HELD_BY_TUN:
	default:
		return foreign_cell(holder);
	}
}

static struct cell cell(void *data, size_t row, size_t column)
{
	const struct holder *holder = ((const struct holders *)data)->v[row];

	switch (column) {
	case KIND:
		return text_cell(holder_words[holder->kind]);
	case TID:
		return holder->kind == HELD_BY_THREAD ? number_cell((uint64_t)holder->tid) : empty;
	case FD:
		return holder->fd >= 0 ? number_cell((uint64_t)holder->fd) : empty;
	case THREADS:
		return holder->threads > 0 ? number_cell(holder->threads) : empty;
	case PATH:
		return path_cell(holder);
	}
	if (!holder->pid)
		return empty;
	if (column == PID)
		return number_cell((uint64_t)holder->pid);
	if (column == USER)
		return text_cell(procfs_user(holder->pid));
	return owned_cell(procfs_command(holder->pid));
}

void find_holders(struct holders *ret, const struct namespace *ns)
{
	*ret = (struct holders){.v = need(calloc(ns->n_holders + 1, sizeof(*ret->v)))};
	for (size_t i = 0; i < ns->n_holders; i++)
		if (ns->holders[i].pid != getpid())
			ret->v[ret->n++] = &ns->holders[i];
}

void free_holders(struct holders *holders)
{
	free(holders->v);
}

struct table holders_table(struct holders *holders, struct selection *selection)
{
	if (selection->n == 0)
		for (size_t i = 0; columns[i].heading; i++)
			if (globals.json || i != THREADS)
				select_column(selection, i);
	return (struct table){.columns = columns,
		.selection = selection,
		.n_rows = holders->n,
		.cell = cell,
		.data = holders};
}

static int print(
	const struct namespace *ns, const char *spec, struct selection *selection, bool raw)
{
	struct holders holders;
	struct table table;
	bool held;

	find_holders(&holders, ns);
	held = holders.n > 0;
	table = holders_table(&holders, selection);
	table.raw = raw;
	if (held || globals.json)
		print_table(&table);
	if (!held)
		message("%s: nobody is known to hold it", spec);
	free_holders(&holders);
	return held ? STATUS_OK : STATUS_FAILED;
}

static int holders_main(int argc, char **argv)
{
	struct selection selection = {0};
	const struct namespace *ns;
	struct census census;
	bool raw = false;
	int c, status;

	while ((c = next_option(argc, argv)) != -1) {
		json_option(c);
		raw |= c == 'r';
		if (c == 'o')
			select_columns(&selection, columns, optarg);
	}
	if (raw && globals.json)
		usage_error("only one of --json and --raw");
	if (argc - optind != 1)
		usage_error(optind == argc ? "a name is missing" : "one name at a time");
	status = take_census(&census, EACH_MOUNT);
	if (status == STATUS_OK) {
		ns = find_subject(&census, argv[optind]);
		status = ns ? print(ns, argv[optind], &selection, raw) : STATUS_FAILED;
		tell_hidden(&census);
	}
	free_census(&census);
	return status;
}

static const struct cli_option options[] = {
	{'o', "output", "COLUMN,...",
		"what to show: KIND, PID, TID, FD, THREADS (inside), USER,\n"
		"PATH (where it is mounted, the program, what the descriptor\n"
		"is of), COMMAND",
		"words:KIND,PID,TID,FD,THREADS,USER,PATH,COMMAND"},
	{'r', "raw", NULL, "for programs: columns one blank apart", NULL},
	JSON_OPTIONS,
	{0},
};

const struct command holders_command = {
	.name = "holders",
	.usage = "[--json | --raw] [-o COLUMN,...] NAME",
	.summary = "Show what keeps a network namespace from going away",
	.details =
		"Names, mounts in other mount namespaces, processes and threads inside, and\n"
		"descriptors, sockets and tun devices of those outside, also in containers. This\n"
		"command itself does not count. The exit status is 1 if nobody holds it.\n"
		"\n"
		"A namespace that has lost its name is known by its number: 'netns list --all'.\n",
	.options = options,
	.examples = "Examples:\n"
		    "  netns holders web\n"
		    "  netns holders ino:4026532000\n"
		    "  netns holders --raw -o PID web | sort -u\n",
	.operands = "spec",
	.run = holders_main,
};
