#!/bin/bash
# SPDX-License-Identifier: MIT
#
# netns gc. Arguments: the source root, the build root.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2154,SC2317 # out, err and st come from tap.sh, which calls the cases
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

# orphan NAME: as `netns run` leaves it when it is killed
orphan() {
	netns run --name "$1" sh -c ": >$T/ready; exec sleep 1000" &
	eventually test -e "$T/ready"
	kill -KILL $!
	wait $! || :
	rm "$T/ready"
}

# An empty file that is older than a second.
stale() {
	: >"/run/netns/$1"
	eventually sh -c "test \$(date +%s) -gt \$((\$(stat -c %Z /run/netns/$1) + 1))"
}

case_stale_names_go() {
	netns add web
	stale old
	gives 0 netns gc --dry-run
	is "$out" "would remove old: stale, its namespace is gone"
	test -e /run/netns/old
	gives 0 netns gc
	is "$out" "removed old: stale, its namespace is gone"
	is "$(ls /run/netns)" web
	gives 0 netns gc
	is "$out" ""
	netns delete web
}

case_a_young_one_is_waited_for() {
	netns add web
	: >/run/netns/young
	gives 0 netns gc
	is "$out" "removed young: stale, its namespace is gone"
	netns delete web
}

# It is just being made: by ip-netns(8), which makes the file first.
case_what_a_young_one_becomes_is_waited_for() {
	netns add web
	makes_soon young web
	gives 0 netns gc --dry-run
	is "$out" ""
	wait $!
	netns delete young
	: >/run/netns/young
	gives 0 netns gc --dry-run
	is "$out" "would remove young: stale, its namespace is gone"
	netns delete web young
}

# A directory that is not in memory may be of anything.
case_what_is_not_made_for_names_stays() {
	mkdir "$T"/{lower,upper,work,dir}
	mount -t overlay -o "lowerdir=$T/lower,upperdir=$T/upper,workdir=$T/work" overlay "$T/dir" ||
		skip "no overlay"
	touch "$T/dir/"{a,b,ip,ours}
	chmod 0 "$T/dir/ip"
	chmod 1000 "$T/dir/ours"
	gives 0 netns --run-dir "$T/dir" gc
	is "$(sort <<<"$out" | cut -d : -f 1 | paste -sd ,)" "removed ip,removed ours"
	is "$err" "netns: gc: $T/dir: 2 empty files left alone, not made for names"
	gives 1 netns --run-dir "$T/dir" doctor --fix
	is "$(grep -v '^  ' <<<"$out" | paste -sd ,)" "foreign-file: a,foreign-file: b"
	is "$(ls "$T/dir" | xargs)" "a b"
	umount "$T/dir"
}

# The files are seen, and what is mounted on them is not.
case_names_that_are_hidden_stay() {
	netns add web
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/web) + 1))'
	for over in /run/netns /run; do
		mount --bind $over $over
		gives 1 netns exec web true
		stale old
		gives 0 netns gc
		is "$out" "removed old: stale, its namespace is gone"
		is "$err" "netns: gc: web: left alone: what is mounted there is hidden (netns doctor)"
		umount $over
	done
	netns exec web true
	netns delete web
}

case_a_directory_goes_as_one() {
	netns add --run-dir /run/lab --mount --count 2 'n%d'
	gives 0 netns gc --run-dir /run/lab --orphans
	is "$out" ""
	# as a program that died: the number is another one's, which began later
	$python -c 'import os; os.setxattr("/run/lab", "trusted.netns.lease",
		"1 pid=1 start=1 pidns={} timens={} boot={} inode=0 id=0".format(
			os.stat("/proc/self/ns/pid").st_ino, os.stat("/proc/self/ns/time").st_ino,
			open("/proc/sys/kernel/random/boot_id").read().strip()).encode())'
	gives 0 netns gc --run-dir /run/lab
	is "$out" ""
	gives 0 netns gc --run-dir /run/lab --orphans --dry-run
	is "$out" "would remove /run/lab: orphaned, process 1 that made it is gone"
	is "$(ls /run/lab | xargs)" "n0 n1"
	gives 0 netns gc --run-dir /run/lab --orphans
	is "$out" "removed /run/lab: orphaned, process 1 that made it is gone"
	[[ ! -e /run/lab ]] || fail "it is there still"
}

