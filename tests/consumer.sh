#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a program that uses the library meets: installed into a scratch directory, found by
# pkg-config, compiled as C and C++, linked shared and static, run. TAP.
#
#	tests/consumer.sh SOURCE BUILD

set -u

source=$1 build=$2
scratch=$(mktemp -d)
n=0

# scripts/uninstall reads there what was installed last, which is not to be this.
install_log=$build/meson-logs/install-log.txt
[ ! -e "$install_log" ] || cp -p "$install_log" "$scratch/install-log"
clean_up() {
	rm -f "$install_log"
	[ ! -e "$scratch/install-log" ] || cp -p "$scratch/install-log" "$install_log"
	rm -rf "$scratch"
}
trap clean_up EXIT

result() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		[ ! -s "$scratch/log" ] || sed 's/^/# /' "$scratch/log"
	fi
	: >"$scratch/log"
}

skip() { # REASON NAME
	n=$((n + 1))
	if [ "${NETNS_TESTS_MUST_RUN-}" = 1 ]; then
		echo "not ok $n - $2: $1"
	else
		echo "ok $n - $2 # SKIP $1"
	fi
}

cat >"$scratch/consumer.c" <<'EOF'
#include <netns.h>
#include <stdio.h>

static int answer(struct netns *host, void *arg)
{
	return host && arg ? 42 : 0;
}

int main(void)
{
	struct netns *ns;
	int fd, r;

	if (netns_create(NULL, &ns) < 0) {
		fprintf(stderr, "%s\n", netns_errmsg());
		return 1;
	}
	fd = netns_get_fd(ns);
	r = netns_do(ns, answer, &fd);
	if (netns_close(ns) < 0)
		return 1;
	netns_free(ns);
	return r == 42 ? 0 : 1;
}
EOF
cp "$scratch/consumer.c" "$scratch/consumer.cc"

# Creates while a second thread lives, and makes a third: what ThreadSanitizer cannot follow must
# not be done in front of it, although the library itself is not built with it.
cat >"$scratch/watched.c" <<'EOF'
#include <netns.h>
#include <pthread.h>
#include <stddef.h>

static pthread_barrier_t barrier;

static void *meet(void *arg)
{
	pthread_barrier_wait(&barrier);
	return arg;
}

int main(void)
{
	pthread_t second, third;
	struct netns *ns;

	pthread_barrier_init(&barrier, NULL, 3);
	if (pthread_create(&second, NULL, meet, NULL) != 0 || netns_create(NULL, &ns) < 0 ||
		pthread_create(&third, NULL, meet, NULL) != 0)
		return 1;
	meet(NULL);
	pthread_join(second, NULL);
	pthread_join(third, NULL);
	netns_free(ns);
	return 0;
}
EOF

# A library that is built with a sanitizer needs the same of its users.
sanitize=$(meson introspect --buildoptions "$build" | python3 -c '
import json, sys
v = [o["value"] for o in json.load(sys.stdin) if o["name"] == "b_sanitize"][0]
print("" if v == "none" else "-fsanitize=" + v)')

# It cannot be built with another one besides.
[ -n "$sanitize" ] && echo "1..12" || echo "1..14"

meson install -C "$build" --no-rebuild --destdir "$scratch/root" >"$scratch/log" 2>&1
result $? "installs"

pc=$(find "$scratch/root" -name libnetns.pc)
[ -n "$pc" ]
result $? "libnetns.pc is there"
libdir=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$scratch/root
prefix=$scratch/root$(pkg-config --variable=prefix libnetns 2>/dev/null | sed "s|^$scratch/root||")

[ -e "$prefix/include/netns.h" ] && [ -e "$libdir/libnetns.a" ] && [ -x "$prefix/bin/netns" ]
result $? "the header, the static library and the tool are there"
[ "$(readlink "$libdir/libnetns.so")" = libnetns.so.1 ] && [ -e "$libdir/libnetns.so.1" ]
result $? "the links of the shared library are right"
{ [ -e "$prefix/share/man/man3/netns_do.3" ] && [ -e "$prefix/share/man/man3/netns_open_pid.3" ] &&
	[ -e "$prefix/share/man/man8/netns.8" ]; } || ! command -v scdoc >/dev/null
result $? "the manual pages are there"

run_inside() { # PROGRAM
	unshare --mount --propagation private \
		sh -c 'mount -t tmpfs tests /run && LD_LIBRARY_PATH=$2 "$1"' sh "$1" "$libdir"
}

build() { # NAME COMPILER FILE PKG-CONFIG-OPTION
	local name=$1 compiler=$2 file=$3 static=$4 flags libs
	flags=$(pkg-config $static --cflags libnetns)
	libs=$(pkg-config $static --libs libnetns)
	# Statically only this library: a static libc is not what anybody means here.
	[ -z "$static" ] || libs=${libs/-lnetns/-l:libnetns.a}
	# shellcheck disable=SC2086 # lists of words
	$compiler $sanitize -Wall -Wextra -Werror -o "$scratch/consumer" "$scratch/$file" $flags $libs \
		>"$scratch/log" 2>&1
	result $? "$name: compiles and links"
}

run_it() { # NAME
	if [ "$(id -u)" = 0 ]; then
		run_inside "$scratch/consumer" >"$scratch/log" 2>&1
		result $? "$1: runs"
	else
		skip "needs root" "$1: runs"
	fi
}

: "${CC:=cc}" "${CXX:=c++}"
build "C, shared" "$CC" consumer.c ""
run_it "C, shared"
build "C, static" "$CC" consumer.c --static
run_it "C, static"
build "C++, shared" "$CXX" consumer.cc ""
run_it "C++, shared"

# Written to be read: what it does not use, it does not use.
{
	echo '#pragma GCC diagnostic ignored "-Wunused-parameter"'
	echo '#pragma GCC diagnostic ignored "-Wunused-variable"'
	sed -n '/^```c$/,/^```$/p' "$source/README.md" | sed '1d;$d'
} >"$scratch/readme.c"
build "the example of README" "$CC" readme.c ""

if [ -z "$sanitize" ]; then
	sanitize=-fsanitize=thread
	# by gcc, which always has it
	build "a program under ThreadSanitizer" gcc watched.c ""
	run_it "a program under ThreadSanitizer"
fi
