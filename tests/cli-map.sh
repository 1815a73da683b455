#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns map. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # python, out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

# json EXPRESSION: of what netns map says, as `all`, and `by` label
json() {
	netns map --json >"$T/json"
	$python - "$T/json" "$1" <<-'EOF'
		import json, sys
		all = json.load(open(sys.argv[1]))
		by = {n["namespace"]: n for n in all}
		def link(name):
		    ns, name = name.rsplit(":", 1)
		    return next(l for l in by[ns]["links"] if l["name"] == name)
		def peer(name):
		    return ":".join(link(name)["peer"].values())
		value = eval(sys.argv[2])
		print(value)
		sys.exit(0 if value else 1)
	EOF
}

case_map_shows_what_hangs_together() {
	netns add --up lan a b
	netns bridge lan:br0=10.0.0.254/24 a:eth0=10.0.0.1/24,fd00::1/64 b:eth0
	netns link host:out=10.9.0.1/24 b:in=10.9.0.2/24
	netns exec b ip link set in down
	netns exec a sleep 1000 &
	eventually grep -q sleep "/proc/$!/comm"
	gives 0 netns map
	out=$(tr -s ' ' <<<"$out" | sed 's/ $//')
	like "$out" "NAME KIND STATE PEER ADDRESSES
host
├─lo down
├─out veth no carrier ↔ b:in 10.9.0.1/24
├─bash (1) process
*
a
├─lo up
├─eth0 veth up ↔ lan:port0 10.0.0.1/24,fd00::1/64
└─sleep ($!) process
b
├─lo up
├─eth0 veth up ↔ lan:port1
└─in veth down ↔ host:out 10.9.0.2/24
lan
├─lo up
└─br0 bridge up 10.0.0.254/24
 ├─port0 veth up ↔ a:eth0
 └─port1 veth up ↔ b:eth0"
	json 'peer("a:eth0") == "lan:port0" and peer("lan:port0") == "a:eth0"'
	json 'link("lan:port1")["master"] == "br0" and link("lan:br0")["kind"] == "bridge"'
	json 'link("host:out")["state"] == "no-carrier" and link("b:in")["state"] == "down"'
	json '"10.0.0.1/24" in link("a:eth0")["addresses"] and link("a:eth0")["mtu"] == 1500'
	json '[p["command"] for p in by["a"]["processes"]] == ["sleep 1000"]'
	json 'by["a"]["names"] == ["a"] and by["host"]["names"] == [] and by["a"]["inode"] > 0'
	kill "$!"
	wait "$!" || :
	netns delete lan a b
}

case_map_finds_what_has_no_name() {
	netns add a
	unshare --net sleep 1000 &
	local pid=$!
	eventually grep -q sleep "/proc/$pid/comm"
	netns link a:x "pid:$pid:y"
	netns link a:one a:two
	json "peer('a:x') == 'pid:$pid:y' and peer('pid:$pid:y') == 'a:x'"
	json "peer('a:one') == 'a:two'"
	kill "$pid"
	wait "$pid" || :
	netns delete a
}

# A descriptor in a message that nobody has received is seen nowhere in /proc.
case_map_finds_what_only_a_link_leads_to() {
	netns add a b
	netns link a:x=10.0.0.1/24 b:y=10.0.0.2/24
	mkfifo "$T/done"
	$python -c 'if True:
		import os, socket, sys, time
		one, other = socket.socketpair(socket.AF_UNIX)
		fd = os.open("/run/netns/b", os.O_RDONLY)
		socket.send_fds(one, [b"x"], [fd])
		os.close(fd)
		open(sys.argv[1], "w").close()
		time.sleep(1000)' "$T/done" &
	local holder=$!
	read -r -t 20 <"$T/done" || :
	netns delete b
	json 'peer("a:x")[0] == "?" and peer("a:x").endswith(":y")'
	json '"10.0.0.2/24" in link(peer("a:x"))["addresses"]'
	kill "$holder"
	wait "$holder" || :
	netns delete a
}

