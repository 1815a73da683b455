# SPDX-License-Identifier: MIT
#
# The frame of the tests in shell: TAP on standard output, one process a case.
#
# A test sources this, defines functions, and ends with `tap_main "$@"`. Each
# function case_WORDS is a case, run as root in namespaces of its own (mounts,
# network, processes) with an empty tmpfs on /run, so that the machine's names
# are neither seen nor touched. A case that leaves a name, mount or process
# behind fails, even if all its checks held. plain_WORDS is a case that needs no
# root and gets none of that.
#
# In a case: $T is an empty directory, and a command that fails ends it (set -e).

case_skipped=77

# Time-outs are so many times as long: an emulated kernel is 20 times as slow.
patience=${NETNS_TESTS_PATIENCE:-1}

# the interpreter itself, where python3 is a script that looks for it
python=${python-$(python3 -c 'import sys; print(sys.executable)')}
export python

# Runs a command; its output is in $out and $err, its status in $st.
try() {
	st=0
	"$@" >"$T/out" 2>"$T/err" </dev/null || st=$?
	out=$(tr -d '\0' <"$T/out")
	err=$(tr -d '\0' <"$T/err")
}

fail() {
	echo "$*"
	local i
	for ((i = 1; i < ${#FUNCNAME[@]} - 1; i++)); do
		[[ ${FUNCNAME[i]} != tap_* ]] && echo "  in ${FUNCNAME[i]}, line ${BASH_LINENO[i - 1]}"
	done
	exit 1
}

skip() {
	echo "skip: $*"
	exit $case_skipped
}

# is GOT WANTED
is() {
	[[ $1 == "$2" ]] || fail "got: ${1@Q}; wanted: ${2@Q}${err:+; on standard error: ${err@Q}}"
}

# like GOT PATTERN (of the shell)
like() {
	# shellcheck disable=SC2053 # a pattern is meant
	[[ $1 == $2 ]] || fail "got: ${1@Q}; wanted something like: ${2@Q}"
}

# has GOT TEXT: as a part
has() {
	[[ $1 == *"$2"* ]] || fail "got: ${1@Q}; wanted in it: ${2@Q}"
}

# gives STATUS COMMAND...: the command ends so
gives() {
	local wanted=$1
	shift
	try "$@"
	[[ $st == "$wanted" ]] || fail "${*@Q}: status $st, wanted $wanted; said: ${out@Q} ${err@Q}"
}

# eventually COMMAND...: it succeeds within twenty seconds
eventually() {
	local end=$((SECONDS + 20 * patience))
	while ((SECONDS < end)); do
		if "$@" >/dev/null 2>&1; then return 0; fi
		sleep 0.02
	done
	fail "did not come true: ${*@Q}"
}

# makes_soon NAME OTHER: a file, and a moment later a pin on it, of the same namespace as OTHER. By one
# process: on a slow machine to start a second one can take longer than the file is young.
makes_soon() {
	$python -c '
import ctypes, os, sys, time
name, other = (b"/run/netns/" + os.fsencode(word) for word in sys.argv[1:])
mount = ctypes.CDLL(None).mount
os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0))
time.sleep(0.3)
sys.exit(mount(other, name, b"none", 4096, None) != 0)' "$1" "$2" &
	eventually test -e "/run/netns/$1"
}

# has_open PID FILE...: descriptors of these
has_open() {
	local file
	for file in "${@:2}"; do
		stat -L -c %i /proc/"$1"/fd/* | grep -qx "$(stat -L -c %i "$file")" || return 1
	done
}

# json FILE EXPRESSION: of what is in the file, as `d`
json() {
	$python -c 'import json, sys
d = json.loads(open(sys.argv[1], "rb").read().decode("utf-8"))
print(eval(sys.argv[2]))' "$1" "$2"
}

# without SYSCALL COMMAND...: as on a kernel that does not have it (ENOSYS)
without() {
	failing 38 "$@"
}

# failing ERRNO SYSCALL COMMAND...: a seccomp filter answers so
failing() {
	$python - "$@" <<-'PYTHON'
		import ctypes, os, struct, sys

		error, name, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
		number = {
		    "clone": {"x86_64": 56, "aarch64": 220},
		    "clone3": {},
		    "fanotify_init": {"x86_64": 300, "aarch64": 262},
		    "getsockopt": {"x86_64": 55, "aarch64": 209},
		    "listmount": {},
		    "listns": {},
		    "open_tree": {},
		    "pidfd_getfd": {},
		    "setns": {"x86_64": 308, "aarch64": 268},
		    "unshare": {"x86_64": 272, "aarch64": 97},
		}[name].get(os.uname().machine)
		number = number or {
		    "clone3": 435, "listmount": 458, "listns": 470, "open_tree": 428,
		    "pidfd_getfd": 438}[name]
		code = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | error), (0x06, 0, 0, 0x7FFF0000)]
		text = b"".join(struct.pack("=HBBI", *c) for c in code)
		text = ctypes.create_string_buffer(text, len(text))
		program = struct.pack("@HP", len(code), ctypes.addressof(text))
		libc = ctypes.CDLL(None)
		if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program):
		    sys.exit("no seccomp")
		os.execvp(command[0], command)
	PYTHON
}

# The tool, where others can reach it: the build may be in a directory that they cannot.
let_others_run_it() {
	mkdir "$T/public"
	cp "$build_root/cli/netns" "$build_root/src/libnetns.so.1" "$T/public"
	chmod -R a+rX "$T/public"
	export PATH=$T/public:$PATH LD_LIBRARY_PATH=$T/public${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# Names, mounts and processes; what belongs to the frame is there before and after.
tap_inventory() {
	find /run/netns -mindepth 1 2>/dev/null || :
	cut -d ' ' -f 4,5 /proc/self/mountinfo | grep -v ' /run/netns$' || :
	local stat pid comm state
	for stat in /proc/[0-9]*/stat; do
		read -r pid comm state _ <"$stat" 2>/dev/null || continue
		[[ $pid == 1 || $pid == "$BASHPID" || $pid == $$ || $state == Z ]] || echo "$comm"
	done
}

tap_leftovers() {
	local i
	for ((i = 0; i < 50 * patience; i++)); do
		tap_inventory >"$T.after"
		cmp -s "$T.before" "$T.after" && return
		sleep 0.02
	done
	echo "left behind, or taken away:"
	diff "$T.before" "$T.after"
	return 1
}

# One case, inside.
tap_case() {
	local rc
	if [[ $1 == plain_* ]]; then
		T=$(mktemp -d)
	else
		mount -t tmpfs -o mode=755 tmpfs /run
		# a name for nic.sh, which others would list
		[[ ! -e ${NETNS_TESTS_NIC_HOME-} || $0 == */nic.sh ]] || umount "$NETNS_TESTS_NIC_HOME"
		T=/run/test
		mkdir "$T"
		tap_inventory >"$T.before"
	fi
	set +e
	(
		set -eE
		trap 'echo "failed: $BASH_COMMAND, line $LINENO"' ERR
		"$1"
	)
	rc=$?
	if [[ $1 == plain_* ]]; then
		rm -rf "$T"
	elif [[ $rc == 0 ]]; then
		tap_leftovers || rc=1
	fi
	exit "$rc"
}

tap_sandbox() {
	if [[ $1 == plain_* ]]; then
		TAP_CASE=$1 bash "$0" "${tap_args[@]}"
	elif [[ $EUID != 0 ]]; then
		echo "skip: needs root"
		return $case_skipped
	else
		TAP_CASE=$1 timeout $((60 * patience)) unshare --mount --net --pid --fork --kill-child \
			--mount-proc --propagation private bash "$0" "${tap_args[@]}"
	fi
}

tap_main() {
	tap_args=("$@")
	[[ -z ${TAP_CASE-} ]] || tap_case "$TAP_CASE"
	local cases n=0 failed=0 log name rc
	mapfile -t cases < <(sed -n 's/^\(\(case\|plain\)_[a-z0-9_]*\)() {$/\1/p' "$0")
	log=$(mktemp)
	echo "1..${#cases[@]}"
	for name in "${cases[@]}"; do
		n=$((n + 1))
		tap_sandbox "$name" >"$log" 2>&1
		rc=$?
		name=${name#*_}
		if [[ $rc == "$case_skipped" && ${NETNS_TESTS_MUST_RUN-} != 1 ]]; then
			echo "ok $n - ${name//_/ } # SKIP $(sed -n 's/^skip: //p' "$log")"
		elif [[ $rc == 0 ]]; then
			echo "ok $n - ${name//_/ }"
		else
			echo "not ok $n - ${name//_/ }"
			sed 's/^/# /' "$log"
			failed=1
		fi
	done
	rm -f "$log"
	exit $failed
}
