/* SPDX-License-Identifier: MIT */
/* What `netns doctor` looks at: each looks, and reports what it finds by finding(). */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

struct doctor {
	bool fix;
	const char *dir; /* the run directory */
	size_t found;
	size_t left; /* of these, not mended */
};

struct finding {
	const char *kind;      /* a short, stable word */
	const char *name;      /* what it is about: a name, or NULL for the directory */
	const char *remedy;    /* what the fix does, or what is to be done where there is none */
	int (*fix)(void *arg); /* 0, or a negative errno with netns_errmsg(); NULL: none */
	void *arg;
};

void finding(struct doctor *doctor, const struct finding *found, const char *explanation, ...)
	__attribute__((format(printf, 3, 4)));

void look_at_directory(struct doctor *doctor); /* doctor-dir.c */
void look_at_names(struct doctor *doctor);     /* doctor-names.c */
void look_under(struct doctor *doctor);        /* doctor-mounts.c */
void look_elsewhere(struct doctor *doctor);    /* doctor-elsewhere.c */

#endif
