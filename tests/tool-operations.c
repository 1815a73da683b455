/* SPDX-License-Identifier: MIT */
/* What the tool does: the rows of its commands. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elsewhere.h"
#include "harness.h"
#include "operations.h"
#include "stage.h"
#include "tool.h"

static int tool_input[2] = {-1, -1}; /* of a command that ends when the other end is closed */

static bool ends_by_signal; /* once it waits */

/* For one of several: the library waits for a thread of its own. */
static bool waits(const struct watched_call *call)
{
#ifdef SYS_poll
	if (call->nr == SYS_poll)
		return call->args[1] > 1;
#endif
	return call->nr == SYS_ppoll && call->args[1] > 1;
}

void feed_command(const struct watched_call *call)
{
	if (ends_by_signal && waits(call))
		kill(call->tid, SIGTERM);
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
	/* what was killed before may have left one that was just ending */
	for (int i = 0; i < 5000 && count_running() > before; i++)
		usleep(2000);
	CHECK(count_running() <= before);
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
/* Not ip_forward: while others change links, the kernel begins its write anew, again and again. */
TOOL(tool_sysctl, "sysctl", NAME, "net.ipv4.ip_default_ttl=65")
TOOL(tool_identify, "identify", NAME)
TOOL(tool_show, "show", NAME)
TOOL(tool_pids, "pids", NAME)
TOOL(tool_holders, "holders", NAME)
TOOL(tool_list_id, "list-id")
TOOL(tool_list_all, "list", "--all")
TOOL(tool_exec, "exec", NAME, "/bin/true")
TOOL(tool_exec_bare, "exec", "--no-mounts", NAME, "/bin/true")
TOOL(tool_exec_all, "exec", "--json", "--all", "/bin/true")
TOOL(tool_run, "run", "/bin/cat")
TOOL(tool_run_named, "run", "--up", "--name", NAME, "/bin/cat")

TOOL(tool_run_linked, "run", "--link", BYSTANDER ":cable=10.9.0.1/24,ns=10.9.0.2/24", "/bin/cat")
TOOL(tool_add_count, "add", "--count", "2", NAME "-%d")
TOOL(tool_doctor, "doctor")
TOOL(tool_doctor_fix, "doctor", "--fix")
TOOL(tool_map, "map")
TOOL(tool_bridge, "bridge", NAME ":br0", BYSTANDER ":eth0=10.0.0.1/24")
TOOL(tool_unlink, "unlink", NAME ":br0")
TOOL(tool_up, "up", NAME ":lo")
TOOL(tool_addr, "addr", NAME ":lo", "10.0.0.1/24")
TOOL(tool_route, "route", NAME, "10.1.0.0/16", "dev", "lo")
TOOL(tool_diff, "diff", NAME, BYSTANDER)
TOOL(tool_complete, "complete", "--", "delete", "")
TOOL(tool_monitor_names, "monitor", "--initial", "--links", "--exec", ":")

/* What has succeeded has left no name out. */
static int about_all_names(int r)
{
	if (r == 0)
		CHECK(strstr(tool_message(), NAME) && strstr(tool_message(), BYSTANDER));
	return r;
}

static int tool_exec_in_all(void)
{
	return about_all_names(tool_exec_all());
}

static int tool_identify_one(void)
{
	int r = tool_identify();

	if (r == 0)
		CHECK(strstr(tool_message(), NAME));
	return r;
}

static int tool_monitor(void)
{
	int r;

	ends_by_signal = true;
	r = tool_monitor_names();
	ends_by_signal = false;
	return r;
}

static pid_t inside; /* a process */

static void prepare_inside(void)
{
	prepare_for_tool();
	inside = start_inside();
}

static void pin_inside(void)
{
	struct netns *ns;

	CHECK_EQ(netns_open_pid(inside, &ns), 0);
	CHECK_EQ(netns_attach(ns, NULL, NAME), 0);
	netns_free(ns);
}

/* What has succeeded has found it, or says that there are some that it may not look into. */
static int tool_pids_of_all(void)
{
	int r = tool_pids();
	char pid[16];

	snprintf(pid, sizeof(pid), "%d\n", inside);
	if (r == 0)
		CHECK(strstr(tool_message(), pid) ||
			strstr(tool_message(), "could not be looked into"));
	return r;
}

/* It finds a leftover, and says so by its status, too; or it says what it could not look at. */
static int tool_doctor_finds(void)
{
	CHECK_EQ(tool_doctor(), -EREMOTEIO);
	return strstr(tool_message(), "stale-pin: " NAME) ? 0 : -EREMOTEIO;
}

/* What it cannot look at it leaves alone. */
static void check_collected(void)
{
	int r = netns_delete(NULL, NAME);

	CHECK(r == 0 || r == -ENOENT);
}

static void check_leads_to_target(const char *name)
{
	struct netns *pin;

	CHECK_EQ(netns_open_name(name, &pin), 0);
	CHECK_EQ(netns_is_same(pin, target), 1);
	netns_free(pin);
}

/* --- many at once ---------------------------------------------------------- */

static const char *own_dir(void)
{
	return tmp_path("own");
}

static int tool_add_mount(void)
{
	const char *const argv[] = {"netns", "add", "--run-dir", own_dir(), "--mount", "--count",
		"2", NAME "-%d", NULL};

	return run_tool(argv);
}

static void check_two(const char *dir)
{
	CHECK_EQ(netns_delete(dir, NAME "-0"), 0);
	CHECK_EQ(netns_delete(dir, NAME "-1"), 0);
}

static void delete_two(void)
{
	check_two(NULL);
}

static void delete_mounted(void)
{
	check_two(own_dir());
	CHECK_EQ(netns_dir_delete(own_dir()), 0);
	CHECK_EQ(access(own_dir(), F_OK), -1);
}

/* What a kill leaves: all of it, an empty directory, or nothing. */
static void forget_mounted(void)
{
	if (netns_dir_delete(own_dir()) < 0)
		CHECK(rmdir(own_dir()) == 0 || errno == ENOENT);
}

/* --- pins on one another --------------------------------------------------- */

#define COPY NAME "-copy"

static void bind(const char *from, const char *to)
{
	CHECK(mount(run_path(from), run_path(to), NULL, MS_BIND, NULL) == 0);
}

static void pin_stack(void)
{
	pin_target();
	bind(NAME, NAME);
}

/* Peers: what is mounted on one or unmounted from it is so on all. */
static void pin_copies(void)
{
	struct netns *pin;

	pin_target();
	CHECK_EQ(netns_open_name(NAME, &pin), 0);
	CHECK_EQ(netns_attach(pin, NULL, COPY), 0);
	netns_free(pin);
	bind(NAME, NAME);
	bind(NAME, COPY);
}

static void check_stack(void)
{
	check_leads_to_target(NAME);
}

static void check_copies(void)
{
	check_leads_to_target(NAME);
	check_leads_to_target(COPY);
}

static void unpin_copies(void)
{
	check_copies();
	CHECK_EQ(netns_delete(NULL, COPY), 0);
	unpin_target();
}

static void unpin_stack(void)
{
	check_stack();
	unpin_target();
}

/* The whole directory, without what is mounted in it. */
static void cover_with_itself(void)
{
	pin_target();
	bind("", "");
}

static int tool_doctor_unstacks(void)
{
	int r = tool_doctor_fix();

	if (r == 0)
		CHECK_EQ(count_mounts_on(run_path(NAME)), 1);
	return r;
}

static void uncover_again(void)
{
	CHECK(count_mounts_on(netns_get_run_dir()) <= 2);
	while (count_mounts_on(netns_get_run_dir()) > 1)
		CHECK(umount2(netns_get_run_dir(), MNT_DETACH) == 0);
	check_stack();
}

static void uncover_again_and_unpin(void)
{
	uncover_again();
	unpin_target();
}

/* --- a pin that is elsewhere only --------------------------------------------- */

static void prepare_for_elsewhere(void)
{
	prepare_for_tool();
	prepare_elsewhere();
}

static void end_elsewhere_and_forget(void)
{
	end_elsewhere();
	check_collected();
}

/* It is left alone, which is said; or it says what it could not look at. */
static int tool_gc_spares(void)
{
	int r = tool_gc();

	check_elsewhere();
	if (r == 0 && *tool_message()) /* that is, if standard error is not what failed */
		CHECK(strstr(tool_message(), NAME ": left alone"));
	return r;
}

static int tool_doctor_finds_elsewhere(void)
{
	CHECK_EQ(tool_doctor(), -EREMOTEIO);
	check_elsewhere();
	return strstr(tool_message(), "elsewhere-only: " NAME) ? 0 : -EREMOTEIO;
}

/* What leads to the namespace there does so here as well. */
static int tool_doctor_gives_here(void)
{
	int r = tool_doctor_fix();

	check_elsewhere();
	if (r == 0)
		check_leads_to_target(NAME);
	return r;
}

/* --- links ---------------------------------------------------------------- */

static unsigned count_links(const char *name)
{
	char text[4096];
	struct netns *ns;
	unsigned n = 0;
	ssize_t size;
	int fd;

	CHECK_EQ(netns_open_name(name, &ns), 0);
	fd = netns_openat(ns, "/proc/net/dev", O_RDONLY, 0);
	netns_free(ns);
	netns_thread_release();
	CHECK(fd >= 0);
	while ((size = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < size; i++)
			n += text[i] == '\n';
	close(fd);
	return n - 2; /* the heading */
}

/* All or nothing: the bridge, its port, and the other end. */
static int tool_bridge_whole(void)
{
	int r = tool_bridge();

	CHECK_EQ(count_links(NAME), r == 0 ? 3 : 1);
	CHECK_EQ(count_links(BYSTANDER), r == 0 ? 2 : 1);
	return r;
}

/* Where it began none is left, whether it was laid or not; with a namespace it goes a bit later. */
static void check_no_cable(void)
{
	for (int i = 0; i < 5000 && count_links(BYSTANDER) != 1; i++)
		usleep(2000);
	CHECK_EQ(count_links(BYSTANDER), 1);
}

static int tool_run_with_cable(void)
{
	int r = tool_run_linked();

	check_no_cable();
	return r;
}

static void run_aside(const char *const argv[])
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), status;
	pid_t pid = start_tool(argv, null);

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	close(null);
	CHECK_EQ(status, 0);
}

