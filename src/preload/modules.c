/* See modules.h.
 *
 * `seen` lists the modules as they were met, `slots` is a hash table into it by load bias. Both are only ever
 * added to; an entry is published by its slot (release; acquired in find). Entries of modules that went stay,
 * marked gone: the same object loaded again at the same place (path and build-id equal) takes its old entry
 * and id again, so that a plugin that comes and goes a thousand times is one module; another object there
 * gets a new one.
 */
#include "modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#include "book.h"
#include "hints.h"
#include "options.h"
#include "rules.h"
#include "sys.h"
#include "trylock.h"

#define ROOM         4096 /* modules of a process: 500 in the largest programs met, 16,384 fit a node */
#define SLOTS        (2 * ROOM)
#define PATH_ROOM    4096
#define PAGE         ((uintptr_t)4096)
#define NO_ID        UINT32_MAX /* recorded as "no room in the book" */
#define BUILD_ID_MAX 20

/* Weak: glibc has it since 2.35. Without it every address is in no object: stacks are then followed by frame
 * pointer and kept by address. */
extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak));

uint32_t module_epoch;

/* What tells two objects apart. */
struct identity {
    uintptr_t start, end, base;
    uintptr_t dynamic; /* where its dynamic section lies: tells most objects apart at one look */
    uint64_t path;     /* hash of the name the loader has for it */
    uint8_t build_id[BUILD_ID_MAX];
    uint8_t build_id_len;
};

struct seen {
    uint32_t id;   /* ledger's; NO_ID = no room there */
    uint32_t gone; /* atomic: 1 once it was seen to be unloaded */
    struct identity is;
};

static struct seen seen[ROOM];
static uint32_t seen_count;       /* written under `writing` */
static uint16_t slots[SLOTS];     /* index in `seen`, plus 1; 0 = empty */
static struct trylock writing;    /* lock of `seen`'s writers: one records, or one checks */
static uint32_t check_due;        /* dlclose was called since the last check */
static int32_t closing;           /* dlcloses under way */
static char path_text[PATH_ROOM]; /* under `writing` */
/* Under `writing`, kept off the program's stack: */
static struct identity candidate;
static struct object candidate_object;

static struct seen *find(const struct link_map *map, uintptr_t pc);
static COLD struct seen *record(uintptr_t pc);

struct place module_place(uintptr_t pc)
{
    struct dl_find_object found;
    struct place nowhere = {.module = 0, .offset = pc};
    if (!_dl_find_object || _dl_find_object((void *)pc, &found) != 0)
        return nowhere;
    const struct seen *module = find(found.dlfo_link_map, pc);
    if (!module)
        module = record(pc);
    if (!module || module->id == NO_ID) {
        loss(LOSS_MODULES_FULL);
        return nowhere;
    }
    return (struct place){.module = module->id, .offset = pc - module->is.base};
}

static uint32_t slot_of(uintptr_t base, uint32_t try)
{
    return ((uint32_t)((base >> 12) * UINT64_C(0x9e3779b97f4a7c15) >> 40) + try) % SLOTS;
}

/* The module that holds pc, whose link map that is, as far as is known. */
static struct seen *find(const struct link_map *map, uintptr_t pc)
{
    for (uint32_t try = 0; try < SLOTS; try++) {
        uint32_t n = __atomic_load_n(slots + slot_of(map->l_addr, try), __ATOMIC_ACQUIRE);
        if (n == 0)
            return NULL;
        struct seen *s = seen + n - 1;
        if (s->is.base == map->l_addr && s->is.dynamic == (uintptr_t)map->l_ld && pc >= s->is.start &&
            pc < s->is.end && !__atomic_load_n(&s->gone, __ATOMIC_RELAXED))
            return s;
    }
    return NULL;
}

/* ---- objects ---- */

