/* SPDX-License-Identifier: MIT */
/*
 * The frame of the benchmark: ways to do a job, done in turns, in small batches, so that whatever
 * else the machine does falls on all of them. The figures are medians over the batches, a p99 is
 * that of the batches; a ratio is that of two medians, in one run on one machine.
 */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <netns.h>

enum { WAYS = 8 };

struct way {
	const char *what;
	void (*before)(void); /* not counted */
	void (*run)(void);
	void (*after)(void);
	/* Instead: a peer, which does it and reads the clock itself (peers.h). */
	const char *peer;
	const char *operation;
};

struct job {
	const char *name;
	int batches;
	int batch;    /* runs in a row between two looks at the clock */
	int per;      /* so many namespaces a run: the time is for each; 0: one */
	int pause_us; /* after each batch, for the kernel to finish tearing down what was removed */
	int calm;     /* the same, waiting until it has: for many (calm.c) */
	struct way ways[WAYS]; /* the first is what the others are compared with */
};

void check(long r, const char *what); /* ends the program on a negative number */
double now_us(void);
int compare_doubles(const void *a, const void *b);

/* Of what the figures that follow are; names besides those of the job, 0: does not matter. */
void begin_part(const char *part);
void set_live(int live);

/* Of the jobs, those whose name has this text in it. */
void measure_only(const char *text);

void print_heading(void);
void measure(const struct job *job);
/* A figure that is no time. */
void state(const char *job, const char *what, double value, const char *unit);

/* Opens the file that the figures are written to as well. */
void begin_json(const char *path);
void end_json(void);

/* Returns when the kernel has torn down all network namespaces that nobody holds. */
void calm(void);

/* Other processes keep all processors busy in between (load.c). */
void begin_load(void);
void end_load(void);

/* The namespaces that the jobs are about. */
extern struct netns *target, *home;

void bench_calls(void);    /* calls.c: single calls beside the bare system calls */
void bench_many(void);     /* many.c: a thousand at once */
void bench_commands(void); /* commands.c: whole processes, beside those of others */
void bench_pool(void);     /* pool.c: what is ready, taken under a name */
void bench_memory(void);   /* memory.c: what a handle, a pool's entry and a namespace take */
void bench_scale(void);    /* scale.c: the same with 1 to 5,000 names */

#endif
