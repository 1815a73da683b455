#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual pages: every function of the header has one that agrees with it, the examples
compile and run, and man(1) shows each page without a warning.

usage: man-examples.py SOURCE_ROOT BUILD_ROOT [COMPILER...]        (else: $CC, or cc)
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

SECTIONS = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "RETURN VALUE", "ERRORS", "THREADS", "PRIVILEGE",
    "EXAMPLE", "HISTORY", "SEE ALSO",
]
TIMEOUT_S = 60

# The program sees no names but its own, and no network but its own, so that it changes nothing
# of the machine's; what it leaves in the run directory is found here, before the mount goes.
SANDBOX = """
mount -t tmpfs tmpfs "${1%/*}" || exit
"$2" || exit
left=$(ls -A "$1") || exit 0
[ -z "$left" ] || { echo "left in the run directory: $left"; exit 1; }
"""


class Failure(Exception):
    pass


class Skip(Exception):
    pass


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = False
        self.must_run = os.environ.get("NETNS_TESTS_MUST_RUN") == "1"

    def case(self, name, function, *args):
        self.number += 1
        line, why = f"ok {self.number} - {name}", ""
        try:
            function(*args)
        except Skip as skip:
            if self.must_run:
                line, why = f"not {line}", f"may not be skipped: {skip}"
            else:
                line += f" # SKIP {skip}"
        except Failure as failure:
            line, why = f"not {line}", str(failure)
        self.failed |= bool(why)
        print(line)
        for text in why.splitlines():
            print(f"# {text}")
        sys.stdout.flush()

    def done(self):
        print(f"1..{self.number}")
        return 1 if self.failed else 0


class Function:
    """One that the header declares."""

    def __init__(self, name, prototype, comment):
        self.name = name
        self.prototype = prototype
        self.errors = set(re.findall(r"-E[A-Z0-9]+", comment))


def functions_of(header):
    comments = dict(re.findall(r"/\*\*\n \* (netns_\w+) - (.*?)\*/", header, re.S))
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    for match in re.finditer(r"^\w[\w *]*?\b(netns_\w+)\([^()]*\);", code, re.M):
        name = match.group(1)
        yield Function(name, " ".join(match.group(0).split()), comments.get(name, ""))


def plain(text):
    """scdoc's source without its formatting, on one line."""
    text = re.sub(r"\+\+$", "", text, flags=re.M)
    text = re.sub(r"(?<!\\)\*", "", text)
    text = re.sub(r"(?<!\w)_|_(?!\w)", "", text)
    return " ".join(re.sub(r"\\(.)", r"\1", text).split())


class Page:
    """A page in scdoc's language."""

    def __init__(self, path):
        self.name = path.name.removesuffix(".scd")
        self.sections = {}
        self.blocks = {}
        title, literal = None, None
        for line in path.read_text(encoding="utf-8").splitlines():
            if line == "```":
                if literal is None:
                    literal = []
                else:
                    self.blocks.setdefault(title, []).append("\n".join(literal) + "\n")
                    literal = None
            elif literal is not None:
                literal.append(re.sub(r"\\(.)", r"\1", line))
            elif line.startswith("# "):
                title = line[2:]
                self.sections[title] = ""
            elif title:
                self.sections[title] += line + "\n"

    def section(self, title):
        return plain(self.sections.get(title, ""))

    def functions(self):
        return self.section("NAME").split(" - ")[0].split(", ")


class Build:
    def __init__(self, source, build, compiler):
        self.source = pathlib.Path(source)
        self.build = pathlib.Path(build)
        self.compiler = compiler
        introspection = self.build / "meson-info" / "intro-buildoptions.json"
        self.options = {o["name"]: o["value"] for o in json.loads(introspection.read_text())}

    def sanitizers(self):
        """The program needs those of the library, whose run time comes first in a process."""
        value = self.options.get("b_sanitize", "none")
        value = value if isinstance(value, str) else ",".join(value)
        return [] if value in ("", "none") else [f"-fsanitize={value}"]

    def compile(self, program, to):
        library = self.build / "src"
        run(self.compiler + self.sanitizers() + [
            "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-x", "c", "-", "-x", "none",
            f"-I{self.source}/include", f"{library}/libnetns.so.1", f"-Wl,-rpath,{library}",
            "-o", to,
        ], stdin=program)

    def rendered(self, name):
        return self.build / "man" / name


