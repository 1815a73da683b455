/* SPDX-License-Identifier: MIT */
/* seccomp filters: their parts, and how they are put in force. */
#ifndef TESTS_FILTER_H
#define TESTS_FILTER_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "the number of this architecture (AUDIT_ARCH_*) is wanted here"
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Goes on when it holds; else skips n instructions. */
#define ONLY_IF(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))
#define ANSWER(action)    BPF_STMT(BPF_RET | BPF_K, (action))

/*
 * For the calling thread and what it starts. Answers 0, or a descriptor when the flags ask for
 * one; the case is skipped where the kernel has no such thing.
 */
int install_filter(unsigned flags, struct sock_filter *filter, size_t n);

#endif
