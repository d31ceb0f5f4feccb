# tar with xz, with threads too.
# shellcheck shell=sh

mkdir files
for n in 1 2 3 4 5; do seq 1 $((n * 40000)) >files/$n; done
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cJf files.tar.xz files
sha256sum <files.tar.xz
mkdir copy && tar -xJf files.tar.xz -C copy && diff -r files copy/files && tar -tJf files.tar.xz
XZ_OPT=-T2 tar -cJf threads.tar.xz files && tar -tJf threads.tar.xz | wc -l
rm -f ./*.xz
tar -xf nothing.tar
