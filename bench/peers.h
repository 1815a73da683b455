/* SPDX-License-Identifier: MIT */
/*
 * Others that do the same, in their own languages: a process each (peers/), started once, told by a
 * pipe what to do how often. It answers with the time that this took by its own clock, so that
 * neither its start nor the pipe counts.
 */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

/* As their programs are called. */
#define CNI         "cni"
#define VISHVANANDA "vishvananda"
#define PYROUTE2    "pyroute2"

/* A way of a job. */
#define PEER(program, words, order)                                                                \
	{                                                                                          \
		.what = (words), .peer = (program), .operation = (order)                           \
	}

void start_peers(const char *dir); /* those that are there; each is told the path of `target` */
void end_peers(void);

int peer_is_there(const char *name);
double peer_us(const char *name, const char *operation, int n);

/* One line for those that are not there, if any. */
void tell_missing_peers(void);

#endif
