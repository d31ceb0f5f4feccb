/* A table for spreadsheets (RFC 4180): a line a site, with the call that names it and its folded stack. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "format.h"

static const char heading[] =
    "site,kind,verdict,shape,confidence,live_bytes,live_blocks,peak_bytes,allocations,frees,"
    "allocated_bytes,freed_bytes,growth_bytes,growth_bytes_per_s,function,file,line,module,stack\r\n";

/* Text of strangers in quotes. Where it begins like a formula a spreadsheet would carry it out: an apostrophe
 * in front makes it text. */
static void write_text(FILE *out, const char *text)
{
    fputs(strchr("=+-@", *text) && *text ? "\"'" : "\"", out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static int write_cell(FILE *out, const char *text)
{
    char *safe = format_visible(text ? text : "");
    if (!safe)
        return -1;
    fputc(',', out);
    write_text(out, safe);
    free(safe);
    return 0;
}

static void write_figures(const struct finding *f, FILE *out)
{
    bool grows = f->verdict == VERDICT_GROWING;
    const struct sums *s = &f->sums;
    fprintf(out, "%u,%s,%s,%s,%.3f", f->site, f->kind == SITE_MMAP ? "mmap" : "heap",
            verdict_name(f->verdict), grows ? shape_name(f->judgement.shape) : "",
            (double)f->judgement.confidence);
    fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%.0f,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, s->live_bytes,
            s->live_blocks, f->peak_bytes, s->allocations, s->frees, s->allocated_bytes, s->freed_bytes);
    fprintf(out, ",%" PRIu64 ",%.1f", export_growth(f), grows ? f->judgement.bytes_per_s : 0.0);
}

/* free() it; NULL without memory. */
static char *whole_stack(const struct stack *stack)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    int result = export_stack(stack, out);
    if (fclose(out) == 0 && result == 0)
        return text;
    free(text);
    return NULL;
}

static int write_names(const struct stack *stack, FILE *out)
{
    const struct call *named = stack_named(stack);
    char *name = named ? stack_call_name(named) : strdup("(untracked)"), *whole = whole_stack(stack);
    int result = name && whole ? write_cell(out, name) : -1;
    if (result == 0)
        result = write_cell(out, named ? named->symbol->file : "");
    if (result == 0 && named && named->symbol->line)
        fprintf(out, ",%u", named->symbol->line);
    else
        fputc(',', out);
    if (result == 0)
        result = write_cell(out, named ? named->spot->module : "");
    if (result == 0)
        result = write_cell(out, whole);
    free(name);
    free(whole);
    return result;
}

int export_csv(struct report *r, const struct export *e, FILE *out)
{
    (void)e;
    fputs(heading, out);
    for (uint32_t i = 0; i < r->findings.count; i++) {
        write_figures(&r->findings.items[i], out);
        if (write_names(report_stack(r, i), out) != 0)
            return -1;
        fputs("\r\n", out);
        report_forget_stack(r, i);
    }
    return 0;
}
