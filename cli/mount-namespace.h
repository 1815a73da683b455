/* SPDX-License-Identifier: MIT */
/* Mount namespaces, by a descriptor: with or without a process in them. */
#ifndef MOUNT_NAMESPACE_H
#define MOUNT_NAMESPACE_H

/*
 * A descriptor of the mountinfo of all that is seen from its root directory, which the processes there
 * may have left for another. A negative errno; -EPERM: needs CAP_SYS_ADMIN there, and CAP_SYS_CHROOT.
 */
int mount_namespace_view(int ns);

/*
 * Calls fn for each that the kernel shows to the caller, but its own. 0, also where the kernel shows
 * none (before Linux 6.12; later ones show them only outside of a container); or a negative errno.
 */
int mount_namespace_each(void (*fn)(int ns, void *arg), void *arg);

#endif
