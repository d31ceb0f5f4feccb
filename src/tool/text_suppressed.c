/* See text.h. What was suppressed, and by which pattern: a suppression that has become too wide is seen by
 * its bytes. */
#include <string.h>

#include "format.h"
#include "suppressions.h"
#include "text.h"

struct used {
    uint32_t sites;
    double bytes;
};

/* By the user's, where both would do. */
static bool same_reason(const struct finding *a, const struct finding *b)
{
    if (a->suppressed_by || b->suppressed_by)
        return a->suppressed_by == b->suppressed_by;
    return a->kept_on_purpose == b->kept_on_purpose;
}

static bool counts(const struct finding *f)
{
    return f->suppressed && (f->suppressed_by || f->kept_on_purpose);
}

static bool is_first(const struct report *r, uint32_t finding)
{
    for (uint32_t i = 0; i < finding; i++)
        if (counts(&r->findings.items[i]) && same_reason(&r->findings.items[i], &r->findings.items[finding]))
            return false;
    return true;
}

static struct used use_of(const struct report *r, uint32_t finding)
{
    struct used used = {0};
    for (uint32_t i = finding; i < r->findings.count; i++) {
        const struct finding *f = &r->findings.items[i];
        bool same = counts(f) && same_reason(f, &r->findings.items[finding]);
        used.sites += same;
        used.bytes += same ? f->live_bytes : 0;
    }
    return used;
}

static void print_reason(const struct text *t, const struct finding *f)
{
    if (f->suppressed_by) {
        fputs("leak:", t->out);
        format_text(t->out, f->suppressed_by);
    } else {
        fprintf(t->out, "kept on purpose (%s)", f->kept_on_purpose->what);
    }
}

void text_suppressed(const struct text *t, const struct report *r)
{
    const char *between = "Suppressed: ";
    for (uint32_t i = 0; i < r->findings.count; i++) {
        const struct finding *f = &r->findings.items[i];
        if (!counts(f) || !is_first(r, i))
            continue;
        struct used used = use_of(r, i);
        fputs(between, t->out);
        print_reason(t, f);
        fprintf(t->out, " %s at %u %s", format_bytes(used.bytes).text, used.sites,
                used.sites == 1 ? "site" : "sites");
        between = "; ";
    }
    if (between[0] == ';')
        fputc('\n', t->out);
}