static void make_bridge(void)
{
	static const char *const argv[] = {"netns", "bridge", NAME ":br0", NULL};

	pin_target();
	run_aside(argv);
}

static void remove_bridge(void)
{
	static const char *const argv[] = {"netns", "unlink", NAME ":br0", BYSTANDER ":eth0", NULL};

	run_aside(argv);
	CHECK_EQ(count_links(NAME), 1);
	unpin_target();
}

static void check_bridge_is_gone(void)
{
	static const char *const argv[] = {"netns", "unlink", NAME ":br0", NULL};

	if (count_links(NAME) > 1) /* the failure came before */
		run_aside(argv);
	CHECK_EQ(count_links(NAME), 1);
	unpin_target();
}

/* A file that was mounted over with the directory: the name is given again on top. */
static void cover(void)
{
	pin_target();
	CHECK(mount("tests", netns_get_run_dir(), "tmpfs", 0, "mode=755") == 0);
}

static int tool_doctor_uncovers(void)
{
	int r = tool_doctor_fix();

	if (r == 0) {
		CHECK_EQ(netns_check_path(run_path(NAME)), 0);
		CHECK_EQ(netns_check_path(run_path(BYSTANDER)), 0);
	}
	return r;
}

static void uncover(void)
{
	CHECK(umount2(netns_get_run_dir(), MNT_DETACH) == 0);
	unpin_target();
}

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

