/* SPDX-License-Identifier: MIT */
/* Whose a namespace is, as the caller sees it: by the user namespace that it belongs to. */
#ifndef WHOSE_H
#define WHOSE_H

#include <stdint.h>
#include <sys/stat.h>

enum whose {
	STRANGERS,
	UNKNOWN, /* of somebody who is trusted, or it cannot be asked */
	OWN,
};

struct judge {
	struct stat users; /* the user namespace of the caller; zero: the kernel has none */
	uid_t trusted;     /* besides the caller */
	char *doubt;       /* why something is not known; the first reason will do */
};

void judge_doubt(struct judge *judge, const char *why);
void judge_forget_doubt(struct judge *judge);

/* Of a namespace, by a descriptor. */
enum whose whose_is(struct judge *judge, int ns);

/* Of a network namespace, by a path, if it is the one that has this inode. */
enum whose whose_network(struct judge *judge, const char *path, uint64_t inode);

#endif
