#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The tool, as its users see it. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH
unset NO_COLOR SHELL
export LC_ALL=C.UTF-8 TERM=xterm

# shellcheck disable=SC2154,SC2016,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

mapfile -t commands < <(netns complete -- "" | cut -f 1)
pins=/run/netns

inode() { # of the network namespace under a name
	stat -L -c %i "$pins/$1"
}

# on_terminal [STEP...] -- COMMAND...: runs it on a terminal of its own, and prints what is on it.
# A step is `wait TEXT`, for it to be printed, `type TEXT`, or `foreground `, for the terminal to be
# another process group's than the command's.
on_terminal() {
	$python - "$@" <<-'PYTHON'
		import os, pty, select, sys, time

		split = sys.argv.index("--")
		steps, command = sys.argv[1:split], sys.argv[split + 1 :]
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp(command[0], command)
		seen, at = b"", 0

		def read(deadline):
		    global seen
		    if not select.select([fd], [], [], max(0, deadline - time.time()))[0]:
		        return None
		    try:
		        data = os.read(fd, 4096)
		    except OSError:
		        return b""
		    seen += data
		    return data

		for step in steps:
		    verb, text = step.split(" ", 1)
		    if verb == "foreground":
		        while os.tcgetpgrp(fd) == pid:
		            time.sleep(0.01)
		        continue
		    text = text.encode().decode("unicode_escape").encode()
		    if verb == "type":
		        os.write(fd, text)
		        continue
		    deadline = time.time() + 20
		    while text not in seen[at:]:
		        if not read(deadline):
		            sys.exit("waited for %r, saw %r" % (text, seen))
		    at = seen.index(text, at) + len(text)
		deadline = time.time() + 20
		while True:
		    data = read(deadline)
		    if data == b"":
		        break
		    if data is None:
		        sys.exit("does not end, saw %r" % seen)
		sys.stdout.buffer.write(seen.replace(b"\r\n", b"\n"))
		sys.stdout.flush()
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	PYTHON
}

# A small /etc of our own, whose resolv.conf is a link, and files for the namespace "web".
prepare_etc() {
	mkdir "$T/etc"
	cp -a /etc/alternatives /etc/passwd /etc/group /etc/ld.so.* "$T/etc/" 2>/dev/null || :
	mount --bind "$T/etc" /etc
	mkdir -p /run/resolve /etc/netns/web
	echo outside >/etc/hosts
	echo stub >/run/resolve/stub.conf
	ln -s ../run/resolve/stub.conf /etc/resolv.conf
	echo inside >/etc/netns/web/hosts
	echo resolver >/etc/netns/web/resolv.conf
}

# ---- help, options, words

plain_help_is_an_answer_and_not_an_error() {
	gives 0 netns --help
	like "$out" "Usage: netns *Examples:*"
	is "$err" ""
	local overview=$out command
	for command in "${commands[@]}"; do
		like "$overview" "*
  $command *"
		gives 0 netns "$command" --help
		like "$out" "Usage: netns $command*Example*  netns *"
		local long=$out
		gives 0 netns "$command" -h
		is "$out" "$long"
		gives 0 netns help "$command"
		is "$out" "$long"
	done
	gives 0 netns help
	is "$out" "$overview"
	gives 0 netns -h
	is "$out" "$overview"
}

plain_version_is_that_of_the_library() {
	gives 0 netns --version
	like "$out" "netns [0-9]*.[0-9]*.[0-9]*"
	local version=$out
	gives 0 netns -V
	is "$out" "$version"
}

plain_wrong_words_are_usage_errors() {
	gives 2 netns lits
	is "$err" "netns: no command 'lits'; did you mean 'list'? (netns --help)"
	gives 2 netns dlete x
	like "$err" "*did you mean 'delete'?*"
	gives 2 netns xyzzy
	is "$err" "netns: no command 'xyzzy' (netns --help)"
	gives 2 netns ""
	gives 2 netns --nonsense
	is "$err" "netns: no option '--nonsense' (netns --help)"
	gives 2 netns help xyzzy
	gives 2 netns help add list
	gives 2 netns --run-dir
	is "$err" "netns: option '--run-dir' needs a value (netns --help)"
	gives 2 netns -d relative list
	like "$err" "*absolute*'relative'*"
	gives 2 netns list -d ""
	gives 2 netns --all add
	gives 2 netns --all run true
	gives 2 netns list web
	like "$err" "netns: list: *'web' (netns list --help)"
	gives 2 netns list --up
	gives 2 netns list -o
	gives 2 netns list -o NAME,COLOUR
	like "$err" "*'COLOUR'*NAME, ID, INODE, NETNS-ID and STATE*"
	gives 2 netns add
	gives 2 netns add --up
	gives 2 netns add --up=yes x
	gives 2 netns add -x
	is "$err" "netns: add: no option '-x'; what begins with '-' and is none goes after '--' (netns add --help)"
	gives 2 netns delete
	gives 2 netns delete --all x
	gives 2 netns exec
	gives 2 netns exec web
	gives 2 netns exec web --
	gives 2 netns exec --nonsense web true
	gives 2 netns run --name
	gives 2 netns run --nonsense true
	is "$out" ""
}

