# grows: a value in gdb's value history for every "print", which its manual says lasts until the symbols are read anew
# flat: "output", which prints without a value in the history
exec $record /usr/bin/gdb -nx -q -batch -ex "python kind='$1'" -x "$here/values.py"
