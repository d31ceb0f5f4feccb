# bash: pipes, arrays, traps, subshells.
# shellcheck shell=sh

bash -c 'set -o pipefail; f() { local a=("$@"); for i in "${!a[@]}"; do echo "$i=${a[i]//a/b}"; done; }
    f alpha beta gamma | sort | tee list; declare -A m; for i in {1..2000}; do m[$i]=$(( i * i )); done
    echo "${#m[@]} ${m[44]}"; echo $(seq 1 500 | while read -r n; do echo $(( n % 7 )); done | sort | uniq -c)
    trap "echo trapped" USR1; kill -USR1 $$; (exit 3); echo $?; exec 5<<<here; cat <&5; exit 9'