plain_control_characters_in_arguments_are_made_harmless() {
	gives 2 netns $'\e[31mred\n'
	has "$err" "'\\x1b[31mred\\x0a'"
	gives 2 netns list $'a\tb\x7f\x9b\\x41'
	has "$err" "'a\\x09b\\x7f\\x9b\\x5cx41'"
	gives 2 netns list $'\u202e\u0085ä'
	has "$err" "'\\xe2\\x80\\xae\\xc2\\x85ä'"
}

plain_lost_output_is_an_error() {
	local words
	for words in --help --version list "list --json" "list -o NAME" "help add"; do
		# the frame's standard output is a file; these have their own
		# shellcheck disable=SC2086
		st=0 && netns -d "$T" $words >/dev/full 2>"$T/err" || st=$?
		[[ $words == list ]] && continue # nothing to print
		is "$st" 1
		like "$(<"$T/err")" "netns: *could not be written: No space left on device"
		# shellcheck disable=SC2086
		st=0 && netns -d "$T" $words >&- 2>"$T/err" || st=$?
		is "$st" 1
		like "$(<"$T/err")" "netns: *could not be written*"
	done
}

plain_pages_know_every_command_and_option() {
	local command option
	is "$(netns --help | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p' | xargs)" "${commands[*]}"
	for command in "${commands[@]}"; do
		[[ $command == help ]] && continue
		[[ -s $source_root/man/netns-$command.8.scd ]] || fail "no page: $command"
		grep -q "netns-$command" "$source_root/man/netns.8.scd" || fail "netns.8 lacks $command"
		for option in $(netns "$command" --help | sed -n 's/^  *\(-., \)\?--\([a-z-]*\).*/\2/p'); do
			grep -q -e "--$option" "$source_root/man/netns-$command.8.scd" ||
				fail "netns-$command.8 lacks --$option"
		done
	done
}

case_verbs_may_be_shortened_as_in_ip() {
	netns add web
	local word
	for word in l li ls lst s sh show list; do
		gives 0 netns $word
		is "$out" web
	done
	for word in a ad; do
		gives 0 netns $word $word
		gives 1 netns $word web
		like "$err" "netns: add: *"
	done
	for word in e ex exe; do gives 3 netns $word web sh -c 'exit 3'; done
	for word in ru run; do gives 4 netns $word sh -c 'exit 4'; done
	for word in d del; do
		gives 1 netns $word nothing-like-it
		like "$err" "netns: delete: *"
	done
	gives 0 netns h
	gives 0 netns del web a ad
}

case_options_of_ip_are_understood() {
	netns add web
	local words
	for words in -j -js -json --json "-j list" "list -j" "list -json" "-p -j" "-pretty -json ls"; do
		# shellcheck disable=SC2086
		gives 0 netns $words
		is "$(json "$T/out" 'd[0]["name"]')" web
	done
	gives 0 netns -all delete
	netns add web
	gives 0 netns -a delete
	netns add web
	gives 0 netns --all delete
	netns add web
	gives 0 netns delete -all
	is "$(netns)" ""
}

case_set_user_id_is_refused() {
	let_others_run_it
	# LD_LIBRARY_PATH and $ORIGIN do not count then: the library comes from the cache
	printf 'include /etc/ld.so.conf\n%s\n' "$T/public" >"$T/conf"
	ldconfig -X -f "$T/conf" -C "$T/cache" 2>/dev/null || skip "no ldconfig"
	[[ -e /etc/ld.so.cache ]] || skip "no /etc/ld.so.cache"
	mount --bind "$T/cache" /etc/ld.so.cache
	chmod 4755 "$T/public/netns"
	setpriv --reuid 65534 --regid 65534 --clear-groups true || skip "no setpriv"
	gives 1 setpriv --reuid 65534 --regid 65534 --clear-groups "$T/public/netns" list
	like "$err" "netns: refusing to run set-user-ID*"
	chmod 755 "$T/public/netns"
	gives 0 setpriv --reuid 65534 --regid 65534 --clear-groups "$T/public/netns" list
	umount /etc/ld.so.cache
}

case_without_privilege_errors_say_what_is_needed() {
	netns add web
	local as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	let_others_run_it
	local words
	for words in "add x" "delete web" "exec web true" "run true"; do
		# shellcheck disable=SC2086
		gives 1 "${as_nobody[@]}" netns $words
		like "$err" "netns: ${words%% *}: *not permitted (try as root, or with CAP_SYS_ADMIN)"
	done
	gives 0 "${as_nobody[@]}" netns list
	is "$out" web
	netns delete web
}

# ---- add, delete

case_add_makes_names_that_stay() {
	gives 0 netns add web db
	is "$out$err" ""
	is "$(cd $pins && ls)" "db
web"
	[[ $(inode web) != "$(inode db)" && $(inode web) != "$(stat -L -c %i /proc/self/ns/net)" ]] ||
		fail "not new"
	is "$(netns exec web cat /sys/class/net/lo/operstate)" down
	gives 0 netns add --up up
	is "$(netns exec up cat /sys/class/net/lo/operstate)" unknown
	gives 0 netns add late --up
	is "$(netns exec late cat /sys/class/net/lo/operstate)" unknown
	netns delete web db up late
}

