#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The header, libnetns.sym and the built library agree on what is public. TAP.

    tests/symbols.py SOURCE BUILD
"""

import re
import subprocess
import sys

source, build = sys.argv[1:3]
library = f"{build}/src/libnetns.so.1"
results = []


def check(name, problems):
    problems = sorted(problems)
    results.append((not problems, name, problems))


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def header_functions(text):
    """Each documented function, with the comment in front of it and the declaration."""
    pattern = r"/\*\*\n((?:(?!\*/).)*)\*/\n([\w *]*?\b(netns_\w+)\([^;{}]*\));"
    return {m[3]: (m[1], m[2]) for m in re.finditer(pattern, text, re.S)}


with open(f"{source}/include/netns.h") as f:
    header = f.read()
declared = header_functions(header)
with open(f"{source}/src/libnetns.sym") as f:
    script = f.read()
listed = set(re.findall(r"^\t(netns_\w+);", script, re.M))
nodes = set(re.findall(r"^(LIBNETNS_[\d.]+) \{", script, re.M))

exported = {}
for line in run("nm", "-D", "--defined-only", library).splitlines():
    symbol = line.split()[-1]
    name, _, version = symbol.partition("@")
    exported[name] = version.lstrip("@")

check("functions were found", [] if len(declared) > 30 else [f"only {len(declared)}"])
# A mention with a parenthesis that is in no comment: also of one that has none in front of it.
bare = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
check("each function has a comment", set(re.findall(r"\b(netns_\w+)\(", bare)) - set(declared))
check("declared and listed", set(declared) ^ listed)
check("listed and exported", listed ^ (set(exported) - nodes))
check("each has a version of the script", {f"{n}@{v}" for n, v in exported.items() if n not in nodes and v not in nodes})
check("soname", [] if "[libnetns.so.1]" in run("readelf", "-d", library) else ["not libnetns.so.1"])

for part in "Thread:", "Privilege:", "Since:":
    check(f"each comment has {part}", {n for n, (comment, _) in declared.items() if part not in comment})
check("each comment has Returns:", {
    n for n, (comment, declaration) in declared.items()
    if not declaration.lstrip().startswith("void ") and "Returns:" not in comment})

check("each parameter is in the comment", {
    f"{n}: @{p}" for n, (comment, declaration) in declared.items()
    for p in re.findall(r"(\w+)(?=[,)])", declaration)
    if p != "void" and not re.search(rf"@{p}\b", comment)})

archive = run("nm", "-g", "--defined-only", f"{build}/src/libnetns.a")
public = {line.split()[-1] for line in archive.splitlines() if re.match(r"[0-9a-f]+ \w ", line)}
check("the static library has these and no other global symbols",
      {s for s in public if not re.match(r"__(asan|odr_asan|ubsan|tsan|gcov|sanitizer)", s)} ^ listed)

print(f"1..{len(results)}")
for number, (ok, name, problems) in enumerate(results, 1):
    print(f"{'ok' if ok else 'not ok'} {number} - {name}")
    for problem in problems:
        print(f"# {problem}")
