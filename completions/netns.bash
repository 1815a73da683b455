# SPDX-License-Identifier: MIT
# bash completion for netns(8)

_netns_names() {
	# the lines of `netns list`, less the nsid; what is escaped cannot be completed
	netns list 2>/dev/null | sed -e '/\\x/d' -e 's/ (id: [0-9]*)$//'
}

_netns_reply() {
	local word IFS=$'\n'
	COMPREPLY=()
	for word in $(compgen -W "$1" -- "$2"); do
		COMPREPLY+=("$(printf '%q' "$word")")
	done
}

# The options of a command, one a line.
_netns_options() {
	printf '%s\n' --help --run-dir
	case $1 in
	add) printf '%s\n' --up ;;
	delete) printf '%s\n' --all ;;
	exec) printf '%s\n' --no-mounts ;;
	list) printf '%s\n' --json --output --pretty ;;
	run) printf '%s\n' --name --no-mounts --up ;;
	'') printf '%s\n' --all --json --pretty --version ;;
	esac
}

# The command that is meant by a beginning.
_netns_command() {
	local command
	for command in list help add delete exec run; do
		[[ $command == "$1"* ]] && break
	done
	[[ $1 == ls || $1 == lst || $1 == s* ]] && command=list
	printf '%s' "$command"
}

_netns() {
	local cur=$2 prev=$3 command='' i words=0

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-d | --run-dir | -n | --name | -o | --output) ((++i)) ;;
		-*) ;;
		*)
			if [[ -z $command ]]; then
				command=$(_netns_command "${COMP_WORDS[i]}")
			else
				((++words))
				# from here on it is the line of another program
				if [[ $command == run || ($command == exec && $words == 2) ]]; then
					declare -F _command_offset >/dev/null && _command_offset "$i"
					return
				fi
			fi
			;;
		esac
	done

	case $prev in
	-d | --run-dir)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	-o | --output)
		_netns_reply $'NAME\nID\nINODE\nNETNS-ID\nSTATE' "$cur"
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		_netns_reply "$(_netns_options "$command")" "$cur"
		return
	fi
	case $command in
	'') _netns_reply $'list\nhelp\nadd\ndelete\nexec\nrun' "$cur" ;;
	help) _netns_reply $'list\nhelp\nadd\ndelete\nexec\nrun' "$cur" ;;
	delete) _netns_reply "$(_netns_names)" "$cur" ;;
	exec)
		if ((words == 0)); then
			_netns_reply "$(_netns_names)" "$cur"
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		fi
		;;
	run) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
	esac
}

complete -F _netns netns
