/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "peers.h"

enum { MOST_BATCHES = 512, FEWEST_FOR_P99 = 100 };

static FILE *json;
static const char *separator = "[", *part, *only;
static int live;

void check(long r, const char *what)
{
	if (r < 0)
		err(1, "%s: %s", what, netns_errmsg());
}

double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void begin_json(const char *path)
{
	json = fopen(path, "we");
	if (!json)
		err(1, "%s", path);
}

void end_json(void)
{
	if (json && (fprintf(json, "]\n") < 0 || fclose(json) != 0))
		err(1, "write the figures");
}

void begin_part(const char *name)
{
	part = name;
	live = 0;
}

void measure_only(const char *text)
{
	only = text;
}

void set_live(int n)
{
	live = n;
}

int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double run_own(const struct job *job, const struct way *way)
{
	double start, spent;

	if (way->before)
		way->before();
	start = now_us();
	for (int i = 0; i < job->batch; i++)
		way->run();
	spent = now_us() - start;
	if (way->after)
		way->after();
	return spent / job->batch / (job->per ? job->per : 1);
}

/* A peer is told the number of namespaces, and does each by a call of its own. */
static double run_peer(const struct job *job, const struct way *way)
{
	int n = job->batch * (job->per ? job->per : 1);

	return peer_us(way->peer, way->operation, n) / n;
}

static double one_batch(const struct job *job, const struct way *way)
{
	double spent = way->peer ? run_peer(job, way) : run_own(job, way);

	if (job->pause_us)
		usleep((useconds_t)job->pause_us);
	if (job->calm)
		calm();
	return spent;
}

static double percentile(const double *sorted, int n, int p)
{
	int at = n * p / 100;

	return sorted[at < n ? at : n - 1];
}

void print_heading(void)
{
	printf("%-22s %-34s %10s %10s %6s\n", "job", "way", "median us", "p99 us", "ratio");
}

static void begin_row(const char *job, const char *way)
{
	fprintf(json, "%s{\"part\":\"%s\",\"job\":\"%s\",\"way\":\"%s\"", separator, part, job,
		way);
	if (live)
		fprintf(json, ",\"live\":%d", live);
	separator = ",\n";
}

/* Of a few, the p99 would be the worst. */
static void print_json(
	const struct job *job, const struct way *way, double median, double p99, double ratio)
{
	begin_row(job->name, way->what);
	fprintf(json, ",\"batches\":%d,\"median_us\":%.3f,", job->batches, median);
	if (job->batches >= FEWEST_FOR_P99)
		fprintf(json, "\"p99_us\":%.3f,", p99);
	else
		fprintf(json, "\"p99_us\":null,");
	fprintf(json, "\"ratio\":%.3f}", ratio);
}

static void print(const struct job *job, const struct way *way, const double *t, double base)
{
	double median = percentile(t, job->batches, 50), p99 = percentile(t, job->batches, 99);
	const char *name = way == job->ways ? job->name : "";

	printf("%-22s %-34s %10.2f ", name, way->what, median);
	if (job->batches >= FEWEST_FOR_P99)
		printf("%10.2f", p99);
	else
		printf("%10s", "-");
	printf(" %6.2f\n", median / base);
	fflush(stdout);
	if (json)
		print_json(job, way, median, p99, median / base);
}

void state(const char *job, const char *what, double value, const char *unit)
{
	static const char *last;

	printf("%-22s %-34s %10.0f %s\n", job != last ? job : "", what, value, unit);
	fflush(stdout);
	last = job;
	if (!json)
		return;
	begin_row(job, what);
	fprintf(json, ",\"value\":%.0f,\"unit\":\"%s\"}", value, unit);
}

static int is_there(const struct way *way)
{
	return way->peer ? peer_is_there(way->peer) : way->run != NULL;
}

/* Another order each time: what one way leaves behind falls on each of the others. */
static void shuffle(int order[WAYS])
{
	static unsigned seed = 1;

	for (int i = WAYS - 1; i > 0; i--) {
		int j = rand_r(&seed) % (i + 1), other = order[j];

		order[j] = order[i];
		order[i] = other;
	}
}

void measure(const struct job *job)
{
	static double spent[WAYS][MOST_BATCHES];
	int order[WAYS];
	double base;

	if (only && !strstr(job->name, only))
		return;
	/* The first fills caches and is not counted. */
	for (int w = 0; w < WAYS; w++)
		order[w] = w;
	for (int i = -1; i < job->batches; i++) {
		shuffle(order);
		for (int k = 0; k < WAYS; k++) {
			int w = order[k];
			double t;

			if (!is_there(&job->ways[w]))
				continue;
			t = one_batch(job, &job->ways[w]);
			if (i >= 0)
				spent[w][i] = t;
		}
	}
	for (int w = 0; w < WAYS; w++)
		qsort(spent[w], (size_t)job->batches, sizeof(double), compare_doubles);
	base = percentile(spent[0], job->batches, 50);
	for (int w = 0; w < WAYS; w++)
		if (is_there(&job->ways[w]))
			print(job, &job->ways[w], spent[w], base);
}