/* The executable's program headers: from the kernel, for its first segment may lie anywhere. */
static void headers_of_program(struct object *object)
{
    struct dl_find_object found;
    unsigned long headers = getauxval(AT_PHDR);
    if (_dl_find_object((void *)headers, &found) != 0 || found.dlfo_link_map != object->map)
        return;
    object->headers = (const ElfW(Phdr) *)headers;
    object->headers_count = (uint32_t)getauxval(AT_PHNUM);
}

/* Of a library: from the ELF header, which lies at its load bias, if that is part of it, in one page
 * with the program headers. */
static void headers_of_library(struct object *object)
{
    struct dl_find_object first;
    if (_dl_find_object((void *)object->base, &first) != 0 || first.dlfo_link_map != object->map)
        return;
    const ElfW(Ehdr) *elf = (const ElfW(Ehdr) *)object->base;
    if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 || elf->e_phentsize != sizeof(ElfW(Phdr)) ||
        elf->e_phoff > PAGE || elf->e_phnum > (PAGE - elf->e_phoff) / sizeof(ElfW(Phdr)))
        return;
    object->headers = (const ElfW(Phdr) *)(object->base + elf->e_phoff);
    object->headers_count = elf->e_phnum;
}

/* From the first segment to the last. glibc's answer is that, or (objects with holes) one segment. */
static void measure(struct object *object)
{
    for (uint32_t i = 0; i < object->headers_count; i++) {
        const ElfW(Phdr) *segment = object->headers + i;
        uintptr_t from = object->base + segment->p_vaddr;
        if (segment->p_type != PT_LOAD)
            continue;
        if (from < object->start)
            object->start = from & ~(uintptr_t)(PAGE - 1);
        if (from + segment->p_memsz > object->end)
            object->end = from + segment->p_memsz;
    }
}

bool object_of(uintptr_t pc, struct object *object)
{
    struct dl_find_object found;
    if (!_dl_find_object || _dl_find_object((void *)pc, &found) != 0)
        return false;
    *object = (struct object){.base = found.dlfo_link_map->l_addr,
                              .start = (uintptr_t)found.dlfo_map_start,
                              .end = (uintptr_t)found.dlfo_map_end,
                              .eh_frame_hdr = found.dlfo_eh_frame,
                              .map = found.dlfo_link_map};
    if (*found.dlfo_link_map->l_name)
        headers_of_library(object);
    else
        headers_of_program(object);
    measure(object);
    return true;
}

/* ---- recording ---- */

static void identify(const struct object *object, struct identity *is);

static bool same(const struct identity *a, const struct identity *b)
{
    return a->start == b->start && a->end == b->end && a->base == b->base && a->dynamic == b->dynamic &&
           a->path == b->path && a->build_id_len == b->build_id_len &&
           memcmp(a->build_id, b->build_id, a->build_id_len) == 0;
}

static void mark_gone(struct seen *s, uint32_t gone)
{
    __atomic_store_n(&s->gone, gone, __ATOMIC_RELAXED);
    if (s->id != NO_ID)
        __atomic_store_n(&book_module(s->id)->gone, (uint8_t)gone, __ATOMIC_RELAXED);
}

/* path_text, length bytes of it, is the loader: the program was started through it, by name
 * (ld.so --preload LIBRARY PROGRAM), and argv says which program that is. */
static bool runs_the_loader(size_t length)
{
    path_text[length] = '\0';
    const char *base = strrchr(path_text, '/');
    return base && (strncmp(base, "/ld-linux", 9) == 0 || strncmp(base, "/ld.so", 6) == 0);
}

/* Into path_text: as life.c has found it, so that nothing is asked late. */
static long path_of_program(void)
{
    const char *found = (const char *)book.area[AREA_TEXT] + book.head->executable;
    size_t length = book.head->executable ? strlen(found) : 0;
    if (length == 0 || length >= PATH_ROOM)
        return sandboxed ? 0 : SYS3(SYS_readlink, "/proc/self/exe", path_text, PATH_ROOM - 1);
    memcpy(path_text, found, length);
    return (long)length;
}

/* The path as the tool will open it: the loader's name; the executable has none; what was given relative
 * to the working directory is completed by it (it may have changed since: then the tool finds nothing). */
