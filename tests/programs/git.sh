# flat: cat-file --batch over the same 200 objects, again and again
git init -q "$work/repository"
for number in $(seq 200); do
    echo "object $number" | git -C "$work/repository" hash-object -w --stdin
done >"$work/objects"
finish=$(($(date +%s) + 8))
while [ "$(date +%s)" -lt $finish ]; do
    cat "$work/objects"
    sleep 0.02
done | $record git -C "$work/repository" cat-file --batch >"$work/contents"
