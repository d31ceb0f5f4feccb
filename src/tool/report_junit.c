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

/* What became of one; frees place and text. */
struct outcome {
    bool suppressed, known;
    double bytes_per_s;
    char *place, *text;
};

static void write_failure(FILE *out, const struct outcome *o)
{
    fputs("      <failure type=\"growing\"", out);
    write_attribute(out, "message", format_rate(o->bytes_per_s).text);
    fputc('>', out);
    write_xml(out, o->text);
    fputs("</failure>\n", out);
}

static void write_case(FILE *out, const char *program, struct outcome o)
{
    char *name = NULL;
    if (o.place && o.text && asprintf(&name, "%s does not grow", o.place) >= 0) {
        write_case_head(out, program, name);
        if (o.suppressed)
            fprintf(out, "      <skipped message=\"%s\"/>\n",
                    o.known ? "known from the baseline" : "suppressed");
        else
            write_failure(out, &o);
        fputs("    </testcase>\n", out);
    }
    free(o.place);
    free(o.text);
    free(name);
}

static void write_runtime(struct report *r, const struct runtime *rt, const char *program, FILE *out)
{
    write_case(out, program,
               (struct outcome){rt->suppressed, rt->known, rt->judgement.bytes_per_s, strdup(rt->lens->heap),
                                text_runtime_of(r, rt)});
}

static void write_group(struct report *r, const struct group *g, const char *program, FILE *out)
{
    write_case(out, program,
               (struct outcome){g->known, g->known, g->judgement.bytes_per_s, text_group_place_of(g),
                                text_group_of(r, g)});
}

static void write_finding(struct report *r, uint32_t i, const char *program, FILE *out)
{
    const struct finding *f = &r->findings.items[i];
    write_case(out, program,
               (struct outcome){f->suppressed, f->known, f->judgement.bytes_per_s, text_place_of(r, i),
                                text_finding_of(r, i)});
}

static void write_none(const struct report *r, const char *program, FILE *out)
{
    write_case_head(out, program, "no call site grows without bound");
    if (r->too_short)
        fputs("      <skipped message=\"too short to judge growth\"/>\n", out);
    fputs("    </testcase>\n", out);
}

/* ---- the document ---- */

/* A heap that grows, or would if it were not suppressed. */
static bool is_case(const struct runtime *rt)
{
    return rt->growing || rt->suppressed;
}

/* What a heap tells is no case of its own. */
static bool is_finding_case(const struct report *r, uint32_t i)
{
    const struct runtime *owner = runtimes_owner(&r->runtimes, &r->findings.items[i]);
    return r->findings.items[i].verdict == VERDICT_GROWING && !(owner && is_case(owner));
}

static uint32_t case_count(const struct report *r)
{
    uint32_t count = r->groups.count;
    for (uint32_t i = 0; i < r->runtimes.count; i++)
        count += is_case(&r->runtimes.items[i]);
    for (uint32_t i = 0; i < r->findings.count; i++)
        count += is_finding_case(r, i);
    return count;
}

static void write_suite_head(const struct report *r, const char *program, uint32_t cases, FILE *out)
{
    char utc[32] = "";
    time_t seconds = (time_t)(r->head.started_ns / 1000000000);
    struct tm tm;
    uint32_t failures = report_growing(r), skipped = cases - failures;
    if (!gmtime_r(&seconds, &tm) || !strftime(utc, sizeof utc, "%Y-%m-%dT%H:%M:%S", &tm))
        utc[0] = '\0';
    if (cases == 0)
        skipped = r->too_short;
    fputs("  <testsuite name=\"leakwatch\"", out);
    write_attribute(out, "package", program);
    fprintf(out,
            " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\" time=\"%.3f\" timestamp=\"%s\">\n",
            cases ? cases : 1, failures, skipped, (double)r->process.age_ms / 1000, utc);
}

void report_junit(struct report *r, FILE *out)
{
    char *program = format_visible(r->head.program);
    uint32_t cases = case_count(r);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    write_suite_head(r, program, cases, out);
    for (uint32_t i = 0; i < r->runtimes.count; i++)
        if (is_case(&r->runtimes.items[i]))
            write_runtime(r, &r->runtimes.items[i], program, out);
    for (uint32_t i = 0; i < r->findings.count; i++)
        if (is_finding_case(r, i))
            write_finding(r, i, program, out);
    for (uint32_t i = 0; i < r->groups.count; i++)
        write_group(r, &r->groups.items[i], program, out);
    if (cases == 0)
        write_none(r, program, out);
    fputs("  </testsuite>\n</testsuites>\n", out);
    free(program);
}
