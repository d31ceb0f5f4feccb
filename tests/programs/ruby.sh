# grows: a listener is added to a list for every request and never taken off
# flat: the list is a queue of at most 1000
exec $record /usr/bin/ruby "$here/listeners.rb" "$1"
