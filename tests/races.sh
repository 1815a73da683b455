#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Several of the tool at once, and ip-netns(8) among them. Arguments: the source root, the build
# root. What is ip's own doing is told in test-races.c.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH

# shellcheck disable=SC2154,SC2317 # python and the like come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

pins=/run/netns

# NETNS_TESTS_LONG=1 is for twenty seconds.
duration=2
[[ ${NETNS_TESTS_LONG-} != 1 ]] || duration=20

# race COMMAND...: eight times at once, with the number as the last word. The statuses are in
# $statuses, what the Nth said is in $T/N.
race() {
	local i pids=()
	for i in {1..8}; do
		"$@" "$i" >"$T/$i" 2>&1 </dev/null &
		pids+=($!)
	done
	statuses=()
	for i in "${pids[@]}"; do
		st=0
		wait "$i" || st=$?
		statuses+=("$st")
	done
	# for when the case fails
	head -v -n 2 "$T"/[1-8]
}

make_run_directory() {
	netns add web
	netns delete web
}

forget_run_directory() {
	umount $pins
	rmdir $pins
}

add_own() {
	exec netns add "n$1"
}

case_the_first_add_of_eight_names() {
	for _ in {1..25}; do
		race add_own
		is "${statuses[*]}" "0 0 0 0 0 0 0 0"
		is "$(netns list --output NAME | tail -n +2)" "$(printf 'n%s\n' {1..8})"
		is "$(grep -c " $pins " /proc/self/mountinfo)" 1
		netns delete n{1..8}
		forget_run_directory
	done
}

add_web() {
	exec netns add web
}

case_the_first_add_of_one_name() {
	for _ in {1..25}; do
		race add_web
		is "$(printf '%s\n' "${statuses[@]}" | sort | tr -d '\n')" 01111111
		is "$(cat "$T"/[1-8] | sort -u)" \
			"netns: add: web: already exists (delete it first: netns delete web)"
		is "$(grep -c " $pins/web " /proc/self/mountinfo)" 1
		netns delete web
		forget_run_directory
	done
}

# What may be said of a name that comes and goes.
is_fair() {
	case $1 in
	0:*) ;;
	1:*": already exists (delete it first: netns delete "*) ;;
	1:*": no such namespace"*) ;;
	1:*": stale, its namespace is gone (remove the name: netns delete "*) ;;
	1:*": somebody else keeps making this name"*) ;;
	# it was there again when the message was made
	1:*": No such file or directory" | 1:*": not a network namespace") ;;
	*) return 1 ;;
	esac
}

# again COMMAND...: until the time is over, with a name in the place of NAME
again() {
	local end=$((SECONDS + duration)) said
	while ((SECONDS < end)); do
		st=0
		said=$("${@/NAME/${names:RANDOM % 3:1}}" 2>&1) || st=$?
		is_fair "$st:$said" || fail "$*: $st: $said"
		n=$((n + 1))
	done
}

read_lists() {
	local end=$((SECONDS + duration))
	while ((SECONDS < end)); do
		netns list --json >"$T/json" || fail "netns list: $?"
		$python -m json.tool <"$T/json" >/dev/null || fail "$(cat "$T/json")"
		! grep -q foreign "$T/json" || fail "$(cat "$T/json")"
		n=$((n + 1))
	done
}

# As long as "ip netns add" takes less than a second, what it makes is told from what it left.
ip_adds() {
	local end=$((SECONDS + duration)) begin
	while ((SECONDS < end)); do
		begin=${EPOCHREALTIME/[.,]/}
		ip netns add "${names:RANDOM % 3:1}" 2>/dev/null || :
		((${EPOCHREALTIME/[.,]/} - begin < 1000000)) || touch "$T/slow"
		n=$((n + 1))
	done
}

ip_lists() {
	local end=$((SECONDS + duration))
	while ((SECONDS < end)); do
		ip netns list >/dev/null 2>&1 || :
		n=$((n + 1))
	done
}

storm() {
	local n=0
	case $1 in
	1 | 2) again netns add NAME ;;
	3 | 4) again netns delete NAME ;;
	5) again netns exec NAME true ;;
	6) read_lists ;;
	7) ip_adds ;;
	8) ip_lists ;;
	esac
	echo "$n"
	((n > 0))
}

case_names_come_and_go() {
	local name names=abc
	command -v ip >/dev/null || skip "no ip"
	make_run_directory
	race storm
	is "${statuses[*]}" "0 0 0 0 0 0 0 0"
	if [[ ! -e $T/slow ]]; then
		! netns list --output NAME,STATE | grep -E 'stale|foreign' || fail "see above"
		for name in $(netns list); do
			is "$(grep -c " $pins/${name%% *} " /proc/self/mountinfo)" 1
		done
	fi
	gives 0 netns delete --all
	is "$(ls -A $pins)$(grep " $pins/" /proc/self/mountinfo || :)" ""
}

# ---- inside, or on the way, while the name goes

enter_web() {
	local end=$((SECONDS + duration)) said
	while ((SECONDS < end)); do
		st=0
		said=$(netns exec web readlink /proc/self/ns/net 2>&1) || st=$?
		if [[ $st == 0 ]]; then
			like "$said" "net:[[]*]"
			[[ $said != "$home" ]] || fail "it is not inside"
		else
			is_fair "$st:$said" || fail "$st: $said"
		fi
	done
}

come_and_go() {
	local end=$((SECONDS + duration))
	while ((SECONDS < end)); do
		netns add web
		netns delete web
	done
}

enter_or_delete() {
	if [[ $1 == 1 ]]; then come_and_go; else enter_web; fi
}

case_a_name_is_entered_while_it_goes() {
	local home
	home=$(readlink /proc/self/ns/net)
	make_run_directory
	race enter_or_delete
	is "${statuses[*]}" "0 0 0 0 0 0 0 0"
	is "$(netns list)" ""
}

case_a_command_stays_inside_when_the_name_goes() {
	netns add web
	mkfifo "$T/go"
	# shellcheck disable=SC2016
	netns exec web sh -c 'readlink /proc/self/ns/net; read _ <"$0"; readlink /proc/self/ns/net; ip link' \
		"$T/go" >"$T/inside" 2>&1 &
	eventually test -s "$T/inside"
	gives 0 netns delete web
	netns add web
	echo >"$T/go"
	wait $!
	is "$(sed -n 1p "$T/inside")" "$(sed -n 2p "$T/inside")"
	has "$(cat "$T/inside")" "lo:"
	[[ $(sed -n 1p "$T/inside") != "net:[$(stat -L -c %i $pins/web)]" ]] || fail "the new one"
	gives 0 netns delete web
}

tap_main "$@"
