# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# For the tests in shell: somebody who holds a network namespace, in each way that there is.

# hold KIND PIN: by a process of its own, whose id is then in $holder; let_go ends it. A name that
# is only needed to get there may be removed afterwards.
# shellcheck disable=SC2154 # python comes from tap.sh
hold() {
	rm -f "$T/ready"
	$python - "$@" "$T/ready" <<-'PYTHON' &
		import ctypes, fcntl, os, signal, socket, struct, sys, threading

		kind, pin, ready = sys.argv[1:]
		libc = ctypes.CDLL(None, use_errno=True)
		home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)

		def enter(fd):
		    if libc.setns(fd, 0x40000000):
		        raise OSError(ctypes.get_errno(), "setns")

		def inside(make):
		    fd = os.open(pin, os.O_RDONLY)
		    enter(fd)
		    os.close(fd)
		    made = make()
		    enter(home)
		    return made

		def tun():
		    fd = os.open("/dev/net/tun", os.O_RDWR)
		    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", b"tun%d", 0x1001))
		    return fd

		def thread():
		    fd = os.open(pin, os.O_RDONLY)
		    enter(fd)
		    os.close(fd)
		    done.set()
		    threading.Event().wait()

		def mount():
		    if libc.unshare(0x20000) or libc.mount(None, b"/", None, 0x44000, None):
		        raise OSError(ctypes.get_errno(), "unshare")
		    there = os.path.dirname(ready) + "/a place"
		    open(there, "w").close()
		    if libc.mount(pin.encode(), there.encode(), None, 0x1000, None):
		        raise OSError(ctypes.get_errno(), "mount")

		def flight():
		    ends = socket.socketpair()
		    fd = os.open(pin, os.O_RDONLY)
		    socket.send_fds(ends[0], [b"x"], [fd])
		    os.close(fd)
		    return ends

		if kind == "process":
		    fd = os.open(pin, os.O_RDONLY)
		    enter(fd)
		    os.close(fd)
		elif kind == "thread":
		    done = threading.Event()
		    threading.Thread(target=thread, daemon=True).start()
		    done.wait()
		elif kind == "descriptor":
		    kept = os.open(pin, os.O_RDONLY)
		elif kind == "socket":
		    kept = inside(lambda: socket.socket())
		elif kind == "tun":
		    kept = inside(tun)
		elif kind == "mount":
		    mount()
		elif kind == "flight":
		    kept = flight()
		os.close(home)
		open(ready, "w").close()
		while True:
		    signal.pause()
	PYTHON
	holder=$!
	eventually test -e "$T/ready"
}

let_go() {
	kill "$holder"
	wait "$holder" || :
}

# Linux 6.19
has_listns() {
	$python -c 'import ctypes, errno, sys
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(libc.syscall(470, None, None, 0, 0) < 0 and ctypes.get_errno() == errno.ENOSYS)'
}
