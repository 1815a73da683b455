#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns holders: why a namespace does not go away. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH
unset NO_COLOR
export LC_ALL=C.UTF-8 TERM=xterm

# shellcheck disable=SC2154,SC2016,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"
# shellcheck source=tests/holders.sh
. "$source_root/tests/holders.sh"

pins=/run/netns

inode() {
	stat -L -c %i "$pins/$1"
}

# Without a name any more: only the one is left to hold it, and when he goes, it goes.
only_holder() { # KIND COLUMNS WANTED
	netns add web
	local ino
	ino=$(inode web)
	hold "$1" $pins/web
	netns delete web
	gives 0 netns holders --raw -o "KIND,PID,$2" "ino:$ino"
	like "$out" "KIND PID *
$1 $holder $3"
	[[ $out != *$'\n'*$'\n'* ]] || fail "more than one: $out"
	let_go
	gone() { ! netns holders "ino:$ino"; }
	eventually gone
	gives 1 netns holders "ino:$ino"
	is "$out" ""
	like "$err" "netns: holders: ino:$ino: *"
}

case_a_process() {
	only_holder process THREADS,USER,COMMAND '1 root *python*'
}

case_a_thread() {
	netns add web
	hold thread $pins/web
	gives 0 netns holders --raw -o KIND,PID,TID web
	like "$out" "KIND PID TID
name - -
thread $holder [0-9]*"
	is "$(stat -L -c %i "/proc/$holder/task/${out##* }/ns/net")" "$(inode web)"
	let_go
	netns delete web
	only_holder thread USER root
}

case_a_descriptor() {
	only_holder descriptor FD,PATH '[0-9]* net:[[]*]'
}

case_a_socket() {
	only_holder socket FD,PATH '[0-9]* socket:[[]*]\\x20tcp'
}

case_a_tun_device() {
	only_holder tun FD,PATH '[0-9]* tun0'
}

case_a_mount_in_another_mount_namespace() {
	only_holder mount PATH,COMMAND '/run/test/a\\x20place *python*'
}

case_all_at_once() {
	netns add web
	netns attach www $pins/web
	local kind pids=()
	for kind in process thread descriptor socket tun mount; do
		hold $kind $pins/web
		pids+=("$holder")
	done
	gives 0 netns holders web
	for kind in name process thread descriptor socket tun mount; do
		has "$out" "
$kind "
	done
	netns holders --json web >"$T/json"
	is "$(json "$T/json" 'sorted((h["kind"], h["pid"]) for h in d if "pid" in h and not (h["kind"] == "mount" and h["path"] != "/run/test/a place"))')" \
		"[('descriptor', ${pids[2]}), ('mount', ${pids[5]}), ('process', ${pids[0]}), ('socket', ${pids[3]}), ('thread', ${pids[1]}), ('tun', ${pids[4]})]"
	is "$(json "$T/json" '[h["path"] for h in d if h["kind"] == "name"]')" \
		"['/run/netns/web', '/run/netns/www']"
	kill "${pids[@]}"
	wait "${pids[@]}" || :
	netns delete web www
}

case_through_containers() {
	netns add web
	# a process namespace and a mount namespace of its own, and a root of its own
	mkdir "$T/root"
	unshare --pid --fork --mount --mount-proc nsenter --net=$pins/web sleep 60 &
	local outer=$! inner
	inside() {
		inner=$(netns holders --raw -o KIND,PID,COMMAND web | awk '$1 == "process" && $3 ~ /^sleep/ { print $2 }')
		[[ $inner ]]
	}
	eventually inside
	inside
	is "$(stat -L -c %i "/proc/$inner/ns/net")" "$(inode web)"
	has "$(netns holders --raw -o KIND,PATH web)" "mount /run/netns/web"
	kill -9 "$inner"
	wait "$outer" || :
	netns delete web
}

case_the_command_itself_does_not_count() {
	netns add web
	nsenter --net=$pins/web netns holders --raw -o KIND web >"$T/inside"
	is "$(cat "$T/inside")" "KIND
name"
	exec 7<$pins/web
	netns delete web
	# the shell has it open, and so has each of its children
	gives 0 netns holders --raw -o KIND,PID fd:7
	has "$out" "descriptor $BASHPID"
	exec 7<&-
}

case_nobody() {
	netns add web
	# the only descriptor is that of the command itself
	gives 1 $python -c 'import os, subprocess
fd = os.open("/run/netns/web", os.O_RDONLY)
subprocess.run(["netns", "delete", "web"], check=True)
os.set_inheritable(fd, True)
os.execlp("netns", "netns", "holders", "fd:%d" % fd)'
	is "$out" ""
	like "$err" "netns: holders: fd:*: nobody is known to hold it"
}

case_by_id_and_inode_and_process() {
	netns add web
	local id ino
	ino=$(inode web)
	id=$(netns list --raw -o NETNS-ID | tail -n 1)
	hold socket $pins/web
	netns delete web
	is "$(netns holders --raw "id:$id")" "$(netns holders --raw "ino:$ino")"
	has "$(netns holders --raw -o KIND,PID "id:$id")" "socket $holder"
	has "$(netns holders --raw -o KIND,PID self)" "process $holder"
	has "$(netns holders --raw -o KIND,PID "pid:$holder")" "process $holder"
	let_go
}

case_wrong_words() {
	mkdir $pins
	for words in "" "a b" "--json --raw a" "-o NAME a" "--nonsense a"; do
		# shellcheck disable=SC2086 # several words
		gives 2 netns holders $words
	done
	gives 1 netns holders nothing
	is "$err" "netns: holders: nothing: no such namespace (netns list)"
	gives 1 netns holders ino:1
}

tap_main "$@"
