#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The examples do what they say. TAP.
#
#	tests/examples.sh SOURCE BUILD

source_root=$1
build_root=$2
export PATH=$build_root/cli:$build_root/examples:$PATH:/usr/sbin:/sbin

# shellcheck disable=SC2154,SC2317 # out comes from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

case_run_inside() {
	gives 0 run-inside
	[[ $out =~ ^links\ here:\ [1-9][0-9]*,\ in\ a\ new\ network\ namespace:\ [1-9] ]] || fail "$out"
}

case_enumerate() {
	gives 0 netns add red
	: >/run/netns/old
	gives 0 enumerate
	[[ $out =~ red\ +live\ +net:\[[1-9][0-9]*\] ]] || fail "$out"
	[[ $out =~ old\ +stale ]] || fail "$out"
	rm /run/netns/old
	gives 0 netns delete red
}

case_daemon() {
	gives 0 daemon
	is "$(grep '^the client' <<<"$out" | sort)" "$(printf 'the client heard: namespace %d\n' 1 2 3)"
	has "$out" "served 3 clients in 3 namespaces by one thread"
}

case_spawn() {
	gives 0 spawn
	is "$(grep -c '^net:\[[0-9]*\] has lo$' <<<"$out")" 3
	is "$(grep -o '^net:[^ ]*' <<<"$out" | sort -u | wc -l)" 3
	is "$(grep -c '^program [123] ended with status 0$' <<<"$out")" 3
}

# The clients run inside; the daemon does not.
case_listen() {
	local -A port
	local name number
	gives 0 netns add --up red green
	coproc listen red green
	local daemon=$COPROC_PID
	for _ in 1 2; do
		read -r -t 10 name number <&"${COPROC[0]}"
		port[$name]=$number
	done
	for name in red green; do
		gives 0 netns exec "$name" bash -c "exec 3<>/dev/tcp/127.0.0.1/${port[$name]} && cat <&3"
		is "$out" "you came through $name"
	done
	wait "$daemon"
	gives 0 netns delete red green
}

case_two_hosts() {
	gives 0 "$source_root/examples/two-hosts.sh"
	is "$out" "Two hosts, and a cable between them:
The client over IPv4: hello from the server
The client over IPv6: hello from the server"
	is "$(netns list)" ""
}

case_router() {
	gives 0 "$source_root/examples/router.sh"
	[[ $out =~ IPv4,\ ttl\ 63.*IPv6,\ ttl\ 63.*a\ cable\ with\ .*\ loses\ ([0-9.]+)%\ of\ 100 ]] ||
		fail "$out $err"
	[[ ${BASH_REMATCH[1]} != 0 && ${BASH_REMATCH[1]} != 100 ]] || fail "$out"
	is "$(netns list)" ""
}

tap_main "$@"
