# curl, ssh-keygen, awk, sed, sort, find, xargs, tclsh, vim: a little of each.
# shellcheck shell=sh disable=SC2016 # not for this shell

seq 1 100000 >numbers
curl -s "file://$PWD/numbers" | sha256sum
curl -s "file://$PWD/nothing"
echo "curl $?"
ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -y -f key | cut -d' ' -f1 && rm key key.pub
awk '{ s[$1 % 100] += $1 } END { for (k in s) print k, s[k] }' numbers | sort -n | sha256sum
sort -R --random-source=numbers numbers | sort -n --parallel=4 -S 1m | cmp - numbers && echo sorted
find . -type f -print0 | xargs -0 -n 1 basename | sort
echo 'set l {}; for {set i 0} {$i < 20000} {incr i} {lappend l [expr {$i * $i}]}; puts [llength $l]; puts [lindex $l 99]; exit 6' | tclsh
echo "tclsh $?"
printf 'one\ntwo\nthree\n' >text
vim -u NONE -i NONE -es -c '%s/t/T/g' -c 'g/o/normal Ax' -c wq text </dev/null
echo "vim $?"
cat text
