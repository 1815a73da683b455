#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The examples do what they say. TAP.
#
#	tests/examples.sh SOURCE BUILD

set -u

source=$1 build=$2
export PATH=$PATH:/usr/sbin:/sbin

if [ "$(id -u)" != 0 ]; then
	echo "1..1"
	if [ "${NETNS_TESTS_MUST_RUN-}" = 1 ]; then
		echo "not ok 1 - examples: needs root"
	else
		echo "ok 1 - examples # SKIP needs root"
	fi
	exit 0
fi

# A mount namespace of its own with an empty /run: the machine's names are neither seen nor touched.
if [ "${IN_PRIVATE_MOUNTS-}" != 1 ]; then
	IN_PRIVATE_MOUNTS=1 exec unshare --mount --propagation private bash "$0" "$source" "$build"
fi
mount -t tmpfs tests /run
netns=$build/cli/netns

n=0
result() { # OK NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

says() { # NAME PATTERN TEXT
	grep -Eq -- "$2" <<<"$3"
	local r=$?
	[ $r = 0 ] || sed 's/^/# /' <<<"$3"
	result $r "$1"
}

echo "1..5"

out=$("$build/examples/run-inside" 2>&1)
says run-inside '^links here: [0-9]+, in a new network namespace: [1-9]' "$out"

"$netns" add --up red green && : >/run/netns/old
out=$("$build/examples/enumerate" 2>&1)
says "enumerate: live" '^red +live +net:\[[1-9][0-9]*\]' "$out"
says "enumerate: stale" '^old +stale' "$out"

# The clients run inside; the daemon does not.
coproc "$build/examples/listen" red green
declare -A port
for _ in 1 2; do
	read -r -t 10 name number <&"${COPROC[0]}"
	port[$name]=$number
done
ask() { # NAME
	"$netns" exec "$1" bash -c "exec 3<>/dev/tcp/127.0.0.1/${port[$1]} && cat <&3"
}
says "listen: red" '^you came through red$' "$(ask red 2>&1)"
says "listen: green" '^you came through green$' "$(ask green 2>&1)"
