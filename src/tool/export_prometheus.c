/* Prometheus's text exposition, for node_exporter's textfile collector: metrics.h says what is in it. */
#include <stdlib.h>

#include "export.h"
#include "metrics.h"

int export_prometheus(struct report *r, const struct export *e, FILE *out)
{
    struct metrics *m = malloc(sizeof *m);
    (void)e;
    if (!m)
        return -1;
    metrics_of(m, r);
    metrics_write(m, 1, out);
    free(m);
    return 0;
}
