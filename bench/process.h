/* SPDX-License-Identifier: MIT */
/* Runs a program to its end, silently; its failure is the end of the benchmark. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

void run_process(const char *const argv[]);
#define RUN(...) run_process((const char *const[]){__VA_ARGS__, NULL})

#endif
