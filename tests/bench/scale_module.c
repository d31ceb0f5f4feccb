/* One of many modules (scale.c). */
#include <stdlib.h>

void module_pair(void);
void module_pair(void)
{
    void *block = malloc(24);
    __asm__ volatile("" : "+r"(block));
    free(block);
}
