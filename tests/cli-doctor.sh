#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns doctor. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

inode() {
	stat -L -c %i "/run/netns/$1"
}

# finds KIND[: NAME]...: just these, in this order
finds() {
	gives "$(($# > 0))" netns doctor
	is "$(grep -v '^  \|^Nothing' <<<"$out" | paste -sd ,)" "$(printf '%s\n' "$@" | paste -sd ,)"
}

mended() {
	gives 0 netns doctor --fix
	finds
}

case_nothing_is_wrong() {
	finds
	netns add web
	ip netns add other
	finds
	gives 0 netns doctor --json
	is "$out" "[]"
	netns delete web other
}

case_stale_files() {
	netns add web
	: >/run/netns/old
	finds "stale-pin: old"
	test -e /run/netns/old
	gives 0 netns doctor --fix --json
	$python - "$T/out" <<-'EOF'
		import json, sys
		d = json.load(open(sys.argv[1]))
		assert [(x["finding"], x["name"], x["state"]) for x in d] == [("stale-pin", "old", "fixed")], d
	EOF
	test ! -e /run/netns/old
	finds
	netns delete web
}

case_a_name_in_the_making_is_no_finding() {
	netns add web
	makes_soon young web
	finds
	wait $!
	netns delete web young
}

# It waits for the lock, and finds that the file has become a name.
case_what_is_no_more_stale_is_no_finding() {
	netns add web
	: >/run/netns/old
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/old) + 1))'
	exec 9</run/netns
	flock 9
	netns doctor --fix >"$T/out" 9<&- &
	eventually has_open $! /run/netns
	sleep 0.3
	mount --bind /run/netns/web /run/netns/old
	exec 9<&-
	wait $! || fail "$(<"$T/out")"
	is "$(<"$T/out")" "Nothing is wrong with /var/run/netns."
	netns delete web old
}

# It waits for the lock, which who makes the name gets first, in a mount namespace of his own.
case_what_is_elsewhere_by_now_is_not_removed() {
	netns add web
	: >/run/netns/old
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/old) + 1))'
	in_private unshare --mount --propagation private bash -c \
		'echo $?; exec sleep 1000 >/dev/null'
	exec 9</run/netns
	flock 9
	netns doctor --fix >"$T/out" 9<&- &
	local doctor=$!
	eventually has_open $doctor /run/netns
	sleep 0.1
	kill -STOP $doctor
	exec 9<&-
	nsenter --mount="/proc/$there/ns/mnt" netns add old
	kill -CONT $doctor
	wait $doctor || fail "$(<"$T/out")"
	is "$(<"$T/out")" "Nothing is wrong with /var/run/netns."
	nsenter --mount="/proc/$there/ns/mnt" netns exec old true
	kill "$there"
	wait "$there" || :
	netns delete web old
}

case_what_is_foreign_stays() {
	netns add web
	echo content >/run/netns/file
	: >/run/netns/uts
	mount --bind /proc/self/ns/uts /run/netns/uts
	finds "foreign-file: file" "foreign-file: uts"
	gives 1 netns doctor --fix
	is "$(cat /run/netns/file)" content
	umount /run/netns/uts
	rm /run/netns/{file,uts}
	netns delete web
}

case_a_directory_that_is_no_mount() {
	mkdir /run/netns
	finds "not-a-mount"
	mended
	findmnt -n -o PROPAGATION /run/netns | grep -q shared
	umount /run/netns
	rmdir /run/netns
}

case_a_directory_that_is_not_shared() {
	netns add web
	local before
	before=$(inode web)
	mount --make-private /run/netns
	finds "not-shared"
	mended
	is "$(inode web)" "$before"
	netns delete web
}

case_owner_and_mode() {
	netns add web
	chmod 777 /run/netns
	finds "wrong-mode"
	chown nobody /run/netns
	finds "wrong-owner" "wrong-mode"
	mended
	is "$(stat -c '%a %u' /run/netns)" "755 0"
	chmod 700 /run/netns
	finds "wrong-mode"
	mended
	netns delete web
}

