/* See text.h. A group: growth that many stacks share, told at the call where they become one. */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "text.h"

static void print_place(const struct text *t, const struct group *g)
{
    const struct call *call = group_call(g);
    fprintf(t->out, "in %s stacks through ", format_count(g->stacks).text);
    text_call_place(t, call);
}

static void print_figures(const struct text *t, const struct group *g)
{
    const char *shape = shape_name(g->judgement.shape);
    fprintf(t->out, "  %s   %s   %s -> %s   ", shape ? shape : "growing",
            format_rate(g->judgement.bytes_per_s).text, format_bytes(g->from_bytes).text,
            format_bytes(g->live_bytes).text);
    print_place(t, g);
    fprintf(t->out, "   %s blocks live   confidence %.2f\n", format_count(g->live_blocks).text,
            (double)g->judgement.confidence);
}

static void print_rest(const struct text *t, struct report *r, const struct group *g)
{
    text_curve(t, r, &g->history);
    text_stack(t, &g->stack, g->at);
    const char *function = group_call(g)->symbol->function;
    if (!function)
        return;
    text_paint(t, PAINT_DIM);
    fputs("    suppress with  leak:", t->out);
    format_text(t->out, function);
    text_plain(t);
    fputc('\n', t->out);
}

void text_group(const struct text *t, struct report *r, const struct group *g, uint32_t number)
{
    fprintf(t->out, "\n#%u  ", number);
    text_paint(t, PAINT_RED);
    fputs("GROWING", t->out);
    text_plain(t);
    print_figures(t, g);
    print_rest(t, r, g);
}

/* ---- for other forms ---- */

static char *finish(FILE *out, char **text)
{
    if (out && fclose(out) == 0)
        return *text;
    free(*text);
    return NULL;
}

char *text_group_place_of(const struct group *g)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out)
        print_place(&(struct text){out, false}, g);
    return finish(out, &text);
}

char *text_group_of(struct report *r, const struct group *g)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out) {
        print_figures(&(struct text){out, false}, g);
        print_rest(&(struct text){out, false}, r, g);
    }
    return finish(out, &text);
}
