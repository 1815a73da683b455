/* SPDX-License-Identifier: MIT */
/* Names as CNI's NewNS gives them. */
#ifndef RANDOM_NAME_H
#define RANDOM_NAME_H

#define RANDOM_NAME_SIZE sizeof("cni-01234567-0123-0123-0123-0123456789ab")

/* 0, or a negative errno with the message set. */
int random_name(char name[static RANDOM_NAME_SIZE]);

#endif
