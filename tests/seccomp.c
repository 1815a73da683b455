/* SPDX-License-Identifier: MIT */
/* System calls that fail because a filter of the test says so. */
#include <fcntl.h>
#include <sys/syscall.h>

#include "filter.h"
#include "harness.h"

void deny_syscall(int nr, int arg, uint32_t mask, uint32_t value, int error)
{
	/* The lower half of an argument: both architectures are little-endian. */
	uint32_t at =
		(uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)(arg < 0 ? 0 : arg));
	struct sock_filter filter[] = {
		LOAD(arch),
		ONLY_IF(NATIVE_ARCH, 6),
		LOAD(nr),
		ONLY_IF((uint32_t)nr, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, arg < 0 ? 0 : mask),
		ONLY_IF(arg < 0 ? 0 : value, 1),
		ANSWER(SECCOMP_RET_ERRNO | (uint32_t)error),
		ANSWER(SECCOMP_RET_ALLOW),
	};

	install_filter(0, filter, ARRAY_SIZE(filter));
}

void without_thread_pidfd(void)
{
	deny_syscall(SYS_pidfd_open, 1, O_EXCL, O_EXCL, EINVAL);
}

void without_pidfd_ioctls(void)
{
	deny_syscall(SYS_ioctl, 1, 0xff00, 0xff00, ENOTTY);
}

void without_ns_id(void)
{
	deny_syscall(SYS_ioctl, 1, 0xffff, 0xb70d, ENOTTY);
	deny_syscall(SYS_name_to_handle_at, -1, 0, 0, EOPNOTSUPP);
}

void without_mount_setattr(void)
{
	deny_syscall(442, -1, 0, 0, ENOSYS); /* mount_setattr */
}

void without_open_tree(void)
{
	deny_syscall(SYS_open_tree, -1, 0, 0, ENOSYS);
	deny_syscall(SYS_move_mount, -1, 0, 0, ENOSYS);
	without_mount_setattr();
}

static void as_it_is(void)
{
}

static void before_6_11(void)
{
	without_ns_id();
	without_pidfd_ioctls();
}

static void before_6_9(void)
{
	before_6_11();
	without_thread_pidfd();
}

void as_before_6_8(void)
{
	before_6_9();
	deny_syscall(457, -1, 0, 0, ENOSYS); /* statmount */
	deny_syscall(458, -1, 0, 0, ENOSYS); /* listmount */
}

static void before_5_12(void)
{
	as_before_6_8();
	without_mount_setattr();
}

void as_before_5_1(void)
{
	before_6_9();
	without_open_tree();
	deny_syscall(SYS_pidfd_open, -1, 0, 0, ENOSYS);
}

static void (*kernel)(void), (*body)(void);

static void run_on_kernel(void)
{
	kernel();
	body();
}

void on_each_kernel(void (*fn)(void))
{
	static const struct {
		const char *name;
		void (*pretend)(void);
	} kernels[] = {
		{"this kernel", as_it_is},
		{"before Linux 6.18", without_ns_id},
		{"before Linux 6.11", before_6_11},
		{"before Linux 6.9", before_6_9},
		{"before Linux 6.8", as_before_6_8},
		{"before Linux 5.12", before_5_12},
		{"before Linux 5.1", as_before_5_1},
	};

	body = fn;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		printf("%s:\n", kernels[i].name);
		kernel = kernels[i].pretend;
		in_child(run_on_kernel);
	}
}
