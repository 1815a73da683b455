#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns diff. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

case_nothing_differs() {
	netns add --up a b
	gives 0 netns diff a b
	is "$out$err" ""
	gives 0 netns diff a a
	gives 0 netns diff --json a b
	is "$out" "[]"
	netns delete a b
}

case_each_section_is_compared() {
	netns add --up a b
	netns exec a ip link add br0 type bridge
	netns exec a ip address add 10.1.0.1/24 dev lo
	netns exec b ip address add fd01::1/64 dev lo
	netns exec a ip route add 10.2.0.0/16 dev lo metric 7
	netns exec b ip route add blackhole 10.3.0.0/16
	netns exec b ip route add default dev lo
	netns exec a ip rule add from 10.1.0.0/24 table 99 priority 1000
	netns sysctl --quiet b net.ipv4.ip_forward=1
	gives 1 netns diff a b
	has "$out" $'links\n- br0 bridge mtu 1500 down'
	has "$out" $'addresses\n- 10.1.0.1/24 dev lo\n+ fd01::1/64 dev lo'
	has "$out" "- 10.2.0.0/16 dev lo table 254 metric 7"
	has "$out" "+ blackhole 10.3.0.0/16 table 254 metric 0"
	has "$out" "+ default (IPv4) dev lo table 254 metric 0"
	has "$out" $'rules\n- IPv4 priority 1000 from 10.1.0.0/24 action 1 table 99'
	has "$out" "- net.ipv4.ip_forward = 0"
	has "$out" "+ net.ipv4.ip_forward = 1"
	[[ $out != *conf.br0* ]] || fail "$out"
	gives 1 netns diff --json a b
	$python - "$T/out" <<-'EOF'
		import json, sys
		d = json.load(open(sys.argv[1]))
		assert {"section": "addresses", "only": "b", "line": "fd01::1/64 dev lo"} in d, d
		assert {x["section"] for x in d} == {"links", "addresses", "routes", "rules", "sysctls"}, d
	EOF
	netns delete a b
}

case_up_and_mtu_of_links() {
	netns add --up a
	netns add b
	gives 1 netns diff a b
	has "$out" $'links\n- lo mtu 65536 up\n+ lo mtu 65536 down'
	netns delete a b
}

case_trouble_is_told_from_a_difference() {
	netns add a
	gives 2 netns diff a nosuch
	has "$err" "nosuch"
	gives 2 netns diff a
	gives 2 netns diff a a a
	netns delete a
}

tap_main "$@"
