#!/bin/sh
# bash, zsh and fish complete commands, options and their values, and after `run` the program's own words. What they
# offer is asked of the program's --help, so each option there must be offered.
. "$(dirname "$0")/lib.sh"
need bash
need zsh
need fish
folder=$here/../../src/package/completion
PATH=$(dirname "$tool"):$PATH
export PATH

# Each prints what is offered for the last of its words, one a line.
in_bash() {
    # shellcheck disable=SC2016 # bash expands it
    bash --norc -c '. "$0"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _leakwatch; printf "%s\n" "${COMPREPLY[@]}"' \
        "$folder/leakwatch.bash" "$@"
}
in_zsh() {
    # shellcheck disable=SC2016 # zsh expands it; what it completes with needs a terminal, so that is told instead
    zsh -fc 'compadd() { print -rl -- ${(M)${(P)2}:#$PREFIX*} }
        _files() { print "<files>" }
        _normal() { print "<command $words[*]>" }
        completion=$1; shift
        words=("$@") CURRENT=$# PREFIX=${@[-1]}
        complete_it() { source $completion }
        complete_it' zsh "$folder/_leakwatch" "$@"
}
in_fish() {
    # shellcheck disable=SC2016 # fish expands it
    fish --no-config -c 'source $argv[1]; complete -C "$argv[2..]"' "$folder/leakwatch.fish" "$@" | cut -f 1
}

offers() { # SHELL EXPECTED WORD...: just these, in any order
    shell=$1 expected=$(printf '%s\n' "$2" | tr ' ' '\n' | sort)
    shift 2
    equal "$shell: $*" "$expected" "$("in_$shell" "$@" | sort -u)"
}

for shell in bash zsh fish; do
    offers "$shell" "report" leakwatch rep
    offers "$shell" "json junit" leakwatch report --format j
    offers "$shell" "csv" leakwatch export --format c
    offers "$shell" "all" leakwatch run --children a
    offers "$shell" "--baseline" leakwatch report --base
    for command in run report top export diff watch push list; do
        leakwatch $command --help | grep -o -e '^ *\(-., \)\{0,1\}--[a-z-]*' | grep -o -e '--.*' | sort -u >"$work/options"
        "in_$shell" leakwatch $command -- | sort -u >"$work/offered"
        grep -q -x -e --help "$work/options" || fail "$command --help has no options"
        missing=$(comm -23 "$work/options" "$work/offered")
        [ -z "$missing" ] || fail "$shell does not offer of $command: $missing"
    done
done
offers bash "printenv" leakwatch run --output x -- printen
offers fish "printenv" leakwatch run printen
equal "zsh hands over" "<command printenv --nul x>" "$(in_zsh leakwatch run --output y -- printenv --nul x)"
