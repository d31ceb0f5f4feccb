/* Instead of export_pprof.c where the build has no protobuf-c. */
#include "export.h"

const char *export_pprof_lacks(void)
{
    return "protobuf-c and zlib: install libprotobuf-c-dev, protobuf-c-compiler and zlib1g-dev";
}

/* Never asked: cmd_export.c says what is lacking. */
int export_pprof(struct report *r, const struct export *e, FILE *out)
{
    (void)r;
    (void)e;
    (void)out;
    return -1;
}
