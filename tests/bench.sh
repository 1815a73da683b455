#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The benchmark measures what it is told to, and says it twice. Arguments: the source root, the
# build root.

source_root=$1
build_root=$2
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

case_the_table_and_the_json_agree() {
	gives 0 "$build_root/bench/bench" --json "$T/json" --only 'open by path' calls
	is "$err" ""
	has "$out" "netns_open, netns_free"
	# two digits of the same number, of which the other has three
	local low high
	low=$(json "$T/json" '"%.2f" % (d[1]["median_us"] - 0.0005)')
	high=$(json "$T/json" '"%.2f" % (d[1]["median_us"] + 0.0005)')
	[[ $out == *" $low "* || $out == *" $high "* ]] || fail "not $low to $high: $out"
	is "$(json "$T/json" '{(r["part"], r["job"]) for r in d}')" "{('calls', 'open by path')}"
	is "$(json "$T/json" 'd[0]["ratio"]')" 1.0
	has "$out" "many not run"
}

case_parts_that_there_are_not() {
	gives 2 "$build_root/bench/bench" calls call
	has "$err" "no part call"
}

tap_main "$@"
