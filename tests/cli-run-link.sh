#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns run --link. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2016,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

# What this namespace has besides loopback.
links() {
	ip -o link show | grep -v ': lo:' | cut -d ' ' -f 2 | tr -d : | sed 's/@.*//' | sort | xargs
}

case_a_cable_to_the_host_and_gone_after() {
	gives 0 netns run --link host=10.9.0.1/24,fd09::1/64,ns=10.9.0.2/24,fd09::2/64 -- sh -c \
		'ping -c 1 -W 20 10.9.0.1 && ping -c 1 -W 20 fd09::1 && ip -o address show dev eth0'
	has "$out" "10.9.0.2/24"
	has "$out" "fd09::2/64"
	is "$(links)" ""
	gives 3 netns run --link host=10.9.0.1/24,ns=10.9.0.2/24 -- sh -c 'exit 3'
	is "$(links)" ""
}

case_to_another_namespace_under_chosen_names() {
	netns add other
	gives 0 netns run --link other:wan=10.9.0.1/24,ns:lan=10.9.0.2/24 --mtu 1300 -- sh -c \
		'ping -c 1 -W 20 10.9.0.1 && ip -o link show lan; netns exec --no-mounts other ip -o link show wan'
	like "$out" "*lan*mtu 1300*wan*"
	is "$(netns exec other ip -o link show | wc -l)" 1
	netns delete other
}

case_several_and_without_addresses() {
	netns add other
	gives 0 netns run --link host --link other=10.8.0.1/24,ns=10.8.0.2/24 -- sh -c \
		'ip -o link show; ping -c 1 -W 20 10.8.0.1'
	like "$out" "*eth0*eth1*"
	is "$(links)" ""
	netns delete other
}

case_to_a_process() {
	netns run --name lab sh -c ": >$T/ready; exec sleep 1000" &
	eventually test -e "$T/ready"
	local pid
	pid=$(pgrep -P $! sleep)
	gives 0 netns run --link "pid:$pid=10.9.0.1/24,ns=10.9.0.2/24" -- ping -c 1 -W 20 10.9.0.1
	kill "$pid"
	wait $! || :
}

case_gone_when_killed() {
	netns run --link host:outside=10.9.0.1/24,ns=10.9.0.2/24 -- sh -c ": >$T/ready; exec sleep 1000" &
	eventually test -e "$T/ready"
	is "$(links)" "outside"
	kill -KILL $!
	wait $! || :
	no_links() { [[ $(links) == '' ]]; }
	eventually no_links
}

case_what_the_command_removed_is_no_failure() {
	gives 0 netns run --link host=10.9.0.1/24,ns=10.9.0.2/24 -- ip link delete eth0
	is "$err" ""
}

case_nothing_is_run_when_it_fails() {
	gives 1 netns run --link nosuch=10.9.0.1/24,ns=10.9.0.2/24 -- touch "$T/run"
	has "$err" "nosuch"
	test ! -e "$T/run"
	ip link add taken type veth peer name peer
	gives 1 netns run --name lab --keep --link host:taken,ns -- touch "$T/run"
	has "$err" "taken"
	test ! -e "$T/run"
	is "$(links)" "peer taken"
	gives 1 netns exec lab true
}

case_wrong_words_are_usage_errors() {
	gives 2 netns run --link ns=10.9.0.1/24 -- true
	gives 2 netns run --link '' -- true
	gives 2 netns run --link host,host -- true
	gives 2 netns run --link host=10.9.0.1,ns=10.9.0.2 --mtu many -- true
	gives 2 netns run --link host=nonsense/24,ns -- true
}

tap_main "$@"
