#!/bin/bash
# SPDX-License-Identifier: MIT
# What `ip netns` has: side by side with it where it is installed. And all ways to name a namespace.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH
unset NO_COLOR SHELL
export LC_ALL=C.UTF-8 TERM=xterm
# shellcheck disable=SC2154,SC2016,SC2317 # out, err, st and python come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

pins=/run/netns

inode() { # of the network namespace under a name, or of a process
	if [[ $1 == [0-9]* ]]; then
		stat -L -c %i "/proc/$1/ns/net"
	else
		stat -L -c %i "$pins/$1"
	fi
}

# start NAME: a process inside, of which $pid is the number; it is there when this returns
start() {
	netns exec --no-mounts "$1" sleep 600 &
	pid=$!
	eventually inside "$pid" "$1"
}

inside() { # inside PID NAME
	[[ $(inode "$1") == "$(inode "$2")" && $(<"/proc/$1/comm") == sleep ]]
}

stop() {
	kill "$pid"
	wait "$pid" || :
}

need_ip() {
	command -v ip >/dev/null || skip "no ip"
}

# ---- attach

case_attach_gives_a_name_to_a_processes_namespace() {
	netns add web
	start web
	gives 0 netns attach alias "$pid"
	is "$out$err" ""
	is "$(inode alias)" "$(inode web)"
	gives 0 netns delete web
	gives 0 netns exec alias true
	gives 1 netns attach alias "$pid"
	is "$err" "netns: attach: alias: already exists (delete it first: netns delete alias)"
	stop
	# and stays without it
	gives 0 netns exec alias true
	gives 1 netns attach other "$pid"
	like "$err" "netns: attach: pid:$pid: *No such process"
	[[ ! -e $pins/other ]] || fail "a name is there"
	netns delete alias
}

case_attach_takes_whatever_names_a_namespace() {
	netns add web
	local spec
	for spec in web $pins/web "ino:$(inode web)" "id:$(netns list -o NETNS-ID | tail -n 1 | tr -d ' ')"; do
		gives 0 netns attach alias "$spec"
		is "$(inode alias)" "$(inode web)"
		netns delete alias
	done
	gives 0 netns attach own self
	is "$(inode own)" "$(inode self 2>/dev/null || stat -L -c %i /proc/self/ns/net)"
	netns delete --all
}

case_attach_and_delete_across_both_tools() {
	need_ip
	netns add web
	start web
	gives 0 ip netns attach one "$pid"
	gives 0 netns attach two "$pid"
	is "$(inode one)" "$(inode two)"
	is "$(netns list)" "$(ip netns list | sort)"
	gives 0 netns exec one true
	gives 0 ip netns exec two true
	stop
	gives 0 ip netns delete two
	gives 0 netns delete one
	gives 0 ip netns delete web
	is "$(netns)" ""
}

# ---- identify

case_identify_prints_all_names() {
	netns add web
	start web
	netns attach n10 "$pid"
	netns attach n9 "$pid"
	netns add other
	gives 0 netns identify "$pid"
	is "$out" "n9
n10
web"
	gives 0 netns identify --json "$pid"
	is "$(json "$T/out" '[e["name"] for e in d]')" "['n9', 'n10', 'web']"
	gives 0 netns exec other netns identify
	is "$out" other
	gives 0 netns identify "ino:$(inode web)"
	is "$out" "n9
n10
web"
	stop
	gives 1 netns identify "$pid"
	netns delete --all
}

case_identify_without_a_name_is_done_all_the_same() {
	gives 0 netns identify
	is "$out$err" ""
	gives 0 netns identify $$
	is "$out$err" ""
	gives 0 netns -j identify
	is "$(json "$T/out" d)" "[]"
	netns add web
	touch -d '10 seconds ago' $pins/stale
	gives 0 netns identify
	is "$out$err" ""
	netns delete --all
}

case_identify_agrees_with_ip() {
	need_ip
	netns add web
	start web
	is "$(netns identify "$pid")" "$(ip netns identify "$pid")"
	is "$(netns exec web netns identify)" "$(ip netns exec web ip netns identify)"
	is "$(netns identify $$)" "$(ip netns identify $$)"
	stop
	netns delete web
}

# ---- pids