def run(command, stdin=""):
    """Fails unless the command answers 0 in time and leaves no process behind."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace",
                             start_new_session=True)
    try:
        output, _ = child.communicate(stdin, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        output, _ = child.communicate()
        raise Failure(f"not done after {TIMEOUT_S} s\n{output}") from None
    if child.returncode != 0:
        raise Failure(f"{command[0]}: exit status {child.returncode}\n{output}")
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    raise Failure("a process was left behind")


def cannot_sandbox():
    """Why the examples cannot run here, or nothing."""
    if os.geteuid() != 0:
        return "needs root"
    try:
        run(["unshare", "-m", "-n", "true"])
    except (Failure, OSError) as problem:
        return "no private mount and network namespace: " + str(problem).splitlines()[0]
    return None


def check_function(function, pages, build):
    page = next((page for page in pages if function.name in page.functions()), None)
    if not page:
        raise Failure("no page has it in its NAME")
    if function.prototype not in page.section("SYNOPSIS"):
        raise Failure(f"{page.name}: not as in the header: {function.prototype}")
    missing = function.errors - set(re.findall(r"-E[A-Z0-9]+", page.section("ERRORS")))
    if missing:
        raise Failure(f"{page.name}: ERRORS has no {' '.join(sorted(missing))}")
    if build.rendered(page.name).exists() and not build.rendered(f"{function.name}.3").exists():
        raise Failure(f"man/meson.build: no page leads from it to {page.name}")


def check_page(page, names):
    missing = [title for title in SECTIONS if title not in page.sections]
    if missing:
        raise Failure(f"no section {', '.join(missing)}")
    unknown = [name for name in page.functions() if name not in names]
    if unknown:
        raise Failure(f"not in the header: {', '.join(unknown)}")


def check_compiles(page, build, to):
    programs = page.blocks.get("EXAMPLE", [])
    if len(programs) != 1:
        raise Failure(f"EXAMPLE has {len(programs)} literal blocks, not one")
    build.compile(programs[0], to)


def check_runs(program, build, no_sandbox):
    if no_sandbox:
        raise Skip(no_sandbox)
    if not os.path.exists(program):
        raise Failure("it did not compile")
    run(["unshare", "-m", "-n", "sh", "-c", SANDBOX, "sh", build.options["run_dir"], program])


def check_rendering(name, build):
    if not shutil.which("man"):
        raise Skip("needs man")
    if not build.rendered(name).exists():
        raise Skip("the page is not built: no scdoc, or the option man is off")
    shown = subprocess.run(["man", "--warnings=w", "-l", build.rendered(name)],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                           env=dict(os.environ, MANWIDTH="80", LC_ALL="C.UTF-8"))
    if shown.returncode != 0 or shown.stderr:
        raise Failure(f"man: exit status {shown.returncode}\n{shown.stderr}")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    compiler = sys.argv[3:] or shlex.split(os.environ.get("CC", "cc"))
    build = Build(sys.argv[1], sys.argv[2], compiler)
    functions = list(functions_of((build.source / "include" / "netns.h").read_text()))
    sources = sorted((build.source / "man").glob("*.scd"))
    pages = [Page(path) for path in sources if path.name.endswith(".3.scd")]
    if not functions or not pages:
        sys.exit("Bail out! no functions in the header, or no pages")

    tap = Tap()
    for function in functions:
        tap.case(f"{function.name} is documented", check_function, function, pages, build)
    names = {function.name for function in functions}
    no_sandbox = cannot_sandbox()
    with tempfile.TemporaryDirectory() as scratch:
        for page in pages:
            program = os.path.join(scratch, page.name)
            tap.case(f"{page.name} is complete", check_page, page, names)
            tap.case(f"{page.name}: example compiles", check_compiles, page, build, program)
            tap.case(f"{page.name}: example runs", check_runs, program, build, no_sandbox)
    for path in sources:
        name = path.name.removesuffix(".scd")
        tap.case(f"{name} is shown without a warning", check_rendering, name, build)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
