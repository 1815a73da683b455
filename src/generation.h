/* SPDX-License-Identifier: MIT */
/*
 * A number that differs between a process and its children, however they were made (_Fork() and
 * clone() call no fork handlers). A pid would have to be asked for at each use, can be the same in
 * two pid namespaces, and is given again to a later child.
 */
#ifndef GENERATION_H
#define GENERATION_H

/* 0: the system does not tell. */
unsigned generation_here(void);

#endif