case_add_reports_each_failure_and_does_the_rest() {
	netns add b
	gives 1 netns add a b c/d "" . .. "$(printf '%256s' x)" e
	is "$(netns)" "a
b
e"
	is "$(wc -l <"$T/err")" 6
	like "$err" "netns: add: b: already exists (delete it first: netns delete b)*"
	like "$err" "*netns: add: c/d: not a possible name (*"
	like "$err" "*netns: add: '': not a possible name (*"
	netns delete a b e
}

case_two_dashes_end_the_options() {
	gives 0 netns add -- -x --up
	is "$(netns list)" "--up
-x"
	gives 5 netns exec -- -x sh -c 'exit 5'
	gives 6 netns exec -- -x -- sh -c 'exit 6'
	gives 7 netns run -- sh -c 'exit 7'
	gives 0 netns delete -- -x --up
	gives 2 netns list -- x
	gives 0 netns list --
	is "$(netns)" ""
}

case_delete_reports_each_failure_and_does_the_rest() {
	netns add a b
	gives 1 netns delete a nowhere b
	is "$err" "netns: delete: nowhere: no such namespace (netns list)"
	is "$(netns)" ""
	is "$(cd $pins && ls)" ""
}

case_delete_all_removes_stale_names_and_leaves_what_is_foreign() {
	netns add a b
	touch -d '10 seconds ago' $pins/stale
	echo content >$pins/file
	mkdir $pins/directory
	gives 0 netns delete --all
	like "$err" "*netns: delete: directory: no network namespace; left alone*"
	like "$err" "*netns: delete: file: no network namespace; left alone*"
	is "$(cd $pins && ls)" "directory
file"
	gives 1 netns delete file
	is "$err" "netns: delete: file: /var/run/netns/file is something else than a network namespace; left alone"
	gives 1 netns add file
	like "$err" "*something else*"
	gives 1 netns exec directory true
	like "$err" "*something else*"
	is "$(<$pins/file)" content
	rm $pins/file
	rmdir $pins/directory
	gives 0 netns delete --all
}

case_stale_names_are_named_and_mended() {
	mkdir -p $pins
	touch -d '10 seconds ago' $pins/web
	gives 1 netns exec web true
	is "$err" "netns: exec: web: stale, its namespace is gone (remove the name: netns delete web)"
	is "$(netns list -o STATE)" "STATE
stale"
	gives 0 netns add web
	is "$(netns list -o STATE)" "STATE
live"
	netns delete web
}

case_mistyped_names_get_a_suggestion() {
	netns add web1 database
	gives 1 netns exec wbe1 true
	is "$err" "netns: exec: wbe1: no such namespace; did you mean 'web1'? (netns list)"
	gives 1 netns delete databse
	like "$err" "*did you mean 'database'?*"
	gives 1 netns exec quite-different true
	is "$err" "netns: exec: quite-different: no such namespace (netns list)"
	netns delete web1 database
}

case_another_run_directory_can_be_given() {
	gives 0 netns -d "$T/names" add web
	gives 0 netns --run-dir "$T/names" list
	is "$out" web
	gives 0 netns list -d "$T/names"
	is "$out" web
	is "$(netns)" ""
	gives 3 netns exec -d "$T/names" web sh -c 'exit 3'
	gives 0 netns -d "$T/names" run --name guest netns -d "$T/names"
	is "$out" "guest
web"
	gives 0 netns delete --all --run-dir "$T/names"
	is "$(ls "$T/names")" ""
	gives 1 netns -d /nowhere/at/all list
	like "$err" "netns: list: */nowhere/at/all*"
	gives 1 netns -d /nowhere/at/all add x
	like "$err" "netns: add: x: */nowhere/at/all*"
	# the default one need not exist
	umount /run/netns 2>/dev/null || :
	rm -rf /run/netns
	gives 0 netns list
	gives 1 netns exec x true
}

# ---- list

case_list_prints_the_lines_of_ip() {
	command -v ip >/dev/null || skip "no ip"
	ip netns add a
	netns add b c d-stale
	umount $pins/d-stale
	ip netns set b 5
	gives 0 netns list
	is "$out" "a
b (id: 5)
c
d-stale"
	is "$(ip netns list 2>/dev/null | sort)" "$out"
	gives 0 netns
	is "$out" "$(netns list)"
	netns delete --all
}

case_list_sorts_numbers_by_value() {
	netns add n10 n9 n1 m
	is "$(netns list | xargs)" "m n1 n9 n10"
	netns delete --all
}

case_list_shows_chosen_columns() {
	netns add web
	touch -d '10 seconds ago' $pins/old
	gives 0 netns list -o name,State
	is "$out" "NAME STATE
old  stale
web  live"
	gives 0 netns list --output INODE
	like "$out" "*INODE
*$(inode web)"
	netns delete --all
}

