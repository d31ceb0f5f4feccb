/* See pprof_places.h. */
#include "pprof_places.h"

#include <stdlib.h>
#include <string.h>

struct location {
    const struct spot *spot; /* the key: symbols.c keeps one for each place */
    uint64_t id;
    UT_hash_handle hh;
};

struct function {
    int64_t key[2]; /* name and file, as strings of the profile */
    uint64_t id;
    UT_hash_handle hh;
};

/* What the locations in a module turned out to have: pprof looks for what is missing by itself. */
struct seen {
    const struct spot *spot; /* the first in it, which knows path and build-id; NULL: none */
    bool functions, files, lines, inlined;
};

struct pprof_places {
    struct pprof *pprof;
    const struct ledger *ledger;
    struct location *locations;
    struct function *functions;
    struct seen *modules; /* by module id */
};

struct pprof_places *pprof_places_open(struct pprof *p, const struct ledger *l)
{
    struct pprof_places *places = calloc(1, sizeof *places);
    struct seen *modules = calloc(l->used[AREA_MODULES] + 1, sizeof *modules);
    if (!places || !modules) {
        free(places);
        free(modules);
        return NULL;
    }
    *places = (struct pprof_places){.pprof = p, .ledger = l, .modules = modules};
    return places;
}

/* ---- functions ---- */

static uint64_t function_of(struct pprof_places *places, const struct symbol *symbol)
{
    struct function *f = NULL;
    int64_t key[2] = {pprof_string(places->pprof, symbol->function),
                      pprof_string(places->pprof, symbol->file)};
    HASH_FIND(hh, places->functions, key, sizeof key, f);
    if (f)
        return f->id;
    f = malloc(sizeof *f);
    if (!f)
        return 0;
    *f = (struct function){.key = {key[0], key[1]}, .id = HASH_COUNT(places->functions) + UINT64_C(1)};
    HASH_ADD(hh, places->functions, key, sizeof f->key, f);
    Pprof__Function function = PPROF__FUNCTION__INIT, *list = &function;
    function.id = f->id;
    function.name = key[0]; /* without system_name pprof takes it for demangled: as it is */
    function.filename = key[1];
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    piece.n_function = 1;
    piece.function = &list;
    pprof_put(places->pprof, &piece);
    return f->id;
}

/* ---- locations ---- */

static struct seen *module_of(struct pprof_places *places, const struct spot *spot)
{
    return &places->modules[spot->key.module < places->ledger->used[AREA_MODULES] ? spot->key.module : 0];
}

/* A place without a name has no lines: pprof shows its address. */
static void put_lines(struct pprof_places *places, const struct spot *spot, Pprof__Location *location,
                      Pprof__Line *lines)
{
    struct seen *seen = module_of(places, spot);
    for (uint32_t i = 0; i < spot->count; i++) {
        const struct symbol *s = &spot->symbols[i];
        if (!s->function)
            continue;
        Pprof__Line *line = &lines[location->n_line];
        *line = (Pprof__Line)PPROF__LINE__INIT;
        line->function_id = function_of(places, s);
        line->line = s->line;
        location->line[location->n_line++] = line;
        seen->functions = true;
        seen->files |= s->file != NULL;
        seen->lines |= s->line != 0;
        seen->inlined |= s->inlined;
    }
}

static void put_location(struct pprof_places *places, const struct location *l)
{
    const struct module *module = ledger_module(places->ledger, (uint32_t)l->spot->key.module);
    Pprof__Location location = PPROF__LOCATION__INIT, *list = &location;
    Pprof__Line *lines = calloc(l->spot->count, sizeof *lines);
    location.line = calloc(l->spot->count, sizeof *location.line);
    location.id = l->id;
    location.address = (module ? module->base : 0) + l->spot->key.offset;
    if (module) {
        location.mapping_id = l->spot->key.module;
        module_of(places, l->spot)->spot = l->spot;
    }
    if (lines && location.line)
        put_lines(places, l->spot, &location, lines);
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    piece.n_location = 1;
    piece.location = &list;
    pprof_put(places->pprof, &piece);
    free(location.line);
    free(lines);
}

/* 0 without memory. */
static uint64_t location_of(struct pprof_places *places, const struct spot *spot)
{
    struct location *l = NULL;
    HASH_FIND_PTR(places->locations, &spot, l);
    if (l)
        return l->id;
    l = malloc(sizeof *l);
    if (!l)
        return 0;
    *l = (struct location){.spot = spot, .id = HASH_COUNT(places->locations) + UINT64_C(1)};
    HASH_ADD_PTR(places->locations, spot, l);
    put_location(places, l);
    return l->id;
}

uint64_t *pprof_places_of(struct pprof_places *places, const struct stack *stack, size_t *count)
{
    static struct symbol missing[] = {{.function = "(cut)"}, {.function = "(untracked)"}};
    static const struct spot cut = {.symbols = &missing[0], .count = 1},
                             untracked = {.symbols = &missing[1], .count = 1};
    uint64_t *ids = calloc(stack->count + (size_t)1, sizeof *ids);
    *count = 0;
    if (!ids)
        return NULL;
    for (uint32_t i = 0; i < stack->count; i++) {
        const struct call *call = &stack->calls[i];
        if (call->symbol == call->spot->symbols) /* not one that it was inlined into */
            ids[(*count)++] = location_of(places, call->spot);
    }
    if (stack->cut || !stack->count)
        ids[(*count)++] = location_of(places, stack->count ? &cut : &untracked);
    return ids;
}

/* ---- mappings ---- */

static void put_mapping(struct pprof_places *places, uint32_t id)
{
    const struct module *module = ledger_module(places->ledger, id);
    const struct seen *seen = &places->modules[id];
    Pprof__Mapping mapping = PPROF__MAPPING__INIT, *list = &mapping;
    if (!module || !seen->spot)
        return;
    mapping.id = id;
    mapping.memory_start = module->start;
    mapping.memory_limit = module->end;
    mapping.filename = pprof_string(places->pprof, seen->spot->module);
    mapping.build_id = pprof_string(places->pprof, seen->spot->build_id);
    mapping.has_functions = seen->functions;
    mapping.has_filenames = seen->files;
    mapping.has_line_numbers = seen->lines;
    mapping.has_inline_frames = seen->inlined;
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    piece.n_mapping = 1;
    piece.mapping = &list;
    pprof_put(places->pprof, &piece);
}

/* The module id of the program itself; 0: no code of it was seen. */
static uint32_t main_module(const struct pprof_places *places)
{
    const struct ledger *l = places->ledger;
    const char *path = ledger_text(l, l->head.executable);
    for (uint32_t id = 1; id < l->used[AREA_MODULES]; id++)
        if (places->modules[id].spot && strcmp(places->modules[id].spot->module, path) == 0)
            return id;
    return 0;
}

void pprof_places_close(struct pprof_places *places)
{
    struct location *location, *next_location;
    struct function *function, *next_function;
    uint32_t first = main_module(places);
    put_mapping(places, first);
    for (uint32_t id = 1; id < places->ledger->used[AREA_MODULES]; id++)
        if (id != first)
            put_mapping(places, id);
    HASH_ITER(hh, places->locations, location, next_location)
    {
        HASH_DEL(places->locations, location);
        free(location);
    }
    HASH_ITER(hh, places->functions, function, next_function)
    {
        HASH_DEL(places->functions, function);
        free(function);
    }
    free(places->modules);
    free(places);
}
