/* See print.h. */
#include "print.h"

#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "complain.h"
#include "export.h"
#include "output.h"

int print_suppressions(struct suppressions *s, const struct settings *settings)
{
    char why[512];
    *s = (struct suppressions){0};
    if (!settings->suppressions || suppressions_read(s, settings->suppressions, why, sizeof why) == 0)
        return 0;
    complain("%s", why);
    return -1;
}

/* ---- in the child (apart.h) ---- */

struct job {
    const char *path;
    const struct settings *settings;
    const struct report_options *options;
};

static int write_form(struct report *r, enum report_form form, bool colour, FILE *out)
{
    switch (form) {
    case FORM_JSON:
        return report_json(r, out);
    case FORM_GITHUB:
        report_github(r, out);
        return 0;
    case FORM_JUNIT:
        report_junit(r, out);
        return 0;
    case FORM_TEXT:
        report_text(r, out, colour);
    }
    return 0;
}

/* What the parent needs to know, then the report. */
static int write_all(struct report *r, const struct job *job, FILE *out)
{
    const struct settings *settings = job->settings;
    const struct export *export = job->options->export;
    struct printed printed = {report_growing(r), r->head};
    char *name = output_name(settings->output, &r->head);
    if (!name || fwrite(&printed, sizeof printed, 1, out) != 1) {
        free(name);
        return -1;
    }
    int result =
        export ? export->write(r, export, out) : write_form(r, settings->form, output_colour(name), out);
    free(name);
    return ferror(out) ? -1 : result;
}

static int make(void *argument, FILE *out)
{
    const struct job *job = argument;
    struct ledger ledger;
    struct report report;
    char why[512];
    if (ledger_open(&ledger, job->path, why, sizeof why) != 0)
        return -1;
    int result = report_make(&report, &ledger, job->options, why, sizeof why);
    if (result == 0) {
        result = write_all(&report, job, out);
        report_free(&report);
    }
    ledger_close(&ledger);
    return result;
}

/* ---- in the parent ---- */

/* By hand one may wait for the names of a browser; a program's end may not. */
#define PATIENCE_MS 120000

/* Where no child can be made, there is still a report. */
static char *make_here(struct job *job, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    int result = out ? make(job, out) : -1;
    if (out && fclose(out) == 0 && result == 0)
        return text;
    free(text);
    return NULL;
}

static char *make_apart(struct job *job, size_t *size)
{
    struct report_options without = *job->options;
    unsigned patience = without.patience_ms ? without.patience_ms : PATIENCE_MS;
    struct apart what = {.work = make,
                         .argument = job,
                         .patience_ms = patience,
                         .tells = !without.patience_ms && !job->settings->quiet};
    char *bytes = NULL;
    enum apart_end end = apart(&what, &bytes, size);
    if (end == APART_FAILED) {
        without.nameless = true;
        job->options = &without;
        end = apart(&what, &bytes, size);
        if (end == APART_DONE)
            complain("the report is without names: reading them failed, or took too long");
    }
    return end == APART_IMPOSSIBLE ? make_here(job, size) : bytes;
}

static int write_report(const char *text, size_t size, const struct ledger_header *head,
                        const struct settings *settings, bool fall_back)
{
    char why[512] = "out of memory";
    char *name = output_name(settings->output, head);
    int result = name ? output_write(name, text, size, why, sizeof why) : -1;
    if (result != 0)
        complain("%s", why);
    if (result != 0 && fall_back)
        result = output_write("stderr", text, size, why, sizeof why);
    free(name);
    return result;
}

/* What the child wrote: a struct printed, then the report. NULL after one line. */
static char *bytes_of(const char *path, const struct settings *settings, const struct report_options *options,
                      size_t *size)
{
    struct ledger_header head;
    char why[512];
    if (ledger_peek(&head, path, why, sizeof why) != 0) {
        complain("%s %s", path, why);
        return NULL;
    }
    struct job job = {path, settings, options};
    char *bytes = make_apart(&job, size);
    if (bytes && *size >= sizeof(struct printed))
        return bytes;
    complain("%s: no report: it takes too much memory or time, or the ledger is forged or was cut short",
             path);
    free(bytes);
    return NULL;
}

char *print_to_memory(const char *path, const struct settings *settings, const struct report_options *options,
                      size_t *size)
{
    char *bytes = bytes_of(path, settings, options, size);
    if (!bytes)
        return NULL;
    *size -= sizeof(struct printed);
    memmove(bytes, bytes + sizeof(struct printed), *size);
    return bytes;
}

int print_report(const char *path, const struct settings *settings, const struct report_options *options,
                 bool fall_back, struct printed *printed)
{
    size_t size = 0;
    char *bytes = bytes_of(path, settings, options, &size);
    if (!bytes)
        return -1;
    memcpy(printed, bytes, sizeof *printed);
    int result =
        write_report(bytes + sizeof *printed, size - sizeof *printed, &printed->head, settings, fall_back);
    free(bytes);
    return result;
}
