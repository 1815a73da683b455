/* SPDX-License-Identifier: MIT */
/*
 * docker:NAME and podman:NAME, by files as those engines write them: the test plays the engines,
 * and holds the processes and pins.
 */
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "engines.h"
#include "harness.h"
#include "raw.h"

#define UNTOUCHED ((struct netns *)-1L)

/* Over what the machine has there, for as long as the case runs. */
static void begin(void)
{
	CHECK(mount("none", "/var/lib", "tmpfs", 0, "mode=755") == 0);
	CHECK(setenv("HOME", "/var/lib/home", 1) == 0);
	CHECK(setenv("XDG_RUNTIME_DIR", "/var/lib/user-run", 1) == 0);
	CHECK(unsetenv("XDG_DATA_HOME") == 0);
	CHECK(unsetenv("XDG_CONFIG_HOME") == 0);
}

static void end(void)
{
	CHECK(umount2("/var/lib", MNT_DETACH) == 0);
}

static void check_opens(const char *spec, uint64_t inode, const char *path)
{
	struct netns *ns = UNTOUCHED;

	CHECK_EQ(netns_open_spec(spec, &ns), 0);
	CHECK_EQ(inode_of(ns), inode);
	CHECK_STR(netns_get_path(ns), path);
	CHECK(fcntl(netns_get_fd(ns), F_GETFD) & FD_CLOEXEC);
	netns_free(ns);
}

static void check_fails(const char *spec, int error)
{
	struct netns *ns = UNTOUCHED;
	int before = count_descriptors();

	CHECK_EQ(netns_open_spec(spec, &ns), error);
	CHECK(ns == UNTOUCHED);
	CHECK_EQ(count_descriptors(), before);
}

static uint64_t inode_of_process(pid_t pid, char path[64])
{
	struct stat st;

	snprintf(path, 64, "/proc/%d/ns/net", (int)pid);
	CHECK(stat(path, &st) == 0);
	return st.st_ino;
}

static void docker_by_its_pin(void)
{
	struct netns *pin = create_ns("sandbox", 0);

	begin();
	put_docker("/var/lib/docker", ID_A, "web", run_path("sandbox"));
	put_docker("/var/lib/docker", ID_C, "other", "");
	check_opens("docker:web", inode_of(pin), run_path("sandbox"));
	check_opens("docker:" ID_A, inode_of(pin), run_path("sandbox"));
	check_opens("docker:aaaa0000", inode_of(pin), run_path("sandbox"));
	check_opens("docker:a", inode_of(pin), run_path("sandbox"));
	check_fails("docker:other", -ESRCH);
	CHECK_MSG("the docker container 'other' is not running");
	check_fails("docker:we", -ENOENT);
	CHECK_MSG("no docker container is called 'we'");
	check_fails("podman:web", -ENOENT);
	end();
	netns_free(pin);
}

static void docker_elsewhere(void)
{
	struct netns *pin = create_ns("sandbox", 0);

	begin();
	CHECK(mount("none", "/etc", "tmpfs", 0, "mode=755") == 0);
	put_docker("/var/lib/elsewhere", ID_A, "web", run_path("sandbox"));
	put_docker("/var/lib/docker", ID_C, "other", run_path("sandbox"));
	check_fails("docker:web", -ENOENT);
	put("/etc/docker/daemon.json",
		"{\n\t\"debug\": true, \"data-root\": \"/var/lib/elsewhere\"\n}\n");
	check_opens("docker:web", inode_of(pin), run_path("sandbox"));
	check_fails("docker:other", -ENOENT);
	/* what is no answer is none */
	put("/etc/docker/daemon.json", "{\"data-root\": \"elsewhere\"}");
	check_opens("docker:other", inode_of(pin), run_path("sandbox"));
	CHECK(umount2("/etc", MNT_DETACH) == 0);
	end();
	netns_free(pin);
}

