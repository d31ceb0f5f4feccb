/* A little program with inlined calls that tells where it is: for test_symbols.c, which knows its lines. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>

__attribute__((noinline)) static uintptr_t here(void)
{
    return (uintptr_t)__builtin_return_address(0) - 1;
}

static inline __attribute__((always_inline)) uintptr_t inner(void)
{
    return here(); /* line 15 */
}

__attribute__((noinline)) static uintptr_t outer(volatile int *calls)
{
    uintptr_t at = inner(); /* line 20 */
    ++*calls;
    return at;
}

int main(void)
{
    volatile int calls = 0;
    uintptr_t at = outer(&calls);
    Dl_info info;
    struct link_map *map;
    if (!dladdr1((void *)at, &info, (void **)&map, RTLD_DL_LINKMAP))
        return 1;
    printf("%lx\n", at - map->l_addr);
    return 0;
}
