#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The tool without what it needs: /proc, descriptors, permission. It says what can be done about
# that, and what it could not look at is not left out of the answer. (Those of the library are in
# test-limits.c.) Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

no_proc="there is no /proc; mount it: mount -t proc proc /proc"
more="RLIMIT_NOFILE (ulimit -n) allows more"

# without_proc COMMAND...: where there is an empty directory
without_proc() {
	# shellcheck disable=SC2016 # of the shell inside
	unshare --mount --propagation slave sh -c 'mount -t tmpfs tmpfs /proc && exec "$@"' sh "$@"
}

# Somebody is inside $1.
prepare() {
	netns add "$1"
	netns exec "$1" sleep 1000 &
	holder=$!
	eventually grep -qx sleep "/proc/$holder/comm"
}

finish() {
	kill "$holder"
	wait "$holder" || :
	netns delete "$1"
}

case_without_proc() {
	prepare web
	local command
	for command in "pids web" "list --all" map "holders web" "show web" "identify /proc/self/ns/net" \
		"sysctl web net.ipv4.ip_forward" doctor; do
		# shellcheck disable=SC2086 # words
		gives 1 without_proc netns $command
		is "$out" ""
		has "$err" "$no_proc"
		is "$(wc -l <<<"$err")" 1
	done
	finish web
}

case_without_proc_one_is_identified_all_the_same() {
	netns add web
	# not before Linux 6.11, which says so
	try without_proc netns exec --no-mounts web netns identify
	[[ $st == 0 && $out == web ]] || has "$err" "Linux 6.11"
	netns delete web
}

# The wait is longer than the case may take.
case_without_proc_there_is_nothing_to_wait_by() {
	netns add web
	gives 1 without_proc netns delete --wait=1000 web
	is "$(grep -c "$no_proc" <<<"$err")" 1
	has "$err" "the names are gone"
	test ! -e /run/netns/web
}

# is_whole_or_fails LIMIT COMMAND...: what it prints is what it prints without the limit
is_whole_or_fails() {
	local limit=$1 whole
	shift
	gives 0 "$@"
	whole=$out
	try prlimit --nofile="$limit" "$@"
	if [[ $st == 0 ]]; then
		is "$out" "$whole"
		is "$err" ""
	else
		is "$out" ""
		has "$err" "$more"
	fi
}

case_few_descriptors() {
	prepare web
	local limit command
	for command in "list --all" map "holders web" "show web" "pids web" doctor "exec --all true"; do
		# shellcheck disable=SC2086 # words
		gives 1 prlimit --nofile=4 netns $command
		is "$out" ""
		has "$err" "$more"
	done
	# a descriptor and a socket of the namespace in another process
	netns exec web $python -c 'import socket, sys, time
s, f, g = socket.socket(), open("/proc/self/ns/net"), open(sys.argv[1], "w")
time.sleep(1000)' "$T/open" &
	eventually test -e "$T/open"
	for limit in {4..12}; do
		is_whole_or_fails "$limit" netns holders -o KIND,PID,FD web
		is_whole_or_fails "$limit" netns pids web
		is_whole_or_fails "$limit" netns show web
	done
	kill $!
	wait $! || :
	finish web
}

# Before Linux 6.18 each name is opened, which one descriptor less is too few for.
names_need_no_descriptor() {
	prlimit --nofile=4 netns list 2>&1 | grep -q nsids
}

# What is known is printed all the same; why the rest is not, once.
case_few_descriptors_for_a_list() {
	netns add a b
	netns set b 5
	local limit whole words
	for words in list "list --json" list-id; do
		# shellcheck disable=SC2086 # words
		gives 0 netns $words
		whole=$out
		for limit in {4..8}; do
			# shellcheck disable=SC2086 # words
			try prlimit --nofile="$limit" netns $words
			[[ $st == 0 && $out == "$whole" && ! $err ]] || {
				is "$st" 1
				has "$err" "$more"
			}
		done
	done
	if names_need_no_descriptor; then
		gives 1 prlimit --nofile=4 netns list
		is "$out" $'a\nb'
		like "$err" "netns: list: the nsids could not be read: *$more)"
		is "$(wc -l <<<"$err")" 1
		gives 1 prlimit --nofile=4 netns list --json
		is "$(json "$T/out" '[sorted(x) for x in d]')" \
			"[['inode', 'name', 'state'], ['inode', 'name', 'state']]"
		is "$(wc -l <<<"$err")" 1
		gives 1 prlimit --nofile=4 netns list-id
		is "$out" "nsid 5 "
		like "$err" "netns: list-id: the nsids could not be read: *$more)"
	fi
	netns delete a b
}