case_pids_prints_processes_sorted() {
	netns add web other
	local pids=() i
	for i in 1 2 3; do
		start web
		pids+=("$pid")
	done
	gives 0 netns pids web
	is "$out" "$(printf '%s\n' "${pids[@]}" | sort -n)"
	gives 0 netns pids other
	is "$out$err" ""
	gives 0 netns pids --json web
	is "$(json "$T/out" '" ".join("%d" % e["pid"] for e in d)')" "$(netns pids web | xargs)"
	is "$(json "$T/out" 'd[0]["threads"], d[0]["command"]')" "(1, 'sleep')"
	gives 0 netns pids --json other
	is "$(json "$T/out" d)" "[]"
	if command -v ip >/dev/null; then
		is "$(netns pids web)" "$(ip netns pids web | sort -n)"
	fi
	for pid in "${pids[@]}"; do stop; done
	netns delete --all
}

case_pids_counts_a_process_with_any_thread_inside() {
	netns add web
	$python - $pins/web "$T/ready" <<-'PYTHON' &
		import ctypes, os, sys, threading, time

		libc = ctypes.CDLL(None, use_errno=True)
		fd = os.open(sys.argv[1], os.O_RDONLY)

		def inside():
		    if libc.setns(fd, 0x40000000):
		        os._exit(1)
		    barrier.wait()
		    time.sleep(600)

		barrier = threading.Barrier(3)
		for _ in range(2):
		    threading.Thread(target=inside, daemon=True).start()
		barrier.wait()
		open(sys.argv[2], "w").close()
		time.sleep(600)
	PYTHON
	pid=$!
	eventually test -e "$T/ready"
	gives 0 netns pids web
	is "$out" "$pid"
	gives 0 netns pids --json web
	is "$(json "$T/out" '[(e["pid"], e["threads"]) for e in d]')" "[($pid, 2)]"
	stop
	gives 0 netns pids web
	is "$out" ""
	netns delete web
}

# ---- set, list-id

case_set_gives_a_number_once() {
	netns add a b
	gives 0 netns set a 5
	is "$out$err" ""
	is "$(netns list)" "a (id: 5)
b"
	gives 0 netns set a 5
	gives 1 netns set a 6
	is "$err" "netns: set: a: has the nsid 5 already, which cannot be changed"
	gives 1 netns set b 5
	like "$err" "netns: set: b: *already used*"
	gives 0 netns set b 0x10
	gives 0 netns set b auto
	gives 0 netns set --json b auto
	is "$(json "$T/out" d)" "[{'name': 'b', 'id': 16}]"
	gives 1 netns set c 1
	like "$err" "netns: set: c: no such namespace*"
	netns delete a b
}

case_list_id_prints_the_lines_of_ip() {
	need_ip
	netns add a b c
	netns set a 5
	netns set b auto
	ip netns set c 7
	local words
	netns -n a set b 3
	ip -n a netns set c 4
	is "$(netns list)" "$(ip netns list | sort)"
	for words in "" "nsid 5" "target-nsid 5" "target-nsid 5 nsid 7" "target-nsid 5 nsid 5"; do
		# shellcheck disable=SC2086
		is "$(netns list-id $words)" "$(ip netns list-id $words)"
		# shellcheck disable=SC2086
		is "$(netns -json list-id $words)" "$(ip -json netns list-id $words)"
	done
	is "$(netns -n a list-id)" "$(ip -n a netns list-id)"
	is "$(netns list-id target-nsid 5)" "nsid 3 current-nsid 0 (iproute2 netns name: b)
nsid 4 current-nsid 7 (iproute2 netns name: c)"
	gives 1 netns list-id nsid 77
	is "$err" "netns: list-id: no namespace has the nsid 77 here"
	gives 1 netns list-id target-nsid 77
	like "$err" "netns: list-id: *77*"
	netns delete --all
}

case_list_id_without_any_is_done_all_the_same() {
	gives 0 netns list-id
	is "$out$err" ""
	gives 0 netns list-id --json
	is "$(json "$T/out" d)" "[]"
}

# As many questions as there are numbers, not as there are names.
case_list_asks_no_longer_than_there_are_numbers() {
	command -v strace >/dev/null || skip "no strace"
	netns add n1 n2 n3 n4 n5 n6
	questions() {
		# the leak checker cannot do its work while another traces
		ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 \
			strace -f -o "$T/trace" -e trace=sendto netns list >/dev/null
		grep -c NETLINK "$T/trace"
	}
	is "$(questions)" 2 # what there is, and the word before it
	netns set n2 1
	netns attach n7 $pins/n2
	is "$(questions)" 4 # n1, n2
	is "$(netns list)" "n1
n2 (id: 1)
n3
n4
n5
n6
n7 (id: 1)"
	netns delete --all
}

# ---- -n, and words

