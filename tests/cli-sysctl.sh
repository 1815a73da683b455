#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns sysctl. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

case_reads_and_sets_inside_only() {
	netns add web
	local outside
	outside=$(cat /proc/sys/net/ipv4/ip_forward)
	gives 0 netns sysctl web net.ipv4.ip_forward=$((1 - outside))
	is "$out" "net.ipv4.ip_forward = $((1 - outside))"
	gives 0 netns sysctl web net/ipv4/ip_forward
	is "$out" "net.ipv4.ip_forward = $((1 - outside))"
	is "$(netns exec web cat /proc/sys/net/ipv4/ip_forward)" "$((1 - outside))"
	is "$(cat /proc/sys/net/ipv4/ip_forward)" "$outside"
	gives 0 netns sysctl --quiet web net.ipv4.ip_forward=0 net.ipv4.ip_forward
	is "$out" "net.ipv4.ip_forward = 0"
	netns delete web
}

case_a_slash_is_a_dot_in_a_name() {
	netns add web
	netns exec web ip link add dum.1 type bridge
	gives 0 netns sysctl web net.ipv4.conf.dum/1.forwarding=1
	is "$out" "net.ipv4.conf.dum/1.forwarding = 1"
	is "$(netns exec web cat /proc/sys/net/ipv4/conf/dum.1/forwarding)" 1
	gives 0 netns sysctl web net/ipv4/conf/dum.1/forwarding
	is "$out" "net.ipv4.conf.dum/1.forwarding = 1"
	netns delete web
}

# Whoever is root inside names the links there.
case_a_key_cannot_write_to_the_terminal() {
	netns add web
	netns exec web ip link add $'a\e[31m' type bridge
	gives 0 netns sysctl web net.ipv4.conf
	has "$out" 'net.ipv4.conf.a\x1b[31m.forwarding = '
	[[ $out != *$'\e'* ]] || fail "it is not escaped"
	gives 0 netns sysctl web $'net.ipv4.conf.a\e[31m.forwarding'
	like "$out" 'net.ipv4.conf.a\\x1b\[31m.forwarding = ?'
	netns delete web
}

case_a_key_stands_for_those_below() {
	netns add web
	gives 0 netns sysctl web net.ipv4.conf.lo
	has "$out" "net.ipv4.conf.lo.forwarding = "
	gives 0 netns sysctl --all web
	has "$out" "net.ipv6.conf.lo.forwarding = "
	gives 0 netns sysctl --json web net.ipv4.conf.lo net.ipv4.ip_forward
	$python - "$T/out" <<-'EOF'
		import json, sys
		d = json.load(open(sys.argv[1]))
		assert len(d) > 10 and all(x["key"].startswith("net.ipv4.") and "value" in x for x in d), d
	EOF
	netns delete web
}

case_errors_name_the_key() {
	netns add web
	gives 1 netns sysctl web net.ipv4.nonsense net.ipv4.ip_forward
	has "$err" "net.ipv4.nonsense: no such key"
	is "$out" "net.ipv4.ip_forward = 0"
	gives 1 netns sysctl web net.ipv4.ip_forward=soon
	has "$err" "net.ipv4.ip_forward: the kernel does not take 'soon'"
	gives 2 netns sysctl web kernel.hostname
	has "$err" "only what begins with 'net.'"
	gives 2 netns sysctl web net/../kernel/hostname
	gives 2 netns sysctl web
	gives 2 netns sysctl
	gives 2 netns sysctl --all web net.ipv4
	gives 1 netns sysctl wob net.ipv4.ip_forward
	has "$err" "did you mean 'web'"
	netns delete web
}

case_keys_are_completed() {
	netns add web
	has "$(netns complete -- sysctl web net.ipv4.ip_for)" "net.ipv4.ip_forward"
	has "$(netns complete -- sysctl web net.ipv4.co)" "net.ipv4.conf."
	has "$(netns complete -- sysctl w)" "web"
	netns delete web
}

tap_main "$@"
