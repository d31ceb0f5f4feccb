/* See learn.h. The lesson, in order:
 *
 *   1. find_proc_info  finds the object's .eh_frame_hdr (modules.c: no loader lock, no dl_iterate_phdr)
 *                      and has libunwind search it. No entry: opaque, and nothing more is read, because
 *                      what libunwind guesses then is worth nothing
 *   2. access_reg      SP = SP_BASE, BP = BP_BASE, IP = the pc, every other register is poison
 *   3. access_mem      the object's segments are real memory, read-only. A word at SP_BASE + n or at
 *                      BP_BASE + n reads as "the word at SP/BP + n": a number that names the place.
 *                      Around such numbers lie further made-up words: realigned frames keep their
 *                      CFA's address in memory. Everything else fails
 *   4. one unw_step    then the new SP, and what IP and BP were loaded with, name their origin
 *   5. recognize       only combinations that a rule can express exactly; all else is opaque
 */
#include "learn.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
/* The names of the remote library's functions depend on this: not UNW_LOCAL_ONLY. Types only. */
#include <libunwind.h>

#include "book.h"
#include "memory.h"
#include "modules.h"
#include "rules.h"
#include "trylock.h"
#include "unwinder.h"

#define SCRATCH ((size_t)64 * 1024) /* libunwind 1.6 needs 5.4 KiB; newer ones may not */

/* Made-up addresses, none of them canonical, so that no real one can be mistaken for them. A word's
 * number leaves 16 MiB around it for the words that lie around *that* address. */
#define SP_BASE    UINT64_C(0x5100000000000000)
#define BP_BASE    UINT64_C(0x5200000000000000)
#define SP_WORD    UINT64_C(0x6100000000000000) /* + (n / 8 + MIDDLE) << 24: the word at SP_BASE + n */
#define BP_WORD    UINT64_C(0x6200000000000000) /* likewise at BP_BASE + n */
#define FAR_WORD   UINT64_C(0x6300000000000000) /* + n / 8 + MIDDLE: the word at (a number of BP_WORD) + n */
#define POISON     UINT64_C(0x7700000000000000)
#define WORD_SHIFT 24
#define MIDDLE     0x20000 /* words: made-up memory reaches 1 MiB to both sides */
#define HALF_GAP   (UINT64_C(1) << (WORD_SHIFT - 1))

/* libunwind's functions, by their binary names. */
static struct {
    unw_addr_space_t (*create_addr_space)(unw_accessors_t *, int);
    int (*set_caching_policy)(unw_addr_space_t, unw_caching_policy_t);
    int (*init_remote)(unw_cursor_t *, unw_addr_space_t, void *);
    int (*step)(unw_cursor_t *);
    int (*get_reg)(unw_cursor_t *, int, unw_word_t *);
    int (*search_unwind_table)(unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int,
                               void *);
} unwind;

static unw_addr_space_t space; /* made-up frames over our own unwind tables */
static unsigned char *scratch; /* the stack lessons run on; under the lock */
static bool ready;             /* learn_init was through; acquire/release */
static bool barred;            /* never again in this process */

/* Who learns: pid << 32 | 1, 0 = nobody. Taken with all signals blocked. */
static struct trylock lock;

/* One lesson, handed to libunwind's callbacks as their argument. */
struct lesson {
    uintptr_t pc;
    struct object object;             /* that holds pc */
    bool open;                        /* its memory may be read: not before it is found, nor after a
                                       * search in vain, so that guesses get nothing to look at */
    uintptr_t readable, readable_end; /* segment of it that was read last */
    uint32_t rule;
    bool found; /* an entry of the tables covers pc */
};
static struct lesson present; /* under the lock; not on the program's stack, of which we use little */

static void give_lesson(void *argument);
static uint32_t recognize(unw_cursor_t *after);
static bool find_tables(struct lesson *lesson, unw_dyn_info_t *tables);
static bool find_segment(struct lesson *lesson, uintptr_t address);

/* ---- the lock ---- */

static uint64_t myself(void)
{
    return (uint64_t)(uint32_t)sys_getpid() << 32 | 1;
}

