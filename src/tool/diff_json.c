/* The comparison as JSON, schema leakwatch-diff/1. Fields are only ever added. */
#include <jansson.h>
#include <stdlib.h>

#include "diff.h"
#include "format.h"

/* What is no text of a report (that was UTF-8): names of files, sentences with names cut short. */
static json_t *text(const char *string)
{
    char *valid = format_utf8(string);
    json_t *value = valid ? json_string(valid) : json_null();
    free(valid);
    return value;
}

static json_t *text_or_null(const char *text)
{
    return *text ? json_string(text) : json_null();
}

/* "newly growing" as a name that needs no quotes in jq and its kind: "newly_growing". */
static const char *change_key(enum change change, char key[static 32])
{
    const char *name = diff_change_name(change);
    size_t i = 0;
    for (; name[i] && i < 31; i++)
        key[i] = name[i] == ' ' ? '_' : name[i];
    key[i] = '\0';
    return key;
}

static json_t *bytes_of(double n)
{
    return json_integer(n < 9e18 ? (json_int_t)n : INT64_MAX);
}

static json_t *report_of(const struct kept *k)
{
    return json_pack("{s:o, s:s, s:I, s:f}", "name", text(k->name), "program", k->program, "pid",
                     (json_int_t)k->pid, "duration_s", k->duration_s);
}

static json_t *side_of(const struct kept_site *site)
{
    if (!site)
        return json_null();
    return json_pack("{s:s, s:f, s:o, s:b}", "verdict", site->verdict, "growth_bytes_per_s",
                     site->bytes_per_s, "held_bytes", bytes_of(site->held_bytes), "suppressed",
                     site->suppressed);
}

static json_t *stack_of_site(const struct kept_site *site)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < site->count; i++) {
        const struct kept_frame *f = &site->frames[i];
        json_t *line = f->line ? json_integer(f->line) : json_null();
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:s, s:I, s:o}", "function",
                                              text_or_null(f->function), "file", text_or_null(f->file),
                                              "line", line, "module", f->module, "offset",
                                              (json_int_t)f->offset, "build_id", text_or_null(f->build_id)));
    }
    return list;
}

static json_t *site_of(const struct difference *d)
{
    const struct kept_site *site = d->new ? d->new : d->old;
    char key[32];
    return json_pack("{s:s, s:s, s:o, s:o, s:I, s:o}", "change", change_key(d->change, key), "kind",
                     site->mmap ? "mmap" : "heap", "old", side_of(d->old), "new", side_of(d->new), "named",
                     (json_int_t)site->named, "stack", stack_of_site(site));
}

static json_t *sites_of(const struct diff *d)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < d->count; i++)
        if (d->items[i].change != CHANGE_SAME)
            json_array_append_new(list, site_of(&d->items[i]));
    return list;
}

static json_t *counts_of(const struct diff *d)
{
    json_t *counts = json_object();
    char key[32];
    for (enum change change = 0; change < CHANGES; change++)
        json_object_set_new(counts, change_key(change, key), json_integer(d->counts[change]));
    return counts;
}

static void add_note(void *list, const char *note)
{
    json_array_append_new(list, text(note));
}

int diff_json(const struct diff *d, FILE *out)
{
    json_t *notes = json_array();
    diff_notes(d, add_note, notes);
    json_t *root =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "schema", "leakwatch-diff/1", "old", report_of(d->old),
                  "new", report_of(d->new), "counts", counts_of(d), "notes", notes, "sites", sites_of(d));
    int result = root ? json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : -1;
    json_decref(root);
    fputc('\n', out);
    return result;
}
