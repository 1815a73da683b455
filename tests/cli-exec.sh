#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns exec --all, and who, where and how long a command runs. Arguments: the source root, the
# build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2016,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

case_all_runs_in_each() {
	netns add a b c
	gives 0 netns exec --all readlink /proc/self/ns/net
	is "$(sort <<<"$out")" "$(for n in a b c; do echo "$n: net:[$(stat -L -c %i /run/netns/$n)]"; done)"
	is "$err" ""
	gives 0 netns --all exec true
	gives 0 netns -a exec true
	netns delete --all
}

case_all_passes_over_what_is_stale() {
	netns add a
	: >/run/netns/old
	gives 0 netns exec --all echo hello
	is "$out" "a: hello"
	rm /run/netns/old
	netns delete a
}

case_all_without_names_is_well() {
	gives 0 netns exec --all false
	is "$out$err" ""
}

case_all_says_who_failed() {
	netns add a b
	gives 1 netns exec --all sh -c 'echo out; echo err >&2; test "$(ip -o link show up)" || exit 3'
	has "$err" "a: err"
	has "$err" "netns: exec: a: the command ended with status 3"
	has "$err" "netns: exec: b: the command ended with status 3"
	netns exec b ip link set lo up
	gives 1 netns exec --all sh -c 'test "$(ip -o link show up)"'
	has "$err" "exec: a:"
	[[ $err != *"exec: b:"* ]] || fail "$err"
	gives 1 netns exec --all nosuchcommand
	has "$err" "nosuchcommand: no such command"
	netns delete --all
}

case_all_keeps_lines_whole() {
	netns add a b
	gives 0 netns exec --all sh -c 'for i in 1 2 3 4 5; do printf "be"; sleep 0.01; echo "gin $i"; done; printf end'
	is "$(grep -c '^[ab]: begin [1-5]$' <<<"$out")" 10
	is "$(grep -c '^[ab]: end$' <<<"$out")" 2
	netns delete --all
}

case_all_in_blocks() {
	netns add a b
	gives 0 netns exec --all --blocks sh -c 'echo one; sleep 0.05; echo two'
	is "$(sort <<<"$(paste -sd ' ' <<<"$out" | sed 's/ netns/\nnetns/g')")" $'netns: a one two\nnetns: b one two'
	netns delete --all
}

case_all_as_json() {
	netns add a $'b\n"'
	gives 1 netns exec --all --json -- sh -c 'printf "o\t\"$(printf "\\033")"; echo e >&2; exit 5'
	$python - "$T/out" <<-'EOF'
		import json, sys
		d = json.load(open(sys.argv[1]))
		assert [x["name"] for x in d] == ["a", 'b\n"'], d
		for x in d:
		    assert x["status"] == 5 and x["stdout"] == 'o\t"\x1b' and x["stderr"] == "e\n", x
	EOF
	netns delete --all
}

case_all_in_parallel() {
	netns add a b c
	# each waits for the others: one after the other they would wait for ever
	gives 0 timeout 30 netns exec --all --jobs 3 sh -c ": >$T/\$\$; until [ \$(ls $T | grep -c '^[0-9]*\$') = 3 ]; do sleep 0.01; done"
	rm "$T"/[0-9]*
	# and here each sees that it is alone
	gives 0 netns exec --all --jobs 1 sh -c "mkdir $T/alone && sleep 0.05 && rmdir $T/alone"
	gives 2 netns exec --all --jobs 0 true
	gives 2 netns exec --jobs 2 a true
	gives 2 netns exec --json a true
	netns delete --all
}

case_all_does_not_wait_for_what_was_left_running() {
	netns add a
	gives 0 timeout 30 netns exec --all sh -c "sleep 1000 & echo \$! >$T/pid; echo done"
	is "$out" "a: done"
	kill "$(<"$T/pid")"
	netns delete a
}

case_all_passes_a_signal_on() {
	netns add a b
	netns exec --all --jobs 1 sh -c "trap 'exit 9' TERM; : >$T/ready; while :; do sleep 0.01; done" \
		2>"$T/said" &
	eventually test -e "$T/ready"
	kill -TERM $!
	wait $! && fail "status 0"
	has "$(<"$T/said")" "a: the command ended with status 9"
	has "$(<"$T/said")" "not run in 1 of 2 namespaces"
	netns delete --all
}

case_user_group_and_directory() {
	netns add a
	for how in "exec" "run"; do
		local where=''
		[[ $how == run ]] || where=a
		gives 0 netns $how --user nobody --cwd /proc $where sh -c 'id -u; pwd; id -G'
		is "$out" "65534"$'\n'"/proc"$'\n'"$(id -G nobody)"
		gives 0 netns $how --user 65534 --group 7 $where id -G
		is "$out" 7
		gives 0 netns $how --group 4242 $where sh -c 'id -u; id -G'
		is "$out" $'0\n4242'
		gives 2 netns $how --user nosuchuser $where id
		has "$err" "no user 'nosuchuser'"
		gives 2 netns $how --group nosuchgroup $where id
		gives 2 netns $how --user 4242 $where id
		has "$err" "--group"
		gives 1 netns $how --cwd /nowhere $where id
		has "$err" "/nowhere"
	done
	gives 0 netns exec --all --user nobody --cwd /proc sh -c 'echo $(id -u) $PWD'
	is "$out" "a: 65534 /proc"
	netns delete a
}

case_run_ends_what_takes_too_long() {
	gives 124 netns run --timeout 1 sleep 1000
	gives 0 netns run --timeout 60 true
	gives 3 netns run --timeout 60 sh -c 'exit 3'
	gives 2 netns run --timeout 0 true
	gives 2 netns run --timeout soon true
}

case_run_keeps_the_name() {
	gives 3 netns run --name lab --keep sh -c 'ip link set lo up; exit 3'
	gives 0 netns exec lab ip -o link show up
	has "$out" "lo"
	netns delete lab
	gives 127 netns run --name lab --keep nosuchcommand
	gives 1 netns exec lab true
	gives 2 netns run --keep true
}

tap_main "$@"
