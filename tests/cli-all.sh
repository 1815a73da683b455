#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns list --all: every network namespace, however it is held. Arguments: the source root, the
# build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH
unset NO_COLOR
export LC_ALL=C.UTF-8 TERM=xterm COLUMNS=80

# shellcheck disable=SC2154,SC2016,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"
# shellcheck source=tests/holders.sh
. "$source_root/tests/holders.sh"

pins=/run/netns

inode() {
	stat -L -c %i "$pins/$1"
}

# row INODE COLUMN: of the table for programs
row() {
	netns list --all --raw -o "INODE,$2" | awk -v inode="$1" '$1 == inode { print $2 }'
}

case_a_name_is_enough() {
	netns add web
	is "$(row "$(inode web)" NAME)" web
	is "$(row "$(inode web)" HELD)" name
	is "$(row "$(inode web)" PROCS)" 0
	is "$(row "$(inode web)" PID)" -
	is "$(row "$(inode web)" STATE)" live
	netns delete web
}

# Each is the only holder; without it the namespace would not be there any more.
held_by() { # KIND
	netns add web
	local ino
	ino=$(inode web)
	hold "$1" $pins/web
	netns delete web
	is "$(row "$ino" HELD)" "$1"
	is "$(row "$ino" PID)" "$holder"
	is "$(row "$ino" USER)" root
	is "$(row "$ino" NAME)" -
	is "$(row "$ino" PROCS)" "$2"
	[[ $(row "$ino" NETNS-ID) == [0-9]* ]] || fail "it could not be opened"
	let_go
	gone() { [[ -z $(row "$ino" HELD) ]]; }
	eventually gone
}

case_held_by_a_process() {
	held_by process 1
}

case_held_by_a_thread() {
	held_by thread 1
}

case_held_by_a_descriptor() {
	held_by descriptor 0
}

case_held_by_a_socket() {
	held_by socket 0
}

case_held_by_a_tun_device() {
	held_by tun 0
}

case_held_by_a_mount_in_another_mount_namespace() {
	held_by mount 0
}