case_list_in_json_has_the_keys_of_ip_and_ours() {
	gives 0 netns list --json
	is "$out" "[]"
	netns add a b
	touch -d '10 seconds ago' $pins/stale
	mkdir $pins/foreign
	command -v ip >/dev/null && ip netns set b 7
	gives 0 netns list --json
	$python -m json.tool <"$T/out" >/dev/null
	is "$(json "$T/out" '[(e["name"], e["state"]) for e in d]')" \
		"[('a', 'live'), ('b', 'live'), ('foreign', 'foreign'), ('stale', 'stale')]"
	is "$(json "$T/out" 'd[0]["inode"]')" "$(inode a)"
	is "$(json "$T/out" '[sorted(e) for e in d if e["state"] != "live"]')" \
		"[['name', 'state'], ['name', 'state']]"
	is "$(json "$T/out" '"id" in d[0]')" False
	command -v ip >/dev/null && is "$(json "$T/out" 'd[1]["id"]')" 7
	local cookie='import socket; print(int.from_bytes(socket.socket().getsockopt(1, 71, 8), "little"))'
	is "$(json "$T/out" 'd[0]["netns-id"]')" "$(netns exec a $python -c "$cookie")"
	cp "$T/out" "$T/plain"
	gives 0 netns -p list --json
	[[ $(wc -l <"$T/out") -gt 10 ]] || fail "not pretty"
	is "$(json "$T/out" d)" "$(json "$T/plain" d)"
	gives 0 netns list --json -o NAME
	is "$(json "$T/out" 'd[0]')" "{'name': 'a'}"
	rmdir $pins/foreign
	netns delete --all
}

hostile=(' ' 'a b' $'new\nline' $'\e[2J' $'tab\t' 'quo"te' "apo'strophe" 'back\slash' '\x41' 'a (id: 5)'
	'*' '$(id)' 'ä€😀' $'\xff\xfe' $'\xed\xa0\x80' $'\x9b31m' $'\u202egnp' $'\x7f' '-rf' '...' '{}')

case_hostile_names_are_made_and_shown_and_removed() {
	hostile+=("$(printf '%255s' x)")
	gives 0 netns add -- "${hostile[@]}"
	local name
	for name in "${hostile[@]}"; do
		gives 0 netns exec -- "$name" true
	done
	gives 0 netns list
	is "$(wc -l <"$T/out")" "${#hostile[@]}"
	! grep -q '[[:cntrl:]]' "$T/out" || fail "control characters: $out"
	for name in 'new\x0aline' 'ä€😀' '\xff\xfe' '\x5cx41' 'back\slash'; do
		has "$out" "$name"
	done
	gives 0 netns list --json
	$python -m json.tool <"$T/out" >/dev/null
	is "$(json "$T/out" 'len(d)')" "${#hostile[@]}"
	is "$(json "$T/out" 'sum(e["name"] == "new\nline" for e in d)')" 1
	is "$(json "$T/out" 'sum(e["name"] == "quo\"te" for e in d)')" 1
	is "$(json "$T/out" 'sum(e["name"] == "\ufffd\ufffd" for e in d)')" 1
	gives 0 netns --json --pretty list
	$python -m json.tool <"$T/out" >/dev/null
	try on_terminal -- netns list
	! tr -d '\n' <"$T/out" | grep -q '[[:cntrl:]]' || fail "control characters on the terminal: $out"
	LC_ALL=C try on_terminal -- netns list
	! LC_ALL=C grep -q '[^ -~]' "$T/out" || fail "not ASCII: $out"
	gives 1 netns add $'new\nline'
	is "$(wc -l <"$T/err")" 1
	gives 0 netns delete -- "${hostile[@]}"
}

case_list_on_a_terminal_is_a_table() {
	try on_terminal -- netns
	like "$out" "No network namespace has a name (netns add NAME*"
	netns add web
	touch -d '10 seconds ago' $pins/old
	try on_terminal -- netns
	like "$out" "NAME ID *INODE STATE
old *"$'\e['*"stale"$'\e['*"
web *$(inode web) live"
	NO_COLOR=1 try on_terminal -- netns list
	is "$(tr -s ' ' <<<"$out")" "NAME ID INODE STATE
old stale
web $(inode web) live"
	TERM=dumb try on_terminal -- netns list
	! grep -q $'\e' "$T/out" || fail "coloured: $out"
	gives 0 netns list -o NAME,STATE
	! grep -q $'\e' "$T/out" || fail "coloured: $out"
	netns delete --all
}

# ---- exec

case_exec_takes_the_place_of_the_process() {
	netns add web
	gives 0 sh -c 'echo $$; exec netns exec web sh -c "echo \$\$; readlink /proc/self/ns/net"'
	is "$(sed -n 1p "$T/out")" "$(sed -n 2p "$T/out")"
	is "$(sed -n 3p "$T/out")" "net:[$(inode web)]"
	netns delete web
}

