/* See kept.h. */
#include "kept.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "places.h"
#include "print.h"
#include "regular.h"
#include "whole.h"
#include "wrappers.h"

/* A report of 100,000 sites is 200 MB of JSON. */
#define MOST_BYTES ((size_t)1 << 30)

static uint32_t find_named(const struct kept_site *site)
{
    for (uint32_t i = 0; i < site->count; i++) {
        const struct kept_frame *f = &site->frames[i];
        if (!wrappers_has(*f->function ? f->function : NULL, f->module))
            return i;
    }
    return 0;
}

/* ---- values of JSON: whatever is not as it should be is nothing ---- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static double number_of(const json_t *object, const char *key)
{
    double n = json_number_value(json_object_get(object, key));
    return n > 0 ? n : 0;
}

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static uint32_t small_number_of(const json_t *object, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(object, key));
    return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

/* ---- from JSON ---- */

static struct kept_frame frame_of(const json_t *frame)
{
    json_int_t offset = json_integer_value(json_object_get(frame, "offset"));
    return (struct kept_frame){.function = text_of(frame, "function"),
                               .file = text_of(frame, "file"),
                               .module = text_of(frame, "module"),
                               .build_id = text_of(frame, "build_id"),
                               .offset = offset > 0 ? (uint64_t)offset : 0,
                               .line = small_number_of(frame, "line")};
}

/* What it held. A program that frees all as it ends leaves 0 at every site, also at those that it kept. */
static double held_of(const json_t *site, const char *verdict)
{
    double live = number_of(site, "live_bytes");
    bool comes_and_goes = strcmp(verdict, "transient") == 0 || strcmp(verdict, "churn") == 0;
    bool freed = is_true(site, "freed_at_end") || (live <= 0 && !comes_and_goes);
    return freed ? number_of(site, "peak_bytes") : live;
}

static int read_site(struct kept_site *site, const json_t *json)
{
    const json_t *stack = json_object_get(json, "stack");
    size_t count = json_array_size(stack);
    *site = (struct kept_site){.verdict = text_of(json, "verdict")};
    site->frames = calloc(count + 1, sizeof *site->frames);
    if (!site->frames)
        return -1;
    for (size_t i = 0; i < count; i++)
        site->frames[i] = frame_of(json_array_get(stack, i));
    site->count = (uint32_t)count;
    site->named = find_named(site);
    site->mmap = strcmp(text_of(json, "kind"), "mmap") == 0;
    site->growing = strcmp(site->verdict, "growing") == 0;
    site->suppressed = is_true(json, "suppressed");
    site->bytes_per_s = site->growing ? number_of(json, "growth_bytes_per_s") : 0;
    site->held_bytes = held_of(json, site->verdict);
    return 0;
}

static bool is_growing_runtime(const json_t *runtimes, const char *name)
{
    for (size_t i = 0; i < json_array_size(runtimes); i++) {
        const json_t *runtime = json_array_get(runtimes, i);
        if (strcmp(text_of(runtime, "name"), name) == 0)
            return strcmp(text_of(runtime, "verdict"), "growing") == 0;
    }
    return false;
}

/* What the heap of a runtime asked for is judged as one, and so compared. */
static void give_to_runtime(struct kept_site *site, const json_t *json, const json_t *runtimes)
{
    const char *name = text_of(json, "runtime");
    site->owned = *name != '\0';
    site->told = site->owned && site->growing && is_growing_runtime(runtimes, name);
    if (site->told)
        site->growing = false;
}

/* As a site with one frame, whose function is what the heap is called. */
static int read_runtime(struct kept_site *site, const json_t *json)
{
    if (read_site(site, json) != 0)
        return -1;
    free(site->frames);
    site->frames = calloc(1, sizeof *site->frames);
    site->count = site->frames ? 1 : 0;
    site->named = 0;
    if (!site->frames)
        return -1;
    *site->frames =
        (struct kept_frame){.function = text_of(json, "heap"), .file = "", .module = "", .build_id = ""};
    return 0;
}

static int read_sites(struct kept *k)
{
    const json_t *sites = json_object_get(k->json, "sites"), *runtimes = json_object_get(k->json, "runtimes");
    size_t site_count = json_array_size(sites), count = site_count + json_array_size(runtimes);
    k->sites = calloc(count + 1, sizeof *k->sites);
    for (size_t i = 0; k->sites && i < count; i++) {
        struct kept_site *site = &k->sites[i];
        const json_t *json =
            i < site_count ? json_array_get(sites, i) : json_array_get(runtimes, i - site_count);
        if ((i < site_count ? read_site(site, json) : read_runtime(site, json)) != 0)
            break;
        k->count++;
        give_to_runtime(site, json, runtimes);
    }
    return k->sites && k->count == count ? 0 : -1;
}

