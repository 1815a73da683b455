/* SPDX-License-Identifier: MIT */
/* What statmount(2) and listmount(2), Linux 6.8, are asked and answer; old headers have neither. */
#ifndef STATMOUNT_H
#define STATMOUNT_H

#include <stddef.h>
#include <stdint.h>

#define SYS_STATMOUNT 457
#define SYS_LISTMOUNT 458

#define ALL_OF_THEM   UINT64_MAX /* LSMT_ROOT */
#define UNIQUE_MOUNT  0x4000     /* STATX_MNT_ID_UNIQUE */
#define WANT_SB_BASIC 0x01
#define WANT_BASIC    0x02
#define WANT_POINT    0x10
#define NSFS          0x6e736673

struct mount_request { /* struct mnt_id_req */
	uint32_t size;
	uint32_t spare;
	uint64_t mount;
	uint64_t param;
	uint64_t mount_namespace; /* Linux 6.11 */
};
#define MOUNT_REQUEST_FIRST offsetof(struct mount_request, mount_namespace) /* its first size */

struct mount_answer { /* struct statmount, before its strings */
	uint32_t size;
	uint32_t options;
	uint64_t told;
	uint32_t dev_major, dev_minor;
	uint64_t magic;
	uint64_t between[6];
	uint64_t group;
	uint64_t master;
	uint64_t from;
	uint32_t root;
	uint32_t point; /* an offset in the strings */
	uint64_t more[50];
};

_Static_assert(offsetof(struct mount_answer, group) == 80, "struct statmount");
_Static_assert(offsetof(struct mount_answer, point) == 108, "struct statmount");
_Static_assert(sizeof(struct mount_answer) == 512, "struct statmount");

#endif