static void docker_by_its_process(void)
{
	pid_t pid = start_inside();
	char path[64];
	uint64_t inode = inode_of_process(pid, path);

	begin();
	put_docker("/var/lib/docker", ID_A, "web", "/run/docker/netns/gone");
	check_fails("docker:web", -ESRCH);
	put_runc("/run/docker/runtime-runc/moby", ID_A, pid, start_time(pid));
	check_opens("docker:web", inode, path);
	/* its number is another's by now */
	put_runc("/run/docker/runtime-runc/moby", ID_A, pid, start_time(pid) - 1);
	check_fails("docker:web", -ESRCH);
	put_runc("/run/docker/runtime-runc/moby", ID_A, pid, start_time(pid));
	stop_process(pid);
	check_fails("docker:web", -ESRCH);
	CHECK_MSG("is not running");
	end();
}

static void names_go_before_ids(void)
{
	struct netns *a = create_ns("a", 0), *b = create_ns("b", 0), *c = create_ns("c", 0);

	begin();
	put_docker("/var/lib/docker", ID_A, "first", run_path("a"));
	put_docker("/var/lib/docker", ID_B, "second", run_path("b"));
	check_opens("docker:aaa", inode_of(a), run_path("a"));
	check_opens("docker:aab", inode_of(b), run_path("b"));
	check_fails("docker:aa", -ENOTUNIQ);
	CHECK_MSG("several docker containers have an id that begins with 'aa'");
	put_docker("/var/lib/docker", ID_C, "aa", run_path("c"));
	check_opens("docker:aa", inode_of(c), run_path("c"));
	end();
	netns_free(c);
	netns_free(b);
	netns_free(a);
}

static void docker_of_a_user(void)
{
	pid_t pid = start_inside();
	char path[64];
	uint64_t inode = inode_of_process(pid, path);

	begin();
	put_docker("/var/lib/home/.local/share/docker", ID_A, "web", "/run/docker/netns/hidden");
	put_runc("/var/lib/user-run/docker/runtime-runc/moby", ID_A, pid, start_time(pid));
	check_opens("docker:web", inode, path);
	/* another user's directories lead nowhere, as under sudo */
	CHECK(chown("/var/lib/user-run", 1, 1) == 0);
	check_fails("docker:web", -ESRCH);
	CHECK(chown("/var/lib/home/.local/share/docker", 1, 1) == 0);
	check_fails("docker:web", -ENOENT);
	end();
	stop_process(pid);
}

static void podman_by_its_pin(void)
{
	static const char directory[] = "/var/lib/containers/storage/overlay-containers";
	struct netns *pin = create_ns("netns-1", 0);

	begin();
	put_podman_list("/var/lib/containers/storage/overlay-containers/containers.json");
	put_podman_config(directory, ID_A, run_path("netns-1"));
	check_opens("podman:web", inode_of(pin), run_path("netns-1"));
	check_opens("podman:alias", inode_of(pin), run_path("netns-1"));
	check_opens("podman:aaaa", inode_of(pin), run_path("netns-1"));
	check_fails("podman:first", -ESRCH);
	CHECK_MSG("the podman container 'first' is not running");
	check_fails("podman:third", -ENOENT);
	check_fails("docker:web", -ENOENT);
	end();
	netns_free(pin);
}

static void put_podman_in(const char *root, const char *network)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/overlay-containers/containers.json", root);
	put_podman_list(path);
	snprintf(path, sizeof(path), "%s/overlay-containers", root);
	put_podman_config(path, ID_A, network);
}

