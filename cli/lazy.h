/* SPDX-License-Identifier: MIT */
/*
 * Libraries that only some commands need. To load them at every start takes as long as all else
 * that `netns list` does before its first own instruction: 0.1 ms for libsmartcols, 0.3 ms for
 * libnl-route-3 (make bench, "start a process"). So they are loaded when one of their functions is
 * first called.
 *
 * Include libnl.h or smartcols.h, which the build makes from libnl.list and smartcols.list, in
 * place of the library's own headers, and call its functions as ever. One that is not in the list
 * does not link.
 */
#ifndef LAZY_H
#define LAZY_H

#include <stddef.h>

/*
 * Fills an array of pointers to the functions of these names. Ends the program, with a message,
 * when the library is not there or too old.
 */
void lazy_load(const char *library, const char *const names[], size_t n, void *functions);

#endif
