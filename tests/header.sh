#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The public header alone is plain C11 and valid C++17, needs no kernel headers, and what it
# declares has C linkage. TAP.
#
#	tests/header.sh SOURCE BUILD

set -u

source=$1
n=0

# A program of everything that is no function, with the header included twice.
read -r -d '' program <<'EOC'
#include <netns.h>
#include <netns.h>

static int work(struct netns *host, void *arg)
{
	(void)arg;
	return netns_get_fd(host);
}

int use(struct netns *ns);

int use(struct netns *ns)
{
	struct netns_scope scope = NETNS_SCOPE_INIT;
	struct netns_create_opts opts = {sizeof(opts), "name", 0,
		NETNS_CREATE_KEEP | NETNS_CREATE_UNPINNED | NETNS_CREATE_LO_UP, 0};
	struct netns_entry entry = {"name", NETNS_LIVE, {1, 2}, 0};
	int r = netns_enter(&scope, ns, 0);

	if (r == 0 && entry.state != NETNS_STALE && entry.state != NETNS_FOREIGN)
		r = netns_do(ns, work, &opts);
	return r + netns_leave(&scope);
}
EOC

check() { # NAME COMPILER FUNCTION ARGUMENT...: the function is given compiler and arguments
	local name=$1 compiler=$2 function=$3 out
	shift 3
	n=$((n + 1))
	if ! command -v "$compiler" >/dev/null; then
		if [ "${NETNS_TESTS_MUST_RUN-}" = 1 ]; then
			echo "not ok $n - $name, $compiler: it is not there"
		else
			echo "ok $n - $name, $compiler # SKIP it is not there"
		fi
	elif out=$("$function" "$compiler" "$@" 2>&1); then
		echo "ok $n - $name, $compiler"
	else
		echo "not ok $n - $name, $compiler"
		sed 's/^/# /' <<<"$out"
	fi
}

alone() {
	"$@" -pedantic -Wall -Wextra -Werror -fsyntax-only "$source/include/netns.h"
}

used() {
	"$@" -pedantic -Wall -Wextra -Wshadow -Wundef -Wconversion -Werror -I"$source/include" \
		-S -o - - <<<"$program"
}

# The kernel's headers clash with the C library's, so it is the caller who chooses.
without_kernel() {
	local files
	files=$("$@" -I"$source/include" -M - <<<"$program") || return
	echo "$files"
	[[ $files == *include/netns.h* && $files != */linux/* ]]
}

c_linkage() {
	local assembly
	assembly=$(used "$@") || return
	[[ $assembly == *netns_leave* ]] || return
	! grep '_Z.*netns_' <<<"$assembly"
}

echo "1..12"
for cc in gcc clang; do
	check "C11" $cc alone -x c -std=c11
	check "C11 in use" $cc used -x c -std=c11
	check "no kernel headers" $cc without_kernel -x c -std=c11
done
for cxx in g++ clang++; do
	check "C++17" $cxx alone -x c++ -std=c++17
	check "C++17 in use" $cxx used -x c++ -std=c++17
	check "C linkage" $cxx c_linkage -x c++ -std=c++17
done
