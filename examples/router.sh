#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Three namespaces, a router in the middle, IPv4 and IPv6; then a cable that loses
# packets, which ping(8) measures.
#
#	sudo examples/router.sh

set -euo pipefail

left=left-$$ router=router-$$ right=right-$$
trap 'netns delete "$left" "$router" "$right" 2>/dev/null || :' EXIT

echo "left - router - right:"
netns add --up "$left" "$router" "$right"
netns link "$left:eth0=10.1.0.1/24,fd01::1/64" "$router:left=10.1.0.254/24,fd01::ff/64"
netns link "$right:eth0=10.2.0.1/24,fd02::1/64" "$router:right=10.2.0.254/24,fd02::ff/64"
netns sysctl --quiet "$router" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
netns route "$left" default via 10.1.0.254
netns route "$left" default via fd01::ff
netns route "$right" default via 10.2.0.254
netns route "$right" default via fd02::ff

# reached ADDRESS: by way of the router, which has taken one off the 64
reached() {
	netns exec "$left" ping -c 1 -W 10 "$1" | sed -n 's/.*ttl=\([0-9]*\).*/\1/p'
}
echo "left reaches right over IPv4, ttl $(reached 10.2.0.1)"
echo "left reaches right over IPv6, ttl $(reached fd02::1)"

# All at once. Where the kernel has no netem, a narrow cable has to do: what does not fit is lost.
netns unlink "$router:right"
for how in "--loss 20%" "--rate 1mbit"; do
	# shellcheck disable=SC2086 # two words
	netns link $how "$right:eth0=10.2.0.1/24" "$router:right=10.2.0.254/24" 2>/dev/null && break
done
netns route "$right" default via 10.2.0.254
lost=$(netns exec "$left" ping -q -c 100 -l 100 -s 1400 -W 2 10.2.0.1 |
	sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p')
echo "a cable with $how loses $lost% of 100 packets"
