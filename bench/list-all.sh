#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns list --all against lsns -t net, which shows less: how many times as long it takes, in namespaces
# of processes and mounts of its own. Needs root. Arguments: the tool; how many turns (15).
#
# a: 1,000 names and nobody inside
# b: 1,000 names, each with a process inside
# c: 1,000 names, and 200 processes with a copy of the mounts each, as a service of its own has it
#    (slaves) and as unshare(1) makes it (private)
#
# A line for each: the ratio of the medians, and the medians in milliseconds.

netns=$1
turns=${2:-15}
names=1000

if [[ ${LIST_ALL_CASE-} == '' ]]; then
	[[ -x $netns ]] || { echo "usage: $0 NETNS [TURNS]" >&2; exit 2; }
	netns=$(realpath "$netns")
	for case in a b c-slave c-private; do
		LIST_ALL_CASE=$case unshare --mount --pid --fork --kill-child --mount-proc \
			--propagation private bash "$0" "$netns" "$turns" || exit
	done
	exit
fi

set -e
mount -t tmpfs -o mode=755 tmpfs /run

# milliseconds COMMAND...
milliseconds() {
	local begin=${EPOCHREALTIME/./}
	"$@" >/dev/null
	local end=${EPOCHREALTIME/./}
	echo "$(((end - begin) / 1000)).$(printf %03d $(((end - begin) % 1000)))"
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# both in turn, so that whatever else the machine does meets both
compare() {
	local i
	for ((i = 0; i < turns; i++)); do
		milliseconds "$netns" list --all >>/run/ours
		milliseconds lsns -t net >>/run/theirs
	done
	awk -v case="$LIST_ALL_CASE" -v ours="$(median </run/ours)" -v theirs="$(median </run/theirs)" \
		'BEGIN { printf "%-10s %.2f  (netns %.2f ms, lsns %.2f ms)\n", case, ours / theirs, ours, theirs }'
}

# wait_for N COMMAND: so many processes of that name are there
wait_for() {
	while (($(cat /proc/[0-9]*/comm 2>/dev/null | grep -cx "$2") < $1)); do sleep 0.1; done
}

seq -f n%g $names | xargs "$netns" add >/dev/null
case $LIST_ALL_CASE in
b)
	for ((i = 1; i <= names; i++)); do
		nsenter --net=/run/netns/n$i sleep 1000 &
	done
	wait_for $names sleep
	;;
c-*)
	for ((i = 0; i < 200; i++)); do
		unshare --mount --propagation "${LIST_ALL_CASE#c-}" sleep 1000 &
	done
	wait_for 200 sleep
	;;
esac
compare
