# grows: a Map that keeps a Buffer for every request
# flat: the Map forgets the oldest of 1000
exec $record /usr/bin/node "$here/requests.js" "$1"
