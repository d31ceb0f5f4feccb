/* See brief.h. */
#include "brief.h"

#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "findings.h"
#include "ledger.h"
#include "report.h"

/* Whether a heap like V8's grows is told by names, and reading those of node takes a second: only where it
 * can matter, for younger processes do not speak (CHILD_SPEAKS_MS of cmd_run.c, REPORTS_MS of life.c). */
#define NAMES_FROM_MS 10000

struct question {
    const char *path;
    bool names;
};

static int judge_sites(struct brief *brief, const struct ledger *l, const struct process *process)
{
    struct findings f;
    if (findings_of(&f, l, &l->head, process, KEEP_LARGE) != 0)
        return -1;
    *brief = (struct brief){.judged = true, .growing = f.growing, .live_bytes = f.totals.live_bytes};
    findings_free(&f);
    return 0;
}

static int judge_runtimes(struct brief *brief, const struct ledger *l)
{
    struct report_options options = {0};
    struct report r;
    char why[256];
    if (report_make(&r, l, &options, why, sizeof why) != 0)
        return -1;
    *brief = (struct brief){
        .judged = true, .growing = report_growing(&r), .live_bytes = r.findings.totals.live_bytes};
    report_free(&r);
    return 0;
}

static int write_brief(void *argument, FILE *out)
{
    const struct question *q = argument;
    struct ledger l;
    char why[256];
    struct brief brief = {0};
    if (ledger_open(&l, q->path, why, sizeof why) != 0)
        return -1;
    struct process process = process_of(&l.head);
    bool names = q->names && process.judged_ms >= NAMES_FROM_MS;
    int result = names ? judge_runtimes(&brief, &l) : judge_sites(&brief, &l, &process);
    ledger_close(&l);
    return result == 0 && fwrite(&brief, sizeof brief, 1, out) == 1 ? 0 : -1;
}

/* Where no child can be made. */
static void judge_here(struct question *q, struct brief *brief)
{
    FILE *out = fmemopen(brief, sizeof *brief, "w");
    if (!out)
        return;
    setvbuf(out, NULL, _IONBF, 0);
    q->names = false;
    write_brief(q, out);
    fclose(out);
}

static enum apart_end ask(struct question *q, unsigned patience_ms, struct brief *brief)
{
    struct apart what = {.work = write_brief, .argument = q, .patience_ms = patience_ms};
    char *bytes = NULL;
    size_t size = 0;
    enum apart_end end = apart(&what, &bytes, &size);
    if (end == APART_DONE && size == sizeof *brief)
        memcpy(brief, bytes, sizeof *brief);
    free(bytes);
    return end;
}

struct brief brief_of(const char *path, unsigned patience_ms)
{
    struct question q = {path, true};
    struct brief brief = {0};
    enum apart_end end = ask(&q, patience_ms, &brief);
    if (end == APART_IMPOSSIBLE) {
        judge_here(&q, &brief);
    } else if (end == APART_FAILED) {
        q.names = false;
        ask(&q, patience_ms, &brief);
    }
    return brief;
}
