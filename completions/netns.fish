# SPDX-License-Identifier: MIT
# fish completion for netns(8)

function __netns_names
    # the lines of `netns list`, less the nsid; what is escaped cannot be completed
    netns list 2>/dev/null | string match --invert --regex '\\\\x' | string replace --regex ' \(id: \d+\)$' ''
end

function __netns_in
    __fish_seen_subcommand_from $argv
end

set -l commands list help add delete exec run
set -l none "not __netns_in $commands"

complete -c netns -f
complete -c netns -n $none -a list -d 'Show the names of network namespaces'
complete -c netns -n $none -a help -d 'Explain a command'
complete -c netns -n $none -a add -d 'Make network namespaces with a name'
complete -c netns -n $none -a delete -d 'Remove names'
complete -c netns -n $none -a exec -d 'Run a command inside a network namespace'
complete -c netns -n $none -a run -d 'Run a command inside a new network namespace that goes with it'

complete -c netns -s h -l help -d 'Explain'
complete -c netns -s d -l run-dir -x -a '(__fish_complete_directories)' -d 'The directory of the names'
complete -c netns -n $none -s V -l version -d 'Print the version'
complete -c netns -n "$none; or __netns_in delete" -s a -l all -d 'All names'
complete -c netns -n "$none; or __netns_in list" -s j -l json -d 'Print JSON'
complete -c netns -n "$none; or __netns_in list" -s p -l pretty -d 'Print JSON for reading'

complete -c netns -n '__netns_in list' -s o -l output -x -a 'NAME ID INODE NETNS-ID STATE' -d 'Columns'
complete -c netns -n '__netns_in help' -a "$commands"
complete -c netns -n '__netns_in add run' -s u -l up -d 'Loopback up'
complete -c netns -n '__netns_in delete exec' -a '(__netns_names)'
complete -c netns -n '__netns_in exec run' -s m -l no-mounts -d 'Leave /sys and /etc'
complete -c netns -n '__netns_in run' -s n -l name -x -d 'With a name meanwhile'
complete -c netns -n '__netns_in exec run' -a '(__fish_complete_subcommand --fcs-skip=2)'