static uint32_t path_of(const char *name)
{
    long length = 0;
    if (!*name)
        length = path_of_program();
    if (!*name && length > 0 && runs_the_loader((size_t)length)) {
        length = 0;
        name = options_argv()[0] ? options_argv()[0] : name;
    }
    if (!*name || *name == '/')
        ;
    else if (strchr(name, '/') && !sandboxed)
        length = SYS2(SYS_getcwd, path_text, PATH_ROOM - 1) - 1; /* counts the NUL */
    if (length < 0)
        length = 0;
    size_t room = PATH_ROOM - 1 - (size_t)length, rest = strlen(name);
    if (*name && length > 0 && room > 0) {
        path_text[length++] = '/';
        room--;
    }
    if (rest > room)
        rest = room;
    memcpy(path_text + length, name, rest);
    return book_text(path_text, (size_t)length + rest);
}

static uint32_t write_module(const struct identity *is, const char *name)
{
    uint32_t id = book_add(AREA_MODULES, 1);
    if (id == 0 || id >= NODE_MODULES)
        return NO_ID;
    struct module *module = book_module(id);
    module->base = is->base;
    module->start = is->start;
    module->end = is->end;
    module->path = path_of(name);
    if (!module->path)
        loss(LOSS_MODULE_PATH);
    module->epoch = __atomic_load_n(&module_epoch, __ATOMIC_RELAXED);
    memcpy(module->build_id, is->build_id, sizeof module->build_id);
    module->build_id_len = is->build_id_len;
    return id;
}

/* The object's own entry from earlier, or NULL and in *vacant the slot for a new one. */
static struct seen *known(const struct identity *is, uint32_t *vacant)
{
    for (uint32_t try = 0; try < SLOTS; try++) {
        *vacant = slot_of(is->base, try);
        if (slots[*vacant] == 0)
            return NULL;
        if (same(&seen[slots[*vacant] - 1].is, is))
            return seen + slots[*vacant] - 1;
    }
    return NULL;
}

/* What was thought to be loaded where this object is has gone without a dlclose that we saw (libc unloads
 * NSS and gconv modules so). Its rules go at the next check. */
static void displace(const struct identity *is)
{
    for (uint32_t i = 0; i < seen_count; i++) {
        struct seen *s = seen + i;
        if (s->gone || s->is.start >= is->end || s->is.end <= is->start || same(&s->is, is))
            continue;
        mark_gone(s, 1);
        __atomic_store_n(&check_due, 2, __ATOMIC_RELEASE);
    }
}

static struct seen *add(const struct object *object, const struct identity *is, uint32_t vacant)
{
    if (seen_count == ROOM)
        return NULL;
    struct seen *s = seen + seen_count++;
    s->is = *is;
    s->gone = 0;
    s->id = write_module(is, object->map->l_name);
    __atomic_store_n(slots + vacant, (uint16_t)seen_count, __ATOMIC_RELEASE); /* acquired in find */
    return s;
}

static COLD struct seen *record(uintptr_t pc)
{
    if (!trylock_take(&writing, 1))
        return NULL;
    struct seen *s = NULL;
    if (object_of(pc, &candidate_object)) {
        uint32_t vacant;
        identify(&candidate_object, &candidate);
        displace(&candidate);
        s = known(&candidate, &vacant);
        if (!s)
            s = add(&candidate_object, &candidate, vacant);
        else if (s->gone)
            mark_gone(s, 0);
    }
    trylock_leave(&writing);
    return s;
}

/* ---- identity ---- */

static uint64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return hash;
}

/* The GNU build-id among the notes at [note, end). */
static void find_build_id(const unsigned char *note, const unsigned char *end, struct identity *is)
{
    while ((size_t)(end - note) >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) head;
        memcpy(&head, note, sizeof head);
        note += sizeof head;
        size_t name = ((size_t)head.n_namesz + 3) & ~(size_t)3,
               text = ((size_t)head.n_descsz + 3) & ~(size_t)3;
        if (name > (size_t)(end - note) || text > (size_t)(end - note) - name)
            return;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && memcmp(note, "GNU", 4) == 0) {
            is->build_id_len = (uint8_t)(head.n_descsz < BUILD_ID_MAX ? head.n_descsz : BUILD_ID_MAX);
            memcpy(is->build_id, note + name, is->build_id_len);
            return;
        }
        note += name + text;
    }
}