case_exec_gives_the_status_of_the_command() {
	netns add web
	gives 0 netns exec web true
	gives 42 netns exec web sh -c 'exit 42'
	gives 137 netns exec web sh -c 'kill -9 $$'
	gives 127 netns exec web no-such-command
	is "$err" "netns: exec: no-such-command: no such command"
	gives 127 netns exec web /no/such/command
	is "$err" "netns: exec: /no/such/command: No such file or directory"
	gives 126 netns exec web /dev/null
	is "$err" "netns: exec: /dev/null: Permission denied"
	gives 126 netns exec web /
	printf '#!/no/such/interpreter\n' >"$T/script"
	chmod +x "$T/script"
	gives 127 netns exec web "$T/script"
	like "$err" "*its interpreter does not exist"
	gives 127 netns exec web --no-mounts true
	like "$err" "*options go before it*"
	gives 1 netns exec nowhere true
	gives 1 netns exec a/b true
	netns delete web
}

case_commands_get_arguments_descriptors_and_surroundings_as_they_were() {
	netns add web
	cd "$T"
	local how
	for how in "exec web" "run"; do
		# shellcheck disable=SC2086
		gives 0 env A=b netns $how sh -c 'printf "<%s>" "$@" "$A" "$(pwd)"' x 'a b' '' '*' --help
		is "$out" "<a b><><*><--help><b><$T>"
		# shellcheck disable=SC2086
		is "$(echo hello | netns $how cat)" hello
		# shellcheck disable=SC2086
		gives 0 netns $how sh -c 'ls /proc/self/fd | xargs'
		is "$out" "$(sh -c 'ls /proc/self/fd | xargs' </dev/null)"
		echo seven >"$T/7"
		# shellcheck disable=SC2086
		is "$(netns $how cat /proc/self/fd/7 7<"$T/7")" seven
		# shellcheck disable=SC2086
		is "$(netns $how sh -c '[ -e /proc/$$/fd/0 ] || echo closed' <&-)" closed
		# signals
		local odd=(env --ignore-signal=CHLD,USR1,TSTP --block-signal=USR2,TERM)
		# shellcheck disable=SC2086
		is "$("${odd[@]}" netns $how grep -E '^Sig(Blk|Ign)' /proc/self/status)" \
			"$("${odd[@]}" grep -E '^Sig(Blk|Ign)' /proc/self/status)"
	done
	netns delete web
}

below_sys() {
	sed -n 's|^[^ ]* [^ ]* [^ ]* [^ ]* \(/sys[^ ]*\) .* - \([^ ]*\) .*|\1 \2|p' /proc/self/mountinfo
}

prepare_sys() {
	[[ $(stat -f -c %T /sys) == sysfs ]] || skip "no /sys"
	# something below, and something below that
	mount -t tmpfs tmpfs /sys/kernel/debug || skip "no /sys/kernel/debug"
	mkdir /sys/kernel/debug/below
	mount -t tmpfs tmpfs /sys/kernel/debug/below
	touch /sys/kernel/debug/below/here
}

restore_sys() {
	umount -R /sys/kernel/debug
}

case_sys_is_that_of_the_namespace_and_keeps_what_is_mounted_on_it() {
	prepare_sys
	netns add web
	try below_sys
	local outside=$out how
	for how in "exec web" "run" "run --name lab"; do
		# shellcheck disable=SC2086
		gives 0 netns $how bash -c "$(declare -f below_sys); below_sys"
		is "$(sort <<<"$out")" "$(sort <<<"$outside")"
		# shellcheck disable=SC2086
		gives 0 netns $how sh -c 'ls /sys/class/net; ls /sys/kernel/debug/below'
		is "$out" "lo
here"
	done
	try below_sys
	is "$out" "$outside"
	netns delete web
	restore_sys
}

case_sys_keeps_what_is_mounted_on_it_without_open_tree() {
	prepare_sys
	netns add web
	gives 0 without open_tree netns exec web sh -c \
		'ls /sys/class/net /sys/kernel/debug/below; stat -f -c %T /sys /sys/kernel/debug'
	is "$(xargs <<<"$out")" "/sys/class/net: lo /sys/kernel/debug/below: here sysfs tmpfs"
	is "$err" ""
	netns delete web
	restore_sys
}

case_sys_keeps_what_is_mounted_on_it_without_listmount() {
	prepare_sys
	netns add web
	gives 0 without listmount netns exec web sh -c \
		'ls /sys/class/net /sys/kernel/debug/below; stat -f -c %T /sys /sys/kernel/debug'
	is "$(xargs <<<"$out")" "/sys/class/net: lo /sys/kernel/debug/below: here sysfs tmpfs"
	is "$err" ""
	netns delete web
	restore_sys
}

case_sys_stays_read_only_for_that_mount_alone() {
	prepare_sys
	netns add web
	mount -o remount,bind,ro,nosuid /sys
	gives 2 netns exec web sh -c 'grep " /sys " /proc/self/mountinfo; echo 1 >/sys/class/net/lo/mtu'
	like "$out" "* /sys ro,nosuid,*"
	like "$err" "*Read-only*"
	# others must be able to write, while this one is in use
	mkfifo "$T/fifo"
	netns exec web sh -c "read x <$T/fifo" &
	eventually grep -qx sh "/proc/$!/comm"
	mount -o remount,bind,rw,suid /sys
	gives 0 netns exec web sh -c 'grep " /sys " /proc/self/mountinfo; echo 1 >/sys/class/net/lo/mtu'
	like "$err" ""
	like "$out" "* /sys rw,*"
	echo >"$T/fifo"
	wait
	netns delete web
	restore_sys
}