case_foreign_files_stay() {
	netns add web
	echo content >/run/netns/file
	mkdir /run/netns/directory
	ln -s web /run/netns/link
	gives 0 netns gc --orphans
	is "$out" ""
	is "$(ls /run/netns | xargs)" "directory file link web"
	rm -r /run/netns/{file,directory,link}
	netns delete web
}

# Whose process is there, though this /proc does not show it, or shows it by another number.
case_who_cannot_be_seen_is_not_gone() {
	netns run --name lab sleep 1000 &
	eventually test -e /run/netns/lab
	gives 0 unshare --mount --propagation slave sh -c 'mount -t proc -o hidepid=2,gid=65534 proc /proc &&
		exec setpriv --bounding-set -sys_ptrace netns gc --orphans'
	is "$out" ""
	gives 0 unshare --mount --pid --fork --propagation slave sh -c 'mount -t proc proc /proc &&
		exec netns gc --orphans'
	is "$out" ""
	kill $!
	wait $! || :
	test ! -e /run/netns/lab
}

case_a_container_has_its_own_proc() {
	netns add web
	# with a number that another process has here
	sleep 1000 &
	local here=$!
	unshare --pid --fork --kill-child sh -c "echo $((here - 1)) >/proc/sys/kernel/ns_last_pid
		netns run --name lab sh -c ': >$T/ready; exec sleep 1000' &
		wait" &
	eventually test -e "$T/ready"
	local init
	init=$(pgrep --parent $!)
	gives 0 netns gc --orphans
	is "$out" ""
	# in its pid namespace, with the /proc of this one and with its own
	gives 0 nsenter --pid="/proc/$init/ns/pid_for_children" netns gc --orphans
	is "$out" ""
	gives 0 nsenter --pid="/proc/$init/ns/pid_for_children" unshare --mount --propagation slave \
		sh -c 'mount -t proc proc /proc && exec netns gc --orphans'
	is "$out" ""
	netns exec lab true
	kill -KILL "$init" "$here"
	wait $! "$here" || :
	netns delete lab web
}

case_a_container_is_told_another_boot() {
	netns add web # so that the directory is shared
	echo 01234567-0123-4123-8123-0123456789ab >"$T/boot"
	unshare --mount --propagation unchanged sh -c "mount --make-rprivate /proc &&
		mount --bind $T/boot /proc/sys/kernel/random/boot_id &&
		exec netns run --name lab sh -c ': >$T/ready; exec sleep 1000'" &
	eventually test -e "$T/ready"
	gives 0 netns gc --orphans
	is "$out" ""
	netns exec lab true
	kill $!
	wait $! || :
	netns delete web
}

case_orphans_go_when_asked() {
	netns add web
	ip netns add other
	orphan lab
	gives 0 netns gc
	is "$(ls /run/netns | xargs)" "lab other web"
	gives 0 netns gc --orphans --dry-run
	like "$out" "would remove lab: orphaned, process * that made it is gone"
	gives 0 netns gc --orphans --json
	$python - "$T/out" <<-'EOF'
		import json, sys
		d = json.load(open(sys.argv[1]))
		assert len(d) == 1 and d[0]["name"] == "lab" and d[0]["reason"] == "orphaned" and d[0]["pid"] > 1, d
	EOF
	is "$(ls /run/netns | xargs)" "other web"
	netns delete web other
}

case_what_is_held_stays() {
	netns run --name lab sh -c ": >$T/ready; while test -e $T/ready; do sleep 0.01; done" &
	eventually test -e "$T/ready"
	gives 0 netns gc --orphans
	is "$out" ""
	is "$(ls /run/netns)" lab
	rm "$T/ready"
	wait $!
	is "$(find /run/netns -mindepth 1)" ""
}

case_what_is_kept_stays() {
	netns run --name lab --keep true
	gives 0 netns gc --orphans
	is "$out" ""
	is "$(ls /run/netns)" lab
	netns delete lab
}

# One without a name is the kernel's to end.
case_nothing_stays_of_a_run_without_a_name() {
	local inode
	netns run sh -c "readlink /proc/self/ns/net >$T/ready.new; mv $T/ready.new $T/ready; exec sleep 1000" &
	eventually test -e "$T/ready"
	inode=$(<"$T/ready")
	kill -KILL $!
	wait $! || :
	nobody_inside() { ! ls -l /proc/[0-9]*/ns/net 2>/dev/null | grep -qF "$inode"; }
	eventually nobody_inside
	test ! -e /run/netns
}