case_map_leaves_nothing_behind() {
	netns add a b
	netns link a:x b:y
	local before
	before=$(ip netns list-id)
	netns map >"$T/map"
	is "$(ip netns list-id)" "$before"
	is "$(netns exec a ip netns list-id target-nsid 0 2>&1 | wc -l)" \
		"$(netns exec b ip netns list-id target-nsid 0 2>&1 | wc -l)"
	netns delete a b
}

case_map_draws() {
	netns add --up lan '<a&b>' b
	netns bridge lan:br0 '<a&b>:eth0=10.0.0.1/24' b:eth0
	gives 0 netns map --dot
	like "$out" "digraph netns {*dir=none*subgraph cluster_*&lt;a&amp;b&gt;*eth0*10.0.0.1/24*"
	dot -Tsvg "$T/out" >"$T/svg"
	gives 0 netns map --svg "$T/map.svg"
	has "$(<"$T/map.svg")" "10.0.0.1/24"
	$python -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$T/map.svg"
	gives 0 netns map --svg -
	has "$out" "<svg "
	gives 0 netns map --png "$T/map.png"
	is "$(head -c 4 "$T/map.png" | tail -c 3)" PNG
	gives 1 netns map --svg "$T/nowhere/map.svg"
	has "$err" "netns: map: $T/nowhere/map.svg: dot(1) has not drawn it"
	mkdir "$T/bin"
	gives 1 env PATH="$T/bin" "$build_root/cli/netns" map --svg "$T/map2.svg"
	is "$err" "netns: map: a picture is drawn by dot(1), which is not there (install graphviz, or use --dot)"
	gives 2 netns map web
	netns delete lan '<a&b>' b
}

case_show_has_links_and_routes() {
	netns add --up lan a
	netns bridge lan:br0=10.0.0.254/24,fd00::ff/64 a:eth0=10.0.0.1/24,fd00::1/64
	netns route a default via 10.0.0.254
	netns route a fd01::/64 via fd00::ff
	gives 0 netns show a
	out=$(tr -s ' ' <<<"$out" | sed 's/ $//')
	has "$out" "
NAME KIND STATE PEER ADDRESSES
lo up
eth0 veth up ↔ lan:port0 10.0.0.1/24,fd00::1/64

default via 10.0.0.254 dev eth0
10.0.0.0/24 dev eth0
fd00::/64 dev eth0 metric 256
fd01::/64 via fd00::ff dev eth0 metric 1024

KIND"
	gives 0 netns show --json a
	$python - "$T/out" <<-'EOF'
		import json, sys
		ns = json.load(open(sys.argv[1]))[0]
		eth0 = ns["interfaces"][1]
		assert eth0["peer"] == {"namespace": "lan", "link": "port0"}, eth0
		assert {"destination": "default", "via": "10.0.0.254", "link": "eth0"} in ns["routes"], ns
		assert ns["holders"], ns
	EOF
	gives 0 env LC_ALL=C netns show a
	has "$out" " lan:port0"
	[[ $out != *↔* ]] || fail "$out"
	# who may not see that is told the rest
	gives 0 setpriv --reuid 65534 --regid 65534 --clear-groups netns show a
	has "$out" "LINKS"
	[[ $out != *eth0* ]] || fail "$out"
	netns delete lan a
}

# Without a right over process 1, by others that are where it is.
case_host_is_known_without_a_look_at_process_1() {
	local less=(setpriv --bounding-set -sys_ptrace --inh-caps -sys_ptrace)
	netns add web
	"${less[@]}" sleep 1000 &
	eventually grep -q sleep "/proc/$!/comm"
	gives 1 netns exec web "${less[@]}" readlink /proc/1/ns/net
	gives 0 netns exec web "${less[@]}" netns map
	like "$out" "NAME *
host *
*web *"
	gives 0 netns exec web "${less[@]}" netns show --json host
	has "$out" "\"inode\":$(stat -L -c %i /proc/1/ns/net)"
	kill $!
	wait $! || :
	# nobody is left who shows where that is
	gives 1 netns exec web "${less[@]}" netns show host
	has "$err" "not permitted"
	netns delete web
}

case_map_needs_privilege() {
	gives 1 setpriv --reuid 65534 --regid 65534 --clear-groups netns map
	like "$err" "netns: map: *permitted*"
}

tap_main "$@"
