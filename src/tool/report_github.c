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

static void write_place(FILE *out, const struct stack *stack, const char *folder)
{
    const struct call *call = folder ? line_of(stack, folder) : NULL;
    char *file = call ? format_visible(inside(call->symbol->file, folder)) : NULL;
    if (!file)
        return;
    write_property(out, "file", file);
    fprintf(out, ",line=%u,", call->symbol->line);
    free(file);
}

/* ---- what ---- */

static void write_finding(struct report *r, uint32_t i, const char *folder, FILE *out)
{
    char *title = text_place_of(r, i), *text = text_finding_of(r, i);
    if (title && text) {
        fputs("::error ", out);
        write_place(out, report_stack(r, i), folder);
        fputs("title=leakwatch%3A ", out);
        write_escaped(out, title, ":,");
        fputs(" grows without bound::", out);
        write_escaped(out, text, "");
        fputc('\n', out);
    }
    free(title);
    free(text);
}

void report_github(struct report *r, FILE *out)
{
    char *folder = workspace();
    for (uint32_t i = 0; i < r->findings.growing && i < r->top; i++)
        write_finding(r, i, folder, out);
    free(folder);
    text_headline(&(struct text){out, false}, r);
}
