/* See brief.h. */
#include "brief.h"

#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "findings.h"
#include "ledger.h"

static int write_brief(void *argument, FILE *out)
{
    struct ledger l;
    struct findings f;
    char why[256];
    struct brief brief = {.judged = true};
    if (ledger_open(&l, argument, why, sizeof why) != 0)
        return -1;
    struct process process = process_of(&l.head);
    if (findings_of(&f, &l, &l.head, &process, KEEP_LARGE) != 0)
        return -1;
    brief.growing = f.growing;
    brief.live_bytes = f.totals.live_bytes;
    findings_free(&f);
    ledger_close(&l);
    return fwrite(&brief, sizeof brief, 1, out) == 1 ? 0 : -1;
}

/* Where no child can be made. */
static void judge_here(char *path, struct brief *brief)
{
    FILE *out = fmemopen(brief, sizeof *brief, "w");
    if (!out)
        return;
    setvbuf(out, NULL, _IONBF, 0);
    write_brief(path, out);
    fclose(out);
}

struct brief brief_of(const char *path, unsigned patience_ms)
{
    char *own = strdup(path), *bytes = NULL;
    struct apart what = {.work = write_brief, .argument = own, .patience_ms = patience_ms};
    struct brief brief = {0};
    size_t size = 0;
    enum apart_end end = own ? apart(&what, &bytes, &size) : APART_FAILED;
    if (end == APART_DONE && size == sizeof brief)
        memcpy(&brief, bytes, sizeof brief);
    if (end == APART_IMPOSSIBLE)
        judge_here(own, &brief);
    free(bytes);
    free(own);
    return brief;
}