case_a_directory_of_everybody_stays_so() {
	mkdir "$T/all"
	chmod 1777 "$T/all"
	gives 1 netns --run-dir "$T/all" doctor --fix
	like "$out" "wrong-mode*To do: use another run directory*"
	is "$(stat -c %a "$T/all")" 1777
}

# Why: of the call that failed, and of this process or the child that has to do it.
case_what_cannot_be_mended_says_why() {
	netns add web
	chmod 777 /run/netns
	mount -o remount,bind,ro /run/netns
	gives 1 netns doctor --fix
	has "$out" "Not fixed: set the mode to 755"
	has "$out" "  chmod /var/run/netns: Read-only file system"
	gives 1 netns doctor --fix --json
	is "$(json "$T/out" '[(x["finding"], x["state"], x["error"]) for x in d]')" \
		"[('wrong-mode', 'fixable', 'chmod /var/run/netns: Read-only file system')]"
	mount -o remount,bind,rw /run/netns
	chmod 755 /run/netns
	mount -t tmpfs -o ro,mode=755 tmpfs /run/netns
	mount --make-shared /run/netns
	gives 1 netns doctor --fix
	like "$out" "mounted-over: web*Not fixed: give the namespace*web*: Read-only file system*"
	umount /run/netns
	netns delete web
}

# on_terminal COLUMNS COMMAND...: what is seen there
on_terminal() {
	$python - "$@" <<-'PYTHON'
		import fcntl, os, pty, struct, sys, termios

		pid, fd = pty.fork()
		if pid == 0:
		    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("4H", 24, int(sys.argv[1]), 0, 0))
		    os.execvp(sys.argv[2], sys.argv[2:])
		seen = b""
		while True:
		    try:
		        read = os.read(fd, 4096)
		    except OSError:
		        break
		    if not read:
		        break
		    seen += read
		os.waitpid(pid, 0)
		print(seen.decode().replace("\r", ""), end="")
	PYTHON
}

case_no_word_is_broken_on_a_terminal() {
	netns add web
	: >/run/netns/old
	gives 1 netns doctor
	on_terminal 40 netns doctor >"$T/narrow"
	is "$(wc -L <"$T/narrow" | awk '{ print ($1 > 30 && $1 <= 40) }')" 1
	is "$(tr -s ' \n' ' ' <"$T/narrow")" "$(tr -s ' \n' ' ' <<<"$out")"
	is "$(wc -l <<<"$out")" 3
	netns delete web old
}

case_parents() {
	mkdir -p "$T/open/dir"
	chmod 777 "$T/open"
	gives 1 netns --run-dir "$T/open/dir" doctor
	has "$out" "unsafe-parent"
	chmod 1777 "$T/open"
	gives 0 netns --run-dir "$T/open/dir" doctor
}

# What a link of somebody else leads to is nobody's run directory.
case_a_link_of_somebody_else_is_not_followed() {
	local target before
	mkdir "$T/evil" "$T/dir" "$T/evil/run"
	echo secret >"$T/file"
	chmod 600 "$T/file"
	chmod 700 "$T/dir"
	chown 1000:1000 "$T/dir"
	chown 65534:65534 "$T/evil" "$T/evil/run"
	before=$(stat -c '%n %a %u %g' "$T/file" "$T/dir")
	for target in "$T/file" "$T/dir" ../dir; do
		ln -s "$target" "$T/evil/link"
		chown -h 65534:65534 "$T/evil/link"
		gives 1 netns --run-dir "$T/evil/link" doctor --fix
		is "$out" ""
		is "$(wc -l <<<"$err")" 1
		has "$err" "neither root's nor the caller's own"
		is "$(stat -c '%n %a %u %g' "$T/file" "$T/dir")" "$before"
		rm "$T/evil/link"
	done
	ln -s .. "$T/evil/up"
	chown -h 65534:65534 "$T/evil/up"
	gives 1 netns --run-dir "$T/evil/up/dir/" doctor --fix
	has "$err" "neither root's nor the caller's own"
	is "$(stat -c '%n %a %u %g' "$T/file" "$T/dir")" "$before"
	# a directory of his is mended, and what may be done above it is told
	gives 1 netns --run-dir "$T/evil/run" doctor --fix
	is "$(grep -v '^  ' <<<"$out" | paste -sd ,)" "wrong-owner,unsafe-parent"
	is "$(stat -c '%a %u' "$T/evil/run")" "755 0"
}