static void podman_elsewhere(void)
{
	/* what a line alone does not tell, or what is no absolute path, is no answer */
	static const char *const doubtful[] = {"graphroot = \"/var/lib/elsewhere\"\n",
		"[other]\ngraphroot = \"/var/lib/elsewhere\"\n",
		"[storage]\ngraphroot = \"elsewhere\"\n",
		"[storage]\ngraphroot = \"/var/lib/else\\u0077here\"\n",
		"[storage]\ngraphroot = \"/var/lib/elsewhere\" x\n",
		"[storage]\ngraphroot = \"/var/lib/elsewhere\n",
		"[storage]\ngraphroot = [\"/var/lib/elsewhere\"]\n",
		"[storage]\ngraphroots = \"/var/lib/elsewhere\"\n",
		"[storage]\n# graphroot = \"/var/lib/elsewhere\"\n",
		"[storage]\nx = \"\"\"\ngraphroot = \"/var/lib/elsewhere\"\n\"\"\"\n"};
	struct netns *pin = create_ns("netns-1", 0);

	begin();
	CHECK(mount("none", "/etc", "tmpfs", 0, "mode=755") == 0);
	CHECK(mount("none", "/usr/share", "tmpfs", 0, "mode=755") == 0);
	put_podman_in("/var/lib/elsewhere", run_path("netns-1"));
	check_fails("podman:web", -ENOENT);
	put("/usr/share/containers/storage.conf",
		"# comment\n[storage]\ndriver = \"overlay\"\n"
		"graphroot = \"/var/lib/elsewhere\" # where it is\n[storage.options]\nx = 1\n");
	check_opens("podman:web", inode_of(pin), run_path("netns-1"));
	/* only one of the two files is read */
	put("/etc/containers/storage.conf", "[storage]\n");
	check_fails("podman:web", -ENOENT);
	put("/etc/containers/storage.conf", " [storage] #\r\n\tgraphroot='/var/lib/elsewhere'");
	check_opens("podman:web", inode_of(pin), run_path("netns-1"));
	put("/etc/containers/storage.conf", " [storage] #\r\n\tgraphroot='/var/lib/elsewhere'\r\n");
	check_opens("podman:web", inode_of(pin), run_path("netns-1"));
	for (size_t i = 0; i < ARRAY_SIZE(doubtful); i++) {
		put("/etc/containers/storage.conf", "%s", doubtful[i]);
		check_fails("podman:web", -ENOENT);
	}
	CHECK(umount2("/usr/share", MNT_DETACH) == 0);
	CHECK(umount2("/etc", MNT_DETACH) == 0);
	end();
	netns_free(pin);
}

static void podman_of_a_user_elsewhere(void)
{
	static const char file[] = "/var/lib/home/.config/containers/storage.conf";
	struct netns *pin = create_ns("netns-1", 0);

	begin();
	put_podman_in("/var/lib/elsewhere", run_path("netns-1"));
	put(file, "[storage]\ngraphroot = \"/var/lib/elsewhere\"\n");
	check_opens("podman:web", inode_of(pin), run_path("netns-1"));
	/* neither another's file counts nor another's directory */
	CHECK(chown(file, 1, 1) == 0);
	check_fails("podman:web", -ENOENT);
	CHECK(chown(file, 0, 0) == 0 && chown("/var/lib/elsewhere", 1, 1) == 0);
	check_fails("podman:web", -ENOENT);
	end();
	netns_free(pin);
}

/* Of a user it is a file that nothing is mounted on, as seen from here. */
static void podman_by_its_process(void)
{
	static const char directory[] =
		"/var/lib/home/.local/share/containers/storage/overlay-containers";
	pid_t pid = start_inside();
	char path[64];
	uint64_t inode = inode_of_process(pid, path);

	begin();
	put("/var/lib/user-run/netns/netns-2", "%s", "");
	put_podman_list("/var/lib/home/.local/share/containers/storage/overlay-containers/"
			"volatile-containers.json");
	put_podman_config(directory, ID_A, "/var/lib/user-run/netns/netns-2");
	put_podman_config(directory, ID_C, "");
	check_fails("podman:web", -ESRCH);
	put_crun("/var/lib/user-run/crun", ID_A, pid, start_time(pid));
	check_opens("podman:web", inode, path);
	/* runc can be chosen too */
	put_runc("/run/runc", ID_C, pid, start_time(pid));
	check_opens("podman:first", inode, path);
	put_crun("/var/lib/user-run/crun", ID_A, pid, 1);
	check_fails("podman:web", -ESRCH);
	end();
	stop_process(pid);
}

