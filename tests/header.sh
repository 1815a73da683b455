#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The public header alone is plain C11 and valid C++17. TAP.
#
#	tests/header.sh SOURCE BUILD

set -u

source=$1
n=0

compiles() { # NAME COMPILER ARGUMENT...
	local name=$1
	shift
	n=$((n + 1))
	if ! command -v "$1" >/dev/null; then
		if [ "${NETNS_TESTS_MUST_RUN-}" = 1 ]; then
			echo "not ok $n - $name: no $1"
		else
			echo "ok $n - $name # SKIP no $1"
		fi
	elif out=$("$@" -pedantic -Wall -Wextra -Werror -fsyntax-only "$source/include/netns.h" 2>&1); then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' <<<"$out"
	fi
}

echo "1..4"
compiles "C11, gcc" gcc -x c -std=c11
compiles "C11, clang" clang -x c -std=c11
compiles "C++17, g++" g++ -x c++ -std=c++17
compiles "C++17, clang++" clang++ -x c++ -std=c++17