/* The lock was not to be had. A holder of another pid is a vfork child that shares our memory, soon
 * done; or we are a forked child that has not noticed yet (learn_forked settles that). Only a holder that
 * no longer exists, killed in the middle, will never let go. */
static void consider_holder(uint64_t me)
{
    uint64_t holder = __atomic_load_n(&lock.holder, __ATOMIC_RELAXED);
    if (holder && holder >> 32 != me >> 32 && SYS2(SYS_kill, holder >> 32, 0) == -ESRCH)
        __atomic_store_n(&barred, true, __ATOMIC_RELAXED);
    loss(LOSS_LEARN_BUSY);
}

/* libunwind's own memory comes by the C library, which asks no filter. */
static bool memory_permitted(void)
{
    return likely(!sandbox_filters) ||
           sandbox_permits(SYS_mmap, (const long[]){0, 16384, PROT_READ | PROT_WRITE,
                                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0});
}

/* With the lock. errno is saved because libunwind's own memory comes from the C library's mmap. */
static uint32_t learn_locked(uintptr_t pc)
{
    uint32_t epoch = __atomic_load_n(&module_epoch, __ATOMIC_ACQUIRE);
    uint32_t rule = rules_find(pc, epoch); /* another thread may just have been here */
    if (rule)
        return rule;
    int before = errno;
    present = (struct lesson){.pc = pc, .rule = rule_pack(RULE_OPAQUE, 0, 0)};
    cpu_call_on_stack(scratch + SCRATCH, give_lesson, &present);
    rules_put(pc, epoch, present.rule);
    errno = before;
    return present.rule;
}

uint32_t learn(uintptr_t pc)
{
    if (unlikely(!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))) {
        loss(LOSS_EARLY);
        return 0;
    }
    if (unlikely(__atomic_load_n(&barred, __ATOMIC_RELAXED))) {
        loss(LOSS_LEARN_BARRED);
        return rule_pack(RULE_OPAQUE, 0, 0);
    }
    uint64_t signals;
    uint32_t rule = 0;
    if (unlikely(!memory_permitted() || !sys_signals_off(&signals))) {
        loss(LOSS_SANDBOX);
        return 0;
    }
    uint64_t me = myself();
    if (trylock_take(&lock, me)) {
        rule = learn_locked(pc);
        trylock_leave(&lock);
    } else {
        consider_holder(me);
    }
    sys_signals_back(&signals);
    return rule;
}

void learn_forked(void)
{
    uint64_t holder = __atomic_load_n(&lock.holder, __ATOMIC_RELAXED);
    if (holder && (int)(holder >> 32) != sys_getpid())
        barred = true;
}

/* ---- the lesson ---- */

static void give_lesson(void *argument)
{
    struct lesson *lesson = argument;
    unw_cursor_t cursor;
    if (unwind.init_remote(&cursor, space, lesson) != 0)
        return;
    int stepped = unwind.step(&cursor);
    if (!lesson->found)
        return;
    if (stepped == 0)
        lesson->rule = rule_pack(RULE_END, 0, 0);
    else if (stepped > 0)
        lesson->rule = recognize(&cursor);
}

/* A made-up word's own place: which base, how many bytes from it. False: no such word. */
static bool word_at(uint64_t number, uint64_t words, int64_t *offset)
{
    uint64_t index = (number - words) >> WORD_SHIFT;
    *offset = ((int64_t)index - MIDDLE) * 8;
    return number >= words && index < 2 * MIDDLE && number == words + (index << WORD_SHIFT);
}

/* The word in `words` that holds addresses around `address`, and how far from it. */
static bool around_word(uint64_t address, uint64_t words, int64_t *offset, int64_t *distance)
{
    if (address < words)
        return false;
    uint64_t number = words + ((address - words + HALF_GAP) >> WORD_SHIFT << WORD_SHIFT);
    *distance = (int64_t)(address - number);
    return word_at(number, words, offset);
}

