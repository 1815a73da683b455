#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns link, unlink, up, addr, route. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

# links NAMESPACE: the names of the links inside
links() {
	netns exec "$1" ls /sys/class/net | xargs
}

# show NAMESPACE ARGUMENT...: what ip(8) says there
show() {
	netns exec "$1" ip -o "${@:2}"
}

case_a_cable_is_whole() {
	netns add a b
	gives 0 netns link a:eth0=10.0.0.1/24,fd00::1/64 b:eth0=10.0.0.2/24,fd00::2/64
	is "$out$err" ""
	is "$(links a), $(links b)" "eth0 lo, eth0 lo"
	has "$(show a address show dev eth0)" "inet 10.0.0.1/24 scope global eth0"
	has "$(show b address show dev eth0)" "inet6 fd00::2/64 scope global nodad"
	has "$(show a link show dev eth0)" "state UP"
	has "$(show b link show dev eth0)" "group default"
	has "$(show a link show dev eth0)" "group default"
	netns exec a ping -q -c 1 -W 10 10.0.0.2
	netns exec a ping -q -c 1 -W 10 fd00::2
	netns delete a b
}

# link_address NAMESPACE LINK: the one that it has by itself
link_address() {
	show "$1" -6 address show dev "$2" | grep -o 'fe80[^ ]*'
}

# link_address_is NAMESPACE LINK ADDRESS
link_address_is() {
	[ "$(link_address "$1" "$2")" = "$3" ]
}

# No address is tentative: not the given ones, nor the one of the link itself.
case_ipv6_can_be_used_at_once() {
	local i
	netns add a b
	for i in 1 2 3 4 5; do
		netns link "a:eth$i=fd0$i::1/64" "b:eth$i=fd0$i::2/64"
		is "$(show a -6 address show tentative; show b -6 address show tentative)" ""
		netns exec a ping -q -c 1 -W 10 "fd0$i::2"
	done
	has "$(show a -6 address show dev eth1)" " fe80::"
	# what the kernel makes later is that very address
	local before
	before=$(link_address a eth1)
	netns exec a ip link set eth1 down
	netns up a:eth1
	eventually link_address_is a eth1 "$before"
	netns delete a b
}

case_the_ends_are_as_asked_for() {
	netns add a b
	gives 0 netns link --mtu 1400 --mac 02:00:00:00:00:01,02:00:00:00:00:02 a:x b:y
	has "$(show a link show dev x)" "mtu 1400"
	has "$(show b link show dev y)" "mtu 1400"
	has "$(show a link show dev x)" "link/ether 02:00:00:00:00:01"
	has "$(show b link show dev y)" "link/ether 02:00:00:00:00:02"
	gives 0 netns link --mac ,02:00:00:00:00:03 a:x2 b:y2
	has "$(show b link show dev y2)" "link/ether 02:00:00:00:00:03"
	gives 0 netns link --rate 10mbit a:x3 b:y3
	has "$(netns exec a tc qdisc show dev x3)" "qdisc tbf 2: root refcnt"
	has "$(netns exec b tc qdisc show dev y3)" "rate 10Mbit burst 12500b lat 50ms"
	netns delete a b
}

# Not every kernel has netem.
case_delay_and_loss() {
	netns add a b
	if netns exec a tc qdisc add dev lo root netem delay 1us 2>/dev/null; then
		gives 0 netns link --delay 10ms --loss 1% --rate 10mbit a:x=10.0.0.1/24 b:y=10.0.0.2/24
		has "$(netns exec b tc qdisc show dev y)" "delay 10ms loss 1%"
		has "$(netns exec b tc qdisc show dev y)" "qdisc tbf 2: parent 1:1 rate 10Mbit"
		gives 0 netns link --loss 100% a:x2=10.1.0.1/24 b:y2=10.1.0.2/24
		gives 1 netns exec a ping -q -c 2 -i 0.1 -W 1 10.1.0.2
		has "$out" "100% packet loss"
	else
		gives 1 netns link --delay 10ms --loss 1% --rate 10mbit a:x=10.0.0.1/24 b:y=10.0.0.2/24
		has "$err" "link: b:y: netem, for --delay and --loss: No such file or directory (kernel: "
		is "$(links a), $(links b)" "lo, lo"
	fi
	netns delete a b
}

