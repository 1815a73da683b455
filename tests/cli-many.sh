#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Many names at once: add --count, delete with patterns, the bar. Arguments: the source root, the
# build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

names() {
	find /run/netns -mindepth 1 -printf '%f\n' | sort | xargs
}

case_add_count_and_delete_a_pattern() {
	gives 0 netns add --up --count 5 'web-%03d'
	is "$out$err" ""
	is "$(names)" "web-000 web-001 web-002 web-003 web-004"
	has "$(netns exec web-003 ip -o link show up)" "lo"
	gives 0 netns add --count 2 --first 9 'n%d'
	gives 0 netns delete 'web-*'
	is "$(names)" "n10 n9"
	gives 0 netns delete 'n?' 'n[0-9]0'
	is "$(names)" ""
}

case_all_or_none() {
	netns add n2
	gives 1 netns add --count 5 'n%d'
	has "$err" "n2"
	has "$err" "none were made"
	is "$(names)" "n2"
	netns delete n2
}

case_a_directory_that_goes_as_one() {
	gives 0 netns add --run-dir /run/lab --mount --count 5 'n%d'
	is "$(netns list --run-dir /run/lab | xargs)" "n0 n1 n2 n3 n4"
	is "$(stat -f -c %T /run/lab)" tmpfs
	gives 0 netns delete --run-dir /run/lab n3
	gives 1 netns add --run-dir /run/lab --mount --count 5 'n%d'
	has "$err" "it exists, and is not empty"
	has "$err" "none were made"
	is "$(ls /run/lab | xargs)" "n0 n1 n2 n4"
	gives 0 netns delete --run-dir /run/lab --all
	[[ ! -e /run/lab ]] || fail "it is there still"
	gives 0 netns add --run-dir /run/lab --mount --count 2 'n%d'
	gives 0 netns delete --run-dir /run/lab --all --wait
	[[ ! -e /run/lab ]] || fail "it is there still"
	gives 2 netns add --mount --count 5 'n%d'
	gives 2 netns add --mount --run-dir /run/lab n
}

# It is counted on that nothing goes which was not made so.
case_another_directory_does_not_go() {
	mkdir /run/lab
	mount -t tmpfs netns /run/lab
	netns add --run-dir /run/lab a
	echo content >/run/lab/file
	gives 0 netns delete --run-dir /run/lab --all
	is "$(cat /run/lab/file)" content
	is "$(ls /run/lab)" file
	umount /run/lab
	rmdir /run/lab
}

case_patterns_that_match_nothing() {
	netns add web
	gives 1 netns delete 'x*' 'w*'
	has "$err" "no name matches 'x*'"
	is "$(names)" ""
}

case_a_name_with_such_characters_is_that_name() {
	netns add 'w*' web
	gives 0 netns delete 'w*'
	is "$(names)" "web"
	gives 0 netns delete 'w*'
	is "$(names)" ""
}

case_each_failure_is_reported_and_the_rest_done() {
	netns add a b
	gives 1 netns delete a nothing b a/b
	has "$err" "nothing: no such namespace"
	has "$err" "a/b: not a possible name"
	is "$(names)" ""
}

case_wrong_words_are_usage_errors() {
	gives 2 netns add --count 5 web
	has "$err" "web-%d"
	gives 2 netns add --count many 'web-%d'
	gives 2 netns add --count 5 'a-%d' 'b-%d'
	gives 1 netns add --count 5 'web-%s'
	has "$err" "one number"
	gives 0 netns add --count 0 'web-%d'
}

# The bar shows when it takes long enough; Ctrl-C takes back what was made.
case_interrupted_on_a_terminal() {
	$python - <<-'EOF'
		import os, pty, re, select, signal, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp("netns", ["netns", "add", "--count", "20000", "n%d"])
		seen = b""
		while not re.search(rb"\[#* *\] \d+ of 20000", seen):
		    if not select.select([fd], [], [], 50)[0]:
		        sys.exit("no bar: %r" % seen)
		    seen += os.read(fd, 4096)
		os.write(fd, b"\x03")
		try:
		    while True:
		        chunk = os.read(fd, 4096)
		        if not chunk:
		            break
		        seen += chunk
		except OSError:
		    pass
		status = os.waitpid(pid, 0)[1]
		if not os.WIFEXITED(status) or os.WEXITSTATUS(status) != 130:
		    sys.exit("status %x, %r" % (status, seen[-300:]))
		if b"interrupted; none were made" not in seen:
		    sys.exit(repr(seen[-300:]))
	EOF
	is "$(names)" ""
}

tap_main "$@"