static uint32_t packed(enum rule_kind kind, int64_t c, int64_t slot)
{
    if (c < 0 || c % 8 != 0 || c / 8 > RULE_C_MAX || slot < 0 || slot % 8 != 0 || slot / 8 > RULE_SLOT_MAX)
        return rule_pack(RULE_OPAQUE, 0, 0);
    return rule_pack(kind, (uint32_t)(c / 8), (uint32_t)(slot / 8));
}

/* CFA = base + c with the return address right below: base is SP or BP. BP may have been saved
 * below the CFA, or be what it was. */
static uint32_t plain_rule(enum rule_kind kind, uint64_t words, int64_t c, unw_word_t ip, unw_word_t bp)
{
    int64_t at;
    if (!word_at(ip, words, &at) || at != c - 8)
        return rule_pack(RULE_OPAQUE, 0, 0);
    if (bp == BP_BASE)
        return packed(kind, c, 0);
    if (!word_at(bp, words, &at) || at >= c)
        return rule_pack(RULE_OPAQUE, 0, 0);
    return packed(kind, c, c - at);
}

/* CFA = *(BP - c): a function that aligned its stack keeps the address of its arguments there. The
 * return address lies below that CFA, BP was saved where BP points or below. */
static uint32_t realigned_rule(int64_t cfa_at, unw_word_t ip, unw_word_t bp)
{
    int64_t bp_at;
    if (ip != FAR_WORD + MIDDLE - 1 || !word_at(bp, BP_WORD, &bp_at))
        return rule_pack(RULE_OPAQUE, 0, 0);
    return packed(RULE_REALIGN, -cfa_at, -bp_at);
}

/* Everything from the ucontext at SP. */
static bool is_signal_frame(unw_word_t sp, unw_word_t ip, unw_word_t bp)
{
    int64_t sp_at, ip_at, bp_at;
    return word_at(sp, SP_WORD, &sp_at) && word_at(ip, SP_WORD, &ip_at) && word_at(bp, SP_WORD, &bp_at) &&
           sp_at == RULE_SIGNAL_SP && ip_at == RULE_SIGNAL_PC && bp_at == RULE_SIGNAL_BP;
}

static uint32_t recognize(unw_cursor_t *after)
{
    unw_word_t sp, ip, bp;
    if (unwind.get_reg(after, UNW_X86_64_RSP, &sp) != 0 || unwind.get_reg(after, UNW_X86_64_RIP, &ip) != 0 ||
        unwind.get_reg(after, UNW_X86_64_RBP, &bp) != 0)
        return rule_pack(RULE_OPAQUE, 0, 0);
    int64_t cfa_at;
    if (is_signal_frame(sp, ip, bp))
        return rule_pack(RULE_SIGNAL, 0, 0);
    if (word_at(sp, BP_WORD, &cfa_at))
        return realigned_rule(cfa_at, ip, bp);
    if (sp - SP_BASE < MIDDLE * 8)
        return plain_rule(RULE_SP, SP_WORD, (int64_t)(sp - SP_BASE), ip, bp);
    if (sp - BP_BASE < MIDDLE * 8)
        return plain_rule(RULE_BP, BP_WORD, (int64_t)(sp - BP_BASE), ip, bp);
    return rule_pack(RULE_OPAQUE, 0, 0);
}

/* ---- what libunwind asks for ---- */

static int find_proc_info(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t *info, int need, void *argument)
{
    struct lesson *lesson = argument;
    unw_dyn_info_t tables;
    if (!find_tables(lesson, &tables))
        return -UNW_ENOINFO;
    int result = unwind.search_unwind_table(as, ip, &tables, info, need, argument);
    lesson->found = result >= 0 && ip >= info->start_ip && ip < info->end_ip;
    if (lesson->found)
        return result;
    lesson->open = false;
    return -UNW_ENOINFO;
}

/* libunwind reads whole aligned words; both limits are multiples of 8. */
static bool real_word(struct lesson *lesson, uint64_t address, unw_word_t *value)
{
    if (!lesson->open)
        return false;
    if ((address < lesson->readable || address >= lesson->readable_end) && !find_segment(lesson, address))
        return false;
    memcpy(value, (const void *)address, sizeof *value);
    return true;
}

