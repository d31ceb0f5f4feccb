# sqlite3: a file, an index, a transaction undone, a dump, a mistake.
# shellcheck shell=sh

sqlite3 base.db 'create table t(a integer primary key, b text);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into t select i, hex(i * i) from n;
    create index i on t(b); analyze; select count(*), sum(length(b)), max(b) from t; begin; delete from t where a % 2; rollback;
    select count(*) from t where b like "%3%"; pragma integrity_check;'
sqlite3 base.db .dump | sha256sum
sqlite3 base.db 'vacuum; select * from nothing'
