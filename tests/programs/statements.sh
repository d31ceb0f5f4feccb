# SQL for 8 seconds, for sqlite.sh.
echo "create table log(id integer primary key, line text);"
echo "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)
    insert into log select i, hex(randomblob(50)) from n;"
finish=$(($(date +%s) + 8))
while [ "$(date +%s)" -lt $finish ]; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        case $1 in
        grows) echo "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20)
            insert into log(line) select hex(randomblob(50)) from n;" ;;
        *) echo "update log set line = hex(randomblob(50)) where id % 50 = abs(random()) % 50;" ;;
        esac
    done
    sleep 0.01
done
