/* See hide.h. A symbol without a value and a section is none: for the loader as for dlsym and dladdr. */
#include "hide.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sys.h"

extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

static const void *dynamic(ElfW(Sxword) tag)
{
    for (const ElfW(Dyn) *d = _DYNAMIC; d->d_tag != DT_NULL; d++)
        if (d->d_tag == tag)
            return (const void *)d->d_un.d_ptr; /* the loader has made it an address */
    return NULL;
}

/* One past the last exported symbol, by the hash table that finds it (GNU hash: header, filter, buckets, and
 * a chain that ends where bit 0 is set). */
static uint32_t symbols_end(const uint32_t *hash)
{
    uint32_t buckets = hash[0], first = hash[1], last = 0;
    const uint32_t *bucket = hash + 4 + hash[2] * (sizeof(ElfW(Addr)) / sizeof *hash);
    const uint32_t *chain = bucket + buckets;
    for (uint32_t i = 0; i < buckets; i++)
        last = bucket[i] > last ? bucket[i] : last;
    if (last < first)
        return 0;
    while (!(chain[last - first] & 1))
        last++;
    return last + 1;
}

static bool protect(const ElfW(Sym) * from, uint32_t count, int access)
{
    uintptr_t start = (uintptr_t)from & ~(uintptr_t)4095, end = (uintptr_t)(from + count);
    return !sys_failed(SYS3(SYS_mprotect, start, end - start, access));
}

void hide(const char *start, size_t length)
{
    const uint32_t *hash = dynamic(DT_GNU_HASH);
    const char *names = dynamic(DT_STRTAB);
    ElfW(Sym) *symbols = (ElfW(Sym) *)(uintptr_t)dynamic(DT_SYMTAB);
    uint32_t end = hash ? symbols_end(hash) : 0;
    if (!end || !protect(symbols, end, PROT_READ | PROT_WRITE))
        return;
    for (uint32_t i = hash[1]; i < end; i++)
        if (strncmp(names + symbols[i].st_name, start, length) == 0) {
            __atomic_store_n(&symbols[i].st_value, 0, __ATOMIC_RELAXED);
            __atomic_store_n(&symbols[i].st_shndx, SHN_UNDEF, __ATOMIC_RELAXED);
        }
    protect(symbols, end, PROT_READ);
}