case_sys_may_be_missing() {
	netns add web
	mount -t tmpfs tmpfs /sys
	gives 0 netns exec web sh -c 'ls /sys; stat -f -c %T /sys'
	is "$out$err" tmpfs
	umount /sys
	netns delete web
}

case_etc_is_that_of_the_namespace() {
	prepare_etc
	netns add web other
	gives 0 netns exec web cat /etc/hosts /etc/resolv.conf
	is "$out$err" "inside
resolver"
	gives 0 netns exec other cat /etc/hosts /etc/resolv.conf
	is "$out" "outside
stub"
	gives 0 cat /etc/hosts /etc/resolv.conf
	is "$out" "outside
stub"
	netns delete web
	gives 0 netns run --name web cat /etc/hosts
	is "$out" inside
	gives 0 netns run cat /etc/hosts
	is "$out" outside
	netns delete other
	umount /etc
}

case_etc_links_are_replaced_for_good_and_may_dangle() {
	prepare_etc
	netns add web
	# what the link points to is replaced while the command runs, as a resolver does
	gives 0 netns exec web sh -c '
		echo new >/run/resolve/new && mv /run/resolve/new /run/resolve/stub.conf
		cat /etc/resolv.conf'
	is "$out" resolver
	rm -r /run/resolve
	gives 0 netns exec web cat /etc/resolv.conf
	is "$out$err" resolver
	# a directory cannot be put over a link, but over what it points to
	mkdir /run/directory /etc/netns/web/directory
	ln -s /run/directory /etc/directory
	echo content >/etc/netns/web/directory/file
	gives 0 netns exec web cat /etc/directory/file
	is "$out$err" content
	mkdir -p /run/resolve
	echo stub >/run/resolve/stub.conf
	gives 0 without open_tree netns exec web cat /etc/resolv.conf
	is "$out$err" resolver
	is "$(</etc/resolv.conf)" stub
	netns delete web
	umount /etc
}

case_etc_files_that_replace_nothing_are_warned_of() {
	prepare_etc
	netns add web
	touch /etc/netns/web/$'un\nknown'
	gives 0 netns exec web cat /etc/hosts
	is "$out" inside
	has "$err" "netns: exec: web: /etc/netns/web/un\\x0aknown is not used in place of /etc/un\\x0aknown: No such file"
	netns delete web
	umount /etc
}

case_mounts_are_hidden_outside_and_seen_inside() {
	netns add web
	mkdir "$T/a" "$T/b"
	mount --make-shared --bind "$T" "$T"
	mkfifo "$T/fifo"
	netns exec web sh -c "mount -t tmpfs tmpfs $T/a; touch $T/a/inner; read x <$T/fifo; ls $T/a $T/b" >"$T/seen" &
	eventually sh -c "grep -q '$T/a' /proc/$!/mountinfo"
	[[ ! -e $T/a/inner ]] || fail "seen outside"
	mount -t tmpfs tmpfs "$T/b"
	touch "$T/b/outer"
	echo >"$T/fifo"
	wait
	is "$(xargs <"$T/seen")" "$T/a: inner $T/b: outer"
	umount "$T/b" "$T"
	netns delete web
}

case_no_mounts_leaves_the_mount_namespace_alone() {
	prepare_etc
	netns add web
	local here how
	here=$(readlink /proc/self/ns/mnt)
	for how in "exec --no-mounts web" "exec -m web" "run --no-mounts" "run -m --name lab"; do
		# shellcheck disable=SC2086
		gives 0 netns $how sh -c 'readlink /proc/self/ns/mnt; cat /etc/hosts; grep -c : /proc/net/dev'
		is "$out" "$here
outside
1"
	done
	for how in "exec web" "run"; do
		# shellcheck disable=SC2086
		[[ $(netns $how readlink /proc/self/ns/mnt) != "$here" ]] || fail "no mount namespace"
	done
	netns delete web
	umount /etc
}

# ---- run

case_run_makes_a_namespace_that_goes_with_the_command() {
	local here
	here=$(readlink /proc/self/ns/net)
	gives 0 netns run sh -c 'readlink /proc/self/ns/net; cat /sys/class/net/lo/operstate; netns list'
	is "$(sed -n 2p "$T/out")" down
	like "$(sed -n 1p "$T/out")" "net:[[]*"
	[[ $(sed -n 1p "$T/out") != "$here" ]] || fail "not new"
	is "$(sed -n 3p "$T/out")" ""
	is "$(netns run --up cat /sys/class/net/lo/operstate)" unknown
	is "$(netns run -u cat /sys/class/net/lo/operstate)" unknown
}

