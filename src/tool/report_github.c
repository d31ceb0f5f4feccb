/* The report as annotations of GitHub Actions: an error for each finding, at a line of the sources where one
 * is known.
 *
 * What a runner obeys are lines that begin with "::" (workflow commands, docs.github.com/actions: "Workflow
 * commands"); how data in them is escaped is said by actions/toolkit, packages/core/src/command.ts. Names are
 * strangers': they stand only inside of commands, escaped; any other line of ours has figures alone.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "text.h"

/* % and line ends everywhere; in properties also what would end one. */
static void write_escaped(FILE *out, const char *text, const char *also)
{
    for (; *text; text++)
        if (*text == '%' || *text == '\r' || *text == '\n' || strchr(also, *text))
            fprintf(out, "%%%02X", (unsigned char)*text);
        else
            fputc(*text, out);
}

static void write_property(FILE *out, const char *key, const char *text)
{
    fprintf(out, "%s=", key);
    write_escaped(out, text, ":,");
}

/* ---- where ---- */

/* The checkout, which annotations are relative to; where there is no runner, this folder. free() it. */
static char *workspace(void)
{
    const char *given = getenv("GITHUB_WORKSPACE");
    return given && *given ? strdup(given) : getcwd(NULL, 0);
}

/* The file as seen from the workspace, or NULL: it lies elsewhere (a library's). */
static const char *inside(const char *file, const char *folder)
{
    size_t length = strlen(folder);
    if (!file || strncmp(file, folder, length) != 0 || file[length] != '/' || strstr(file, "/../"))
        return NULL;
    return file + length + 1;
}

/* The first call of the site, or of who called it, that is a line of the workspace. */
static const struct call *line_of(const struct stack *stack, const char *folder)
{
    for (uint32_t i = stack->named; i < stack->count; i++)
        if (inside(stack->calls[i].symbol->file, folder) && stack->calls[i].symbol->line)
            return &stack->calls[i];
    return NULL;
}

static void write_place(FILE *out, const struct call *call, const char *folder)
{
    char *file = call ? format_visible(inside(call->symbol->file, folder)) : NULL;
    if (!file)
        return;
    write_property(out, "file", file);
    fprintf(out, ",line=%u,", call->symbol->line);
    free(file);
}

/* ---- what ---- */

/* Frees title and text. */
static void write_error(FILE *out, const struct call *call, const char *folder, char *title, char *text)
{
    if (title && text) {
        fputs("::error ", out);
        write_place(out, call, folder);
        fputs("title=leakwatch%3A ", out);
        write_escaped(out, title, ":,");
        fputs(" grows without bound::", out);
        write_escaped(out, text, "");
        fputc('\n', out);
    }
    free(title);
    free(text);
}

/* At the function that asked for most of its pages. */
static void write_runtime(struct report *r, const struct runtime *rt, const char *folder, FILE *out)
{
    const struct call *call = rt->callers_count ? &rt->callers[0].call : NULL;
    bool there = call && call->symbol->line && inside(call->symbol->file, folder);
    write_error(out, there ? call : NULL, folder, strdup(rt->lens->heap), text_runtime_of(r, rt));
}

static void write_finding(struct report *r, uint32_t i, const char *folder, FILE *out)
{
    write_error(out, line_of(report_stack(r, i), folder), folder, text_place_of(r, i), text_finding_of(r, i));
}

static void write_group(struct report *r, const struct group *g, const char *folder, FILE *out)
{
    const struct call *call = group_call(g);
    bool there = call->symbol->line && inside(call->symbol->file, folder);
    write_error(out, there ? call : NULL, folder, text_group_place_of(g), text_group_of(r, g));
}

void report_github(struct report *r, FILE *out)
{
    char *here = workspace();
    const char *folder = here ? here : "";
    uint32_t shown = 0;
    for (uint32_t i = 0; i < r->runtimes.count && shown < r->top; i++)
        if (r->runtimes.items[i].growing) {
            write_runtime(r, &r->runtimes.items[i], folder, out);
            shown++;
        }
    for (uint32_t i = 0; i < r->findings.growing && shown < r->top; i++)
        if (!report_told_by_runtime(r, i)) {
            write_finding(r, i, folder, out);
            shown++;
        }
    for (uint32_t i = 0; i < r->groups.count && shown < r->top; i++)
        if (!r->groups.items[i].known) {
            write_group(r, &r->groups.items[i], folder, out);
            shown++;
        }
    free(here);
    text_headline(&(struct text){out, false}, r);
}
