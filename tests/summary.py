#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the cases of all test programs in Meson's testlog.json, and shows those that failed.

usage: summary.py BUILD/meson-logs/testlog.json

The last line is "N passed, N failed", with ", N skipped" where there were some. The exit status
is 1 when something failed or nothing ran. With NETNS_TESTS_MUST_RUN=1 a skip is a failure.
"""

import json
import os
import re
import sys

PLAN = re.compile(r"1\.\.(\d+)(?:\s*#\s*skip\S*\s*(.*))?", re.IGNORECASE)
CASE = re.compile(r"(not )?ok\b\s*\d*\s*(?:- )?(.*)")
SKIP = re.compile(r"(?:^|\s)#\s*skip\S*\s*(.*)", re.IGNORECASE)

# How much is shown of a program that says nothing about its cases.
TAIL = 40


class Program:
    """What one program printed, case by case."""

    def __init__(self, test):
        self.name = test["name"].rpartition(" / ")[2]  # without the suites
        self.result = test["result"]
        self.status = test["returncode"]
        self.output = test.get("stdout") or ""
        self.errors = test.get("stderr") or ""
        self.planned = None
        self.passed = 0
        self.skipped = []  # (name, reason)
        self.failed = []  # (name, diagnostics)
        self.read()
        self.judge()

    def read(self):
        notes = []
        for line in self.output.splitlines():
            plan = PLAN.fullmatch(line.rstrip())
            case = CASE.fullmatch(line)
            if plan:
                self.planned = int(plan[1])
                if self.planned == 0:
                    self.skipped.append(("all", plan[2] or "no reason given"))
            elif case:
                notes = self.add(bool(case[1]), case[2])
            elif line.startswith("Bail out!"):
                self.failed.append(("all", [line]))
            elif line.startswith("#"):
                notes.append(line[1:].removeprefix(" "))

    def add(self, failed, name):
        """Returns the list that the notes after the case go to."""
        notes = []
        skip = SKIP.search(name)
        if failed:
            self.failed.append((name, notes))
        elif skip:
            self.skipped.append((name[: skip.start()], skip[1]))
        else:
            self.passed += 1
        return notes

    def judge(self):
        """A program can fail beside its cases, or have none."""
        cases = self.passed + len(self.failed) + len(self.skipped)
        tap = self.planned is not None or cases > 0
        complaint = None
        if self.result == "SKIP":
            if not cases:
                self.skipped.append(("all", "the program says so"))
        elif self.result != "OK":
            complaint = f"{self.result.lower()}, exit status {self.status}"
        elif not tap:
            self.passed = 1
        elif self.planned is None:
            complaint = "there is no plan"
        if self.planned and cases != self.planned:
            complaint = f"{cases} cases of {self.planned}" + (f" ({complaint})" if complaint else "")
        if complaint and not self.failed:
            self.failed.append((complaint, self.tail()))

    def tail(self):
        return (self.output.splitlines() + self.errors.splitlines())[-TAIL:]


def forbid_skips(program):
    for name, reason in program.skipped:
        program.failed.append((name, [f"must run, but was skipped: {reason}"]))
    program.skipped = []


def show(program):
    for name, notes in program.failed:
        print(f"FAILED {program.name}: {name}")
        for note in notes:
            print(f"    {note}")
    for name, reason in program.skipped:
        print(f"skipped {program.name}: {name} ({reason})")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as log:
        programs = [Program(json.loads(line)) for line in log if line.strip()]
    sys.stdout.reconfigure(errors="backslashreplace")

    for program in programs:
        if os.environ.get("NETNS_TESTS_MUST_RUN") == "1":
            forbid_skips(program)
        show(program)

    passed = sum(program.passed for program in programs)
    failed = sum(len(program.failed) for program in programs)
    skipped = sum(len(program.skipped) for program in programs)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