case_minus_n_looks_from_inside() {
	netns add a b
	netns set a 1
	gives 0 netns -n a list
	is "$out" "a
b"
	gives 0 netns --netns a identify
	is "$out" a
	gives 0 netns -netns "ino:$(inode a)" identify
	is "$out" a
	gives 0 netns -n a exec b netns identify
	is "$out" b
	gives 0 netns -n a set b 9
	gives 0 netns -n a
	is "$out" "a
b (id: 9)"
	is "$(netns list)" "a (id: 1)
b"
	gives 1 netns -n c list
	is "$err" "netns: list: c: no such namespace (netns list)"
	gives 2 netns -n
	netns delete a b
}

case_wrong_words_are_usage_errors() {
	local words
	netns add web
	for words in attach "attach web" "attach a b c" "identify a b" pids "pids a b" set "set web" \
		"set web 1 2" "set web x" "set web -1" "set web 1x" "set web 99999999999" "set web ''" \
		"list-id x" "list-id nsid" "list-id nsid x" "list-id nsid 1 nsid 1" "list-id target-nsid" \
		"list-id target-nsid 1 target-nsid 2" "pids --up web" "set --nonsense web 1"; do
		# shellcheck disable=SC2086
		gives 2 netns $words
		like "$err" "netns: ${words%% *}: *"
	done
	netns delete web
}

case_verbs_are_shortened_as_ip_does() {
	netns add web
	netns set web 5
	is "$(netns list-i)" "nsid 5 (iproute2 netns name: web)"
	is "$(netns l)" "web (id: 5)"
	is "$(netns s)" "web (id: 5)"
	gives 0 netns se web auto
	gives 0 netns at alias self
	gives 0 netns p web
	gives 0 netns i
	is "$out" alias
	gives 0 netns a another
	netns delete --all
}

# ---- all the ways to say which

case_every_way_to_name_a_namespace_is_understood() {
	netns add web
	start web
	netns set web 3
	local spec id
	id=$(netns list -j -o NETNS-ID | tr -dc 0-9)
	for spec in web $pins/web "pid:$pid" "/proc/$pid/ns/net" "fd:7" "id:$id" "ino:$(inode web)" nsid:3; do
		gives 0 netns exec "$spec" stat -L -c %i /proc/self/ns/net 7<$pins/web
		is "$out" "$(inode web)"
		gives 0 netns pids "$spec" 7<$pins/web
		is "$out" "$pid"
		gives 0 netns -n "$spec" identify 7<$pins/web
		is "$out" web
		gives 0 netns identify "$spec" 7<$pins/web
		is "$out" web
		gives 0 netns set "$spec" 3 7<$pins/web
	done
	gives 0 netns -n web exec host stat -L -c %i /proc/self/ns/net
	is "$out" "$(inode 1)"
	gives 0 netns -n web exec self netns identify
	is "$out" web
	stop
	netns delete web
}

case_ways_that_lead_nowhere_are_errors_that_say_so() {
	gives 1 netns exec pid:4194304 true
	like "$err" "netns: exec: pid:4194304: *No such process"
	gives 1 netns exec pid:x true
	is "$err" "netns: exec: pid:x: 'pid:x': after 'pid:', a number from 1 to 2147483647 is wanted"
	gives 1 netns exec fd:99 true
	like "$err" "netns: exec: fd:99: *Bad file descriptor"
	gives 1 netns exec fd:0 true
	like "$err" "netns: exec: fd:0: descriptor 0 is neither*"
	gives 1 netns pids ino:1
	like "$err" "netns: pids: ino:1: no name, process or descriptor has the inode number 1"
	gives 1 netns pids id:18446744073709551615
	like "$err" "netns: pids: id:18446744073709551615: *has the id 18446744073709551615"
	gives 1 netns pids nsid:9
	like "$err" "netns: pids: nsid:9: no namespace has the nsid 9 here"
	gives 1 netns exec /dev/null true
	like "$err" "netns: exec: /dev/null: *not a network namespace"
	gives 1 netns exec $'./a\e[31mb' true
	has "$err" '\x1b[31m'
}

case_etc_is_for_names() {
	mkdir "$T/etc"
	cp -a /etc/alternatives /etc/passwd /etc/group /etc/ld.so.* "$T/etc/" 2>/dev/null || :
	mount --bind "$T/etc" /etc
	mkdir -p /etc/netns/web
	echo outside >/etc/hosts
	echo inside >/etc/netns/web/hosts
	netns add web
	is "$(netns exec web cat /etc/hosts)" inside
	is "$(netns exec /var/run/netns/web cat /etc/hosts)" inside
	is "$(netns exec "ino:$(inode web)" cat /etc/hosts)" outside
	netns delete web
	umount /etc
}

tap_main "$@"
