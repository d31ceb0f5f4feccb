/* The reader on forged ledgers, and all that the tool makes of them: sums, verdicts, both reports.
 *
 * A ledger is large and mostly zero, so an input is a list of patches to one that is valid (fuzz_ledger.h). A
 * byte of an input is then nearly always a byte that the reader looks at, and what a mutation breaks is one
 * thing at a time. seed_ledger makes such an input from a real ledger, mutate_ledger.c mutates records as
 * records.
 *
 * Each area can be the last one of the file, which then ends with its last item: who reads on is seen by
 * ASan. JSON is two thirds of the work, so most mutations go without it.
 *
 * Finds within a minute when one of the reader's checks is left out: of offsets, capacities, `used`, ids,
 * ends of texts, cycles of nodes, windows, sites of counters.
 */
#include <jansson.h>
#include <math.h>

#include "../unit/ledger_build.h"
#include "export.h"
#include "fuzz.h"
#include "fuzz_ledger.h"
#include "report.h"
#include "suppressions.h"

/* New memory for each input would be most of the work: `forged` is used again and again. */
struct base {
    struct build valid;
    unsigned char *forged;
};

static double climbs(double seconds)
{
    return seconds * 20000;
}

static double saws(double seconds)
{
    return (double)((unsigned)(seconds * 10) % 70) * 9000;
}

/* By leakwatch.h. */
static void fill_told(struct build *b)
{
    b->head->phases[0] = (struct mark){0, 0, 500, 4000};
    b->head->phases[1] = (struct mark){build_text(b, "load"), 1, 1500, 1 << 20};
    b->head->phases[2] = (struct mark){build_text(b, "serve"), 1, -2000, -(1 << 20)};
    b->head->phases[LEDGER_MARKS - 1] = (struct mark){0, 3, 40, 10};
    b->head->threads[1] = (struct mark){build_text(b, "worker"), 4, 0, 1 << 20};
    b->head->changes[0] = 500 << CHANGE_SHIFT | 1;
    b->head->changes[1] = 2000 << CHANGE_SHIFT | 2;
    b->head->changes_begun = b->head->changes_done = 2;
    b->head->excluded[SITE_MMAP] = build_site(b, 0);
}

static void fill(struct build *b)
{
    const char *command[] = {"myserver", "--port", "80", NULL};
    b->head->command = build_command(b, command);
    b->head->executable = build_text(b, "/nowhere/myserver");
    b->head->allocator = build_text(b, "/nowhere/libc.so.6");
    uint32_t program = build_module(b, "/nowhere/myserver"), vdso = build_module(b, "[vdso]");
    uint32_t root = build_node(b, 0, program, 0x1100, NODE_CUT);
    uint32_t first = build_site(b, build_node(b, root, program, 0x2100, NODE_REPEATS));
    uint32_t second = build_site(b, build_node(b, root, vdso, 0x300, NODE_SIGNAL));
    uint32_t third = build_site(b, build_node(b, 0, 0, 0x7f0000001000, 0));
    build_history(b, first, climbs, 1000);
    build_history(b, second, saws, 0);
    build_site_at(b, third)->allocated_bytes = 1 << 20;
    build_site_at(b, third)->allocations = 3;
    build_site_at(b, third)->kind = SITE_MMAP;
    uint32_t block = build_block(b);
    *build_counter(b, block, first) = (struct counter){2, first, 1, 100, 4, 400, 380, 0};
    *build_counter(b, block, third) = (struct counter){3, third, 0, 0, 1, 4096, 4096, 0};
    fill_told(b);
    b->head->losses[LOSS_EARLY] = 2;
    b->head->losses[LOSS_DEPTH] = 7;
}

/* The area goes behind all others, as small as what is in it. */
static void put_last(struct build *b, unsigned a)
{
    struct area *area = &b->head->area[a];
    uint64_t size = area->used * area->item;
    unsigned char *bytes = malloc(b->size + size);
    memcpy(bytes, b->bytes, b->size);
    memcpy(bytes + b->size, b->bytes + area->offset, size);
    area = &((struct ledger_header *)(void *)bytes)->area[a];
    area->offset = b->size;
    area->capacity = area->used;
    free(b->bytes);
    *b = (struct build){bytes, b->size + size, (struct ledger_header *)(void *)bytes};
    b->head->file_bytes = b->size;
}

/* last: the area that is the last one, counted from 1, or 0: as the recorder lays it out. */
static struct build base_new(bool empty, unsigned last)
{
    struct build b = build_new();
    if (!empty)
        fill(&b);
    if (last)
        put_last(&b, last - 1);
    return b;
}

static const struct base *base_of(uint8_t kind)
{
    static struct base bases[2][AREAS + 1];
    bool empty = kind & BASE_EMPTY;
    unsigned last = kind / BASE_LAST % (AREAS + 1);
    struct base *base = &bases[empty][last];
    if (!base->valid.bytes) {
        base->valid = base_new(empty, last);
        base->forged = malloc(base->valid.size);
    }
    return base;
}

/* Always inside the valid ledger's own places: `item` counts from where the area really lies. */
static uint64_t place_of(const struct build *b, unsigned area, uint32_t item, uint32_t offset)
{
    if (area == AREA_HEADER)
        return offset;
    return b->head->area[area].offset + (uint64_t)item * b->head->area[area].item + offset;
}

