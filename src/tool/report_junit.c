/* The report as JUnit's XML, which every CI shows: a test case a finding. What grows fails; what is known
 * (suppressed, or from the baseline) is skipped; where nothing grows one test case says so. The elements are
 * those that the schemas of Jenkins, GitLab and Ant share. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "text.h"

/* ---- XML ---- */

/* XML 1.0 has no way to write U+FFFE and U+FFFF; other control characters text_*_of has made visible. */
static bool is_no_character(const char *text)
{
    return strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0;
}

/* What is written for a byte; NULL: the byte itself. */
static const char *entity_of(char c)
{
    return c == '&'    ? "&amp;"
           : c == '<'  ? "&lt;"
           : c == '>'  ? "&gt;"
           : c == '"'  ? "&quot;"
           : c == '\n' ? "&#10;" /* an attribute would make it a blank */
                       : NULL;
}

static void write_xml(FILE *out, const char *text)
{
    for (size_t bytes; text && *text; text += bytes) {
        const char *entity = is_no_character(text) ? "\xef\xbf\xbd" : entity_of(*text);
        bytes = is_no_character(text) ? 3 : 1;
        if (entity)
            fputs(entity, out);
        else
            fputc(*text, out);
    }
}

static void write_attribute(FILE *out, const char *key, const char *text)
{
    fprintf(out, " %s=\"", key);
    write_xml(out, text);
    fputc('"', out);
}

/* ---- test cases ---- */

static void write_case_head(FILE *out, const char *program, const char *name)
{
    fputs("    <testcase", out);
    write_attribute(out, "classname", program);
    write_attribute(out, "name", name);
    fputs(" time=\"0\">\n", out);
}

static void write_failure(FILE *out, const struct finding *f, const char *text)
{
    fputs("      <failure type=\"growing\"", out);
    write_attribute(out, "message", format_rate(f->judgement.bytes_per_s).text);
    fputc('>', out);
    write_xml(out, text);
    fputs("</failure>\n", out);
}

static void write_finding(struct report *r, uint32_t i, const char *program, FILE *out)
{
    const struct finding *f = &r->findings.items[i];
    char *place = text_place_of(r, i), *text = text_finding_of(r, i), *name = NULL;
    if (place && text && asprintf(&name, "%s does not grow", place) >= 0) {
        write_case_head(out, program, name);
        if (f->suppressed)
            fprintf(out, "      <skipped message=\"%s\"/>\n",
                    f->known ? "known from the baseline" : "suppressed");
        else
            write_failure(out, f, text);
        fputs("    </testcase>\n", out);
    }
    free(place);
    free(text);
    free(name);
}

static void write_none(const struct report *r, const char *program, FILE *out)
{
    write_case_head(out, program, "no call site grows without bound");
    if (r->too_short)
        fputs("      <skipped message=\"too short to judge growth\"/>\n", out);
    fputs("    </testcase>\n", out);
}

/* ---- the document ---- */

static uint32_t growing_count(const struct report *r)
{
    uint32_t count = 0;
    while (count < r->findings.count && r->findings.items[count].verdict == VERDICT_GROWING)
        count++;
    return count;
}

static void write_suite_head(const struct report *r, const char *program, uint32_t cases, FILE *out)
{
    char utc[32] = "";
    time_t seconds = (time_t)(r->head.started_ns / 1000000000);
    struct tm tm;
    uint32_t skipped = cases - r->findings.growing;
    if (!gmtime_r(&seconds, &tm) || !strftime(utc, sizeof utc, "%Y-%m-%dT%H:%M:%S", &tm))
        utc[0] = '\0';
    if (cases == 0)
        skipped = r->too_short;
    fputs("  <testsuite name=\"leakwatch\"", out);
    write_attribute(out, "package", program);
    fprintf(out,
            " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\" time=\"%.3f\" timestamp=\"%s\">\n",
            cases ? cases : 1, r->findings.growing, skipped, (double)r->process.age_ms / 1000, utc);
}

void report_junit(struct report *r, FILE *out)
{
    char *program = format_visible(r->head.program);
    uint32_t cases = growing_count(r);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    write_suite_head(r, program, cases, out);
    for (uint32_t i = 0; i < cases; i++)
        write_finding(r, i, program, out);
    if (cases == 0)
        write_none(r, program, out);
    fputs("  </testsuite>\n</testsuites>\n", out);
    free(program);
}
