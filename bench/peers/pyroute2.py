#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""pyroute2, of the system's Python: a line "OPERATION N" comes in, nanoseconds go out."""

import os
import sys
import time

from pyroute2 import NetNS, netns

target = os.path.basename(sys.argv[1])


def timed(n, function):
    start = time.perf_counter_ns()
    for i in range(n):
        function(i)
    return time.perf_counter_ns() - start


def do(_):
    netns.pushns(target)
    netns.popns()


def make(i):
    netns.create(f"p{i}")


def unmake(i):
    netns.remove(f"p{i}")


def create(n):
    spent = timed(n, make)
    timed(n, unmake)
    return spent


def delete(n):
    timed(n, make)
    return timed(n, unmake)


# The process that it asks for the socket is its own; that of a name which is not there would be made.
def socket(_):
    NetNS(target, flags=0).close()


# It does not count: it answers for all names at once.
def search(_):
    return timed(1, lambda _: netns.pid_to_ns(os.getpid()))


operations = {
    "do": lambda n: timed(n, do),
    "create": create,
    "delete": delete,
    "socket": lambda n: timed(n, socket),
    "search": search,
}

print("ready", flush=True)
for line in sys.stdin:
    name, count = line.split()
    try:
        print(operations[name](int(count)), flush=True)
    except Exception as error:  # whatever it is ends the run, with its text
        print("failed:", repr(error).replace("\n", " "), flush=True)
