/* SPDX-License-Identifier: MIT */
/* What docker and podman have written down: a list of containers, one's settings, its state. */
#include <sys/mman.h>

#include "fuzz.h"

#include "../src/container.c"

static void look_for(const char *name, const char *list)
{
	struct wanted wanted = {.name = name};

	find_in_list(&wanted, "/proc/self/fd", list);
	MUST(strlen(wanted.id) < sizeof(wanted.id));
}

static void look_into(struct json config)
{
	char pin[PATH_MAX];
	uint64_t pid;

	docker_pin(config, pin);
	podman_pin(config, pin);
	json_number(json_member(config, crun.pid), &pid);
	json_number(json_member(config, runc.start), &pid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file CLEANUP(cleanup_file) file = {0};
	int CLEANUP_FD fd = memfd_create("list", MFD_CLOEXEC);
	char list[16], path[64];
	int error = 0;

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(list, sizeof(list), "%d", fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	look_for("web", list);
	look_for("3f", list);
	look_into(read_json(path, &file, &error));
	MUST(error == 0);
	return 0;
}
