/* streams: prints labelled streams (streams.h) as CSV that `judge` reads.
 *
 *     streams FAMILY [SEED [RUN [SAMPLE_BYTES]]]     a row for each tick in which the site was touched
 *     streams                                        the families: name, half, whether they grow
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "streams.h"

static void print_families(void)
{
    const struct family *f;
    for (unsigned i = 0; (f = stream_family(i)); i++)
        printf("%s,%s,%s\n", f->name, stream_half(f), f->growing ? "growing" : "not growing");
}

static void print_run(const struct family *f, uint64_t seed, uint32_t run, double sample_bytes)
{
    struct stream s;
    stream_start(&s, f, seed, run, sample_bytes);
    puts("id,t_s,live_bytes,cum_alloc_bytes");
    while (stream_next(&s))
        if (s.touched)
            printf("%s/%u,%.3f,%.0f,%.0f\n", f->name, run, (double)s.now_ms / 1000, s.live, s.allocated);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint32_t run = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    double sample_bytes = argc > 4 ? strtod(argv[4], NULL) : 0;
    const struct family *found;
    if (argc < 2) {
        print_families();
        return 0;
    }
    for (unsigned i = 0; (found = stream_family(i)) && strcmp(argv[1], found->name) != 0; i++) {
    }
    if (!found) {
        fprintf(stderr, "streams: no family %s\n", argv[1]);
        return 2;
    }
    print_run(found, seed, run, sample_bytes);
    return fflush(stdout) ? 1 : 0;
}
