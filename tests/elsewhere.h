/* SPDX-License-Identifier: MIT */
/* A name that leads to a namespace in another mount namespace only; here it looks stale. */
#ifndef TESTS_ELSEWHERE_H
#define TESTS_ELSEWHERE_H

/* For the target; before the others, and once. */
void prepare_elsewhere(void);

/* The target under the name, in the mount namespace that one thread of another process has. */
void pin_elsewhere(void);

/* The thread goes to a mount namespace of its own once more, with its mounts. */
void move_elsewhere(void);

/* It does so still, whatever has been done here. */
void check_elsewhere(void);

/* The same, and the end of that process; what is then here is an empty file, or what was done. */
void end_elsewhere(void);

#endif
