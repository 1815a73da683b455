#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The tool in a run directory that somebody else may write to: what it says, and that it ends.
# What the library does there is in test-hostile.c. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH

# shellcheck disable=SC2154,SC2317 # python, out and err come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

# $evil is his, and $dir in it the run directory; $safe is not.
prepare() {
	evil=$T/evil dir=$T/evil/run safe=$T/safe
	mkdir "$safe" "$evil" "$dir"
	chown 65534:65534 "$evil" "$dir"
	echo important >"$safe/file"
	netns --run-dir "$safe" add web
	safe_before=$(list_safe)
}

list_safe() {
	find "$safe" -printf '%p %y %m %U %s %n\n' | sort
	stat -c %i "$safe/web"
	grep " $safe/" /proc/self/mountinfo
}

finish() {
	is "$(list_safe)" "$safe_before"
	netns --run-dir "$safe" delete web
}

# his_link TARGET PATH
his_link() {
	ln -s "$1" "$2"
	chown -h 65534:65534 "$2"
}

# No line has a control character in it, and there is one line.
is_one_harmless_line() {
	is "$(wc -l <"$1")" 1
	! LC_ALL=C grep -q '[[:cntrl:]]' "$1" || fail "control characters: $(cat -A "$1")"
}

case_what_is_no_pin_is_refused_by_name() {
	prepare
	his_link "$safe/web" "$dir/link"
	his_link "$safe/new" "$dir/dangling"
	mkfifo "$dir/fifo"
	mknod "$dir/device" c 5 0
	mkdir "$dir/directory"
	echo content >"$dir/file"
	$python -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$dir/socket"
	touch "$dir/uts"
	mount --bind /proc/self/ns/uts "$dir/uts"
	local name words before
	before=$(ls -l "$dir")
	for name in link dangling fifo device directory file socket uts; do
		for words in "add $name" "delete $name" "exec $name true"; do
			# shellcheck disable=SC2086
			gives 1 timeout 20 netns --run-dir "$dir" $words
			is "$err" "netns: ${words%% *}: $name: $dir/$name is something else than a network namespace; left alone"
		done
	done
	gives 0 timeout 20 netns --run-dir "$dir" list --output NAME,STATE
	is "$(tail -n +2 "$T/out" | tr -s ' ' | cut -d ' ' -f 2 | sort | uniq -c | tr -s ' ')" " 8 foreign"
	gives 0 timeout 20 netns --run-dir "$dir" delete --all
	is "$(ls -l "$dir")" "$before"
	umount "$dir/uts"
	finish
}

case_links_on_the_way_are_refused() {
	prepare
	his_link "$safe" "$evil/decoy"
	ln -s "$evil/decoy" "$T/roots"
	local path words
	for path in "$evil/decoy" "$T/roots" "$evil/decoy/new" "$evil/decoy/../safe"; do
		for words in "add new" "add web" "delete web" "exec web true" "list"; do
			# shellcheck disable=SC2086
			gives 1 netns --run-dir "$path" $words
			like "$err" "netns: ${words%% *}: *run directory $path: a symbolic link on the way is neither root's nor the caller's own*"
		done
	done
	ln -s "$dir" "$T/mine"
	gives 0 netns --run-dir "$T/mine" add web
	gives 0 netns --run-dir "$dir" delete web
	finish
}

