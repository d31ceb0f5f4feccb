# Completion for fish. What there is to complete is asked of the program itself, so that it is what that program has.

function __leakwatch_commands
    leakwatch --help 2>/dev/null | string replace -rf '^  leakwatch ([a-z]+) .*? {2,}(.*)' '$1\t$2'
end

function __leakwatch_command
    set -l words (commandline -opc)
    test (count $words) -ge 2; and echo $words[2]
end

function __leakwatch_options
    leakwatch (__leakwatch_command) --help 2>/dev/null |
        string replace -rf '^ *(?:-[a-zA-Z], )?(--[a-z-]+)(?: +[^ ]+)?(?: {2,}(.*))?$' '$1\t$2'
end

function __leakwatch_formats
    switch (__leakwatch_command)
        case export
            leakwatch export --help | string replace -rf '^      ([a-z]+) {2,}(.*)' '$1\t$2'
        case diff
            printf '%s\n' text json
        case '*'
            printf '%s\n' text json github junit
    end
end

# After `run`, and not after an option of it that takes a value.
function __leakwatch_wants_program
    test "$(__leakwatch_command)" = run; or return 1
    set -l valued (leakwatch run --help | string replace -rf '^ *(--[a-z-]+) [A-Z0].*' '$1')
    not contains -- (commandline -opc)[-1] $valued
end

complete -c leakwatch -n 'test -z "$(__leakwatch_command)"' -f -a '(__leakwatch_commands)'
complete -c leakwatch -n 'string match -q -- "-*" (commandline -ct); and test -n "$(__leakwatch_command)"' -f -a '(__leakwatch_options)'
complete -c leakwatch -n 'contains -- "$(commandline -opc)[-1]" -f --format' -f -a '(__leakwatch_formats)'
complete -c leakwatch -n 'test "$(commandline -opc)[-1]" = --children' -f -a 'flagged all none'
complete -c leakwatch -n 'contains -- "$(commandline -opc)[-1]" -w --what' -f -a 'live allocated growth'
# Behind `leakwatch run [OPTION]...`: the program's own words.
complete -c leakwatch -n __leakwatch_wants_program -f -a '(__fish_complete_subcommand --fcs-skip=2)'
