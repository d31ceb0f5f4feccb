# flat: compresses random bytes with a window of 1 MiB
finish=$(($(date +%s) + 8))
while [ "$(date +%s)" -lt $finish ]; do
    head -c 100000 /dev/urandom
    sleep 0.1
done | $record /usr/bin/xz -2 --lzma2=dict=1MiB -c >"$work/out.xz"