/* Notes are read where they lie inside the object. */
static void identify(const struct object *object, struct identity *is)
{
    memset(is, 0, sizeof *is);
    is->start = object->start;
    is->end = object->end;
    is->base = object->base;
    is->dynamic = (uintptr_t)object->map->l_ld;
    is->path = hash_of(object->map->l_name);
    for (uint32_t i = 0; i < object->headers_count && is->build_id_len == 0; i++) {
        const ElfW(Phdr) *notes = object->headers + i;
        uintptr_t from = is->base + notes->p_vaddr;
        if (notes->p_type != PT_NOTE || from < is->start || from >= is->end ||
            notes->p_memsz > is->end - from)
            continue;
        find_build_id((const unsigned char *)from, (const unsigned char *)from + notes->p_memsz, is);
    }
}

/* ---- going ---- */

static void check_now(void);

/* The check may read an object's memory only while nobody unmaps it: `closing` and `writing` are each set
 * first and looked at second (both seq_cst), so one of the two sides sees the other. The wait is limited all
 * the same: a checker can be starved by a caller of higher priority, and its reads take microseconds. */
void modules_before_dlclose(void)
{
    __atomic_fetch_add(&closing, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 1000 && __atomic_load_n(&writing.holder, __ATOMIC_SEQ_CST); i++)
        SYS0(SYS_sched_yield);
}

void modules_note_dlclose(void)
{
    __atomic_fetch_sub(&closing, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&check_due, 1, __ATOMIC_RELEASE);
    if (trylock_take(&writing, 1))
        check_now();
}

static bool is_gone(const struct seen *s)
{
    if (!object_of(s->is.start, &candidate_object))
        return true;
    identify(&candidate_object, &candidate);
    return !same(&s->is, &candidate);
}

/* True: a module has gone. False in *all: a dlclose came in between, look again later. */
static bool check_all(bool *all)
{
    bool went = false;
    for (uint32_t i = 0; i < seen_count; i++) {
        struct seen *s = seen + i;
        if (s->gone)
            continue;
        *all = __atomic_load_n(&closing, __ATOMIC_SEQ_CST) <= 0;
        if (!*all)
            break;
        if (is_gone(s)) {
            mark_gone(s, 1);
            went = true;
        }
    }
    return went;
}

/* Rules carry the epoch's low bits: when these come round, what is left of the earlier round goes first. */
static void next_epoch(void)
{
    uint32_t epoch = module_epoch + 1;
    if (epoch % (1u << RULES_EPOCH_BITS) == 0)
        rules_wipe();
    __atomic_store_n(&module_epoch, epoch, __ATOMIC_RELEASE); /* acquired by capture and learn */
    __atomic_store_n(&book.head->epoch, epoch, __ATOMIC_RELAXED);
}

/* Holds `writing`, and gives it back. */
static void check_now(void)
{
    uint32_t due = __atomic_exchange_n(&check_due, 0, __ATOMIC_ACQ_REL);
    bool all = true;
    bool went = check_all(&all) || due == 2; /* 2: seen to be gone by slot_for */
    if (!all)
        __atomic_store_n(&check_due, 1, __ATOMIC_RELEASE);
    if (went)
        next_epoch();
    trylock_leave(&writing);
}

void modules_check(void)
{
    uint64_t holder;
    if (__atomic_load_n(&check_due, __ATOMIC_ACQUIRE) && trylock_try(&writing, 1, &holder))
        check_now();
}

void modules_forked(void)
{
    memset(slots, 0, sizeof slots);
    seen_count = 0;
    closing = 0;
    trylock_leave(&writing);
}