# Removing the file would unmount it there, and end the namespace.
case_what_is_a_pin_elsewhere_stays() {
	netns add web
	mount --make-rprivate /run/netns
	unshare --mount --propagation private bash -c "netns add away; : >$T/ready; exec sleep 1000" &
	eventually test -e "$T/ready"
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/away) + 1))'
	gives 0 netns gc --orphans
	is "$out" ""
	has "$err" "away: left alone: mounted where process $! is"
	gives 0 netns gc --orphans --json
	is "$out" "[]"
	nsenter --mount="/proc/$!/ns/mnt" netns exec away true
	kill $!
	wait $! || :
	gives 0 netns gc
	has "$out" "removed away"
	mount --make-rshared /run/netns
	netns delete web
}

# away NAME...: of one namespace, stale here and pins only in the mount namespace of process $away
away() {
	netns add web
	mount --make-rprivate /run/netns
	unshare --mount --propagation private bash -c '
		netns add "$1"
		for name in "${@:2}"; do netns attach "$name" "/run/netns/$1"; done
		: >"$0"; exec sleep 1000' "$T/ready" "$@" &
	away=$!
	eventually test -e "$T/ready"
	eventually sh -c "test \$(date +%s) -gt \$((\$(stat -c %Z /run/netns/${*: -1}) + 1))"
}

is_alive_there() {
	nsenter --mount="/proc/$away/ns/mnt" netns exec "$1" true
}

away_ends() {
	kill "$away"
	wait "$away" || :
	gives 0 netns gc
	is "$(ls /run/netns)" web
	mount --make-rshared /run/netns
	netns delete web
}

# Only one that is newer may be mounted, which Linux 6.18 tells by numbers that each processor gives
# out from a range of its own.
keep_mount_namespace() {
	local cpu
	for cpu in $(seq 0 $(($(nproc) - 1))); do
		! taskset -c "$cpu" unshare --mount="$1" --propagation private true || return 0
	done
	fail "no mount namespace can be kept"
}

# NS_MNT_GET_NEXT and NS_MNT_GET_PREV
lists_mount_namespaces() {
	$python -c '
import fcntl, os
own = os.open("/proc/self/ns/mnt", os.O_RDONLY)
for direction in 0x8010b70b, 0x8010b70c:
    try:
        fcntl.ioctl(own, direction)
        raise SystemExit(0)
    except OSError:
        pass
raise SystemExit(1)'
}

a_mount_namespace_without_a_process() {
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir /run/kept
	mount --bind /run/kept /run/kept
	touch /run/kept/mnt
	netns add web
	mount --make-rprivate /run/netns
	keep_mount_namespace /run/kept/mnt
	nsenter --mount=/run/kept/mnt netns add lab
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/lab) + 1))'
	lists_mount_namespaces || skip "the kernel does not list mount namespaces"
	gives 0 netns gc
	is "$out" ""
	has "$err" "lab: left alone: mounted in mount namespace "
	nsenter --mount=/run/kept/mnt netns exec lab true
	mount --make-rshared /run/netns
	gives 1 netns doctor --fix
	is "$(grep -v '^  ' <<<"$out")" "elsewhere-only: lab"
	nsenter --mount=/run/kept/mnt netns exec lab true
	umount /run/kept/mnt
	gives 0 netns gc
	is "$out" "removed lab: stale, its namespace is gone"
	netns delete web
}

# Outside of the frame's process namespace, in which the kernel may not list them.
plain_what_is_in_a_mount_namespace_without_a_process_stays() {
	[[ $EUID == 0 ]] || skip "needs root"
	export -f a_mount_namespace_without_a_process keep_mount_namespace lists_mount_namespaces \
		try gives is has fail skip eventually
	export T build_root case_skipped patience
	unshare --mount --net --propagation private bash -e -c a_mount_namespace_without_a_process
}