static bool made_up_word(uint64_t address, uint64_t base, uint64_t words, unw_word_t *value)
{
    int64_t offset = (int64_t)(address - base);
    if (offset < -MIDDLE * 8 || offset >= MIDDLE * 8 || offset % 8 != 0)
        return false;
    *value = words + ((uint64_t)(offset / 8 + MIDDLE) << WORD_SHIFT);
    return true;
}

static int access_mem(unw_addr_space_t as, unw_word_t address, unw_word_t *value, int write, void *argument)
{
    (void)as;
    int64_t offset, distance;
    if (write)
        return -UNW_EUNSPEC;
    if (real_word(argument, address, value) || made_up_word(address, SP_BASE, SP_WORD, value) ||
        made_up_word(address, BP_BASE, BP_WORD, value))
        return 0;
    if (!around_word(address, BP_WORD, &offset, &distance) || distance % 8 != 0)
        return -UNW_EUNSPEC;
    *value = FAR_WORD + (uint64_t)(distance / 8 + MIDDLE);
    return 0;
}

static int access_reg(unw_addr_space_t as, unw_regnum_t number, unw_word_t *value, int write, void *argument)
{
    (void)as;
    const struct lesson *lesson = argument;
    if (write)
        return -UNW_EREADONLYREG;
    switch (number) {
    case UNW_X86_64_RIP:
        *value = lesson->pc;
        return 0;
    case UNW_X86_64_RSP:
        *value = SP_BASE;
        return 0;
    case UNW_X86_64_RBP:
        *value = BP_BASE;
        return 0;
    default:
        *value = POISON + (uint64_t)(unsigned)number;
        return 0;
    }
}

static int access_fpreg(unw_addr_space_t as, unw_regnum_t number, unw_fpreg_t *value, int write,
                        void *argument)
{
    (void)as, (void)number, (void)value, (void)write, (void)argument;
    return -UNW_EBADREG;
}

static void put_unwind_info(unw_addr_space_t as, unw_proc_info_t *info, void *argument)
{
    (void)as, (void)info, (void)argument;
}

static int get_dyn_info_list_addr(unw_addr_space_t as, unw_word_t *list, void *argument)
{
    (void)as, (void)list, (void)argument;
    return -UNW_ENOINFO;
}

static int resume(unw_addr_space_t as, unw_cursor_t *cursor, void *argument)
{
    (void)as, (void)cursor, (void)argument;
    return -UNW_EUNSPEC;
}

static int get_proc_name(unw_addr_space_t as, unw_word_t ip, char *name, size_t room, unw_word_t *offset,
                         void *argument)
{
    (void)as, (void)ip, (void)name, (void)room, (void)offset, (void)argument;
    return -UNW_EUNSPEC;
}

static unw_accessors_t accessors = {find_proc_info, put_unwind_info, get_dyn_info_list_addr,
                                    access_mem,     access_reg,      access_fpreg,
                                    resume,         get_proc_name};

/* ---- the tables ---- */

/* Is the word at address in a readable segment of the object? There may be holes between them, and
 * reading there is fatal. The segment is kept for the next word: nearly all lie in that of the tables; only
 * the address of a personality routine is looked up elsewhere. Without headers, what glibc knows. */
static bool find_segment(struct lesson *lesson, uintptr_t address)
{
    const struct object *object = &lesson->object;
    for (uint32_t i = 0; i < object->headers_count; i++) {
        const ElfW(Phdr) *segment = object->headers + i;
        uintptr_t from = (object->base + segment->p_vaddr) & ~(uintptr_t)7;
        uintptr_t to = (object->base + segment->p_vaddr + segment->p_memsz + 7) & ~(uintptr_t)7;
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_R) || address < from || address >= to)
            continue;
        lesson->readable = from;
        lesson->readable_end = to;
        return true;
    }
    return object->headers_count == 0 && address >= object->start && address + 8 <= object->end;
}

/* .eh_frame_hdr of the object that holds the pc, in the one form linkers write: a sorted table of
 * (function, entry) offsets, both relative to the header. See LSB, "Exception Frames". */
