# gcc: a good and a bad file.
# shellcheck shell=sh

cat >a.c <<'END'
#include <stdio.h>
static int twice(int n) { return 2 * n; }
int main(void) { printf("%d\n", twice(21)); return 0; }
END
gcc -O2 -g -c a.c && gcc -o a a.o && ./a && objdump -d a.o | sha256sum
echo 'int main(void) { return undeclared; }' >bad.c
gcc -c bad.c