case_a_link_of_root_is_followed() {
	mkdir "$T/dir" "$T/dir/run"
	chmod 777 "$T/dir/run"
	ln -s dir "$T/relative"
	ln -s "$T/relative//run" "$T/absolute"
	gives 0 netns --run-dir "$T/absolute" doctor --fix
	is "$(grep -v '^  ' <<<"$out")" "wrong-mode"
	is "$(stat -c %a "$T/dir/run")" 755
	gives 0 netns --run-dir "$T/relative/../dir/./run/" doctor
}

# swaps A B: for ever, what these two names lead to; in the background
swaps() {
	exec $python - "$@" <<-'PYTHON'
		import ctypes, sys

		a, b = (name.encode() for name in sys.argv[1:])
		libc = ctypes.CDLL(None)
		while True:
		    libc.renameat2(-100, a, -100, b, 2)
	PYTHON
}

# His directory and a link to another's change places, at whatever moment that is.
case_what_was_looked_at_is_what_is_mended() {
	local i before
	mkdir "$T/evil" "$T/evil/run" "$T/dir"
	ln -s ../dir "$T/evil/link"
	chmod 700 "$T/dir"
	chown 1000:1000 "$T/dir"
	chown -h 65534:65534 "$T/evil" "$T/evil/link" "$T/evil/run"
	before=$(stat -c '%a %u %g' "$T/dir")
	swaps "$T/evil/run" "$T/evil/link" &
	for i in {1..50}; do
		try netns --run-dir "$T/evil/run" doctor --fix
		is "$(stat -c '%a %u %g' "$T/dir")" "$before"
	done
	kill $!
	wait $! || :
}

case_a_directory_that_cannot_be_used_is_told_once() {
	gives 1 netns --run-dir "$T/none" doctor --fix
	is "$out" ""
	is "$(wc -l <<<"$err")" 1
	has "$err" "No such file or directory"
	: >"$T/file"
	gives 1 netns --run-dir "$T/file" doctor --fix
	is "$(wc -l <<<"$err")" 1
	has "$err" "Not a directory"
	is "$(stat -c %a "$T/file")" 644
}

case_a_stack_of_one_namespace() {
	netns add web
	local before
	before=$(inode web)
	mount --bind /run/netns/web /run/netns/web
	finds "stacked-pin: web"
	mended
	is "$(inode web)" "$before"
	ip netns delete web
}

case_a_stack_waits_for_the_lock() {
	netns add web
	mount --bind /run/netns/web /run/netns/web
	exec 9</run/netns
	flock 9
	netns doctor --fix >"$T/out" 9<&- &
	eventually has_open $! /run/netns
	sleep 0.1
	exec 9<&-
	wait $! || fail "$(<"$T/out")"
	has "$(<"$T/out")" "  Fixed: unmount the one on top"
	finds
	netns delete web
}

case_the_directory_is_gone_under_a_mount() {
	netns add web
	local before
	before=$(inode web)
	# what the cases need of /run stays
	mount --bind "$T" /mnt
	mount -t tmpfs tmpfs /run
	mkdir -p "$T"
	mount --bind /mnt "$T"
	finds "mounted-over: web"
	mended
	is "$(inode web)" "$before"
	netns delete web
	umount -l /run
	umount /mnt
	netns delete web
}

