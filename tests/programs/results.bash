results=()
while ((SECONDS < 8)); do
    for ((i = 0; i < 100; i++)); do
        results+=("a line of some length, number $RANDOM")
    done
    [[ $1 = grows ]] || ((${#results[@]} < 500)) || results=()
done
