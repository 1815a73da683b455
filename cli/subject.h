/* SPDX-License-Identifier: MIT */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "census.h"

/*
 * The namespace of a census that a word on the command line means (netns_open_spec(3)); by its
 * inode and its id also one that only a census can find. NULL: none; why has been said.
 */
const struct namespace *find_subject(const struct census *census, const char *spec);

#endif
