/* Kind 2, a memoize cache whose keys are all different: it grows, and every entry stays reachable.
 *
 *     memo [--seconds N] [--free]
 */
#include "cache.h"

#include <limits.h>

int main(int argc, char **argv)
{
    (void)argc;
    puts("truth: growing remember");
    fflush(stdout);
    cache_run(argv, ULONG_MAX);
    return 0;
}
