#!/bin/bash
# SPDX-License-Identifier: MIT
# The completion: what `netns complete` answers, and that bash, zsh and fish show it.

source_root=$1
build_root=$2
export PATH=$build_root/cli:$PATH
# shellcheck disable=SC2154 # python comes from tap.sh
# shellcheck source=tests/tap.sh
. "$source_root/tests/tap.sh"

# offers WORD...: the candidates for the last word
offers() {
	netns complete -- "$@" | cut -f 1 | sort | xargs -d '\n'
}

case_words_are_completed_by_what_they_are() {
	netns add web1 web2 other
	is "$(offers dele)" "delete"
	is "$(offers exec w)" "web1 web2"
	is "$(offers e w)" "web1 web2"
	is "$(offers delete web1 o)" "other"
	is "$(offers delete -- o)" "other"
	is "$(offers --json delete o)" "other"
	is "$(offers --run-dir /run/netns delete o)" "other"
	is "$(offers --run-dir=/nowhere delete o)" "other"
	is "$(offers help de)" "delete"
	is "$(offers run --na)" "--name"
	is "$(offers run --name w)" ""
	is "$(offers --j)" "--json"
	is "$(offers list --output N)" "NAME NETNS-ID"
	is "$(offers list -o NAME,I)" "NAME,ID NAME,INODE"
	is "$(offers list --output=NAME,I)" "--output=NAME,ID --output=NAME,INODE"
	is "$(offers nonsense x)" ""
	netns delete --all
}

case_the_rest_is_the_line_of_another_program() {
	is "$(offers run '')" ":command 1"
	is "$(offers run --up ls -)" ":command 2"
	is "$(offers run -- ls -)" ":command 2"
	is "$(offers exec web '')" ":command 2"
	is "$(offers exec --no-mounts web ls --he)" ":command 3"
	is "$(offers --run-dir /r)" ":dir"
}

case_what_a_terminal_cannot_show_is_not_offered() {
	netns add good $'bad\e[31m' $'bad\nline'
	is "$(offers delete '')" "good"
	netns delete --all
}

plain_every_option_and_operand_is_completed() {
	local command
	for command in $(netns complete -- '' | cut -f 1); do
		[[ $(offers "$command" --) == *--help* ]] || fail "$command"
	done
}

plain_scripts_are_understood_by_their_shells() {
	bash -n "$source_root/completions/netns.bash"
	zsh -n "$source_root/completions/_netns"
	fish -n "$source_root/completions/netns.fish"
}

in_bash() {
	bash -c '. "$0"
		COMP_LINE=$1 COMP_POINT=${#1}
		_netns
		printf "%s\n" "${COMPREPLY[@]}" | sort | xargs -d "\n"' \
		"$source_root/completions/netns.bash" "$1"
}

case_bash_shows_the_answer() {
	netns add web1 web2 'with space'
	is "$(in_bash 'netns dele')" "delete"
	is "$(in_bash 'netns exec we')" "web1 web2"
	is "$(in_bash 'netns delete wi')" 'with\ space'
	is "$(in_bash 'netns list --output N')" "NAME NETNS-ID"
	is "$(in_bash 'netns list --output=N')" "NAME NETNS-ID"
	is "$(in_bash 'netns exec web1 tru')" "$(bash -c 'compgen -c tru' | sort | xargs -d '\n')"
	netns delete --all
}

in_fish() {
	HOME=$T XDG_CONFIG_HOME=$T fish --no-config -c \
		"source $source_root/completions/netns.fish; complete -C '$1'" | cut -f 1 | sort -u | xargs -d '\n'
}

case_fish_shows_the_answer() {
	netns add web1 web2
	is "$(in_fish 'netns del')" "delete"
	is "$(in_fish 'netns exec we')" "web1 web2"
	is "$(in_fish 'netns list --output NA')" "NAME"
	has " $(in_fish 'netns exec web1 ech') " " echo "
	netns delete --all
}

# zsh completes in a terminal only: a line and TAB are typed to one of its own.
in_zsh() {
	$python - "$source_root/completions" "$1" <<-'EOF'
		import os, pty, re, select, sys
		directory, line = sys.argv[1:]
		patience = int(os.environ.get("NETNS_TESTS_PATIENCE", 1))
		pid, fd = pty.fork()
		if pid == 0:
		    os.environ.update(TERM="dumb", HOME="/run/test", ZDOTDIR="/run/test", PS1="")
		    os.execvp("zsh", ["zsh", "-f", "-i"])
		def read_until(pattern):
		    seen = ""
		    while not re.search(pattern, seen):
		        if not select.select([fd], [], [], 40 * patience)[0]:
		            sys.exit("no answer: " + repr(seen))
		        seen += os.read(fd, 4096).decode(errors="replace")
		    return seen
		def say(text):
		    os.write(fd, text.encode())
		say("unsetopt zle_bracketed_paste; fpath=(%s $fpath); autoload -U compinit; compinit -u -D;" % directory)
		say(" PS1=; LISTMAX=1000; zstyle ':completion:*' list-separator '#'; echo rea''dy\n")
		read_until("ready\r")
		# the widget says what the line has become
		say("show() { zle expand-or-complete; print -r -- \"<$BUFFER>\" >&2 }; zle -N show; bindkey '^I' show; echo s''et\n")
		read_until("set\r")
		say(line + "\t")
		print(re.search("<(.*)>", read_until("<.*>")).group(1).rstrip())
		os.close(fd)
		os.waitpid(pid, 0)
	EOF
}

case_zsh_shows_the_answer() {
	netns add web other
	is "$(in_zsh 'netns dele')" "netns delete"
	is "$(in_zsh 'netns exec we')" "netns exec web"
	is "$(in_zsh 'netns list --outp')" "netns list --output"
	netns delete --all
}

tap_main "$@"