case_what_is_above_the_root_of_a_process_stays() {
	netns add web
	mount --make-rprivate /run/netns
	mkdir "$T/empty"
	unshare --mount --propagation private bash -c 'netns add lab
		exec $python -c "import os, sys, time
os.chroot(sys.argv[1]); os.mkdir(\"/ready\"); time.sleep(1000)" "$0"' "$T/empty" &
	eventually test -e "$T/empty/ready"
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/lab) + 1))'
	gives 0 netns gc
	is "$out" ""
	has "$err" "lab: left alone: mounted where process $! is"
	nsenter --mount="/proc/$!/ns/mnt" netns exec lab true
	kill $!
	wait $! || :
	netns delete lab web
}

# As in a container that has the directory of the host, and one of its own.
case_what_is_there_under_another_path_stays() {
	netns add web
	stale old
	mount --make-rprivate /run/netns
	mkdir "$T/host"
	unshare --mount --propagation private bash -c 'mount --bind /run/netns "$0/host"
		mount -t tmpfs tmpfs /run/netns; netns add old
		netns --run-dir "$0/host" add lab; : >"$0/ready"; exec sleep 1000' "$T" &
	eventually test -e "$T/ready"
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/lab) + 1))'
	gives 0 netns gc
	is "$out" "removed old: stale, its namespace is gone"
	is "$err" "netns: gc: lab: left alone: mounted where process $! is (netns doctor)"
	nsenter --mount="/proc/$!/ns/mnt" netns --run-dir "$T/host" exec lab true
	kill $!
	wait $! || :
	netns delete lab web
}

case_each_name_of_a_namespace_elsewhere_stays() {
	away one two
	gives 0 netns gc
	is "$out" ""
	has "$err" "one: left alone"
	has "$err" "two: left alone"
	is_alive_there one
	is_alive_there two
	away_ends
}

# Without the right to look at all mounts each process shows what it sees: the first one nothing.
case_who_may_not_look_at_all_mounts_asks_each_process() {
	netns add web
	mount --make-rprivate /run/netns
	mkdir "$T/root"
	mount --bind / "$T/root"
	unshare --mount --propagation private chroot "$T/root" sh -c 'exec sleep 1000' &
	local first=$!
	eventually sh -c "tr '\\0' ' ' </proc/$first/cmdline | grep -q ^sleep"
	umount "$T/root"
	away=$first
	nsenter --mount="/proc/$first/ns/mnt" sh -c "netns add lab; : >$T/ready; exec sleep 1000" &
	away=$!
	eventually test -e "$T/ready"
	sleep 1.1
	gives 0 setpriv --bounding-set -sys_chroot netns gc
	has "$err" "lab: left alone: mounted where process $away is"
	is_alive_there lab
	kill "$first"
	wait "$first" || :
	away_ends
}

