# grows: functools.lru_cache(maxsize=None) over ever new keys, which Python documents as "can grow without bound"
# flat: the same with maxsize=20000
exec $record env PYTHONMALLOC=malloc /usr/bin/python3 "$here/cache.py" "$1"
