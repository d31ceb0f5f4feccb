/* What the guest's outer parts need of its core: a site's standing, here without any thread's block. */
#include "account.h"

struct standing account_read(uint32_t site)
{
    const struct site *s = book_site(site);
    return (struct standing){.live_bytes = s->allocated_bytes - s->freed_bytes,
                             .live_blocks = s->allocations - s->frees,
                             .allocated_bytes = s->allocated_bytes};
}