# The process's root directory is in a directory of pins with the same name.
case_a_root_directory_that_tells_nothing_keeps_no_name() {
	netns add web
	stale old
	mkdir -p "$T/root/pins"
	unshare --mount --propagation private bash -c '
		: >"$0/pins/old"
		mount --bind /proc/self/ns/net "$0/pins/old"
		exec "$1" -c "
import os, sys, time
os.chroot(sys.argv[1])
os.chdir(\"/\")
os.mkdir(\"/ready\")
time.sleep(1000)" "$0"' "$T/root" "$python" &
	eventually test -e "$T/root/ready"
	gives 0 netns gc
	is "$out" "removed old: stale, its namespace is gone"
	kill $!
	wait $! || :
	netns delete web
}

# Its own mounts, outside of its root directory, and by the path that the directory has in it.
case_what_is_a_pin_outside_of_the_own_root_directory_stays() {
	netns add web
	mount --make-rprivate /run/netns
	local there
	mkdir "$T/root"
	mount --bind / "$T/root"
	for there in /proc /run/netns "$build_root"; do
		mkdir -p "$T/root$there"
		mount --bind "$there" "$T/root$there"
	done
	netns add lab
	sleep 1.1
	gives 0 chroot "$T/root" "$build_root/cli/netns" gc
	is "$out" ""
	has "$err" "netns: gc: lab: left alone: mounted in mount namespace "
	netns exec lab true
	umount "$T/root$build_root" "$T/root/run/netns" "$T/root/proc" "$T/root"
	mount --make-rshared /run/netns
	netns delete web lab
}

# The file itself is mounted, and a namespace on it there.
case_what_is_a_pin_of_the_file_elsewhere_stays() {
	netns add web
	mount --make-rprivate /run/netns
	: >/run/netns/lab
	unshare --mount --propagation private bash -c '
		: >"$0/file"
		mount --bind /run/netns/lab "$0/file"
		mount --bind /proc/self/ns/net "$0/file"
		: >"$0/ready"; exec sleep 1000' "$T" &
	eventually test -e "$T/ready"
	sleep 1.1
	gives 0 netns gc
	is "$out" ""
	has "$err" "lab: left alone: mounted where process $! is"
	grep -q "$T/file .* nsfs" /proc/$!/mountinfo
	kill $!
	wait $! || :
	gives 0 netns gc
	is "$out" "removed lab: stale, its namespace is gone"
	mount --make-rshared /run/netns
	netns delete web
}

case_what_is_a_pin_by_another_path_stays() {
	netns add web
	mount --make-rprivate /run/netns
	mkdir "$T/alias"
	mount --bind /run/netns "$T/alias"
	netns add --run-dir "$T/alias" lab
	sleep 1.1
	gives 0 netns gc
	is "$out" ""
	has "$err" "lab: left alone: mounted at $T/alias/lab (netns doctor)"
	netns exec --run-dir "$T/alias" lab true
	umount "$T/alias/lab" "$T/alias"
	mount --make-rshared /run/netns
	gives 0 netns gc
	netns delete web
}

# It waits for the lock, which who makes the name gets first.
case_a_stale_name_that_becomes_one_elsewhere_stays() {
	away lab
	stale old
	exec 9</run/netns
	flock 9
	netns gc >"$T/out" 2>&1 9<&- &
	local gc=$!
	eventually has_open $gc /run/netns
	sleep 0.1
	kill -STOP $gc
	exec 9<&-
	nsenter --mount="/proc/$away/ns/mnt" netns add old
	kill -CONT $gc
	wait $gc || fail "$(<"$T/out")"
	has "$(<"$T/out")" "old: left alone: mounted where process $away is"
	is_alive_there old
	away_ends
}

case_where_nothing_was_left_no_lock_is_taken() {
	netns add web
	exec 9</run/netns
	flock 9
	gives 0 netns gc --orphans
	exec 9<&-
	netns delete web
}

# Whoever reads what is said may take his time.
case_the_lock_is_not_held_while_anything_is_said() {
	netns add web
	local long
	long=$(printf '%0200d' 0)
	touch "/run/netns/$long"{1..500}
	sleep 1.1
	mkfifo "$T/slow"
	exec 8<>"$T/slow"
	netns gc >"$T/slow" 8<&- &
	local gc=$!
	eventually sh -c '[ "$(ls /run/netns)" = web ]'
	gives 0 timeout $((5 * patience)) netns add other
	cat "$T/slow" >"$T/said" 8<&- &
	wait $gc
	exec 8<&-
	wait
	is "$(grep -c "^removed $long" "$T/said")" 500
	netns delete web other
}

# Its file is a pin of another namespace elsewhere, which is nobody's orphan.
case_an_orphan_that_is_another_elsewhere_stays() {
	away lab
	rm "$T/ready"
	orphan lab
	gives 0 netns gc --orphans
	is "$out" ""
	has "$err" "lab: left alone: mounted where process $away is"
	is_alive_there lab
	netns exec lab true
	umount /run/netns/lab
	away_ends
}

case_an_orphan_of_which_there_are_copies_goes() {
	netns add web
	orphan lab
	unshare --mount --propagation private bash -c ': >"$0"; exec sleep 1000' "$T/ready" &
	eventually test -e "$T/ready"
	gives 0 netns gc --orphans
	like "$out" "removed lab: orphaned, process * that made it is gone"
	[[ ! -e /run/netns/lab ]] || fail "it is there still"
	kill $!
	wait $! || :
	netns delete web
}

# The mounts of a process can be read without the right to look at its namespaces.
case_who_may_not_look_into_others_spares_their_pins() {
	away lab
	stale old
	gives 0 setpriv --bounding-set -sys_ptrace netns gc
	is "$out" "removed old: stale, its namespace is gone"
	has "$err" "lab: left alone: mounted where process $away is"
	is_alive_there lab
	away_ends
}

case_nothing_goes_when_processes_cannot_be_seen() {
	away lab
	local n
	for n in 4 5 6; do
		try prlimit --nofile="$n" netns gc
		is "$out" ""
		[[ $err == *"left alone"* || $err == *"nothing was removed"* ]] || fail "$err"
		is_alive_there lab
	done
	gives 1 prlimit --nofile=4 netns gc
	has "$err" "Too many open files"
	export LD_LIBRARY_PATH=$build_root/src${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	gives 1 unshare --mount bash -c 'mount -t tmpfs none /proc; netns gc --dry-run; netns gc'
	is "$out" ""
	has "$err" "/proc/self/mountinfo: No such file or directory"
	is_alive_there lab
	gives 1 unshare --mount bash -c 'mount -t proc -o hidepid=2,gid=65534 none /proc
		exec setpriv --bounding-set -sys_ptrace netns gc'
	is "$out" ""
	has "$err" "1 stale left alone, which may be mounted elsewhere: process 1: No such file"
	is_alive_there lab
	away_ends
}

case_what_is_a_pin_of_a_thread_stays() {
	netns add web
	mkfifo "$T/ready"
	$python - "$T/ready" <<-'EOF' &
		import ctypes, subprocess, sys, threading, time
		def there():
		    libc = ctypes.CDLL(None)
		    assert libc.unshare(0x20000) == 0 # CLONE_NEWNS
		    assert libc.mount(None, b"/", None, 0x44000, None) == 0 # MS_REC | MS_PRIVATE
		    subprocess.check_call(["netns", "add", "lab"])
		    open(sys.argv[1], "w").write("0")
		    time.sleep(1000)
		threading.Thread(target=there).start()
	EOF
	is "$(<"$T/ready")" 0
	eventually sh -c 'test $(date +%s) -gt $(($(stat -c %Z /run/netns/lab) + 1))'
	gives 0 netns gc
	is "$out" ""
	has "$err" "lab: left alone: mounted where process "
	kill $!
	wait $! || :
	netns delete lab web
}

# Those of root, among which it runs, are in the same mount namespace; another is in one of its own.
case_a_user_removes_what_is_his() {
	let_others_run_it
	mkdir "$T/his"
	chown 65534:65534 "$T/his"
	unshare --mount sleep 1000 &
	local user=(setpriv --reuid 65534 --regid 65534 --clear-groups) inside
	for inside in "" "unshare --user --map-root-user --mount"; do
		"${user[@]}" touch "$T/his/old"
		[[ -z $inside ]] || "${user[@]}" $inside true || continue
		# shellcheck disable=SC2086
		gives 0 "${user[@]}" $inside netns --run-dir "$T/his" gc
		is "$out" "removed old: stale, its namespace is gone"
	done
	is "$(ls "$T/his")" ""
	kill $!
	wait $! || :
}

case_what_a_stranger_mounts_keeps_no_name() {
	local user=(setpriv --reuid 65534 --clear-groups unshare --user --map-root-user --mount --net)
	"${user[@]}" true || skip "no user namespaces for users"
	netns add web
	stale old
	mkfifo -m 666 "$T/ready"
	"${user[@]}" bash -c 'for name in old web; do mount --bind /proc/self/ns/net /run/netns/$name
		done; echo $? >"$0"; exec sleep 1000' "$T/ready" &
	is "$(<"$T/ready")" 0
	gives 0 netns gc
	is "$out" "removed old: stale, its namespace is gone"
	is "$err" ""
	kill $!
	wait $! || :
	netns delete web
}

# As in a container that root has made.
case_what_is_of_the_same_user_stays() {
	local user=(unshare --user --map-root-user --mount --net)
	"${user[@]}" true || skip "no user namespaces"
	netns add web
	stale lab
	mkfifo "$T/ready"
	"${user[@]}" bash -c 'mount --bind /proc/self/ns/net /run/netns/lab
		echo $? >"$0"; exec sleep 1000' "$T/ready" &
	is "$(<"$T/ready")" 0
	gives 0 netns gc
	is "$out" ""
	has "$err" "lab: left alone: mounted where process $! is"
	kill $!
	wait $! || :
	netns delete lab web
}

case_wrong_words_are_usage_errors() {
	gives 2 netns gc web
	gives 2 netns gc --all
}

tap_main "$@"
