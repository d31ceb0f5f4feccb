/* A small program to become: says hello, and whether the kernel takes it for a privileged one. Also linked
 * statically. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>

int main(void)
{
    free(malloc(100));
    printf("hello, secure %lu\n", getauxval(AT_SECURE));
    return 3;
}
