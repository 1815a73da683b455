#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What happens to a device of the machine, of which make check-kernel gives its machine one:
# NETNS_TESTS_NIC is its name, NETNS_TESTS_NIC_HOME the namespace that it is in, as a path outside
# of /run. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

nic=$NETNS_TESTS_NIC
home=$NETNS_TESTS_NIC_HOME

is_home() {
	nsenter --net="$home" ip link show "$nic"
}

take_inside() {
	netns add web
	netns exec web ip link add v0 type veth peer name v1
	nsenter --net="$home" ip link set "$nic" netns /run/netns/web
	netns exec web ip link show "$nic"
}

case_delete_waits_for_no_device() {
	take_inside
	gives 1 netns delete --wait web
	has "$err" "web: has physical links inside: $nic (move them out first, or use --force)"
	netns exec web ip link show v0
	gives 0 netns delete --wait --force web
	eventually is_home
}

case_it_is_shown_and_comes_home() {
	take_inside
	has "$(netns map)" "$nic"
	has "$(netns show web)" "$nic"
	gives 0 netns delete web
	eventually is_home
}

tap_main "$@"