case_whatever_names_a_namespace() {
	netns add a b:c
	cd /run/netns
	gives 0 netns link /run/netns/a:x ./b:c:y
	cd /
	is "$(links a), $(links b:c)" "lo x, lo y"
	gives 0 netns link a:z=10.0.0.1/24 b:c:z=10.0.0.2/24
	gives 0 netns link self:out "pid:$$:too=10.1.0.2/24"
	has "$(ip -o address show dev too)" "inet 10.1.0.2/24"
	gives 0 netns link host:top a:top
	gives 0 netns link a:one a:two
	is "$(links a)" "lo one top two x z"
	gives 0 netns unlink a:one b:c:y self:out
	is "$(links a), $(links b:c)" "lo top z, lo z"
	netns delete a b:c
	ip link delete top 2>/dev/null || :
}

case_errors_say_which_end() {
	netns add a b
	netns link a:x b:x
	gives 1 netns link a:y=10.0.0.1/24 b:x
	is "$err" "netns: link: b:x: already exists"
	gives 1 netns link a:x b:y
	is "$err" "netns: link: a:x: already exists"
	gives 1 netns link a:y b:y=10.0.0.1/24,10.0.0.1/24
	like "$err" "netns: link: b:y: 10.0.0.1/24: already exists*"
	gives 1 netns link a:y=10.0.0.1/24,10.0.0.1/24 b:y
	like "$err" "netns: link: a:y: 10.0.0.1/24: already exists*"
	gives 1 netns link --mac 01:00:00:00:00:01 a:y b:y
	like "$err" "netns: link: a:y - b:y: *"
	gives 1 netns link a:y c:y
	is "$err" "netns: link: c: no such namespace (netns list)"
	is "$(links a), $(links b)" "lo x, lo x"
	gives 1 netns unlink a:y a:x
	is "$err" "netns: unlink: a:y: no such link"
	is "$(links a), $(links b)" "lo, lo"
	netns delete a b
}

case_the_kernel_explains() {
	netns add --up a
	gives 1 netns route a default via 10.0.0.1
	is "$err" "netns: route: a: default: Network is unreachable (kernel: Nexthop has invalid gateway)"
	gives 1 netns addr a:lo 127.0.0.1/8
	has "$err" "netns: addr: a:lo: 127.0.0.1/8: already exists"
	netns delete a
}

case_words_that_are_none() {
	netns add a b
	local word
	for word in a a: :x a:averyveryverylongname a:x/y "a:x y" a:. a:x=10.0.0.300/24 \
		a:x=10.0.0.1/33 a:x=fd00::1/129 a:x= a:x=any 'a:x=10.0.0.1,'; do
		gives 2 netns link "$word" b:x
		[[ $err == "netns: link: "* ]] || fail "$word: $err"
	done
	gives 2 netns link a:x
	gives 2 netns link a:x b:x a:y
	gives 2 netns link --mtu 67 a:x b:x
	gives 2 netns link --mtu 1e3 a:x b:x
	gives 2 netns link --delay 10 a:x b:x
	gives 2 netns link --delay -1ms a:x b:x
	gives 2 netns link --delay 101s a:x b:x
	gives 2 netns link --loss 101% a:x b:x
	gives 2 netns link --loss nan% a:x b:x
	gives 2 netns link --rate 1bit a:x b:x
	gives 2 netns link --mac 02:00 a:x b:x
	gives 2 netns link --mac 02:00:00:00:00:01,02:00:00:00:00:02,02:00:00:00:00:03 a:x b:x
	gives 2 netns unlink
	gives 2 netns up
	gives 2 netns up a:x=10.0.0.1
	gives 2 netns addr a:lo
	gives 2 netns addr a:lo 10.0.0
	gives 2 netns route a
	gives 2 netns route a default
	gives 2 netns route a default via
	gives 2 netns route a default by 10.0.0.1
	gives 2 netns route a 10/8 dev lo
	gives 2 netns route a default via fd00::1 via 10.0.0.1
	is "$(links a), $(links b)" "lo, lo"
	netns delete a b
}

