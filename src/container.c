/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "container.h"
#include "error.h"
#include "json.h"
#include "nsfd.h"

enum {
	ID_SIZE = 65,       /* 64 digits */
	MOST = 64 << 20,    /* bytes of a file */
	AT_ONCE = 16 << 10, /* of it, at first */
};

/* The container that is looked for, and what of it has been found. */
struct wanted {
	const char *name;
	char id[ID_SIZE];
	char config[PATH_MAX]; /* the file that names its pin */
	enum { NOTHING, BEGINNING, EXACTLY } match;
	bool ambiguous;
	int error; /* that kept something from being read */
};

struct file {
	char *text;
	size_t size;
};

static void cleanup_file(struct file *file)
{
	free(file->text);
}

static void cleanup_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int read_all(int fd, struct file *file)
{
	size_t room = 0;

	for (;;) {
		ssize_t n;

		if (file->size == room) {
			char *more;

			room = room ? 2 * room : AT_ONCE;
			if (room > MOST)
				return -EFBIG;
			more = realloc(file->text, room);
			if (!more)
				return -ENOMEM;
			file->text = more;
		}
		n = syscall(SYS_read, fd, file->text + file->size, room - file->size);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		file->size += n > 0 ? (size_t)n : 0;
	}
}

static int read_file(const char *path, struct file *file)
{
	int CLEANUP_FD fd = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? fd : read_all(fd, file);
}

/* What kept something from being read: the first, save that it is not there. */
static void remember(int *error, int r)
{
	if (r < 0 && r != -ENOENT && r != -ENOTDIR && *error == 0)
		*error = r;
}

/* None when it cannot be read; why is remembered. */
static struct json read_json(const char *path, struct file *file, int *error)
{
	int r = read_file(path, file);

	remember(error, r);
	return json_text(file->text, r < 0 ? 0 : file->size);
}