case_run_ends_the_namespace() {
	command -v ip >/dev/null || skip "no ip"
	# the other end of a veth lives as long as the namespace
	mkfifo "$T/fifo"
	netns run --up sh -c "echo \$\$ >$T/pid; sleep 1000 & read x <$T/fifo" &
	eventually test -s "$T/pid"
	ip link add outer type veth peer name inner netns "$(<"$T/pid")"
	gives 0 ip link show outer
	echo >"$T/fifo"
	wait
	eventually sh -c '! ip link show outer'
}

case_run_with_a_name_removes_it() {
	gives 3 netns run --name lab sh -c 'netns list; exit 3'
	is "$out" lab
	is "$(netns)" ""
	gives 0 netns run -n lab sh -c 'netns exec lab readlink /proc/self/ns/net; readlink /proc/self/ns/net'
	is "$(sed -n 1p "$T/out")" "$(sed -n 2p "$T/out")"
	gives 127 netns run --name lab no-such-command
	is "$(netns)" ""
	gives 137 netns run --name lab sh -c 'kill -9 $$'
	is "$(netns)" ""
	# removed meanwhile, and given to another
	gives 0 netns run -m --name lab netns delete lab
	gives 0 netns run -m --name lab sh -c 'netns delete lab; netns add lab'
	is "$(netns)" lab
	gives 1 netns run --name lab touch "$T/ran"
	like "$err" "netns: run: lab: already exists *"
	[[ ! -e $T/ran ]] || fail "the command was run"
	netns delete lab
	gives 1 netns run --name a/b true
}

case_run_gives_the_status_of_the_command() {
	gives 0 netns run true
	gives 42 netns run sh -c 'exit 42'
	gives 143 netns run sh -c 'kill $$'
	gives 137 netns run sh -c 'kill -9 $$'
	gives 127 netns run no-such-command
	is "$err" "netns: run: no-such-command: no such command"
	gives 126 netns run /dev/null
	gives 11 env --ignore-signal=CHLD netns run sh -c 'exit 11'
}

case_run_without_a_command_is_a_shell() {
	printf '#!/bin/sh\necho "my shell: $#"\nexit 9\n' >"$T/shell"
	chmod +x "$T/shell"
	gives 9 env SHELL="$T/shell" netns run
	is "$out" "my shell: 0"
	local fallback
	for fallback in "-u SHELL" "SHELL="; do
		# shellcheck disable=SC2086
		is "$(echo 'readlink /proc/self/exe; echo from a shell' | env $fallback netns run | tail -1)" \
			"from a shell"
	done
	echo "PS1='inner$ '" >"$T/.bashrc"
	gives 4 on_terminal 'wait inner$ ' 'type echo a$((1+1))b\n' 'wait a2b' 'type exit 4\n' -- \
		env SHELL=/bin/bash HOME="$T" netns run --up
}

case_closed_descriptors_are_not_taken_by_others() {
	netns run sleep 1000 2>&- &
	eventually pgrep -x sleep
	is "$(readlink "/proc/$!/fd/2")" /dev/null
	[[ ! -e /proc/$(pgrep -x sleep)/fd/2 ]] || fail "the command has one"
	kill $!
	wait $! || :
}

case_run_passes_signals_on() {
	local signal
	for signal in TERM HUP USR1 USR2 INT QUIT; do
		rm -f "$T/ready"
		env --default-signal=INT,QUIT netns run sh -c "
			trap 'echo got $signal; exit 9' $signal
			: >$T/ready
			while :; do sleep 0.05; done" >"$T/out" &
		eventually test -e "$T/ready"
		kill -s "$signal" $!
		st=0 && wait $! || st=$?
		is "$st" 9
		is "$(<"$T/out")" "got $signal"
	done
	# and ends with the command, however that ends
	netns run --name lab sh -c ": >$T/running; exec sleep 1000" &
	eventually test -e "$T/running"
	kill -s TERM $!
	st=0 && wait $! || st=$?
	is "$st" 143
	is "$(netns)" ""
}

case_run_killed_takes_the_command_with_it() {
	netns run sh -c "echo \$\$ >$T/pid; exec sleep 1000" &
	eventually test -s "$T/pid"
	kill -9 $!
	wait $! 2>/dev/null || :
	eventually test ! -e "/proc/$(<"$T/pid")"
}

case_run_ends_what_the_command_left_running() {
	gives 3 netns run bash -c "
		sleep 1001 &
		setsid sleep 1002 &
		(trap '' TERM HUP INT; sleep 1003 & sleep 1004) &
		setsid bash -c 'setsid sleep 1005 & sleep 1006 &'
		netns exec nowhere true 2>/dev/null
		unshare --net sleep 1007 &
		sleep 1008 & kill -STOP \$!
		exit 3"
	! pgrep -x sleep >/dev/null || fail "left running: $(pgrep -a sleep)"
}

case_run_leaves_alone_what_was_running_before() {
	gives 5 bash -c "sleep 1001 & echo \$! >$T/pid; exec netns run bash -c 'sleep 1002 & exit 5'"
	kill -0 "$(<"$T/pid")"
	is "$(pgrep -x -c sleep)" 1
	kill "$(<"$T/pid")"
}

