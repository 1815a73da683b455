/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"

enum { MOST_BATCHES = 512, WAYS = 4 };

static FILE *json;
static const char *separator = "[";

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

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double one_batch(const struct job *job, const struct way *way)
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
	if (job->pause_us)
		usleep((useconds_t)job->pause_us);
	return spent / job->batch / (job->per ? job->per : 1);
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

static void print(const struct job *job, const struct way *way, const double *t, double base)
{
	double median = percentile(t, job->batches, 50), p99 = percentile(t, job->batches, 99);
	const char *name = way == job->ways ? job->name : "";

	printf("%-22s %-34s %10.2f ", name, way->what, median);
	if (job->batches >= 100)
		printf("%10.2f", p99);
	else
		printf("%10s", "-"); /* of so few it would be the worst */
	printf(" %6.2f\n", median / base);
	fflush(stdout);
	if (!json)
		return;
	fprintf(json,
		"%s{\"job\":\"%s\",\"way\":\"%s\",\"median_us\":%.3f,\"p99_us\":%.3f,"
		"\"ratio\":%.3f}",
		separator, job->name, way->what, median, p99, median / base);
	separator = ",\n";
}

void measure(const struct job *job)
{
	static double spent[WAYS][MOST_BATCHES];
	double base;

	/* The first fills caches and is not counted. */
	for (int i = -1; i < job->batches; i++)
		for (int w = 0; w < WAYS && job->ways[w].run; w++) {
			double t = one_batch(job, &job->ways[w]);

			if (i >= 0)
				spent[w][i] = t;
		}
	for (int w = 0; w < WAYS && job->ways[w].run; w++)
		qsort(spent[w], (size_t)job->batches, sizeof(double), compare);
	base = percentile(spent[0], job->batches, 50);
	for (int w = 0; w < WAYS && job->ways[w].run; w++)
		print(job, &job->ways[w], spent[w], base);
}
