# ldd, file, readelf, nm: the loader's own answers, without our names in them.
# shellcheck shell=sh

ldd "$(command -v bash)" | sed 's/ (0x.*//' | grep -v 'leakwatch\|heaptrack'
nm -D "$(command -v bash)" | wc -l
readelf -d "$(command -v bash)" | sha256sum
ldd nothing
