# Completion for bash. What there is to complete is asked of the program itself, so that it is what that program has.

# The options of a command's --help that a pattern finds: "--output", one a line.
_leakwatch_options() { # PROGRAM COMMAND PATTERN
    "$1" "$2" --help 2>/dev/null | sed -n "s/^ *\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\)$3/\2/p" | sort -u
}

_leakwatch_values() { # PROGRAM COMMAND OPTION: words that the option takes; nothing: a file
    case $3 in
    -f | --format)
        if [ "$2" = export ]; then
            "$1" export --help | sed -n 's/^      \([a-z]*\)  .*/\1/p'
        elif [ "$2" = diff ]; then
            echo text json
        else
            echo text json github junit
        fi
        ;;
    -w | --what) echo live allocated growth ;;
    --children) echo flagged all none ;;
    esac
}

# Where the program's own words begin, after `leakwatch run`; empty: not yet.
_leakwatch_command_at() {
    local valued i
    valued=" $(_leakwatch_options "$1" run ' [A-Z0].*' | tr '\n' ' ')"
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --) echo $((i + 1)) && return ;;
        -*) [[ $valued != *" ${COMP_WORDS[i]} "* ]] || ((i++)) ;;
        *) echo "$i" && return ;;
        esac
    done
}

_leakwatch() {
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} now=${COMP_WORDS[COMP_CWORD]} words at
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        words="$("$program" --help 2>/dev/null | sed -n 's/^  leakwatch \([a-z]*\) .*/\1/p') --help --version"
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$now")
        return
    fi
    if [ "$command" = run ] && at=$(_leakwatch_command_at "$program") && [ -n "$at" ]; then
        if declare -F _command_offset >/dev/null; then
            _command_offset "$at"
        else
            mapfile -t COMPREPLY < <(compgen -c -f -- "$now")
        fi
        return
    fi
    words=$(_leakwatch_values "$program" "$command" "${COMP_WORDS[COMP_CWORD - 1]}")
    if [ -n "$words" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$now")
    elif [[ $now == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_leakwatch_options "$program" "$command" '.*') --help" -- "$now")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$now")
    fi
}

complete -o filenames -F _leakwatch leakwatch
