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

case_names_that_are_elsewhere_only() {
	netns add web
	mount --make-rprivate /run/netns
	unshare --mount --propagation private bash -c "netns add away; : >$T/ready; exec sleep 1000" &
	eventually test -e "$T/ready"
	mount --make-rshared /run/netns
	local there
	there=$(stat -L -c %i "/proc/$!/root/run/netns/away")
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/away) + 1))'
	finds "elsewhere-only: away" "stale-pin: away"
	gives 0 netns doctor --fix
	is "$(inode away)" "$there"
	finds
	kill $!
	wait $! || :
	netns delete away web
}

case_wrong_words_are_usage_errors() {
	gives 2 netns doctor web
	gives 2 netns doctor --all
}

tap_main "$@"