case_signals_from_a_terminal_come_once() {
	cat >"$T/count.py" <<-'PYTHON'
		import signal

		keys = [signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP]
		signal.pthread_sigmask(signal.SIG_BLOCK, keys)
		print("ready", flush=True)
		n = 0
		while signal.sigtimedwait(keys, 1 if n else 30):
		    n += 1
		print("n=%d" % n)
		exit(7)
	PYTHON
	local key
	for key in '\x03' '\x1c' '\x1a' '\x03' '\x1c' '\x1a'; do
		gives 7 on_terminal 'wait ready' "type $key" -- netns run "$python" "$T/count.py"
		like "$out" "*n=1"
	done
	gives 130 on_terminal 'wait ready' 'type \x03' -- netns run sh -c 'echo ready; exec sleep 1000'
	gives 131 on_terminal 'wait ready' 'type \x1c' -- netns run sh -c \
		'ulimit -c 0; echo ready; exec sleep 1000'
}

# Nothing forks here while it may be stopped: a shell in vfork(2) cannot stop before its child goes on.
# And an interrupt is typed only once the job has the terminal, which is after its name is printed.
case_stopped_at_a_terminal_and_continued() {
	cat >"$T/rc" <<-'RC'
		PS1='$ '
		await() {
			until [[ $(ps -o comm=,state= -C netns,dash | sort | xargs) == "dash $1 netns $1" ]]; do sleep 0.02; done
			echo "both $1"
		}
	RC
	ln -s "$(command -v dash || command -v sh)" "$T/dash"
	mkfifo "$T/fifo"
	try on_terminal 'wait $ ' \
		"type netns run $T/dash -c 'echo re''ady; read x <$T/fifo'\n" 'wait ready' 'type \x1a' \
		'wait Stopped' 'wait $ ' 'type await T\n' 'wait both T' 'wait $ ' \
		'type bg\n' 'wait $ ' 'type await S\n' 'wait both S' 'wait $ ' \
		'type kill -STOP $(pgrep -x dash); await T\n' 'wait both T' 'wait $ ' \
		'type fg\n' 'foreground ' 'type \x03' 'wait $ ' \
		'type echo status $?\n' 'wait status 130' 'type exit\n' \
		-- bash --rcfile "$T/rc" -i
	is "$st" 0
}

case_a_shell_inside_has_job_control() {
	echo 'PS1="inner$ "' >"$T/inner"
	echo 'PS1="outer$ "' >"$T/outer"
	try on_terminal 'wait outer$ ' \
		"type netns run bash --rcfile $T/inner -i\n" 'wait inner$ ' \
		'type sh -c "echo re""ady; exec sleep 1000"\n' 'wait ready' 'type \x1a' 'wait Stopped' 'wait inner$ ' \
		'type kill -9 %1; while [ "$(jobs -sp)" ]; do sleep 0.02; done; echo go""ne\n' 'wait gone' 'wait inner$ ' \
		'type suspend\n' 'wait Stopped' 'wait outer$ ' 'type fg\n' 'wait inner$ ' \
		'type exit 5\n' 'wait outer$ ' 'type echo status $?\n' 'wait status 5' 'type exit\n' \
		-- bash --rcfile "$T/outer" -i
	is "$st" 0
}

case_run_works_in_a_user_namespace() {
	local as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Ur)
	"${as_nobody[@]}" true 2>/dev/null || skip "no user namespaces"
	let_others_run_it
	gives 0 "${as_nobody[@]}" netns run --up cat /sys/class/net/lo/operstate
	is "$out$err" unknown
}

# ---- with ip

case_ip_and_netns_see_each_other() {
	command -v ip >/dev/null || skip "no ip"
	ip netns add theirs
	netns add ours
	is "$(netns list)" "ours
theirs"
	is "$(ip netns list | sort)" "ours
theirs"
	is "$(ip netns exec ours readlink /proc/self/ns/net)" "net:[$(inode ours)]"
	is "$(netns exec theirs readlink /proc/self/ns/net)" "net:[$(inode theirs)]"
	gives 1 netns add theirs
	gives 1 ip netns add ours
	gives 0 ip netns delete ours
	gives 0 netns delete theirs
	is "$(netns)$(ip netns)" ""
	ip netns add again
	gives 0 netns delete again
	netns add again
	gives 0 ip netns delete again
}

# They are loaded when they are needed, and only then.
case_libraries_of_tables_and_links() {
	mkdir "$T/lib"
	: >"$T/lib/libsmartcols.so.1"
	: >"$T/lib/libnl-route-3.so.200"
	export LD_LIBRARY_PATH=$T/lib
	gives 0 netns add a
	gives 0 netns list
	is "$out" a
	gives 0 netns list --json
	gives 0 netns exec a true
	gives 1 netns list --raw
	has "$err" "netns: list: a library cannot be used: $T/lib/libsmartcols.so.1: file too short"
	netns add b
	gives 1 netns link a:x b:y
	has "$err" "netns: link: a library cannot be used: $T/lib/libnl-route-3.so.200: file too short"
	gives 0 netns delete a b
	is "$(netns list)" ""
}

tap_main "$@"
