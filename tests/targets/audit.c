/* A library for LD_AUDIT: sees every object and every symbol, and allocates meanwhile, from its own C
 * library. */
#include <link.h>
#include <stdint.h>
#include <stdlib.h>

unsigned int la_version(unsigned int version);
unsigned int la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie);
uintptr_t la_symbind64(Elf64_Sym *symbol, unsigned int index, uintptr_t *by, uintptr_t *in,
                       unsigned int *flags, const char *name);

unsigned int la_version(unsigned int version)
{
    free(malloc(100));
    return version;
}

unsigned int la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
    (void)map, (void)lmid, (void)cookie;
    free(malloc(100));
    return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}

uintptr_t la_symbind64(Elf64_Sym *symbol, unsigned int index, uintptr_t *by, uintptr_t *in,
                       unsigned int *flags, const char *name)
{
    (void)index, (void)by, (void)in, (void)flags, (void)name;
    free(malloc(100));
    return symbol->st_value;
}
