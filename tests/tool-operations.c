/* SPDX-License-Identifier: MIT */
/* What the tool does: the rows of its commands. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "operations.h"
#include "stage.h"
#include "tool.h"

static int tool_input[2] = {-1, -1}; /* of a command that ends when the other end is closed */

void feed_command(const struct watched_call *call)
{
	if (call->nr != SYS_rt_sigtimedwait || tool_input[1] < 0)
		return;
	close(tool_input[1]);
	tool_input[1] = -1;
}

static bool is_running(const char *pid)
{
	char path[300], stat[512] = "";
	const char *state;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, stat, sizeof(stat) - 1) < 0)
		stat[0] = '\0';
	close(fd);
	state = strrchr(stat, ')');
	return state && state[2] != 'Z' && state[2] != 'X';
}

static unsigned count_running(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned n = 0;

	CHECK(proc);
	while ((entry = readdir(proc)))
		if (isdigit(entry->d_name[0]))
			n += is_running(entry->d_name);
	closedir(proc);
	return n;
}

/* Whatever became of the tool, what it started ends, though its input is still there. */
static void check_no_process_is_left(unsigned before)
{
	for (int i = 0; i < 5000 && count_running() != before; i++)
		usleep(2000);
	CHECK_EQ(count_running(), before);
}

static void prepare_for_tool(void)
{
	make_target();
	prepare_tool();
}

/* The answer: -EREMOTEIO, whatever the tool failed by, since a status does not say. */
static int run_tool(const char *const argv[])
{
	unsigned before = count_running();
	int status;
	pid_t pid;

	CHECK(pipe2(tool_input, O_CLOEXEC) == 0);
	pid = start_tool(argv, tool_input[0]);
	close(tool_input[0]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	check_no_process_is_left(before);
	if (tool_input[1] >= 0)
		close(tool_input[1]);
	tool_input[1] = -1;
	return status ? -EREMOTEIO : 0;
}

#define TOOL(function, ...)                                                                        \
	static int function(void)                                                                  \
	{                                                                                          \
		static const char *const argv[] = {"netns", __VA_ARGS__, NULL};                    \
                                                                                                   \
		return run_tool(argv);                                                             \
	}

TOOL(tool_list, "list")
TOOL(tool_list_json, "list", "--json")
TOOL(tool_add, "add", NAME)
TOOL(tool_add_up, "add", "--up", NAME)
TOOL(tool_delete, "delete", NAME)
TOOL(tool_delete_pattern, "delete", "we?")
TOOL(tool_delete_wait, "delete", "--wait=1", NAME)
TOOL(tool_attach, "attach", NAME, "self")
TOOL(tool_set, "set", NAME, "auto")
TOOL(tool_gc, "gc")
TOOL(tool_gc_orphans, "gc", "--orphans")
TOOL(tool_sysctl, "sysctl", NAME, "net.ipv4.ip_forward=1")
TOOL(tool_identify, "identify", NAME)
TOOL(tool_show, "show", NAME)
TOOL(tool_pids, "pids", NAME)
TOOL(tool_holders, "holders", NAME)
TOOL(tool_list_id, "list-id")
TOOL(tool_list_all, "list", "--all")
TOOL(tool_exec, "exec", NAME, "/bin/true")
TOOL(tool_exec_bare, "exec", "--no-mounts", NAME, "/bin/true")
TOOL(tool_run, "run", "/bin/cat")
TOOL(tool_run_named, "run", "--up", "--name", NAME, "/bin/cat")

static void create_and_die(void)
{
	create_ns(NAME, 0);
	_exit(0);
}

static void leave_orphan(void)
{
	in_lone_child(create_and_die);
}

static void leave_kept(void)
{
	netns_free(create_ns(NAME, NETNS_CREATE_KEEP));
}

/* What it cannot look at it leaves alone. */
static void check_collected(void)
{
	int r = netns_delete(NULL, NAME);

	CHECK(r == 0 || r == -ENOENT);
}

static void check_listed(void)
{
	CHECK(strstr(tool_message(), NAME) && strstr(tool_message(), BYSTANDER));
	unpin_target();
}

/* --- the table --------------------------------------------------------------- */

const struct operation tool_operations[] = {
	{.name = "netns list",
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_list,
		.undo = check_listed},
	{.name = "netns list --json",
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_list_json,
		.undo = check_listed},
	{.name = "netns add",
		.subject = NAME,
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_add,
		.undo = detach},
	{.name = "netns add --up",
		.subject = NAME,
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_add_up,
		.undo = detach},
	{.name = "netns add: first ever",
		.subject = NAME,
		.flags = OF_TOOL | CHANGES_NAMES | FIRST_EVER,
		.prepare = prepare_for_tool,
		.run = tool_add,
		.undo = detach_and_forget,
		.forget = forget_run_dir},
	{.name = "netns delete",
		.subject = NAME,
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_delete,
		.undo = check_absent},
	{.name = "netns delete PATTERN",
		.subject = NAME,
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_delete_pattern,
		.undo = check_absent},
	{.name = "netns delete --wait",
		.flags = OF_TOOL | LOOKS | DONE_ANYWAY,
		.prepare = prepare_for_tool,
		.set_up = leave_kept,
		.run = tool_delete_wait,
		.undo = check_collected},
	{.name = "netns attach",
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_attach,
		.undo = detach},
	{.name = "netns set",
		.subject = NAME,
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = make_owner,
		.run = tool_set,
		.undo = close_owned},
	{.name = "netns gc",
		.flags = OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = leave_stale,
		.run = tool_gc,
		.undo = check_collected},
	{.name = "netns gc --orphans",
		.flags = OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = leave_orphan,
		.run = tool_gc_orphans,
		.undo = check_collected},
	{.name = "netns sysctl",
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_sysctl,
		.undo = unpin_target},
	{.name = "netns identify",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_identify,
		.undo = unpin_target},
	{.name = "netns show",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_show,
		.undo = unpin_target},
	{.name = "netns pids",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_pids,
		.undo = unpin_target},
	{.name = "netns holders",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_holders,
		.undo = unpin_target},
	{.name = "netns list-id",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_list_id,
		.undo = unpin_target},
	{.name = "netns list --all",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_list_all,
		.undo = unpin_target},
	{.name = "netns exec",
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_exec,
		.undo = unpin_target},
	{.name = "netns exec --no-mounts",
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_exec_bare,
		.undo = unpin_target},
	{.name = "netns run",
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_run,
		.undo = nothing},
	{.name = "netns run --up --name",
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_run_named,
		.undo = check_absent},
};
const unsigned n_tool_operations = ARRAY_SIZE(tool_operations);
