/* See symbols.h. */
#include "symbols.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "demangle.h"
#include "jit.h"
#include "objects.h"
#include "namespaces.h"
#include "scopes.h"

struct lazy_object {
    struct object object;
    bool opened, named, unnamed; /* some frames in it have a name, some have none */
};

struct symbols {
    const struct ledger *ledger;
    bool names;                  /* false: nothing is opened for them */
    uint32_t pid;                /* of the living process, or 0 */
    struct lazy_object *objects; /* by module id */
    struct jit *jit;
    bool jit_opened;
    struct spot *spots; /* uthash */
};

static uint32_t code_at(struct symbols *s, const struct frame *frame, uint64_t age_ms);
static void name_jit(struct symbols *s, struct spot *spot);
static void name_in_object(struct symbols *s, struct spot *spot, uint32_t module);

struct symbols *symbols_open(const struct ledger *l, bool alive, bool names)
{
    struct symbols *s = calloc(1, sizeof *s);
    struct lazy_object *objects = calloc(l->used[AREA_MODULES] + 1, sizeof *objects);
    if (!s || !objects) {
        free(s);
        free(objects);
        return NULL;
    }
    s->ledger = l;
    s->names = names;
    s->pid = alive ? (uint32_t)namespaces_pid(&l->head) : 0;
    s->objects = objects;
    return s;
}

static void free_spot(struct spot *spot)
{
    for (uint32_t i = 0; i < spot->count; i++) {
        free(spot->symbols[i].function);
        free(spot->symbols[i].file);
    }
    free(spot->symbols);
    free(spot);
}

void symbols_close(struct symbols *s)
{
    struct spot *spot, *next;
    if (!s)
        return;
    HASH_ITER(hh, s->spots, spot, next)
    {
        HASH_DEL(s->spots, spot);
        free_spot(spot);
    }
    for (uint32_t i = 0; i < s->ledger->used[AREA_MODULES]; i++)
        object_close(&s->objects[i].object);
    jit_close(s->jit);
    free(s->objects);
    free(s);
}

/* Another symbol of the spot, or NULL: no memory, or too many. */
static struct symbol *add_symbol(struct spot *spot)
{
    struct symbol *symbols =
        spot->count < SCOPES_MOST ? realloc(spot->symbols, (spot->count + 1) * sizeof *symbols) : NULL;
    if (!symbols)
        return NULL;
    spot->symbols = symbols;
    symbols[spot->count] = (struct symbol){0};
    return &symbols[spot->count++];
}

static struct spot *new_spot(struct symbols *s, const struct spot *wanted)
{
    struct spot *spot = calloc(1, sizeof *spot);
    if (!spot)
        return NULL;
    spot->key = wanted->key;
    spot->module = spot->name = spot->build_id = "";
    if (spot->key.module)
        name_in_object(s, spot, (uint32_t)spot->key.module);
    else
        name_jit(s, spot);
    if (spot->count == 0 && !add_symbol(spot)) {
        free(spot);
        return NULL;
    }
    return spot;
}

const struct spot *symbols_at(struct symbols *s, const struct frame *frame, uint64_t age_ms)
{
    struct spot *spot = NULL;
    struct spot wanted = {0};
    wanted.key.offset = frame->offset;
    wanted.key.module = frame->module;
    wanted.key.code = code_at(s, frame, age_ms);
    HASH_FIND(hh, s->spots, &wanted.key, sizeof wanted.key, spot);
    if (spot)
        return spot;
    spot = new_spot(s, &wanted);
    if (spot)
        HASH_ADD(hh, s->spots, key, sizeof spot->key, spot);
    return spot;
}

bool symbols_unnamed(const struct symbols *s, uint32_t *id, struct unnamed *out)
{
    while (++*id < s->ledger->used[AREA_MODULES]) {
        const struct lazy_object *o = &s->objects[*id];
        if (!o->unnamed || !o->object.path[0])
            continue;
        const char *why = o->named ? "is stripped: not all its functions have names" : "has no symbols";
        *out = (struct unnamed){o->object.path, o->object.build_id, o->object.why ? o->object.why : why};
        return true;
    }
    return false;
}

static uint32_t code_at(struct symbols *s, const struct frame *frame, uint64_t age_ms)
{
    if (frame->module)
        return 0;
    if (s->names && !s->jit_opened)
        s->jit = jit_open(&s->ledger->head, (pid_t)s->pid);
    s->jit_opened = true;
    return jit_code(s->jit, frame->offset, age_ms);
}

static void name_jit(struct symbols *s, struct spot *spot)
{
    struct jitname name;
    if (jit_name(s->jit, spot->key.offset, (uint32_t)spot->key.code, &name) != 0)
        return;
    struct symbol *symbol = add_symbol(spot);
    if (!symbol) {
        jitname_free(&name);
        return;
    }
    symbol->function = name.function;
    symbol->file = name.file;
    symbol->short_file = name.file;
    symbol->line = name.line;
}

/* ---- files with DWARF ---- */

static const char *string_of(Dwarf_Die *die, unsigned attribute)
{
    Dwarf_Attribute found;
    return dwarf_formstring(dwarf_attr_integrate(die, attribute, &found));
}

