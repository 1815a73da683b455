#!/bin/bash
# SPDX-License-Identifier: MIT
# netns monitor: by the kernel's mount events, and without them.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH
unset NO_COLOR SHELL
export LC_ALL=C.UTF-8 TERM=xterm
# shellcheck disable=SC2154,SC2016,SC2317 # out, err, st and python come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

pins=/run/netns

# Each body runs in both ways.
both_ways() {
	for way in by_mount_events by_mountinfo; do
		echo "$way:"
		"$@"
	done
}

# start_monitor OPTION...: it is watching when this returns, and has told of the name "ready".
# Its number is in $monitor, what it prints in $T/events and $T/errors.
start_monitor() {
	local prefix=()
	[[ $way == by_mount_events ]] || prefix=(without fanotify_init)
	netns add ready
	rm -f "$T/pid" "$T/events" "$T/errors"
	"${prefix[@]}" bash -c 'echo $$ >"$0"; exec netns "$@"' "$T/pid" "${global[@]}" monitor --initial "$@" \
		>"$T/events" 2>"$T/errors" </dev/null &
	job=$!
	eventually grep -q ready "$T/events"
	monitor=$(<"$T/pid")
	netns delete ready
	eventually grep -q delete.*ready "$T/events"
}
global=()

# stop_monitor [SIGNAL]: it ends well, and without a word on standard error
stop_monitor() {
	kill "-${1-INT}" "$monitor"
	st=0
	wait $job || st=$?
	is "$st" 0
	is "$(<"$T/errors")" ""
}

# told LINE...: these, after what start_monitor has to say
told() {
	eventually told_so_far "$@"
}

told_so_far() {
	[[ $(sed '/ready/d' "$T/events") == "$(printf '%s\n' "$@")" ]]
}