# The run directory is shared, so what is unmounted from one copy is unmounted from all of them.
case_a_stack_of_copies() {
	local n before
	for n in 2 3; do
		netns add web
		netns attach b web
		before=$(inode web)
		while ((n-- > 0)); do
			mount --bind /run/netns/web /run/netns/web
		done
		mount --bind /run/netns/web /run/netns/b
		mended
		is "$(inode web) $(inode b)" "$before $before"
		is "$(grep -c ' /run/netns/web ' /proc/self/mountinfo)" 1
		is "$(grep -c ' /run/netns/b ' /proc/self/mountinfo)" 1
		netns delete web b
	done
}

case_a_stack_of_two_namespaces() {
	netns add web other
	local before
	before=$(inode other)
	mount --bind /run/netns/other /run/netns/web
	finds "stacked-pin: web"
	gives 1 netns doctor --fix
	is "$(inode web)" "$before"
	netns delete web other
}

case_a_stack_below_another_namespace() {
	netns add web other
	local before
	before=$(inode other)
	mount --bind /run/netns/web /run/netns/web
	mount --make-private /run/netns/web
	mount --bind /run/netns/other /run/netns/web
	finds "stacked-pin: web"
	gives 1 netns doctor --fix
	[[ $out != *ixed* ]] || fail "it tried to unmount what is not on top: $out"
	is "$(inode web)" "$before"
	netns delete web other
}

# The name that is seen by now is another one.
case_a_stack_that_was_mounted_over() {
	netns add web
	local hidden seen
	hidden=$(inode web)
	mount --bind /run/netns/web /run/netns/web
	mount -t tmpfs -o mode=755 tmpfs /run/netns
	mount --make-shared /run/netns
	netns add web
	seen=$(inode web)
	finds "mounted-over: web"
	gives 1 netns doctor --fix
	is "$(inode web)" "$seen"
	netns delete web
	mended
	is "$(inode web)" "$hidden"
	umount -l /run/netns
	netns delete web
}

case_names_that_were_mounted_over() {
	netns add web taken
	local web taken
	web=$(inode web) taken=$(inode taken)
	mount -t tmpfs -o mode=755 tmpfs /run/netns
	mount --make-shared /run/netns
	netns add taken
	gives 1 netns doctor
	is "$(grep -c '^mounted-over: web$' <<<"$out")" 1
	is "$(grep -c '^mounted-over: taken$' <<<"$out")" 1
	gives 1 netns doctor --fix
	is "$(inode web)" "$web"
	[[ $(inode taken) != "$taken" ]] || fail "the name that was taken was given again"
	finds "mounted-over: taken"
	netns delete taken
	mended
	is "$(inode taken)" "$taken"
	umount -l /run/netns
	is "$(inode web)" "$web"
	netns delete web taken
}

case_what_is_hidden_twice_is_given_once() {
	local i
	netns --run-dir "$T/dir" add web
	for i in 1 2; do
		mount -t tmpfs -o mode=755 tmpfs "$T/dir"
		gives 0 netns --run-dir "$T/dir" doctor --fix
		is "$(grep -v '^  ' <<<"$out")" "mounted-over: web"
	done
	gives 0 netns --run-dir "$T/dir" doctor
	for i in 1 2; do
		netns --run-dir "$T/dir" delete web
		umount "$T/dir"
	done
	netns --run-dir "$T/dir" delete web
}

# What is there is resolved, and what is not there is taken as it is.
case_a_custom_directory_is_gone_under_a_mount() {
	mkdir -p "$T/dir/below"
	ln -s dir "$T/link"
	netns --run-dir "$T/dir/below/run" add web
	gives 1 netns --run-dir "$T" doctor
	[[ $out != *mounted-over* ]] || fail "names in a directory below are no names here: $out"
	mount -t tmpfs -o mode=755 tmpfs "$T/dir"
	mkdir "$T/dir/below"
	gives 1 netns --run-dir "$T/link//below/run/" doctor
	has "$out" "  Would fix: give the namespace"
	like "$err" "*No such file or directory*"
	gives 0 netns --run-dir "$T/link//below/run/" doctor --fix
	has "$out" "  Fixed: give the namespace"
	is "$err" ""
	gives 0 netns --run-dir "$T/link//below/run/" doctor
	netns --run-dir "$T/dir/below/run" delete web
	umount -l "$T/dir"
	netns --run-dir "$T/dir/below/run" delete web
}

