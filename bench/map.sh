#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `netns map` costs with many namespaces, each on a cable to the same one. As root; in
# namespaces of its own. Work is processor time: how long it takes beyond that depends on
# who else holds the kernel's lock on all links.
#
#	bench/map.sh BUILD

set -euo pipefail

build=$(realpath "$1")
if [[ -z ${INSIDE-} ]]; then
	INSIDE=1 exec unshare --mount --net --pid --fork --kill-child --mount-proc \
		--propagation private "$0" "$build"
fi
mount -t tmpfs tmpfs /run
export PATH=$build/cli:$PATH:/usr/sbin:/sbin
TIMEFORMAT='%3U %3S %3R'

# work TIMES COMMAND...: the median in milliseconds, of work and of time
work() {
	local times=$1 i
	shift
	for ((i = 0; i < times; i++)); do
		{ time "$@" >/dev/null 2>&1; } 2>&1
	done | awk '{ print ($1 + $2) * 1000, $3 * 1000 }' | sort -n |
		awk '{ a[NR] = $1; b[NR] = $2 } END { printf "%8.1f %8.1f", a[int((NR + 1) / 2)], b[int((NR + 1) / 2)] }'
}

netns add hub
printf '%-44s %8s %8s\n' "namespaces on cables to one of them" "work ms" "time ms"
have=0
for n in 100 1000; do
	for ((i = have + 1; i <= n; i++)); do printf 'n%s\n' "$i"; done | xargs netns add
	for ((i = have + 1; i <= n; i++)); do
		echo "link add e0 netns n$i type veth peer name p$i netns hub"
	done | ip -batch -
	have=$n
	printf '%-44s %s\n' "$n: netns map --json" "$(work 5 netns map --json)"
done