eperm=1 enospc=28

case_root_is_told_what_it_takes() {
	netns add web
	local refused="Operation not permitted" filter="a seccomp filter"
	gives 1 failing $eperm setns netns map
	like "$err" "netns: map: the links could not be read: $refused (*$filter may forbid it*)"
	gives 1 setpriv --bounding-set -sys_admin netns map
	like "$err" "netns: map: the links could not be read: $refused (CAP_SYS_ADMIN is needed*)"
	gives 1 failing $eperm clone netns link web:a self:b
	like "$err" "netns: link: no process could be made: $refused ($filter or a security module forbids it*)"
	# only the C libraries that have it use it
	try failing $eperm clone3 netns add --count 2 n%d
	[[ $st == 0 ]] || like "$err" "netns: add: *: make a thread: $refused ($filter forbids clone or clone3*); none were made"
	# as when user.max_mnt_namespaces is reached
	mount -t tmpfs -o mode=755 tmpfs /run/netns
	gives 1 failing $enospc unshare netns doctor --fix
	like "$out" "*unshare mounts: No space left on device (*user.max_mnt_namespaces*"
	umount /run/netns
	netns delete --all
}

case_links_that_root_cannot_see_are_missed() {
	prepare web
	local how
	for how in "failing $eperm setns" "setpriv --bounding-set -sys_admin"; do
		# shellcheck disable=SC2086 # words
		gives 1 $how netns list --all -o NAME,LINKS
		like "$out" "*web*"
		is "$(grep -c '^netns: list: the links could not be read: Operation not permitted' "$T/err")" 1
		# shellcheck disable=SC2086
		gives 1 $how netns show --json web
		is "$(json "$T/out" '[d[0]["names"], "links" in d[0]]')" "[['web'], False]"
		is "$(grep -c '^netns: show: the links could not be read: Operation not permitted' "$T/err")" 1
	done
	finish web
}

# A user who may not look; and one who is root only in a user namespace that does not own it.
case_links_that_others_cannot_see_are_not() {
	prepare web
	let_others_run_it
	local words user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	for words in "list --all -o NAME,LINKS" "show web"; do
		# shellcheck disable=SC2086 # words
		gives 0 "${user[@]}" netns $words
		has "$out" web
		[[ $err != *"could not be read"* ]] || fail "$err"
	done
	unshare --user --map-root-user true || skip "no user namespaces"
	gives 0 unshare --user --map-root-user bash -c 'sleep 1000 & netns show pid:$!; st=$?; kill $!; exit $st'
	like "$out" "*LINKS *-*"
	[[ $err != *"could not be read"* ]] || fail "$err"
	finish web
}

case_who_may_not_is_told_what_it_takes() {
	netns add web
	let_others_run_it
	local nsid
	for nsid in 3 auto; do
		gives 1 setpriv --reuid 65534 --regid 65534 --clear-groups netns set web "$nsid"
		is "$err" "netns: set: web: not permitted (try as root, or with CAP_NET_ADMIN)"
	done
	netns delete web
}

# What could be compared is compared all the same.
case_what_diff_passes_over_is_trouble() {
	netns add --up a
	netns add b
	gives 2 unshare --mount sh -c 'mount -t tmpfs tmpfs /proc && exec netns diff a a'
	has "$err" "net, which is passed over"
	local few
	for few in 9 10 11 12; do
		try sh -c "ulimit -n $few && exec netns diff a b"
		[[ $out == *lo* ]] || continue
		[[ $err == *"passed over: Too many open files"* ]] && break
	done
	has "$err" "passed over: Too many open files"
	is "$st" 2
	netns delete a b
}

tap_main "$@"
