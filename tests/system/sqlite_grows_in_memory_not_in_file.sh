#!/bin/sh
# The same rows, ten thousand at a time: into :memory: the database is the heap, and grows; into a file only
# the page cache is, which has a bound.
. "$(dirname "$0")/lib.sh"

need sqlite3
rows() {
    echo 'PRAGMA synchronous=OFF; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);'
    turn=0
    while [ $turn -lt 100 ]; do
        echo "INSERT INTO t (b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000)
            SELECT 'some text for row ' || i || ', long enough to fill pages' FROM n;"
        sleep 0.05
        turn=$((turn + 1))
    done
    echo 'SELECT count(*) FROM t;'
}

# Both at once: they mostly wait.
rows | record_well memory sqlite3 :memory: &
memory=$!
rows | record_well file sqlite3 "$work/rows.db"
wait $memory
equal "rows in memory" 200000 "$(cat "$work/memory.out")"
equal "rows in the file" 200000 "$(cat "$work/file.out")"
report grows "$work/memory.json" sqlite3_step
report calm "$work/file.json"
