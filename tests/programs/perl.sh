# grows: a reference cycle in every object, which perlref says is never freed
# flat: the same with one of the two references weakened
exec $record /usr/bin/perl "$here/cycle.pl" "$1"