# The file that is seen is the one that the pin is on: not stale, and it cannot be removed.
case_a_directory_that_is_mounted_over_itself() {
	netns add web
	netns attach again web
	local before
	before=$(inode web)
	mount --bind /run/netns /run/netns
	mount --bind /run/netns /run/netns
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/again) + 1))'
	netns add new
	finds "mounted-over: web" "mounted-over: again"
	gives 1 netns doctor --fix
	is "$(grep -c 'To do: the directory is mounted over itself' <<<"$out")" 2
	netns delete new
	finds "mounted-over: web" "mounted-over: again"
	mended
	is "$(inode web) $(inode again)" "$before $before"
	netns delete web again
}

# The first name is to be given on top, where the second one is uncovered.
case_a_directory_that_is_mounted_over_both_ways() {
	netns add below
	mount -t tmpfs -o mode=755 none /run/netns
	mount --make-shared /run/netns
	netns add above
	mount --bind /run/netns /run/netns
	finds "mounted-over: above" "mounted-over: below"
	mended
	is "$(ls /run/netns | xargs)" "above below"
	netns exec above true
	netns exec below true
	netns delete above below
	umount /run/netns
	netns delete below
}

case_a_directory_in_use_that_is_mounted_over_itself() {
	mkdir "$T/dir"
	netns --run-dir "$T/dir" add web
	mount --bind "$T" "$T"
	gives 1 netns --run-dir "$T/dir" doctor --fix
	like "$out" "mounted-over: web*To do: unmount what was mounted over $T since*"
	[[ $out != *stale-pin* ]] || fail "$out"
	umount "$T"
	mount --bind "$T/dir" "$T/dir"
	cd "$T/dir"
	gives 1 netns --run-dir "$T/dir" doctor --fix
	like "$out" "mounted-over: web*Not fixed: unmount*umount $T/dir: Device or resource busy"
	cd /
	gives 0 netns --run-dir "$T/dir" doctor --fix
	has "$out" "  Fixed: unmount"
	netns --run-dir "$T/dir" exec web true
	netns --run-dir "$T/dir" delete web
}

case_names_that_are_elsewhere_only() {
	netns add web
	mount --make-rprivate /run/netns
	unshare --mount --propagation private bash -c "netns add away; : >$T/ready; exec sleep 1000" &
	eventually test -e "$T/ready"
	mount --make-rshared /run/netns
	local there
	there=$(stat -L -c %i "/proc/$!/root/run/netns/away")
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/away) + 1))'
	finds "elsewhere-only: away"
	gives 0 netns doctor --fix
	is "$(inode away)" "$there"
	finds
	kill $!
	wait $! || :
	netns delete away web
}

# in_private COMMAND...: in a mount namespace of its own, as process $there, which stays
in_private() {
	mount --make-rprivate /run/netns
	mkfifo -m 666 "$T/ready"
	"$@" >"$T/ready" &
	there=$!
	is "$(<"$T/ready")" 0
	rm "$T/ready"
	mount --make-rshared /run/netns
}

away='netns add away && netns attach away2 /run/netns/away; echo $?; exec sleep 1000 >/dev/null'
plant='for name in "$@"; do mount --bind /proc/self/ns/net "/run/netns/$name"; done
	echo $?; exec sleep 1000 >/dev/null'

