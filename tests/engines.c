/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engines.h"
#include "harness.h"

static void make_parents(const char *path)
{
	char part[PATH_MAX];

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		CHECK(mkdir(part, 0755) == 0 || errno == EEXIST);
	}
}

void put(const char *path, const char *fmt, ...)
{
	char text[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	make_parents(path);
	write_file(path, text);
}

unsigned long long start_time(pid_t pid)
{
	unsigned long long start = 0;
	char path[64], line[1024] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	CHECK(f && fgets(line, sizeof(line), f));
	fclose(f);
	CHECK_EQ(sscanf(strrchr(line, ')'),
			 ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			 "%*d %*d %llu",
			 &start),
		1);
	return start;
}

void put_docker(const char *data, const char *id, const char *name, const char *sandbox)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/containers/%s/config.v2.json", data, id);
	put(path,
		"{\"StreamConfig\":{},\"State\":{\"Running\":true,\"Paused\":false,\"Pid\":1},"
		"\"ID\":\"%s\",\"Config\":{\"Hostname\":\"x\",\"Env\":[\"A=\\\"b\\\"\"],\"Cmd\":"
		"null},"
		"\"NetworkSettings\":{\"Bridge\":\"\",\"SandboxID\":\"\",\"Networks\":{\"bridge\":{"
		"}},"
		"\"SandboxKey\":\"%s\"},\"Driver\":\"overlay2\",\"Name\":\"/%s\"}\n",
		id, sandbox, name);
}

void put_runc(const char *directory, const char *id, pid_t pid, unsigned long long start)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/state.json", directory, id);
	put(path,
		"{\"id\":\"%s\",\"init_process_pid\":%d,\"init_process_start\":%llu,\"created\":"
		"\"2026-01-01T00:00:00Z\",\"config\":{\"rootfs\":\"/\"},\"namespace_paths\":{}}",
		id, (int)pid, start);
}

void put_crun(const char *directory, const char *id, pid_t pid, unsigned long long start)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/status", directory, id);
	put(path,
		"{\n    \"pid\": %d,\n    \"process-start-time\": %llu,\n    \"cgroup-path\": "
		"\"\"\n}\n",
		(int)pid, start);
}

void put_podman_list(const char *path)
{
	put(path,
		"[{\"id\":\"%s\",\"names\":[\"first\"],\"image\":\"i\",\"layer\":\"l\","
		"\"metadata\":"
		"\"{\\\"image-name\\\":\\\"web\\\"}\",\"created\":\"2026-01-01T00:00:00Z\"},"
		"{\"id\":\"%s\",\"names\":[\"alias\",\"web\"],\"image\":\"i\"}]",
		ID_C, ID_A);
}

void put_podman_config(const char *directory, const char *id, const char *network)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/userdata/config.json", directory, id);
	put(path,
		"{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"sleep\"]},\"linux\":{"
		"\"namespaces\":"
		"[{\"type\":\"pid\"},{\"type\":\"network\"%s%s%s},{\"type\":\"mount\"}]}}",
		*network ? ",\"path\":\"" : "", network, *network ? "\"" : "");
}
