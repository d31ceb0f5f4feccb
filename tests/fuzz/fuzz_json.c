/* The JSON writer: hostile names and numbers go in through a ledger, and the JSON must say exactly those.
 *
 * An input is numbers of 8 bytes and strings up to a NUL, in the order in which they are taken below. What
 * the writer should say is worked out here, not by the product's own functions.
 */
#include <jansson.h>

#include "../unit/ledger_build.h"
#include "fuzz.h"
#include "report.h"

#define MOST_NAME 400

struct said {
    char *program, *command[3], *module;
    unsigned arguments;
    uint64_t allocated, freed, allocations, frees, offset, loss, peak_rss;
};

/* Broken UTF-8 becomes U+FFFD, byte by byte. */
static char *expected_text(const char *text)
{
    size_t left = strlen(text);
    char *copy = malloc(left * 3 + 1), *to = copy;
    for (const char *s = text; left > 0;) {
        unsigned length = fuzz_utf8((const unsigned char *)s, left);
        memcpy(to, length ? s : "\xef\xbf\xbd", length ? length : 3);
        to += length ? length : 3;
        s += length ? length : 1;
        left -= length ? length : 1;
    }
    *to = '\0';
    return copy;
}

static void check_said(const json_t *value, const char *text)
{
    char *expected = expected_text(text);
    CHECK(json_is_string(value));
    CHECK(json_string_length(value) == strlen(expected) && strcmp(json_string_value(value), expected) == 0);
    free(expected);
}

/* JSON's integers end at 2^63 - 1: what is beyond is said as that. */
static void check_count(const json_t *object, const char *key, uint64_t n)
{
    const json_t *value = json_object_get(object, key);
    CHECK(json_is_integer(value));
    CHECK((uint64_t)json_integer_value(value) == (n < INT64_MAX ? n : INT64_MAX));
}

static struct build ledger_of(struct said *s, struct input *in)
{
    struct build b = build_new();
    s->program = input_string(in, sizeof b.head->program - 1);
    s->module = input_string(in, MOST_NAME);
    strcpy(b.head->program, s->program);
    const char *command[4] = {NULL};
    for (s->arguments = 0; s->arguments < 3; s->arguments++) {
        command[s->arguments] = s->command[s->arguments] = input_string(in, MOST_NAME);
        if (!*command[s->arguments])
            break; /* the format's end */
    }
    if (command[0][0])
        b.head->command = build_command(&b, command);
    s->offset = input_word(in) & NODE_OFFSET_MASK;
    uint32_t module = build_module(&b, s->module);
    struct site *site = build_site_at(&b, build_site(&b, build_node(&b, 0, module, s->offset, 0)));
    site->allocated_bytes = s->allocated = input_word(in);
    site->freed_bytes = s->freed = input_word(in);
    site->allocations = s->allocations = input_word(in);
    site->frees = s->frees = input_word(in);
    b.head->min_bytes = 1;
    b.head->losses[LOSS_DEPTH] = s->loss = input_word(in);
    b.head->peak_rss_bytes = s->peak_rss = input_word(in);
    b.head->started_ns = input_word(in);
    b.head->ended_ms = input_word(in);
    b.head->exit_status = (uint32_t)input_word(in);
    b.head->ended = input_byte(in);
    return b;
}

static json_t *json_of(const struct build *b)
{
    struct ledger l;
    struct report r;
    char why[128], *text;
    size_t size;
    struct report_options options = {.top = 10};
    CHECK(ledger_view(&l, b->bytes, b->size, why, sizeof why) == 0);
    CHECK(report_make(&r, &l, &options, why, sizeof why) == 0);
    FILE *out = open_memstream(&text, &size);
    CHECK(report_json(&r, out) == 0 && fclose(out) == 0);
    report_free(&r);
    for (size_t i = 0, length; i < size; i += length) {
        length = fuzz_utf8((const unsigned char *)text + i, size - i);
        CHECK(length > 0);
    }
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    CHECK(root != NULL);
    free(text);
    return root;
}

static void check_process(const json_t *root, const struct said *s)
{
    const json_t *process = json_object_get(root, "process"), *command = json_object_get(process, "command");
    CHECK(json_object_size(process) == 10);
    check_said(json_object_get(process, "program"), s->program);
    CHECK(json_array_size(command) == s->arguments);
    for (unsigned i = 0; i < s->arguments; i++)
        check_said(json_array_get(command, i), s->command[i]);
    if (s->peak_rss)
        check_count(json_object_get(root, "memory"), "peak_rss_bytes", s->peak_rss);
}

static void check_site(const json_t *site, const struct said *s)
{
    const json_t *frame = json_array_get(json_object_get(site, "stack"), 0);
    check_count(site, "allocated_bytes", s->allocated);
    check_count(site, "freed_bytes", s->freed);
    check_count(site, "allocations", s->allocations);
    check_count(site, "frees", s->frees);
    check_count(site, "live_bytes", s->allocated > s->freed ? s->allocated - s->freed : 0);
    check_said(json_object_get(frame, "module"), s->module);
    check_count(frame, "offset", s->offset);
}

static void check(const json_t *root, const struct said *s)
{
    const json_t *losses = json_object_get(json_object_get(root, "recorder"), "losses");
    check_process(root, s);
    if (s->loss)
        check_count(losses, "depth", s->loss);
    CHECK(json_object_size(losses) == (s->loss != 0));
    check_count(json_object_get(root, "totals"), "allocated_bytes", s->allocated);
    const json_t *sites = json_object_get(root, "sites");
    CHECK(json_array_size(sites) == (s->allocated > s->freed));
    if (json_array_size(sites))
        check_site(json_array_get(sites, 0), s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct said s = {0};
    struct input in = {data, size};
    struct build b = ledger_of(&s, &in);
    json_t *root = json_of(&b);
    check(root, &s);
    json_decref(root);
    build_free(&b);
    free(s.program);
    free(s.module);
    for (unsigned i = 0; i < 3; i++)
        free(s.command[i]);
    return 0;
}
