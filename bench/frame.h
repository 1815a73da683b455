/* SPDX-License-Identifier: MIT */
/*
 * The frame of the benchmark: ways to do a job, done in turns, in small batches, so that whatever
 * else the machine does falls on all of them. The figures are medians over the batches; a ratio is
 * that of two medians, in one run on one machine.
 */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <netns.h>

struct way {
	const char *what;
	void (*before)(void); /* not counted */
	void (*run)(void);
	void (*after)(void);
};

struct job {
	const char *name;
	int batches;
	int batch;    /* runs in a row between two looks at the clock */
	int per;      /* so many namespaces a run: the time is for each; 0: one */
	int pause_us; /* after each batch, for the kernel to finish tearing down what was removed */
	struct way ways[4]; /* the first is what the others are compared with */
};

void check(long r, const char *what); /* ends the program on a negative number */
double now_us(void);

void print_heading(void);
void measure(const struct job *job);
void end_json(void);

/* Opens the file that the figures are written to as well. */
void begin_json(const char *path);

/* The namespaces that the jobs are about. */
extern struct netns *target, *home;

void bench_calls(void);    /* calls.c: single calls beside the bare system calls */
void bench_many(void);     /* many.c: a thousand at once */
void bench_commands(void); /* commands.c: whole processes, beside those of others */

#endif