case_up_addr_and_route() {
	netns add a b
	netns link a:eth0 b:eth0
	gives 0 netns up a b
	has "$(show a link show dev lo)" "UP,LOWER_UP"
	gives 0 netns addr a:eth0 10.0.0.1/24 fd00::1/64
	gives 0 netns addr b:eth0 10.0.0.2/24 fd00::2/64
	netns exec a ping -q -c 1 -W 10 fd00::2
	gives 0 netns route a 10.1.0.0/16 via 10.0.0.2
	gives 0 netns route a fd01::/64 via fd00::2
	gives 0 netns route a 10.2.0.0/16 dev eth0 metric 7
	gives 0 netns route a default via 10.0.0.2 via 10.0.0.3
	gives 0 netns route a default via fd00::2 dev eth0
	like "$(show a route)" "default proto static * via 10.0.0.2 dev eth0 weight 1 * via 10.0.0.3*"
	has "$(show a route)" "10.1.0.0/16 via 10.0.0.2 dev eth0"
	has "$(show a route)" "10.2.0.0/16 dev eth0 proto static scope link metric 7"
	has "$(show a -6 route)" "fd01::/64 via fd00::2 dev eth0"
	has "$(show a -6 route)" "default via fd00::2 dev eth0"
	gives 1 netns route a 10.1.0.0/16 via 10.0.0.3
	has "$err" "route: a: 10.1.0.0/16: already exists"
	gives 0 netns route --delete a 10.1.0.0/16 via 10.0.0.2
	gives 1 netns route --delete a 10.1.0.0/16 via 10.0.0.2
	gives 0 netns addr --delete a:eth0 10.0.0.1/24
	gives 1 netns addr --delete a:eth0 10.0.0.1/24
	gives 1 netns up a:nothing b:eth0 nobody
	has "$err" "up: a:nothing: no such link"
	has "$err" "up: nobody: no such namespace"
	netns delete a b
}

nothing_left() {
	[[ "$(links a), $(links b)" == "lo, lo" ]]
}

has_whole() {
	[[ $(show a address show dev x 2>/dev/null) == *10.0.0.1/24*fd00::1/64* &&
		$(show b address show dev x 2>/dev/null) == *10.0.0.2/24*fd00::2/64* &&
		$(show a link show dev x) == *,UP*"group default"* &&
		$(show b link show dev x) == *,UP*"group default"* ]]
}

# inject CALLS HOW LEAST: strace(1) does that to the n-th of these calls, until there is no n-th
inject() {
	local n got
	# LeakSanitizer stops a traced process with an error
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
	for n in {1..60}; do
		got=0
		strace -qq -o "$T/trace" -e "trace=$1" -e "inject=$1:$2:when=$n" \
			netns link --rate 1mbit a:x=10.0.0.1/24,fd00::1/64 b:x=10.0.0.2/24,fd00::2/64 \
			2>"$T/said" || got=$?
		grep -q 'INJECTED\|killed by' "$T/trace" || break
		# what comes after the last step does no harm any more
		if has_whole; then
			netns unlink a:x
		else
			[[ $got != 0 ]] || fail "$1, $n: no error"
			eventually nothing_left
		fi
	done
	# how often it looks whether the cable is ready depends on how slow the machine is
	[[ $got == 0 || $n == 60 ]] || fail "the last, $n, ended with $got: $(cat "$T/said")"
	[[ $n -gt $3 ]] || fail "only $n"
	! has_whole || netns unlink a:x
}

case_each_step_failed_leaves_nothing() {
	netns add a b
	inject sendmsg error=ENOBUFS 6
	inject recvfrom error=ENOBUFS 10
	inject socket error=EMFILE 2
	inject clone error=EAGAIN 1
	inject pipe2 error=EMFILE 1
	netns delete a b
}

case_each_step_killed_leaves_nothing() {
	netns add a b
	inject sendmsg signal=KILL 6
	inject recvfrom signal=KILL 10
	netns delete a b
}

case_without_ipv6() {
	netns add a b
	netns sysctl -q a net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	gives 0 netns link a:x=10.0.0.1/24 b:x=10.0.0.2/24
	netns exec a ping -q -c 1 -W 10 10.0.0.2
	gives 1 netns link a:y=fd00::1/64 b:y
	has "$err" "link: a:y: fd00::1/64: "
	is "$(links a), $(links b)" "lo x, lo x"
	netns delete a b
}

case_a_user_of_its_own_is_enough() {
	let_others_run_it
	mkdir -p /run/netns
	# shellcheck disable=SC2016 # for the inner shell
	gives 0 setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user --map-root-user \
		--net --mount bash -c 'mount -t tmpfs t /run/netns && netns add a &&
			netns link a:x=10.0.0.1/24 self:y=10.0.0.2/24 && ping -q -c 1 -W 10 10.0.0.1'
}

case_links_are_completed() {
	netns add alpha
	netns link alpha:eth0 self:here
	is "$(netns complete -- unlink al)" "alpha:"
	is "$(netns complete -- unlink alpha:e)" "alpha:eth0"
	is "$(netns complete -- addr self:he)" "self:here"
	netns delete alpha
}

tap_main "$@"