static bool find_tables(struct lesson *lesson, unw_dyn_info_t *tables)
{
    const struct object *object = &lesson->object;
    if (!object_of(lesson->pc, &lesson->object) || !object->eh_frame_hdr)
        return false;
    const unsigned char *header = object->eh_frame_hdr;
    uintptr_t table = (uintptr_t)header + 12;
    uint32_t entries;
    if ((uintptr_t)header < object->start || table > object->end || header[0] != 1 || header[1] != 0x1b ||
        header[2] != 0x03 || header[3] != 0x3b)
        return false;
    memcpy(&entries, header + 8, sizeof entries);
    if (entries > (object->end - table) / 8)
        return false;
    lesson->open = true;
    memset(tables, 0, sizeof *tables);
    tables->start_ip = object->start;
    tables->end_ip = object->end;
    tables->format = UNW_INFO_FORMAT_REMOTE_TABLE;
    tables->u.rti.segbase = (uintptr_t)header;
    tables->u.rti.table_data = table;
    tables->u.rti.table_len = entries; /* in words: an entry is two 4-byte offsets */
    return true;
}

/* ---- start ---- */

static const char *bind(void *library)
{
    struct {
        void *function;
        const char *name;
    } wanted[] = {
        {&unwind.create_addr_space, "_Ux86_64_create_addr_space"},
        {&unwind.set_caching_policy, "_Ux86_64_set_caching_policy"},
        {&unwind.init_remote, "_Ux86_64_init_remote"},
        {&unwind.step, "_Ux86_64_step"},
        {&unwind.get_reg, "_Ux86_64_get_reg"},
        {&unwind.search_unwind_table, "_Ux86_64_dwarf_search_unwind_table"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        void *function = dlsym(library, wanted[i].name);
        if (!function)
            return "libunwind lacks a function that is needed";
        memcpy(wanted[i].function, &function, sizeof function);
    }
    return NULL;
}

/* The pc of the call, in the calling function. */
static __attribute__((noinline)) uintptr_t here(void)
{
    return (uintptr_t)__builtin_return_address(0) - 1;
}

/* A first lesson, about a function of ours: it is compiled with a frame pointer, so the answer is known.
 * It also has libunwind do all its own setting up here, outside the hooks. */
static const char *try_out(uintptr_t pc)
{
    present = (struct lesson){.pc = pc};
    space = unwind.create_addr_space(&accessors, 0);
    if (!space || unwind.set_caching_policy(space, UNW_CACHE_NONE) != 0)
        return "libunwind cannot be set up";
    cpu_call_on_stack(scratch + SCRATCH, give_lesson, &present);
    if (present.rule != rule_pack(RULE_BP, 2, 2))
        return "libunwind does not understand this library's own frames";
    return NULL;
}

/* libunwind's first call opens a pipe for good, to try addresses of its own process by; we never ask it for
 * that. No descriptor can be had meanwhile, so there is none, and libunwind knows that there is none, should
 * the program use it itself. Microseconds, before main. */
static const char *try_out_without_descriptors(uintptr_t pc)
{
    struct rlimit before, none;
    bool limited = SYS4(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &before) == 0;
    none = (struct rlimit){0, before.rlim_max};
    limited = limited && SYS4(SYS_prlimit64, 0, RLIMIT_NOFILE, &none, NULL) == 0;
    const char *problem = try_out(pc);
    if (limited)
        SYS4(SYS_prlimit64, 0, RLIMIT_NOFILE, &before, NULL);
    return problem;
}

const char *learn_init(void)
{
    if (!rules_init() || !(scratch = memory_map(SCRATCH, false)))
        return "no memory";
    void *library = unwinder_open();
    if (!library)
        return UNWINDER " cannot be loaded, nor is it beside this library";
    const char *problem = bind(library);
    if (problem)
        return problem;
    problem = try_out_without_descriptors(here());
    if (!problem)
        __atomic_store_n(&ready, true, __ATOMIC_RELEASE); /* acquired in learn */
    return problem;
}