case_what_is_shown_is_harmless() {
	prepare
	local names=($'new\nline' $'\e[2J\e]0;title\a' $'\x9b2J' $'\r' $'\b\b' '"quote' 'back\slash'
		$'\u202egnirts' "\$(reboot)" "' -- *") name
	for name in "${names[@]}"; do
		touch "$dir/$name"
		his_link / "$dir/link $name"
	done
	gives 0 netns --run-dir "$dir" list
	is "$(wc -l <"$T/out")" $((2 * ${#names[@]}))
	! LC_ALL=C grep -q '[[:cntrl:]]' "$T/out" || fail "control characters: $(cat -A "$T/out")"
	gives 0 netns --run-dir "$dir" list --json
	$python -m json.tool <"$T/out" >"$T/pretty"
	is "$(grep -c '"state": "foreign"' "$T/pretty")" "${#names[@]}"
	is "$(grep -c '"state": "stale"' "$T/pretty")" "${#names[@]}"
	for name in "${names[@]}"; do
		gives 1 netns --run-dir "$dir" exec -- "$name" true
		is_one_harmless_line "$T/err"
		gives 1 netns --run-dir "$dir" add -- "link $name"
		is_one_harmless_line "$T/err"
	done
	his_link "$safe" "$evil/"$'\e[2J\n'
	gives 1 netns --run-dir "$evil/"$'\e[2J\n' list
	is_one_harmless_line "$T/err"
	gives 0 netns --run-dir "$dir" delete -- "${names[@]}"
	finish
}

case_thousands_of_entries_are_listed() {
	prepare
	(
		cd "$dir"
		seq -f 'n%g' 4000 | xargs touch
		$python -c 'import os
for i in range(1000):
    os.symlink("/", "link%d\n\x1b[2J" % i)
    os.mkfifo("fifo%d" % i)'
	)
	gives 0 netns --run-dir "$dir" add web
	gives 0 netns --run-dir "$dir" list --json
	$python -m json.tool <"$T/out" >"$T/pretty"
	is "$(grep -c '"name":' "$T/pretty")" 6001
	is "$(grep -c '"state": "live"' "$T/pretty")" 1
	gives 1 netns --run-dir "$dir" exec wbe true
	has "$err" "did you mean 'web'?"
	gives 0 netns --run-dir "$dir" delete web
	gives 0 netns --run-dir "$dir" delete --all
	is "$(find "$dir" -type f)" ""
	is "$(find "$dir" -mindepth 1 -printf . | wc -c)" 2000
	finish
}

case_a_lock_that_is_kept_is_named() {
	prepare
	exec 9<"$dir"
	flock 9
	timeout 60 netns --run-dir "$dir" delete web db 2>"$T/delete" &
	gives 1 timeout 60 netns --run-dir "$dir" add web
	like "$err" "netns: add: web: *run directory $dir: somebody has held the lock on it for 10 seconds (see lslocks)"
	st=0
	wait $! || st=$?
	is "$st" 1
	is "$(grep -c 'netns: delete: [wd]*e*b: .*somebody has held the lock' "$T/delete")" 2
	gives 0 netns --run-dir "$dir" list
	exec 9<&-
	gives 0 netns --run-dir "$dir" add web
	gives 0 netns --run-dir "$dir" delete web
	finish
}

# Ten seconds are waited for it, and not for each name.
case_a_lock_that_is_kept_is_waited_for_once() {
	prepare
	touch "$dir"/s{1..6}
	sleep 1.2
	exec 9<"$dir"
	flock 9
	gives 1 timeout $((30 * patience)) netns --run-dir "$dir" gc
	like "$err" "netns: gc: lock *: somebody has held the lock on it *; nothing was removed"
	is "$(wc -l <"$T/err")" 1
	gives 1 timeout $((30 * patience)) netns --run-dir "$dir" add a b c d e f
	like "$err" "netns: add: a: *somebody has held the lock on it *; the rest was not tried"
	is "$(wc -l <"$T/err")" 1
	gives 1 timeout $((30 * patience)) netns --run-dir "$dir" doctor --fix
	is "$(grep -c 'somebody has held the lock on it' <<<"$out")" 1
	is "$(grep -c 'not tried, for the same reason' <<<"$out")" 5
	# a bad name is what has them removed one by one
	gives 1 timeout $((30 * patience)) netns --run-dir "$dir" delete s{1..6} a/b
	is "$(grep -c 'the rest was not tried' "$T/err")" 1
	exec 9<&-
	gives 0 netns --run-dir "$dir" gc
	is "$(ls "$dir")" ""
	finish
}

# As names that are just being made: two seconds are waited for them, and not for each.
case_names_that_are_kept_young_are_waited_for_together() {
	prepare
	# not by touch(1), of which one a second is too much for a slow machine
	$python -c '
import os, sys, time
files = [open(f"{sys.argv[1]}/s{n}", "w") for n in range(1, 10)]
while True:
    for file in files:
        os.utime(file.fileno())
    time.sleep(0.05)' "$dir" &
	eventually test -e "$dir/s9"
	local words
	for words in gc "gc --dry-run" doctor; do
		# shellcheck disable=SC2086
		try timeout $((4 * patience)) netns --run-dir "$dir" $words
		[[ $st != 124 ]] || fail "$words waits for each"
		[[ $out != *s[1-9]* ]] || fail "$words takes them for stale: $out"
	done
	gives 1 timeout $((12 * patience)) netns --run-dir "$dir" delete --all
	kill $!
	wait $! || :
	is "$(grep -c 'netns: delete: s[1-9]: .* somebody else keeps making this name: netns doctor)$' "$T/err")" 9
	is "$(wc -l <"$T/err")" 9
	eventually netns --run-dir "$dir" delete --all
	is "$(ls "$dir")" ""
	finish
}

tap_main "$@"
