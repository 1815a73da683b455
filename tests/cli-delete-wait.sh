#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns delete --wait. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

# The name of the far end is free at once, time after time: without --wait this fails within a few.
case_names_of_links_are_free_at_once() {
	local i
	for i in {1..20}; do
		netns add web
		ip link add outside type veth peer name eth0 netns web ||
			fail "round $i: the name was not free"
		gives 0 netns delete --wait web
		test ! -e /sys/class/net/outside
	done
}

case_who_may_not_enter_is_told_the_name() {
	netns add web
	gives 1 setpriv --bounding-set -sys_admin netns delete --wait web
	like "$err" "netns: delete: web: enter */web (setns): Operation not permitted (CAP_SYS_ADMIN is needed*)"
	is "$(wc -l <<<"$err")" 1
	netns delete web
}

case_all_kinds_of_links_go() {
	netns add a b
	netns exec a ip link add br0 type bridge
	netns exec a ip link add v0 type veth peer name v1
	netns exec a ip link set v0 master br0
	ip link add far type veth peer name near netns a
	ip link set far netns b
	gives 0 netns delete --wait a
	is "$(netns exec b ip -o link show | wc -l)" 1
	gives 0 netns delete --wait=3 b
}

case_who_holds_it_is_told() {
	netns add web
	netns exec web sleep 1000 &
	eventually netns exec web test -e /sys/class/net/lo
	is_inside() { [[ $(readlink "/proc/$!/ns/net") == "net:[$(stat -L -c %i /run/netns/web)]" ]]; }
	eventually is_inside
	gives 1 netns delete --wait=0 web
	has "$err" "web: still held by a process: $!"
	test ! -e /run/netns/web
	kill $!
	wait $! || :
}

case_it_waits_for_them_to_leave() {
	netns add web
	netns exec web sh -c ": >$T/ready; while test -e $T/ready; do sleep 0.01; done" &
	eventually test -e "$T/ready"
	(sleep 0.5 && rm "$T/ready") &
	gives 0 netns delete --wait=60 web
	test ! -e "$T/ready"
	wait
}

# The wait is longer than the case may take.
case_a_signal_ends_the_wait() {
	local signal
	for signal in TERM INT; do
		netns add web free
		netns exec web sh -c ": >$T/ready; exec sleep 1000" &
		local holder=$!
		eventually test -e "$T/ready"
		netns delete --wait=1000 free web >"$T/said" 2>&1 &
		eventually test ! -e /run/netns/web -a ! -e /run/netns/free
		kill -s "$signal" $!
		st=0
		wait $! || st=$?
		is "$st" $((128 + $(kill -l "$signal")))
		is "$(cat "$T/said")" "netns: delete: interrupted; the names are gone, 1 of 2 namespaces are still held"
		kill "$holder"
		wait "$holder" || :
		rm "$T/ready"
	done
}

case_another_name_holds_it() {
	netns add web
	netns attach alias web
	gives 1 netns delete --wait=0 web
	has "$err" "alias"
	gives 0 netns delete --wait alias
}

case_names_that_are_not_there_are_told() {
	netns add web
	gives 1 netns delete --wait wob web
	has "$err" "wob: no such namespace"
	test ! -e /run/netns/web
	: >/run/netns/old
	gives 0 netns delete --wait old
}

case_wrong_words_are_usage_errors() {
	gives 2 netns delete --force web
	gives 2 netns delete --wait
	gives 2 netns delete --wait=soon web
}

tap_main "$@"
