#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns bridge. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

links() {
	netns exec "$1" ls /sys/class/net | xargs
}

case_a_bridge_is_whole() {
	netns add lan a b c
	gives 0 netns bridge lan:br0=10.0.0.254/24,fd00::ff/64 --ports a:eth0,b:eth0 \
		c:eth0=10.0.0.3/24,fd00::3/64
	is "$out$err" ""
	is "$(links lan)" "br0 lo port0 port1 port2"
	has "$(netns exec lan ip -o link show master br0 group default)" "port2"
	has "$(netns exec lan ip -o link show dev br0)" "group default"
	netns addr a:eth0 10.0.0.1/24 fd00::1/64
	netns exec c ping -q -c 1 -W 10 10.0.0.254
	netns exec c ping -q -c 1 -W 10 fd00::ff
	netns exec a ping -q -c 1 -W 10 fd00::3
	netns exec a ping -q -c 1 -W 10 10.0.0.3
	# what is there already in the bridge's own namespace becomes a port
	netns link lan:d self:d=10.0.0.4/24
	gives 0 netns bridge --in lan br1 lan:d
	has "$(netns exec lan ip -o link show master br1)" "d@"
	gives 0 netns bridge here=10.1.0.1/24
	has "$(ip -o address show dev here)" "10.1.0.1/24"
	gives 0 netns unlink lan:br0 lan:port0 lan:port1 lan:port2
	is "$(links a), $(links b), $(links c), $(links lan)" "lo, lo, lo, br1 d lo"
	netns delete lan a b c
}

case_a_bridge_that_fails_leaves_nothing() {
	netns add lan a b
	netns link a:taken b:other
	gives 1 netns bridge lan:br0 a:eth0 a:taken
	is "$err" "netns: bridge: a:taken: already exists"
	gives 1 netns bridge lan:br0 b:eth0=10.0.0.1/24,10.0.0.1/24
	gives 1 netns bridge lan:br0 lan:nothing
	is "$err" "netns: bridge: lan:nothing: no such link"
	gives 1 netns bridge lan:br0 c:eth0
	gives 1 netns bridge lan:lo
	is "$(links lan), $(links a), $(links b)" "lo, lo taken, lo other"
	gives 2 netns bridge
	gives 2 netns bridge --in lan lan:br0
	gives 2 netns bridge br0 eth0
	netns delete lan a b
}

bridge_and_ports() {
	[[ $(links lan)+$(links a)+$(links b) == "$1" ]]
}

# The guard has no right to it any more.
is_let_stay() {
	[[ $(netns exec lan ip -o link show dev br0 2>/dev/null) == *"group default"* ]]
}

case_a_bridge_killed_leaves_nothing() {
	# LeakSanitizer stops a traced process with an error
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
	netns add lan a b
	local n got whole="br0 lo port0 port1+eth0 lo+eth0 lo"
	for n in {1..60}; do
		got=0
		strace -qq -o "$T/trace" -e trace=sendmsg -e inject=sendmsg:signal=KILL:when="$n" \
			netns bridge lan:br0=10.0.0.254/24 a:eth0=10.0.0.1/24 b:eth0 || got=$?
		[[ $got == 0 ]] && break
		if bridge_and_ports "$whole" && is_let_stay; then
			netns unlink lan:br0 lan:port0 lan:port1
		else
			eventually bridge_and_ports "lo+lo+lo"
		fi
	done
	[[ $n -gt 12 ]] || fail "only $n"
	# how often it looks whether the ports are ready depends on how slow the machine is
	[[ $got == 0 ]] || netns bridge lan:br0=10.0.0.254/24 a:eth0=10.0.0.1/24 b:eth0
	bridge_and_ports "$whole"
	netns delete lan a b
}

tap_main "$@"