static void leave_up(void)
{
	netns_free(create_ns(NAME, NETNS_CREATE_KEEP | NETNS_CREATE_LO_UP));
}

static void check_listed(void)
{
	CHECK(strstr(tool_message(), NAME) && strstr(tool_message(), BYSTANDER));
	unpin_target();
}

/* --- the table --------------------------------------------------------------- */

const struct operation tool_operations[] = {
	{.name = "netns list",
		.subject = NAME "|" BYSTANDER,
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_list,
		.undo = check_listed},
	{.name = "netns list --json",
		.subject = NAME "|" BYSTANDER,
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
	{.name = "netns add --count",
		.subject = NAME,
		.flags = OF_TOOL | SHARED_OUT | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_add_count,
		.undo = delete_two},
	{.name = "netns add --mount",
		.subject = NAME "|own",
		.flags = OF_TOOL | SHARED_OUT | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_add_mount,
		.undo = delete_mounted,
		.forget = forget_mounted,
		.directory = own_dir},
	{.name = "netns delete",
		.subject = NAME,
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_delete,
		.undo = check_absent},
	{.name = "netns delete PATTERN",
		.subject = NAME,
		.flags = OLDER_WAYS | OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_delete_pattern,
		.undo = check_absent},
	{.name = "netns delete --wait",
		.subject = NAME,
		.flags = OF_TOOL | LOOKS | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = leave_kept,
		.run = tool_delete_wait,
		.undo = check_collected},
	{.name = "netns attach",
		.subject = NAME "|self",
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
		.subject = NAME,
		.flags = OLDER_WAYS | OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = leave_stale,
		.run = tool_gc,
		.undo = check_collected},
	{.name = "netns gc --orphans",
		.subject = NAME,
		.flags = OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = leave_orphan,
		.run = tool_gc_orphans,
		.undo = check_collected},
	{.name = "netns sysctl",
		.subject = NAME "|net.ipv4.ip_default_ttl",
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_sysctl,
		.undo = unpin_target},
	{.name = "netns identify",
		.subject = NAME,
		.flags = OF_TOOL | LOOKS | OLDER_WAYS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_identify_one,
		.undo = unpin_target},
	{.name = "netns show",
		.subject = NAME,
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_show,
		.undo = unpin_target},
	{.name = "netns pids",
		.subject = NAME,
		.flags = OF_TOOL,
		.prepare = prepare_inside,
		.set_up = pin_inside,
		.run = tool_pids_of_all,
		.undo = unpin_target},
	{.name = "netns holders",
		.subject = NAME,
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
		.subject = NAME "|/bin/true|/sys",
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_exec,
		.undo = unpin_target},
	{.name = "netns exec --no-mounts",
		.subject = NAME "|/bin/true",
		.flags = OF_TOOL,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_exec_bare,
		.undo = unpin_target},
	{.name = "netns exec --all",
		.subject = NAME "|" BYSTANDER "|/bin/true",
		.flags = OF_TOOL | LOOKS | DEAR | OLDER_WAYS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_exec_in_all,
		.undo = unpin_target},
	{.name = "netns run",
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_run,
		.undo = nothing},
	{.name = "netns run --up --name",
		.subject = NAME "|/bin/cat",
		.flags = OF_TOOL | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_run_named,
		.undo = check_absent},
	{.name = "netns run --link",
		.flags = OF_TOOL | LOOKS | DEAR | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.run = tool_run_with_cable,
		.undo = nothing,
		.killed = check_no_cable},
	{.name = "netns doctor",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = leave_stale,
		.run = tool_doctor_finds,
		.undo = unpin_target},
	{.name = "netns doctor --fix",
		.flags = OF_TOOL | LOOKS | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = leave_stale,
		.run = tool_doctor_fix,
		.undo = check_collected},
	{.name = "netns doctor --fix: mounted over",
		.flags = OF_TOOL | LOOKS | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = cover,
		.run = tool_doctor_uncovers,
		.undo = uncover,
		.killed = uncover_again},
	{.name = "netns gc: elsewhere",
		.subject = NAME,
		.flags = OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_elsewhere,
		.set_up = pin_elsewhere,
		.run = tool_gc_spares,
		.undo = end_elsewhere_and_forget,
		.killed = end_elsewhere},
	{.name = "netns doctor: elsewhere",
		.flags = OF_TOOL | DONE_ANYWAY,
		.prepare = prepare_for_elsewhere,
		.set_up = pin_elsewhere,
		.run = tool_doctor_finds_elsewhere,
		.undo = end_elsewhere_and_forget},
	{.name = "netns doctor --fix: elsewhere",
		.flags = OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_elsewhere,
		.set_up = pin_elsewhere,
		.run = tool_doctor_gives_here,
		.undo = end_elsewhere_and_forget,
		.killed = end_elsewhere},
	{.name = "netns doctor --fix: stack",
		.flags = OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = pin_stack,
		.run = tool_doctor_unstacks,
		.undo = unpin_stack,
		.killed = check_stack,
		.stacked = 2},
	{.name = "netns doctor --fix: copies",
		.flags = OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = pin_copies,
		.run = tool_doctor_unstacks,
		.undo = unpin_copies,
		.killed = check_copies,
		.stacked = 4},
	{.name = "netns doctor --fix: mounted over itself",
		.flags = OF_TOOL | DONE_ANYWAY | CHANGES_NAMES,
		.prepare = prepare_for_tool,
		.set_up = cover_with_itself,
		.run = tool_doctor_uncovers,
		.undo = uncover_again_and_unpin,
		.killed = uncover_again},
	{.name = "netns map",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_map,
		.undo = check_listed},
	{.name = "netns monitor",
		.flags = OF_TOOL | LOOKS | DEAR | OLDER_WAYS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_monitor,
		.undo = check_listed},
	{.name = "netns bridge",
		.flags = OF_TOOL | LOOKS | DEAR,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_bridge_whole,
		.undo = remove_bridge},
	{.name = "netns unlink",
		.subject = NAME,
		.flags = OF_TOOL | LOOKS | DEAR | DONE_ANYWAY,
		.prepare = prepare_for_tool,
		.set_up = make_bridge,
		.run = tool_unlink,
		.undo = check_bridge_is_gone},
	{.name = "netns up",
		.subject = NAME,
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = leave_kept,
		.run = tool_up,
		.undo = unpin_target},
	{.name = "netns addr",
		.subject = NAME,
		.flags = OF_TOOL | LOOKS | DONE_ANYWAY,
		.prepare = prepare_for_tool,
		.set_up = leave_up,
		.run = tool_addr,
		.undo = unpin_target},
	{.name = "netns route",
		.subject = NAME,
		.flags = OF_TOOL | LOOKS | DONE_ANYWAY,
		.prepare = prepare_for_tool,
		.set_up = leave_up,
		.run = tool_route,
		.undo = unpin_target},
	{.name = "netns diff",
		.flags = OF_TOOL | LOOKS | DEAR,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_diff,
		.undo = unpin_target},
	{.name = "netns complete",
		.flags = OF_TOOL | LOOKS,
		.prepare = prepare_for_tool,
		.set_up = pin_target,
		.run = tool_complete,
		.undo = unpin_target},
};
const unsigned n_tool_operations = ARRAY_SIZE(tool_operations);
