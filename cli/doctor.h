/* SPDX-License-Identifier: MIT */
/* What `netns doctor` looks at: each looks, and reports what it finds by finding(). */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct names;

struct doctor {
	bool fix;
	const char *dir; /* the run directory */
	size_t found;
	size_t left; /* of these, not mended */
	bool blind;  /* something could not be looked at, which has been said */
	char *told;  /* what was said of it last */
	bool locked; /* the lock of the directory could not be had, which has been said */
};

/* Says so, once; errno is why. */
void cannot_look(struct doctor *doctor, const char *path);

/* The answer of a fix that finds nothing to mend any more: then there is nothing to tell. */
extern char nothing_was_wrong[];

struct finding {
	const char *kind;        /* a short, stable word */
	const char *name;        /* what it is about: a name, or NULL for the directory */
	const char *remedy;      /* what the fix does, or what is to be done where there is none */
	char *(*fix)(void *arg); /* NULL: done; else why not, to be freed; no fix: NULL itself */
	void *arg;
};

void finding(struct doctor *doctor, const struct finding *found, const char *explanation, ...)
	__attribute__((format(printf, 3, 4)));

/* Answers of a fix: after a call of the library that gave r, and after a system call. */
char *why_library(int r);
char *why_call(bool failed, const char *call, const char *path);

/* As directory_lock(); somebody who keeps the lock is waited for once. */
char *doctor_lock(struct doctor *doctor, int *ret);

struct pin;
struct pins;

/* doctor-mounts.c: the stale names that look_under() tells of, which are so no more; was it all? */
bool leave_hidden(struct doctor *doctor, struct names *names);

/* doctor-stack.c: one pin on another. */
void look_at_stack(struct doctor *doctor, const struct pins *pins, const struct pin *top);

/* doctor-dir.c; false: it is not to be used, which has been said, so there is no more to look at. */
bool look_at_directory(struct doctor *doctor);
void look_at_names(struct doctor *doctor); /* doctor-names.c */
void look_under(struct doctor *doctor);    /* doctor-mounts.c */

/* doctor-elsewhere.c: the stale names that are live elsewhere, which are so no more; was it all? */
bool look_elsewhere(struct doctor *doctor, struct names *names);

#endif