# Only the kernel itself knows of it, since Linux 6.19; and it tells all there is to the initial
# process namespace only. So this is not in one of its own, and makes no mount that others see.
plain_held_by_nothing_in_sight() {
	local ino maker
	unshare --net sleep 1000 &
	maker=$!
	trap 'kill $maker' EXIT
	moved() { [[ $(readlink "/proc/$maker/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }
	eventually moved
	ino=$(stat -L -c %i "/proc/$maker/ns/net")
	hold flight "/proc/$maker/ns/net"
	is "$(row "$ino" HELD)" process
	kill $maker
	wait $maker || :
	trap let_go EXIT
	if has_listns; then
		is "$(row "$ino" HELD)" unseen
		is "$(row "$ino" PID)" -
		[[ $(row "$ino" NETNS-ID) == [0-9]* ]] || fail "it could not be opened"
		is "$(netns holders --raw -o KIND,PID,PATH "ino:$ino" | tail -n 1)" "unseen - -"
		is "$(netns exec --no-mounts "ino:$ino" readlink /proc/self/ns/net)" "net:[$ino]"
		is "$(without listns netns list --all --raw -o INODE | awk -v inode="$ino" '$1 == inode')" ""
	else
		is "$(row "$ino" HELD)" ""
		gives 1 netns holders "ino:$ino"
	fi
	trap - EXIT
	let_go
	gone() { [[ -z $(row "$ino" HELD) ]]; }
	eventually gone
}

# elsewhere PROPAGATION COMMAND...: done in a mount namespace that stays, that of $holder
elsewhere() {
	rm -f "$T/ready"
	unshare --mount --propagation "$1" bash -c '"${@:2}" && >"$1/ready" && exec sleep 1000' - \
		"$T" "${@:2}" &
	holder=$!
	eventually test -e "$T/ready"
}

# Slaves are known by their peer group, others by mountinfo, as all are where there is no listmount(2).
case_copies_in_other_mount_namespaces() {
	local propagation ino
	netns add web db only
	: >"$T/uts"
	mount --bind /proc/self/ns/uts "$T/uts"
	ino=$(inode only)
	for propagation in slave private; do
		elsewhere $propagation umount $pins/db
		is "$(row "$(inode web)" HELD)" name,mount
		is "$(row "$(inode web)" PID)" "$holder"
		is "$(row "$(inode db)" HELD)" name
		is "$(row "$(inode db)" PID)" -
		if [[ $propagation == private ]]; then
			umount $pins/only
			is "$(row "$ino" HELD)" mount
			is "$(row "$ino" NAME)" -
			[[ $(row "$ino" NETNS-ID) == [0-9]* ]] || fail "it could not be opened"
		fi
		netns list --all --raw -o NAME,HELD,PID,INODE >"$T/by-groups"
		without listmount netns list --all --raw -o NAME,HELD,PID,INODE >"$T/by-mountinfo"
		cmp "$T/by-groups" "$T/by-mountinfo"
		let_go
	done
	umount "$T/uts"
	rm $pins/only
	netns delete web db
}

# More mount namespaces than threads, and each of them counts.
case_each_of_many_mount_namespaces() {
	local all=() i propagation=slave
	netns add web
	for i in {1..12}; do
		elsewhere $propagation true
		all+=("$holder")
		[[ $propagation == slave ]] && propagation=private || propagation=slave
	done
	is "$(row "$(inode web)" HELD)" name,mount
	is "$(row "$(inode web)" PID)" "${all[0]}"
	is "$(netns holders --raw -o KIND,PID web | sed -n 's/^mount //p' | sort -n | tr '\n' ' ')" \
		"$(printf '%s\n' "${all[@]}" | sort -n | tr '\n' ' ')"
	for holder in "${all[@]}"; do let_go; done
	netns delete web
}

case_all_names_of_one_namespace() {
	netns add web
	netns attach www $pins/web
	mkdir -p /run/docker/netns
	: >/run/docker/netns/0123456789ab
	mount --bind $pins/web /run/docker/netns/0123456789ab
	is "$(row "$(inode web)" NAME)" "web,www,/run/docker/netns/0123456789ab"
	is "$(netns list --all --raw -o name | grep -c web)" 1
	umount /run/docker/netns/0123456789ab
	netns delete web www
}

case_names_without_a_namespace() {
	netns add web
	mkdir -p /run/docker/netns /run/user/1000/netns
	touch $pins/crashed /run/docker/netns/dead /run/user/1000/netns/gone
	echo content >$pins/other
	is "$(netns list --all --raw -o NAME,STATE | grep -v live)" "NAME STATE
crashed stale
other foreign
/run/docker/netns/dead stale
/run/user/1000/netns/gone stale"
	has "$(netns list --all)" stale
	netns list --all --json >"$T/json"
	is "$(json "$T/json" '[r for r in d if r["state"] == "stale"][0]')" \
		"{'names': ['crashed'], 'state': 'stale'}"
	rm $pins/crashed $pins/other
	netns delete web
}

case_names_come_first_and_sorted() {
	netns add n10 n9 web
	hold process $pins/web
	netns delete web
	is "$(netns list --all --raw -o NAME | tr '\n' ' ')" "NAME n9 n10 - - "
	let_go
	netns delete n9 n10
}

# Where there is only ASCII, and no terminal, libsmartcols is not asked.
case_the_table_is_the_same_by_libsmartcols() {
	local columns
	netns add 'a b' web
	hold process $pins/web
	: >$pins/stale
	for columns in NAME,HELD,PROCS,PID,ID,INODE,COMMAND COMMAND,NAME PID ID,PID,ID STATE,HELD; do
		netns list --all -o "$columns" >"$T/by-itself"
		netns add zü
		netns list --all -o "$columns" >"$T/all"
		netns delete zü
		sed 4d "$T/all" >"$T/by-libsmartcols"
		cmp "$T/by-itself" "$T/by-libsmartcols" || fail "$(diff "$T/by-itself" "$T/by-libsmartcols")"
	done
	let_go
	netns delete 'a b' web stale
}

case_a_control_character_in_a_name_or_command_is_harmless() {
	netns add $'a\e[31m b'
	has "$(netns list --all -o NAME)" '\x1b[31m b'
	has "$(netns list --all --raw -o NAME)" '\x1b[31m\x20b'
	netns delete $'a\e[31m b'
}

case_what_only_an_open_namespace_tells() {
	netns add web
	ip -n web link add v0 type veth peer name v1
	ip netns set web 7
	is "$(row "$(inode web)" LINKS)" 3
	is "$(row "$(inode web)" ID)" 7
	is "$(row "$(inode web)" OWNER)" "$(stat -L -c %i /proc/self/ns/user)"
	is "$(row "$(inode web)" CREATED)" "$(date -d "@$(stat -L -c %Y $pins/web)" +%FT%T%z)"
	is "$(row "$(inode web)" NETNS-ID)" "$(netns list --raw -o NETNS-ID | tail -n 1)"
	netns delete web
}

case_json() {
	netns add web
	netns attach www $pins/web
	hold process $pins/web
	netns list --all --json >"$T/json"
	is "$(json "$T/json" '[(r["names"], r["held"], r["procs"], r["pid"], r["inode"], r["state"]) for r in d if "names" in r]')" \
		"[(['web', 'www'], ['name', 'process'], 1, $holder, $(inode web), 'live')]"
	netns -a -j -p ls -o names >"$T/json"
	is "$(json "$T/json" 'd[0]')" "{'names': ['web', 'www']}"
	let_go
	netns delete web www
}

case_a_tree_of_user_namespaces() {
	netns add web
	unshare --user --map-root-user --net sleep 60 &
	local child=$!
	inside() { [[ $(row "$(stat -L -c %i /proc/$child/ns/net)" PID) == "$child" &&
		$(</proc/$child/comm) == sleep ]]; }
	eventually inside
	netns list --tree -o NAME,INODE >"$T/tree"
	out=$(cat "$T/tree")
	has "$out" "user:[$(stat -L -c %i /proc/self/ns/user)]"
	has "$out" "─web "
	has "$out" "─user:[$(stat -L -c %i /proc/$child/ns/user)]"
	# below the user namespace that owns it: further to the right
	like "$out" "*[│ ] [└├]─*$(stat -L -c %i /proc/$child/ns/net)*"
	kill "$child"
	wait "$child" || :
	netns delete web
}

case_processes_in_other_process_namespaces() {
	netns add web
	unshare --pid --fork --mount-proc nsenter --net=$pins/web sleep 60 &
	local child=$!
	inside() { [[ $(row "$(inode web)" COMMAND) == sleep* ]]; }
	eventually inside
	is "$(row "$(inode web)" PROCS)" 1
	kill -9 $(row "$(inode web)" PID)
	wait "$child" || :
	netns delete web
}

case_oneself_does_not_count() {
	netns add web
	is "$(nsenter --net=$pins/web netns list --all --raw -o HELD,PROCS,NAME | grep web)" "name 0 web"
	netns delete web
}

case_alone_one_counts_all_the_same() {
	unshare --net netns list --all --raw -o HELD,COMMAND >"$T/out"
	has "$(cat "$T/out")" 'netns\x20list'
}

# Before Linux 5.14 a socket does not tell its cookie, and has to be asked for its namespace.
case_without_cookies() {
	netns add web
	hold socket $pins/web
	is "$(without getsockopt netns list --all --raw -o NAME,HELD | grep web)" "web name,socket"
	let_go
	netns delete web
}

# Before Linux 5.6 sockets of others are out of reach; the rest is not.
case_without_descriptors_of_others() {
	netns add web
	hold socket $pins/web
	is "$(without pidfd_getfd netns list --all --raw -o NAME,HELD | grep web)" "web name"
	let_go
	hold descriptor $pins/web
	is "$(without pidfd_getfd netns list --all --raw -o NAME,HELD | grep web)" "web name,descriptor"
	let_go
	netns delete web
}

case_show_tells_all_of_one() {
	netns add web
	netns attach www $pins/web
	ip netns set web 7
	hold socket $pins/web
	gives 0 netns show web
	like "$out" "NAME       web,www
HELD       name,socket
PROCS      0
ID         7
INODE      $(inode web)
NETNS-ID   [0-9]*
OWNER      $(stat -L -c %i /proc/self/ns/user)
OWNER-USER root
LINKS      [0-9]*
CREATED    20[0-9][0-9]-*

KIND *
name *
name *
socket *"
	netns show --json web >"$T/json"
	is "$(json "$T/json" '[(r["names"], r["id"], r["links"] > 0, [h["kind"] for h in r["holders"]]) for r in d]')" \
		"[(['web', 'www'], 7, True, ['name', 'name', 'socket'])]"
	is "$(json "$T/json" 'd[0]["holders"][2]["pid"]')" "$holder"
	netns show -j -p web >"$T/pretty"
	is "$(json "$T/pretty" d)" "$(json "$T/json" d)"
	netns delete web www
	gives 0 netns show "ino:$(json "$T/json" 'd[0]["inode"]')"
	like "$out" "NAME       -
HELD       socket
*"
	let_go
}

case_show_several_and_the_rest_when_one_is_not_there() {
	netns add a b
	gives 1 netns show a nothing b
	is "$err" "netns: show: nothing: no such namespace (netns list)"
	like "$out" "NAME       a
*

NAME       b
*"
	try netns show --json a nothing b
	is "$st" 1
	is "$(json "$T/out" '[r["names"] for r in d]')" "[['a'], ['b']]"
	gives 2 netns show -o NAME a
	gives 2 netns show --all a
	netns delete a b
}

case_show_without_a_name_is_list() {
	netns add web
	is "$(netns show)" web
	is "$(netns show -o NAME,STATE)" "$(netns list -o NAME,STATE)"
	is "$(netns show --all --raw -o NAME,HELD)" "$(netns list --all --raw -o NAME,HELD)"
	is "$(netns -j show)" "$(netns -j list)"
	is "$(netns -a show --raw -o INODE)" "$(netns -a list --raw -o INODE)"
	netns delete web
}

case_wrong_words() {
	for words in "--all x" "--all -o NAME,X" "--json --raw" "--tree --json" "--all -o"; do
		# shellcheck disable=SC2086 # several words
		gives 2 netns list $words
	done
	gives 2 netns list -o HELD
	has "$err" "no column 'HELD'; there are NAME, ID, INODE, NETNS-ID and STATE"
	gives 2 netns list --all -o X
	has "$err" "LINKS and CREATED"
}

case_a_lost_output_is_noticed() {
	gives 1 bash -c 'netns list --all >/dev/full'
}

case_who_may_not_look_is_told() {
	try setpriv --reuid 65534 --clear-groups "$build_root/cli/netns" list --all
	has "$err" "could not be looked into (try as root)"
}

tap_main "$@"
