# grows: inserts into a :memory: database
# flat: updates of 1000 rows of one
sh "$here/statements.sh" "$1" | $record /usr/bin/sqlite3 -batch :memory:
