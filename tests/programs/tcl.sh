# grows: lappend to a global list for every event
# flat: the list is cut at 1000 events
exec $record /usr/bin/tclsh "$here/events.tcl" "$1"