static void bad_names_are_refused(void)
{
	static const char *const names[] = {"docker:", "docker:.", "docker:..", "docker:-x",
		"docker:a b", "docker:a%s", "podman:", "podman:_", "podman:a:b", "podman:\x1b[31m"};

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_fails(names[i], -EINVAL);
	/* a slash makes a path */
	check_fails("docker:../x", -ENOENT);
	CHECK_MSG("open docker:../x");
	end();
}

/* Whatever is in the files, it leads to a namespace or nowhere. */
static void broken_files_lead_nowhere(void)
{
	static const char *const texts[] = {"", "{", "[]", "null", "{\"Name\":5}",
		"{\"Name\":\"/web\"}", "{\"Name\":\"/web\",\"NetworkSettings\":[]}",
		"{\"Name\":\"/web\",\"NetworkSettings\":{\"SandboxKey\":\"/dev/null\"}}",
		"{\"Name\":\"/web\",\"NetworkSettings\":{\"SandboxKey\":\"relative\"}}"};
	static const char *const states[] = {"", "{}",
		"{\"init_process_pid\":0,\"init_process_start\":0}",
		"{\"init_process_pid\":-1,\"init_process_start\":1}",
		"{\"init_process_pid\":4294967297,\"init_process_start\":1}",
		"{\"init_process_pid\":2147483647,\"init_process_start\":1}"};

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t j = 0; j < ARRAY_SIZE(states); j++) {
			struct netns *ns = UNTOUCHED;
			int r;

			put("/var/lib/docker/containers/" ID_A "/config.v2.json", "%s", texts[i]);
			put("/run/docker/runtime-runc/moby/" ID_A "/state.json", "%s", states[j]);
			r = netns_open_spec("docker:web", &ns);
			CHECK(r == -ENOENT || r == -ESRCH);
			CHECK(ns == UNTOUCHED);
		}
	/* a directory that is no id is not looked into further */
	put("/var/lib/docker/containers/evil/config.v2.json", "{\"Name\":\"/evil\"}");
	check_fails("docker:evil", -ENOENT);
	/* a FIFO in the place of a file is not waited for */
	CHECK(unlink("/var/lib/docker/containers/" ID_A "/config.v2.json") == 0);
	CHECK(mkfifo("/var/lib/docker/containers/" ID_A "/config.v2.json", 0600) == 0);
	check_fails("docker:web", -ENOENT);
	end();
}

static void look_without_privilege(void)
{
	drop_privileges();
	check_fails("docker:web", -EACCES);
	CHECK_MSG("docker container 'web'");
}

static void what_may_not_be_read_is_told(void)
{
	begin();
	put_docker("/var/lib/docker", ID_A, "web", "");
	CHECK(chmod("/var/lib/docker", 0700) == 0);
	in_lone_child(look_without_privilege);
	end();
}

static void without_descriptors(void)
{
	struct netns *pin = create_ns("sandbox", 0), *ns = UNTOUCHED;
	int r;

	begin();
	put_docker("/var/lib/docker", ID_A, "web", run_path("sandbox"));
	for (unsigned n = 0; n < 2; n++) {
		limit_free_descriptors(n);
		r = netns_open_spec("docker:web", &ns);
		unlimit_descriptors();
		CHECK_EQ(r, -EMFILE);
		CHECK(ns == UNTOUCHED);
	}
	end();
	netns_free(pin);
}

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function, NEED_ROOT, 0                                                  \
	}

TEST_MAIN(CASE(docker_by_its_pin), CASE(docker_elsewhere), CASE(docker_by_its_process),
	CASE(names_go_before_ids), CASE(docker_of_a_user), CASE(podman_by_its_pin),
	CASE(podman_by_its_process), CASE(podman_elsewhere), CASE(podman_of_a_user_elsewhere),
	CASE(bad_names_are_refused), CASE(broken_files_lead_nowhere),
	CASE(what_may_not_be_read_is_told), CASE(without_descriptors), )