static int read_report(struct kept *k)
{
    const json_t *process = json_object_get(k->json, "process");
    const char *schema = text_of(k->json, "schema");
    if (strcmp(schema, "leakwatch-report/1") != 0) {
        complain("%s is JSON, but no report of leakwatch (its \"schema\" is %s%s)", k->name,
                 *schema ? schema : "missing", *schema ? ", not leakwatch-report/1" : "");
        return -1;
    }
    if (!json_is_object(process) || !json_is_array(json_object_get(k->json, "sites"))) {
        complain("%s is not a whole report of leakwatch: \"process\" or \"sites\" is missing", k->name);
        return -1;
    }
    k->program = text_of(process, "program");
    k->pid = small_number_of(process, "pid");
    k->duration_s = number_of(process, "duration_s");
    if (read_sites(k) == 0)
        return 0;
    complain("%s: out of memory", k->name);
    return -1;
}

static int read_json(struct kept *k, const char *text, size_t size)
{
    json_error_t error;
    k->json = json_loadb(text, size, 0, &error);
    if (!k->json) {
        complain("%s is neither a ledger nor a JSON report of leakwatch (line %d: %s)", k->name, error.line,
                 error.text);
        return -1;
    }
    return read_report(k);
}

/* ---- from a ledger: its JSON report ---- */

static bool is_ledger(const char *path)
{
    char magic[sizeof LEDGER_MAGIC - 1] = "";
    struct stat st;
    int fd = regular_open(path, true, &st);
    if (fd < 0)
        return false;
    bool is = read(fd, magic, sizeof magic) == (ssize_t)sizeof magic &&
              memcmp(magic, LEDGER_MAGIC, sizeof magic) == 0;
    close(fd);
    return is;
}

static char *json_of_ledger(const char *path, const struct settings *settings, size_t *size)
{
    struct suppressions suppressions;
    struct settings as_json = *settings;
    as_json.form = FORM_JSON;
    if (print_suppressions(&suppressions, settings) != 0)
        return NULL;
    struct report_options how = {.suppressions = &suppressions};
    char *text = print_to_memory(path, &as_json, &how, size);
    suppressions_free(&suppressions);
    return text;
}

/* NULL after one line. */
static char *text_of_either(const char *path, const struct settings *settings, size_t *size)
{
    if (is_ledger(path))
        return json_of_ledger(path, settings, size);
    char *text = whole_read(path, MOST_BYTES, size);
    if (!text)
        complain("%s: %s", path, strerror(errno));
    return text;
}

int kept_read(struct kept *k, const char *name, const struct settings *settings)
{
    char why[512];
    size_t size = 0;
    *k = (struct kept){.name = name};
    char *path = places_find(name, why, sizeof why);
    if (!path) {
        complain("%s", why);
        return -1;
    }
    char *text = text_of_either(path, settings, &size);
    int result = text ? read_json(k, text, size) : -1;
    free(text);
    free(path);
    if (result != 0)
        kept_free(k);
    return result;
}

/* ---- from a report in memory ---- */

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

static int take_finding(struct kept_site *site, const struct finding *f, const struct stack *stack)
{
    *site = (struct kept_site){.mmap = f->kind == SITE_MMAP,
                               .growing = true,
                               .suppressed = f->suppressed,
                               .verdict = verdict_name(f->verdict),
                               .bytes_per_s = f->judgement.bytes_per_s,
                               .held_bytes = f->live_bytes};
    site->frames = calloc(stack->count + (size_t)1, sizeof *site->frames);
    if (!site->frames)
        return -1;
    for (uint32_t i = 0; i < stack->count; i++) {
        const struct call *call = &stack->calls[i];
        site->frames[i] = (struct kept_frame){or_nothing(call->symbol->function),
                                              or_nothing(call->symbol->file),
                                              call->spot->module,
                                              call->spot->build_id,
                                              call->spot->key.offset,
                                              call->symbol->line};
    }
    site->count = stack->count;
    site->named = find_named(site);
    return 0;
}

int kept_of_report(struct kept *k, struct report *r)
{
    *k = (struct kept){.name = "", .program = r->head.program, .pid = r->head.pid};
    k->sites = calloc(r->findings.count + (size_t)1, sizeof *k->sites);
    if (!k->sites)
        return -1;
    for (uint32_t i = 0; i < r->findings.count; i++) {
        if (r->findings.items[i].verdict != VERDICT_GROWING)
            break;
        if (take_finding(&k->sites[i], &r->findings.items[i], report_stack(r, i)) != 0) {
            kept_free(k);
            return -1;
        }
        k->count++;
    }
    return 0;
}

void kept_free(struct kept *k)
{
    for (uint32_t i = 0; i < k->count; i++)
        free(k->sites[i].frames);
    free(k->sites);
    json_decref(k->json);
    *k = (struct kept){0};
}
