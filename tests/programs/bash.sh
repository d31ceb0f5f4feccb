# grows: results+=("$line"), an array that nobody empties
# flat: the array is emptied at 500 lines
exec $record /bin/bash "$here/results.bash" "$1"
