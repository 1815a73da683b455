#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Two hosts and a cable: a server in one namespace, a client in the other.
#
#	sudo examples/two-hosts.sh

set -euo pipefail

# Names of its own, so that it can run twice at once; whatever happens, they go again.
server=server-$$ client=client-$$
cleanup() {
	[[ -z ${daemon-} ]] || { kill "$daemon" && wait "$daemon"; } 2>/dev/null || :
	netns delete "$server" "$client" 2>/dev/null || :
	rm -rf "${files-}"
}
trap cleanup EXIT

echo "Two hosts, and a cable between them:"
netns add --up "$server" "$client"
netns link "$server:eth0=10.0.0.1/24,fd00::1/64" "$client:eth0=10.0.0.2/24,fd00::2/64"

# Ports of a namespace are its own: 8000 is free.
files=$(mktemp -d)
echo "hello from the server" >"$files/greeting"
netns exec "$server" python3 -m http.server --bind :: --directory "$files" 8000 \
	>"$files/log" 2>&1 &
daemon=$!

fetch() {
	netns exec "$client" python3 -c \
		'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode(), end="")' \
		"http://$1:8000/greeting"
}

# Until it listens.
for _ in {1..200}; do
	fetch 10.0.0.1 >/dev/null 2>&1 && break
	sleep 0.05
done
echo "The client over IPv4: $(fetch 10.0.0.1)"
echo "The client over IPv6: $(fetch '[fd00::1]')"
