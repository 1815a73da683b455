# SPDX-License-Identifier: MIT
# bash completion for netns(8): hands the line to `netns complete` and shows the answer.

_netns() {
	local line=${COMP_LINE:0:COMP_POINT} words word cur prefix answer

	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=('')
	cur=${words[-1]}
	COMPREPLY=()
	mapfile -t answer < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
	case ${answer[0]-} in
	:file | :dir)
		compopt -o filenames 2>/dev/null
		[[ ${answer[0]} == :dir ]] && word=-d || word=-f
		mapfile -t COMPREPLY < <(compgen "$word" -- "${cur#--*=}")
		return
		;;
	:command*)
		if declare -F _command_offset >/dev/null; then
			_command_offset "$((${answer[0]#:command } + 1))"
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		fi
		return
		;;
	esac
	# bash takes a word to begin after these characters, and wants no more than that of it
	prefix=${cur%"${cur##*[:=]}"}
	for word in "${answer[@]%%$'\t'*}"; do
		[[ $word == "$prefix"* ]] && COMPREPLY+=("$(printf '%q' "${word#"$prefix"}")")
	done
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:.] ]] && compopt -o nospace 2>/dev/null
}

complete -F _netns netns