static char *function_of(Dwarf_Die *die)
{
    const char *name = string_of(die, DW_AT_linkage_name);
    if (!name)
        name = string_of(die, DW_AT_MIPS_linkage_name);
    if (!name)
        name = string_of(die, DW_AT_name);
    return name ? demangle(name) : NULL;
}

/* "/usr/bin/../include/x.h" -> "/usr/include/x.h", in place. By the letters alone: the file need not be here.
 */
static void fold_parents(char *path)
{
    char *up;
    while ((up = strstr(path, "/../")) && up != path) {
        char *parent = memrchr(path, '/', (size_t)(up - path));
        char *from = parent ? parent : path;
        if (strncmp(parent ? parent + 1 : path, "..", 2) == 0)
            return; /* "../../x.h": there is nothing to fold */
        memmove(from, up + 3 + !parent, strlen(up + 3 + !parent) + 1);
    }
}

static void set_file(struct symbol *symbol, Dwarf_Die *unit, const char *file)
{
    Dwarf_Attribute attribute;
    const char *folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    size_t length = folder ? strlen(folder) : 0;
    if (!file)
        return;
    bool below = length && strncmp(file, folder, length) == 0 && file[length] == '/';
    /* Without an absolute name of its own a file is relative to where the compiler ran. */
    if (file[0] == '/' || !length || asprintf(&symbol->file, "%s/%s", folder, file) < 0)
        symbol->file = strdup(file);
    else
        below = true;
    if (symbol->file)
        fold_parents(symbol->file);
    below = below && symbol->file && strncmp(symbol->file, folder, length) == 0;
    symbol->short_file = symbol->file ? symbol->file + (below ? length + 1 : 0) : NULL;
}

/* Where the innermost function stands: the line table. */
static void set_line(struct symbol *symbol, Dwarf_Die *unit, Dwarf_Addr pc)
{
    int number = 0;
    Dwarf_Line *line = dwarf_getsrc_die(unit, pc);
    if (!line)
        return;
    set_file(symbol, unit, dwarf_linesrc(line, NULL, NULL));
    if (dwarf_lineno(line, &number) == 0 && number > 0)
        symbol->line = (uint32_t)number;
}

/* Where the function stands that an inlined one was called from: said by the inlined one. */
static void set_call_site(struct symbol *symbol, Dwarf_Die *unit, Dwarf_Die *inlined)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file, line;
    Dwarf_Files *files;
    size_t count;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) == 0)
        symbol->line = (uint32_t)line;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) == 0 &&
        dwarf_getsrcfiles(unit, &files, &count) == 0 && file < count)
        set_file(symbol, unit, dwarf_filesrc(files, file, NULL, NULL));
}

/* One symbol for each inlined function around pc and one for the function itself. */
static void name_scopes(struct spot *spot, Dwarf_Die *unit, Dwarf_Addr pc)
{
    Dwarf_Die scopes[SCOPES_MOST];
    int count = scopes_of(unit, pc, scopes);
    for (int i = 0; i < count; i++) {
        struct symbol *symbol = add_symbol(spot);
        if (!symbol)
            return;
        symbol->function = function_of(&scopes[i]);
        symbol->inlined = dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine;
        if (i == 0)
            set_line(symbol, unit, pc);
        else
            set_call_site(symbol, unit, &scopes[i - 1]);
    }
}

static void name_by_dwarf(const struct object *o, struct spot *spot)
{
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = object_unit(o, spot->key.offset, &bias);
    Dwarf_Addr pc = spot->key.offset - bias;
    if (!unit)
        return;
    name_scopes(spot, unit, pc);
    if (spot->count == 0) { /* assembler: lines, no functions */
        struct symbol *symbol = add_symbol(spot);
        if (symbol)
            set_line(symbol, unit, pc);
    }
}

/* The symbol tables know what DWARF does not; the outermost, real function is theirs to name. */
static void name_by_table(const struct object *o, struct spot *spot)
{
    GElf_Off from;
    GElf_Sym entry;
    struct symbol *symbol = spot->count ? &spot->symbols[spot->count - 1] : add_symbol(spot);
    if (!symbol || symbol->function)
        return;
    const char *name = dwfl_module_addrinfo(o->module, spot->key.offset, &from, &entry, NULL, NULL, NULL);
    if (name && *name)
        symbol->function = demangle(name);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* redis-server is a link to redis-check-rdb, python3 to python3.11: the program is known by the name it was
 * started by. */
static const char *called(const struct ledger *l, const char *path)
{
    const char *argv0 = ledger_text(l, l->head.command);
    bool program = *path && strcmp(path, ledger_text(l, l->head.executable)) == 0;
    return base_name(program && *base_name(argv0) ? argv0 : path);
}

static void name_in_object(struct symbols *s, struct spot *spot, uint32_t module)
{
    if (module >= s->ledger->used[AREA_MODULES])
        return;
    struct lazy_object *lazy = &s->objects[module];
    if (!lazy->opened)
        object_open(&lazy->object, s->ledger, module, s->pid, s->names);
    lazy->opened = true;
    spot->module = lazy->object.path;
    spot->name = called(s->ledger, spot->module);
    spot->build_id = lazy->object.build_id;
    if (lazy->object.module) {
        name_by_dwarf(&lazy->object, spot);
        name_by_table(&lazy->object, spot);
    }
    if (spot->count && spot->symbols[spot->count - 1].function)
        lazy->named = true;
    else
        lazy->unnamed = true;
}