ways_are_what_they_are_called() {
	start_monitor
	if [[ $way == by_mountinfo ]]; then
		like "$(readlink /proc/"$monitor"/fd/*)" "*/mountinfo*"
	elif [[ $(readlink /proc/"$monitor"/fd/*) != *fanotify* ]]; then
		# an older kernel: both ways are one
		like "$(readlink /proc/"$monitor"/fd/*)" "*/mountinfo*"
	fi
	stop_monitor
}

case_both_ways_are_taken() {
	both_ways ways_are_what_they_are_called
}

names_come_and_go() {
	start_monitor
	netns add web
	told "add web"
	netns add db
	told "add web" "add db"
	netns attach alias $pins/web
	told "add web" "add db" "add alias"
	netns delete db
	told "add web" "add db" "add alias" "delete db"
	netns delete web alias
	eventually grep -qx "delete alias" "$T/events"
	eventually grep -qx "delete web" "$T/events"
	stop_monitor
}

case_names_are_told_as_they_come_and_go() {
	both_ways names_come_and_go
}

of_the_other_tool() {
	start_monitor
	ip netns add web
	told "add web"
	ip netns delete web
	told "add web" "delete web"
	stop_monitor
}

case_those_of_ip_are_told() {
	command -v ip >/dev/null || skip "no ip"
	both_ways of_the_other_tool
}

half_made() {
	start_monitor
	touch $pins/half
	ln -s half $pins/link
	mkdir $pins/directory
	netns add web
	told "add web"
	# now it is whole
	mount --bind $pins/web $pins/half
	told "add web" "add half"
	# and now it is not any more, though the file is there
	umount $pins/half
	told "add web" "add half" "delete half"
	netns delete web
	told "add web" "add half" "delete half" "delete web"
	stop_monitor
	rm $pins/link $pins/half
	rmdir $pins/directory
}

case_half_made_names_are_not_told() {
	both_ways half_made
}

# A second pin of the same on top changes nothing, one of another does.
stacked() {
	start_monitor
	netns add web other
	mount --bind $pins/web $pins/web
	netns add marker
	eventually grep -qx "add marker" "$T/events"
	is "$(grep -c web "$T/events")" 1
	umount $pins/web
	mount --bind $pins/other $pins/web
	eventually grep -qx "delete web" "$T/events"
	eventually test_count 'add web' 2
	netns delete web other marker
	eventually grep -qx "delete marker" "$T/events"
	# what was below may have been seen in between
	is "$(grep -c '^delete' "$T/events")" "$(grep -c '^add' "$T/events")"
	stop_monitor
}

case_pins_on_pins() {
	both_ways stacked
}

replaced() {
	local i
	start_monitor --json
	netns add web
	eventually grep -q web "$T/events"
	for i in 1 2 3 4 5; do
		netns delete web
		netns add web
	done
	id=$(netns list -j -o NETNS-ID | tr -dc 0-9)
	eventually grep -q "\"add\".*\"netns-id\":$id\b" "$T/events"
	netns delete web
	eventually grep -q "\"delete\".*\"netns-id\":$id\b" "$T/events"
	# each that was told to come was told to go
	is "$(grep -c '"add"' "$T/events")" "$(grep -c '"delete"' "$T/events")"
	stop_monitor
}

case_a_name_that_is_made_anew_is_told() {
	both_ways replaced
}

in_json() {
	netns add before
	start_monitor --json
	netns add $'odd "\n name'
	eventually grep -q odd "$T/events"
	$python - "$T/events" "$(stat -L -c %i $pins/odd*)" <<-'PYTHON'
		import json, sys
		events = [json.loads(line) for line in open(sys.argv[1])]
		assert {"event": "add", "name": "before", "initial": True}.items() <= events[0].items(), events
		assert events[1]["name"] == "ready" and events[1]["initial"], events
		assert events[2]["event"] == "delete" and "initial" not in events[2], events
		odd = events[3]
		assert odd["event"] == "add" and odd["name"] == 'odd "\n name', odd
		assert odd["inode"] == int(sys.argv[2]), odd
		assert odd.get("netns-id", 1) > 0, odd
	PYTHON
	netns delete $'odd "\n name' before
	eventually grep -q 'delete.*before' "$T/events"
	stop_monitor
}

case_json_is_an_object_a_line() {
	both_ways in_json
}

many() {
	local names
	start_monitor
	mapfile -t names < <(seq -f n%g 100)
	netns add "${names[@]}"
	eventually test_count 'add n' 100
	netns delete "${names[@]}"
	eventually test_count 'delete n' 100
	is "$(grep -c 'add n' "$T/events")" 100
	stop_monitor
}

test_count() {
	[[ $(grep -c "^$1" "$T/events") == "$2" ]]
}

case_a_hundred_at_once() {
	both_ways many
}

commands() {
	start_monitor --exec 'echo "$NETNS_EVENT $NETNS_NAME $NETNS_PATH ${NETNS_INODE:+i} $(stat -L -c %i $NETNS_PATH 2>/dev/null)" >>'"$T/log"
	netns add web
	inode=$(stat -L -c %i $pins/web)
	eventually grep -q "^add web" "$T/log"
	is "$(grep "^add web" "$T/log")" "add web /var/run/netns/web i $inode"
	netns delete web
	eventually grep -q "^delete web" "$T/log"
	eventually no_children
	stop_monitor TERM
	rm "$T/log"
}

no_children() {
	[[ -z $(pgrep -P "$monitor") ]]
}

case_a_command_is_run_for_each() {
	both_ways commands
}

# Being told and being there are one: the command can enter at once.
entered() {
	local names
	start_monitor --exec 'test $NETNS_EVENT = delete || test $NETNS_NAME = ready || netns exec -m $NETNS_NAME true && echo $NETNS_NAME >>'"$T/log"
	mapfile -t names < <(seq -f n%g 30)
	netns add "${names[@]}"
	eventually test_log 30
	netns delete "${names[@]}"
	eventually test_log 60
	stop_monitor
	rm "$T/log"
}

test_log() {
	[[ $(grep -c "^n" "$T/log") == "$1" ]]
}

case_what_is_told_can_be_entered() {
	both_ways entered
}

links() {
	start_monitor --links
	netns add web other
	eventually test_count "add web" 1
	eventually test_count "add other" 1
	ip -n web link add v0 type veth peer name v1 netns other
	eventually grep -qx "link web v0 down" "$T/events"
	eventually grep -qx "link other v1 down" "$T/events"
	ip -n web link set v0 up
	eventually grep -qx "link web v0 no-carrier" "$T/events"
	ip -n other link set v1 up
	eventually grep -qx "link web v0 up" "$T/events"
	ip -n web link del v0
	eventually grep -qx "link-delete web v0" "$T/events"
	eventually grep -qx "link-delete other v1" "$T/events"
	netns delete other
	eventually grep -qx "delete other" "$T/events"
	# of the one that is gone nothing is told, nor of the one that this is
	ip link set lo up
	ip -n web link set lo up
	eventually grep -qx "link web lo up" "$T/events"
	[[ $(sed "1,/^delete other/d" "$T/events") != *other* ]] || fail "$(<"$T/events")"
	stop_monitor
	netns delete web
	# and it has left no numbers behind here
	is "$(netns list-id)" ""
}

case_links_are_told() {
	command -v ip >/dev/null || skip "no ip"
	both_ways links
}

case_links_in_json_and_for_a_command() {
	command -v ip >/dev/null || skip "no ip"
	netns add web
	way=by_mount_events
	start_monitor --links --json --exec 'echo "$NETNS_EVENT $NETNS_NAME $NETNS_LINK $NETNS_LINK_STATE" >>'"$T/log"
	ip -n web link set lo up
	eventually grep -qx "link web lo up" "$T/log"
	eventually grep -q '"event":"link","name":"web","ifname":"lo","ifindex":1,"state":"up"' "$T/events"
	ip -n web link add v0 type veth
	ip -n web link del v0
	eventually grep -qx "link-delete web v0 " "$T/log"
	stop_monitor
	netns delete web
	rm "$T/log"
}

case_a_command_that_fails_is_reported_and_no_more() {
	way=by_mount_events
	start_monitor --exec 'case $NETNS_NAME in bad) exit 3;; worse) kill -KILL $$;; esac'
	netns add bad
	eventually grep -qx "netns: monitor: add bad: the command failed with status 3" "$T/errors"
	netns add worse
	eventually grep -qx "netns: monitor: add worse: the command was killed by signal 9" "$T/errors"
	netns delete bad worse
	eventually grep -qx "delete worse" "$T/events"
	kill -TERM "$monitor"
	wait $job
}

case_a_signal_ends_it_while_a_command_runs() {
	way=by_mount_events
	start_monitor --exec 'test $NETNS_NAME != web || { echo $$ >'"$T/command"'; exec sleep 600; }'
	netns add web
	eventually test -s "$T/command"
	stop_monitor TERM
	# the command is left alone
	kill "$(<"$T/command")"
	netns delete web
}

case_another_run_directory() {
	way=by_mount_events
	global=(--run-dir "$T/names")
	netns add default
	"netns" "${global[@]}" add first
	netns "${global[@]}" monitor --initial >"$T/events" &
	monitor=$!
	eventually grep -qx "add first" "$T/events"
	netns add second
	netns "${global[@]}" add third
	eventually grep -qx "add third" "$T/events"
	is "$(<"$T/events")" "add first
add third"
	kill $monitor
	wait $monitor
	netns "${global[@]}" delete --all
	netns delete --all
}

case_lost_output_ends_it() {
	netns add web
	st=0
	netns monitor --initial >/dev/full 2>"$T/err" || st=$?
	is "$st" 1
	like "$(<"$T/err")" "netns: monitor: the output could not be written*"
	netns delete web
}

plain_wrong_words_are_usage_errors() {
	gives 2 netns monitor web
	gives 2 netns monitor --exec
	gives 2 netns monitor --nonsense
}

tap_main "$@"