case_each_name_that_is_elsewhere_only_is_given() {
	netns add web
	in_private unshare --mount --propagation private bash -c "$away"
	finds "elsewhere-only: away" "elsewhere-only: away2"
	mended
	is "$(inode away2)" "$(stat -L -c %i "/proc/$there/root/run/netns/away")"
	is "$(inode away2)" "$(inode away)"
	kill "$there"
	wait "$there" || :
	netns delete away away2 web
}

case_a_name_by_another_path_is_given() {
	netns add web
	mount --make-rprivate /run/netns
	mkdir "$T/alias"
	mount --bind /run/netns "$T/alias"
	netns add --run-dir "$T/alias" lab
	mount --make-rshared /run/netns
	sleep 1.1
	finds "elsewhere-only: lab"
	gives 1 netns doctor
	has "$out" "in this mount namespace by another path, $T/alias/lab, and leads to"
	mended
	is "$(inode lab)" "$(stat -L -c %i "$T/alias/lab")"
	umount "$T/alias/lab" "$T/alias"
	netns delete web lab
}

case_nothing_is_stale_that_may_be_elsewhere() {
	netns add web
	in_private unshare --mount --propagation private bash -c "$away"
	gives 1 setpriv --bounding-set -sys_ptrace netns doctor --fix
	like "$out" "elsewhere-only: away*To do: find out whose it is*elsewhere-only: away2*"
	export LD_LIBRARY_PATH=$build_root/src${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	gives 1 unshare --mount bash -c 'mount -t tmpfs none /proc; netns doctor --fix'
	like "$out" "stale-pin: away*To do: look for it in all mount namespaces*stale-pin: away2*"
	has "$err" "other mount namespaces: /proc/self/mountinfo: No such file or directory"
	finds "elsewhere-only: away" "elsewhere-only: away2"
	mended
	kill "$there"
	wait "$there" || :
	netns delete away away2 web
}

case_no_name_is_given_to_what_is_another_users() {
	local inside=(unshare --user --map-root-user --mount --net bash -c "$plant" bash)
	local stranger=(setpriv --reuid 65534 --clear-groups "${inside[@]}")
	"${stranger[@]:0:8}" true || skip "no user namespaces for users"
	netns add web
	local before
	before=$(inode web)
	touch /run/netns/{vpn,lab}
	in_private "${inside[@]}" lab
	finds "elsewhere-only: lab" "stale-pin: vpn"
	local of_root=$there
	in_private "${stranger[@]}" vpn web
	finds "elsewhere-only: lab" "stale-pin: vpn"
	gives 1 netns doctor --fix
	finds "elsewhere-only: lab"
	is "$(inode web)" "$before"
	is "$(ls /run/netns | xargs)" "lab web"
	kill "$there" "$of_root"
	wait "$there" "$of_root" || :
	netns delete lab web
}

# It waits for the lock, with the namespace that it will give the name to in its hands.
case_what_another_has_given_meanwhile_is_mended() {
	netns add web
	in_private unshare --mount --propagation private bash -c \
		'netns add away; echo $?; exec sleep 1000 >/dev/null'
	exec 9</run/netns
	flock 9
	netns doctor --fix >"$T/out" 9<&- &
	eventually has_open $! /run/netns "/proc/$there/root/run/netns/away"
	mount --no-canonicalize --bind "/proc/$there/root/run/netns/away" /run/netns/away
	exec 9<&-
	wait $! || fail "$(<"$T/out")"
	has "$(<"$T/out")" "  Fixed: give the namespace that name here"
	finds
	kill "$there"
	wait "$there" || :
	netns delete away web
}

# A mount over a name elsewhere makes it no other one here.
case_a_name_that_works_is_not_elsewhere_only() {
	netns add web other
	in_private unshare --mount --propagation private bash -c \
		'mount --bind /run/netns/other /run/netns/web; echo $?; exec sleep 1000 >/dev/null'
	finds
	kill "$there"
	wait "$there" || :
	netns delete web other
}

case_wrong_words_are_usage_errors() {
	gives 2 netns doctor web
	gives 2 netns doctor --all
}

tap_main "$@"
