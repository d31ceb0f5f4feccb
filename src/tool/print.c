/* See print.h. */
#include "print.h"

#include <stdlib.h>
#include <string.h>

#include "complain.h"
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

/* The report as bytes: it is written at once, and can be written elsewhere when that fails. */
static char *render(struct report *r, bool json, bool colour, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (!out)
        return NULL;
    int result = 0;
    if (json)
        result = report_json(r, out);
    else
        report_text(r, out, colour);
    if (fclose(out) != 0 || result != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int write_report(struct report *r, const struct settings *settings, bool fall_back)
{
    char why[512] = "out of memory";
    size_t size = 0;
    char *name = output_name(settings->output, &r->head);
    char *text = name ? render(r, settings->json, output_colour(name), &size) : NULL;
    int result = text ? output_write(name, text, size, why, sizeof why) : -1;
    if (result != 0)
        complain("%s", why);
    if (result != 0 && text && fall_back)
        result = output_write("stderr", text, size, why, sizeof why);
    free(text);
    free(name);
    return result;
}

int print_report(const char *path, const struct settings *settings, const struct report_options *options,
                 bool fall_back, struct printed *printed)
{
    struct ledger ledger;
    struct report report;
    char why[512];
    if (ledger_open(&ledger, path, why, sizeof why) != 0) {
        complain("%s %s", path, why);
        return -1;
    }
    int result = report_make(&report, &ledger, options, why, sizeof why);
    if (result == 0) {
        *printed = (struct printed){report.findings.growing, report.head};
        result = write_report(&report, settings, fall_back);
        report_free(&report);
    } else {
        complain("%s: %s", path, why);
    }
    ledger_close(&ledger);
    return result;
}