static int format_path(char path[PATH_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static int format_path(char path[PATH_MAX], const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(path, PATH_MAX, fmt, args);
	va_end(args);
	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* ---- settings */

/* At the end of a line of TOML, save for a comment. */
static bool is_end(const char *p)
{
	p += strspn(p, " \t\r");
	return *p == '\0' || *p == '#';
}

/* "value" or 'value', if nothing in it stands for something else; cut out of the line. */
static char *plain_string(char *p)
{
	char *end = *p == '"' || *p == '\'' ? strchr(p + 1, *p) : NULL;

	if (!end || !is_end(end + 1))
		return NULL;
	*end = '\0';
	return *p == '"' && strchr(p, '\\') ? NULL : p + 1;
}

/*
 * What stands under [storage] in containers-storage.conf(5), which is TOML, read line by line. That
 * goes wrong only where a string has several lines, and such a file is not read; a key that is written
 * in another way than podman's own files have it is not seen.
 */
static bool read_storage_setting(
	const char *path, const char *key, char value[PATH_MAX], int *error)
{
	struct file CLEANUP(cleanup_file) file = {0};
	bool in_table = false, found = false;
	char *line, *rest;
	int r = read_file(path, &file);

	remember(error, r);
	if (r < 0 || file.size == 0)
		return false;
	rest = realloc(file.text, file.size + 1);
	if (!rest)
		return false;
	file.text = rest;
	file.text[file.size] = '\0';
	if (strlen(file.text) != file.size || strstr(file.text, "\"\"\"") ||
		strstr(file.text, "'''"))
		return false;
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (*line == '[')
			in_table = strncmp(line, "[storage]", 9) == 0 && is_end(line + 9);
		if (!in_table || strncmp(line, key, strlen(key)) != 0)
			continue;
		line += strlen(key);
		line += strspn(line, " \t");
		if (*line++ != '=')
			continue;
		line = plain_string(line + strspn(line, " \t"));
		if (!line || *line != '/' || strlen(line) >= PATH_MAX)
			return false;
		strcpy(value, line);
		found = true;
	}
	return found;
}

/* ---- which container is meant */

static bool is_possible_name(const char *name)
{
	if (!isalnum((unsigned char)*name))
		return false;
	return strlen(name) < PATH_MAX / 4 &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_.-")] == '\0';
}

static bool is_id(const char *id)
{
	size_t length = strlen(id);

	return length > 0 && length < ID_SIZE && id[strspn(id, "0123456789abcdef")] == '\0';
}

/* True if it is the best so far. */
static bool consider(struct wanted *wanted, const char *id, bool has_name)
{
	int match = NOTHING;

	if (!is_id(id))
		return false;
	if (has_name || strcmp(id, wanted->name) == 0)
		match = EXACTLY;
	else if (strncmp(id, wanted->name, strlen(wanted->name)) == 0)
		match = BEGINNING;

	if (match == NOTHING || (int)wanted->match > match)
		return false;
	if ((int)wanted->match == match) {
		wanted->ambiguous |= strcmp(wanted->id, id) != 0;
		return false;
	}
	wanted->match = match;
	wanted->ambiguous = false;
	strcpy(wanted->id, id);
	return true;
}

/* DATA/containers/ID/config.v2.json has {"Name":"/web", ...}. */
static void find_in_docker(struct wanted *wanted, const char *data)
{
	DIR CLEANUP(cleanup_directory) *directory = NULL;
	const struct dirent *entry;
	char path[PATH_MAX], name[PATH_MAX];

	if (format_path(path, "%s/containers", data) < 0)
		return;
	directory = opendir(path);
	if (!directory)
		remember(&wanted->error, -errno);
	while (directory && (errno = 0, entry = readdir(directory))) {
		struct file CLEANUP(cleanup_file) file = {0};
		struct json config;

		if (format_path(path, "%s/containers/%s/config.v2.json", data, entry->d_name) < 0)
			continue;
		config = read_json(path, &file, &wanted->error);
		if (!json_string(json_member(config, "Name"), name, sizeof(name)))
			continue;
		if (consider(wanted, entry->d_name,
			    strcmp(name + (*name == '/'), wanted->name) == 0))
			strcpy(wanted->config, path);
	}
	if (directory)
		remember(&wanted->error, -errno);
}

static bool is_among(struct json names, const char *wanted)
{
	char name[PATH_MAX];

	for (struct json e = json_first(names); e.at; e = json_next(e))
		if (json_string(e, name, sizeof(name)) && strcmp(name, wanted) == 0)
			return true;
	return false;
}

/* FILE has [{"id":"...","names":["web"], ...}, ...]. */
static void find_in_list(struct wanted *wanted, const char *directory, const char *list)
{
	struct file CLEANUP(cleanup_file) file = {0};
	char path[PATH_MAX], id[ID_SIZE];
	struct json all;

	if (format_path(path, "%s/%s", directory, list) < 0)
		return;
	all = read_json(path, &file, &wanted->error);
	for (struct json e = json_first(all); e.at; e = json_next(e)) {
		if (!json_string(json_member(e, "id"), id, sizeof(id)))
			continue;
		if (consider(wanted, id, is_among(json_member(e, "names"), wanted->name)) &&
			format_path(wanted->config, "%s/%s/userdata/config.json", directory, id) <
				0)
			*wanted->config = '\0';
	}
}

static void find_in_podman(struct wanted *wanted, const char *data)
{
	static const char *const drivers[] = {"overlay", "vfs", "btrfs", "zfs"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (format_path(path, "%s/%s-containers", data, drivers[i]) < 0)
			continue;
		find_in_list(wanted, path, "containers.json");
		find_in_list(wanted, path, "volatile-containers.json");
	}
}

/* ---- from the container to its namespace */

/* {"NetworkSettings":{"SandboxKey":"/var/run/docker/netns/..."}, ...} */
static bool docker_pin(struct json config, char pin[PATH_MAX])
{
	struct json settings = json_member(config, "NetworkSettings");

	return json_string(json_member(settings, "SandboxKey"), pin, PATH_MAX);
}

/* {"linux":{"namespaces":[{"type":"network","path":"/run/netns/netns-..."}, ...]}, ...} */
static bool podman_pin(struct json config, char pin[PATH_MAX])
{
	struct json all = json_member(json_member(config, "linux"), "namespaces");
	char type[sizeof("network")];

	for (struct json e = json_first(all); e.at; e = json_next(e))
		if (json_string(json_member(e, "type"), type, sizeof(type)) &&
			strcmp(type, "network") == 0)
			return json_string(json_member(e, "path"), pin, PATH_MAX);
	return false;
}

/* When it was started, in ticks since boot: field 22. The name before may hold anything. */
static bool was_started_at(uint64_t pid, uint64_t start, int *error)
{
	struct file CLEANUP(cleanup_file) file = {0};
	unsigned long long now_started;
	char path[64], *p;
	int r;

	snprintf(path, sizeof(path), "/proc/%u/stat", (unsigned)pid);
	r = read_file(path, &file);
	if (r != -ESRCH)
		remember(error, r);
	if (r < 0 || file.size == 0)
		return false;
	file.text[file.size - 1] = '\0';
	p = strrchr(file.text, ')');
	return p &&
	       sscanf(p,
		       ") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		       "%*s %*s %llu",
		       &now_started) == 1 &&
	       now_started == start;
}

/* What runc and what crun write. */
static const struct runtime {
	const char *file, *pid, *start;
} runc = {"state.json", "init_process_pid", "init_process_start"},
  crun = {"status", "pid", "process-start-time"};

static int open_process(const struct runtime *runtime, const char *directory, struct wanted *wanted,
	char path[PATH_MAX])
{
	struct file CLEANUP(cleanup_file) file = {0};
	uint64_t pid, start;
	struct json state;
	int fd;

	if (format_path(path, "%s/%s/%s", directory, wanted->id, runtime->file) < 0)
		return -ESRCH;
	state = read_json(path, &file, &wanted->error);
	if (!json_number(json_member(state, runtime->pid), &pid) || pid == 0 || pid > INT_MAX ||
		!json_number(json_member(state, runtime->start), &start))
		return -ESRCH;
	fd = nsfd_open_pid((pid_t)pid);
	if (fd < 0)
		return fd;
	if (!was_started_at(pid, start, &wanted->error)) {
		sys_close(fd);
		return -ESRCH;
	}
	snprintf(path, PATH_MAX, "/proc/%d/ns/net", (int)pid);
	return fd;
}

struct engine {
	const char *name;
	const char *data[2]; /* the machine's, and a user's below his own directory */
	/* Whether the settings say where that is: the machine's, and a user's below a directory. */
	bool (*machines_setting)(char path[PATH_MAX], int *error);
	/* or NULL */
	bool (*users_setting)(const char *directory, char path[PATH_MAX], int *error);
	void (*find)(struct wanted *wanted, const char *data);
	bool (*pin)(struct json config, char pin[PATH_MAX]);
	struct {
		const struct runtime *runtime;
		const char *directory; /* below /run, or a user's run directory */
	} runtimes[2];
};

/* Under sudo(8) these can be another user's, who must not lead root where he likes. */
static bool is_own(const char *path, int *error)
{
	struct stat st;

	if (!path || *path != '/')
		return false;
	if (stat(path, &st) == 0)
		return st.st_uid == geteuid();
	remember(error, -errno);
	return false;
}

static bool docker_setting(char path[PATH_MAX], int *error)
{
	struct file CLEANUP(cleanup_file) file = {0};
	struct json settings = read_json("/etc/docker/daemon.json", &file, error);

	return json_string(json_member(settings, "data-root"), path, PATH_MAX) && *path == '/';
}

/* The first of the files that is there is the only one that podman reads. */
static bool podman_setting(char path[PATH_MAX], int *error)
{
	static const char administrators[] = "/etc/containers/storage.conf";
	bool is_there = access(administrators, F_OK) == 0;

	if (!is_there)
		remember(error, -errno);
	return read_storage_setting(
		is_there ? administrators : "/usr/share/containers/storage.conf", "graphroot", path,
		error);
}

/* Only the user's own file counts; what it names must be his own as well, as users_data() sees to. */
static bool podman_users_setting(const char *directory, char path[PATH_MAX], int *error)
{
	char file[PATH_MAX];

	return format_path(file, "%s/containers/storage.conf", directory) == 0 &&
	       is_own(file, error) && read_storage_setting(file, "graphroot", path, error);
}

static const struct engine docker = {
	.name = "docker",
	.machines_setting = docker_setting,
	.data = {"/var/lib/docker", "docker"},
	.find = find_in_docker,
	.pin = docker_pin,
	.runtimes = {{&runc, "docker/runtime-runc/moby"}, {&crun, "docker/runtime-crun/moby"}},
};

static const struct engine podman = {
	.name = "podman",
	.machines_setting = podman_setting,
	.users_setting = podman_users_setting,
	.data = {"/var/lib/containers/storage", "containers/storage"},
	.find = find_in_podman,
	.pin = podman_pin,
	.runtimes = {{&crun, "crun"}, {&runc, "runc"}},
};

/* Where an engine keeps what is the machine's. */
static void machines_data(const struct engine *engine, char path[PATH_MAX], int *error)
{
	if (!engine->machines_setting(path, error))
		strcpy(path, engine->data[0]);
}

/* Where a user's engine keeps what is his. */
static bool users_data(const struct engine *engine, char path[PATH_MAX], int *error)
{
	const char *data = secure_getenv("XDG_DATA_HOME"), *home = secure_getenv("HOME");
	const char *config = secure_getenv("XDG_CONFIG_HOME");
	char default_config[PATH_MAX];
	int r;

	if (!config && home && format_path(default_config, "%s/.config", home) == 0)
		config = default_config;
	if (config && engine->users_setting && engine->users_setting(config, path, error))
		return is_own(path, error);
	if (data)
		r = format_path(path, "%s/%s", data, engine->data[1]);
	else
		r = format_path(path, "%s/.local/share/%s", home ? home : "", engine->data[1]);
	return r == 0 && is_own(path, error);
}

static int open_in_run(
	const struct engine *engine, const char *run, struct wanted *wanted, char path[PATH_MAX])
{
	char directory[PATH_MAX];
	int fd = -ESRCH;

	for (size_t i = 0; i < 2 && fd == -ESRCH; i++)
		if (format_path(directory, "%s/%s", run, engine->runtimes[i].directory) == 0)
			fd = open_process(engine->runtimes[i].runtime, directory, wanted, path);
	return fd;
}

static int open_found(const struct engine *engine, struct wanted *wanted, char path[PATH_MAX])
{
	struct file CLEANUP(cleanup_file) file = {0};
	const char *run = secure_getenv("XDG_RUNTIME_DIR");
	struct json config = read_json(wanted->config, &file, &wanted->error);
	int fd;

	/* A user's pin is mounted where only his containers see it; here is an empty file. */
	if (engine->pin(config, path) && *path == '/') {
		fd = nsfd_open(AT_FDCWD, path, 0);
		if (fd >= 0 || fd == -EMFILE || fd == -ENFILE)
			return fd;
		if (fd != -EMEDIUMTYPE)
			remember(&wanted->error, fd);
	}
	fd = open_in_run(engine, "/run", wanted, path);
	if (fd == -ESRCH && is_own(run, &wanted->error))
		fd = open_in_run(engine, run, wanted, path);
	return fd == -ESRCH && wanted->error ? wanted->error : fd;
}

static int not_found(const struct engine *engine, const struct wanted *wanted)
{
	if (wanted->error)
		return error_errno(wanted->error, "look for the %s container '%s'", engine->name,
			wanted->name);
	return error_text(-ENOENT, "no %s container is called '%s'", engine->name, wanted->name);
}

static int open_container(const struct engine *engine, const char *name, char path[PATH_MAX])
{
	struct wanted wanted = {.name = name};
	char data[PATH_MAX];
	int fd;

	if (!is_possible_name(name))
		return error_text(-EINVAL, "'%s' is no possible name or id of a %s container", name,
			engine->name);
	machines_data(engine, data, &wanted.error);
	engine->find(&wanted, data);
	if (users_data(engine, data, &wanted.error))
		engine->find(&wanted, data);
	if (wanted.match == NOTHING)
		return not_found(engine, &wanted);
	if (wanted.ambiguous)
		return error_text(-ENOTUNIQ,
			"several %s containers have an id that begins with '%s'", engine->name,
			name);

	wanted.error = 0;
	fd = open_found(engine, &wanted, path);
	if (fd == -ESRCH)
		return error_text(fd, "the %s container '%s' is not running", engine->name, name);
	if (fd < 0)
		return error_errno(fd, "open the network namespace of the %s container '%s'",
			engine->name, name);
	return fd;
}

int container_open_docker(const char *name, char path[PATH_MAX])
{
	return open_container(&docker, name, path);
}

int container_open_podman(const char *name, char path[PATH_MAX])
{
	return open_container(&podman, name, path);
}
