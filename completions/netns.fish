# SPDX-License-Identifier: MIT
# fish completion for netns(8): hands the line to `netns complete` and shows the answer.

function __netns_complete
    set -l words (commandline -opc)
    set -l answer ($words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
    switch "$answer[1]"
        case ':file'
            __fish_complete_path (commandline -ct)
        case ':dir'
            __fish_complete_directories (commandline -ct)
        case ':command *'
            set -l n (string replace ':command ' '' -- $answer[1])
            __fish_complete_subcommand --fcs-skip=(math $n + 1)
        case '*'
            printf '%s\n' $answer
    end
end

complete -c netns -f -a '(__netns_complete)'