static void patch(struct build *b, const struct build *from, struct input *in)
{
    unsigned area = input_byte(in) % PLACES;
    if (area == FILE_SIZE) {
        b->size = input_short(in) | (uint64_t)input_short(in) << 16;
        return;
    }
    uint32_t item = input_short(in), offset = input_short(in), length = input_byte(in);
    uint64_t place = place_of(from, area, item, offset);
    for (uint32_t i = 0; i < length && in->left; i++, place++) {
        uint8_t byte = input_byte(in);
        if (place < from->size)
            b->bytes[place] = byte;
    }
}

/* What is cut off must not be read: then the bytes lie in memory of exactly their size. */
static void cut(struct build *b)
{
    unsigned char *shorter = malloc(b->size ? b->size : 1);
    memcpy(shorter, b->bytes, b->size);
    b->bytes = shorter;
}

static struct build build_from(const struct base *base, struct input in)
{
    struct build b = {.bytes = base->forged, .size = base->valid.size};
    memcpy(b.bytes, base->valid.bytes, base->valid.size);
    while (in.left)
        patch(&b, &base->valid, &in);
    if (b.size < base->valid.size)
        cut(&b);
    else
        b.size = base->valid.size;
    return b;
}

static void check_reason(const char *why)
{
    CHECK(*why && !strchr(why, '\n'));
}

static void check_judgement(const struct finding *f)
{
    const struct judgement *j = &f->judgement;
    CHECK(f->verdict <= VERDICT_TRANSIENT && j->shape <= SHAPE_ACCELERATING);
    CHECK(j->confidence >= 0 && j->confidence <= 1);
    CHECK(isfinite(j->floor_then) && isfinite(j->floor_now) && isfinite(j->ratio) &&
          isfinite(j->held_octaves));
    CHECK(isfinite(j->bytes_per_s) && isfinite(j->bytes_per_byte));
    CHECK(j->verdict == VERDICT_GROWING || (j->bytes_per_s <= 0 && j->bytes_per_byte <= 0));
    CHECK(isfinite(f->live_bytes) && f->live_bytes >= 0 && isfinite(f->peak_bytes) &&
          isfinite(f->from_bytes));
}

static void check_findings(const struct report *r)
{
    struct sums *all = malloc((r->ledger->used[AREA_SITES] + 1) * sizeof *all);
    ledger_all_sums(r->ledger, all);
    for (uint32_t id = 0; id < r->ledger->used[AREA_SITES]; id++) {
        struct sums one = ledger_sums(r->ledger, id);
        CHECK(memcmp(&one, &all[id], sizeof one) == 0); /* nothing moves here */
    }
    free(all);
    for (uint32_t i = 0; i < r->findings.count; i++)
        check_judgement(&r->findings.items[i]);
}

static void check_json(struct report *r)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    CHECK(report_json(r, out) == 0 && fclose(out) == 0);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    CHECK(root != NULL);
    CHECK(json_object_size(root) == 12 && strlen(text) == size);
    uint32_t wanted = 0;
    for (uint32_t i = 0; i < r->findings.count; i++)
        wanted += !r->findings.items[i].small;
    CHECK(json_array_size(json_object_get(root, "sites")) == wanted);
    CHECK(json_is_array(json_object_get(root, "runtimes")));
    size_t i;
    json_t *site;
    json_array_foreach(json_object_get(root, "sites"), i, site)
        CHECK(json_object_size(site) == 30); /* a value that JSON cannot hold takes its neighbours along */
    json_decref(root);
    free(text);
}

static void check_text(struct report *r)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    report_text(r, out, false);
    CHECK(fclose(out) == 0);
    fuzz_check_printable(text, size, true);
    free(text);
}

/* What the formats make of it: only that all of it is written, and of text that a terminal may have it. */
static void check_export(struct report *r, int (*write)(struct report *, const struct export *, FILE *),
                         bool is_text)
{
    struct export how = {.what = EXPORT_ALLOCATED};
    char *bytes;
    size_t size;
    FILE *out = open_memstream(&bytes, &size);
    CHECK(write(r, &how, out) == 0 && fclose(out) == 0);
    if (is_text)
        fuzz_check_printable(bytes, size, true);
    free(bytes);
}

static void report(const struct ledger *l, const struct suppressions *s, bool json)
{
    struct report r;
    char why[128];
    struct report_options options = {.top = 10, .suppressions = s};
    if (report_make(&r, l, &options, why, sizeof why) != 0) {
        check_reason(why);
        return;
    }
    check_findings(&r);
    if (json) {
        check_json(&r);
        check_export(&r, export_folded, true);
        if (!export_pprof_lacks())
            check_export(&r, export_pprof, false);
        if (!export_html_lacks())
            check_export(&r, export_html, false);
    }
    check_text(&r);
    report_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    uint8_t kind = input_byte(&in);
    const struct base *base = base_of(kind);
    struct build b = build_from(base, in);
    struct ledger l;
    char why[128] = "";
    struct suppressions s = {0};
    suppressions_add(&s, "leak:noname*where");
    if (ledger_view(&l, b.bytes, b.size, why, sizeof why) == 0)
        report(&l, size % 2 ? &s : NULL, kind & WITH_JSON);
    else
        check_reason(why);
    suppressions_free(&s);
    if (b.bytes != base->forged)
        free(b.bytes);
    return 0;
}
