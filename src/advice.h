/* SPDX-License-Identifier: MIT */
/*
 * What can be done about an error: which limit it is that is reached, what is lacking. All answer
 * NULL where the errno says it already.
 */
#ifndef ADVICE_H
#define ADVICE_H

/* Whatever the call was. */
const char *advice_on(int error);

/* On making a network namespace; mounting one, or a run directory; entering one. */
const char *advice_on_clone(int error);
const char *advice_on_mount(int error);
const char *advice_on_setns(int error);

/* On making a thread. */
const char *advice_on_thread(int error);

/* On finding the namespace of a process or thread. */
const char *advice_on_finding(int error);

#endif
