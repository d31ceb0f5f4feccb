/* A model of the walk: whatever was walked before, and however a walk was come by, its result is that of a
 * fresh walk, and its folding is that of the definition, written down here as naively as can be.
 *
 * Random programs run on seven functions that call each other; at random moments the stack is captured
 * by a walk that remembers, by one that is new, and raw.
 */
#include <alloca.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random.h"
#include "capture.h"
#include "memo.h"

#define CAPTURES 40000
#define DEEPEST  150
#define PERIODS  16
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DEEP_RECURSION 10000 /* their frames are large, their runtimes slow */
#else
#define DEEP_RECURSION 100000
#endif
#define NOINLINE __attribute__((noinline))

static struct walk lasting, fresh;
static uintptr_t raw[4 * WALK_MAX];
static struct memo memo;
static bool same_depth;
static uint32_t recalled, most = CAPTURES, captures, depth_now, deepest = DEEPEST, depth_limit = WALK_MAX;

/* ---- the definition of folding ---- */

struct entry {
    uintptr_t pc;
    bool repeats, cut;
};

/* Appends pc to a folded stack of n entries (root first); the new length. If the last p frames, this one
 * included, equal the p before them, they are dropped, and the frame one turn earlier, marked, stays. */
static uint32_t fold_naively(struct entry *stack, uint32_t n, uintptr_t pc, bool cut)
{
    stack[n++] = (struct entry){.pc = pc, .cut = cut};
    for (uint32_t p = 1; p <= PERIODS && 2 * p <= n; p++) {
        bool equal = true;
        for (uint32_t i = 0; i < p; i++)
            equal = equal && stack[n - 1 - i].pc == stack[n - 1 - p - i].pc;
        if (equal) {
            stack[n - 1 - p].repeats = true;
            return n - p;
        }
    }
    return n;
}

/* The folded stack of a walk, by its links, youngest first, against the definition. */
static void assert_folded_by_definition(const struct walk *w, uint32_t raw_count, bool cut)
{
    struct entry model[WALK_MAX + 1];
    uint32_t n = 0, i = w->count - 1;
    for (uint32_t k = raw_count; k-- > 0;)
        n = fold_naively(model, n, raw[k], cut && k == raw_count - 1);
    while (n > 0) {
        const struct entry *e = &model[--n];
        assert_int_not_equal(i, WALK_ROOT);
        assert_int_equal(w->frames[i].pc, e->pc);
        assert_int_equal((w->frames[i].flags & FRAME_REPEATS) != 0, e->repeats);
        assert_int_equal((w->frames[i].flags & FRAME_CUT) != 0, e->cut);
        i = w->frames[i].link;
    }
    assert_int_equal(i, WALK_ROOT);
}

/* ---- the walks ---- */

static void assert_same_walk(const struct walk *a, const struct walk *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->hash, b->hash);
    for (uint32_t i = 0; i < a->count; i++) {
        const struct walk_frame *f = a->frames + i, *g = b->frames + i;
        assert_int_equal(f->sp, g->sp);
        assert_int_equal(f->pc, g->pc);
        assert_true(!g->bp_counts || (f->bp_counts && f->bp == g->bp));
        assert_int_equal(f->hash, g->hash);
        assert_int_equal(f->link, g->link);
        assert_int_equal((f->flags ^ g->flags) & ~FRAME_BY_BP,
                         0); /* a cut root may not have been stepped from */
        assert_true(f->tags.near == g->tags.near && f->tags.far == g->tags.far);
    }
}

static uint32_t site_by(uint64_t hash)
{
    return (uint32_t)(hash >> 32) | 1;
}

static NOINLINE void hook(void)
{
    struct caller who = cpu_caller(__builtin_frame_address(0));
    captures++;
    if (!same_depth && below(20) == 0)
        deepest = below(DEEPEST);
    if (!same_depth && below(50) == 0) {
        depth_limit = below(3) ? 1 + below(60) : WALK_MAX;
        memo_forget(&memo);
    }
    uint32_t known = memo_find(&memo, &lasting, who);
    walk_forget(&fresh);
    capture(&fresh, &who, depth_limit);
    if (known) {
        recalled++;
        assert_int_equal(known, site_by(fresh.hash));
        if (recalled % 4) /* as a recorder does: what is known is not walked */
            return;
    }
    capture(&lasting, &who, depth_limit);
    memo_note(&memo, &lasting, who, site_by(lasting.hash));
    assert_same_walk(&lasting, &fresh);
    uint32_t n = capture_raw(&fresh, &who, raw, 4 * WALK_MAX);
    bool cut = n > depth_limit;
    assert_int_equal(lasting.count, cut ? depth_limit : n);
    assert_folded_by_definition(&lasting, lasting.count, cut);
    for (uint32_t i = 0; i < lasting.count; i++)
        lasting.frames[i].node = i + 1; /* a reused frame keeps its node, a new one has none */
}

/* ---- random programs ---- */

typedef void (*function)(void);
static function functions[7];

static void go_on(void)
{
    uint32_t turns = 1 + below(3);
    for (uint32_t i = 0; i < turns && captures < most; i++) {
        if (below(3) == 0)
            hook();
        if (depth_now < deepest && below(20) > 1) {
            depth_now++;
            functions[below(below(4) ? 2 : 7)]();
            depth_now--;
        }
    }
}

static NOINLINE void plain(void)
{
    go_on();
    __asm__ volatile("");
}

static NOINLINE void large(void)
{
    volatile char room[3000];
    room[0] = 1;
    go_on();
    room[2999] = room[0];
}

static NOINLINE void growing(void)
{
    volatile char *room = alloca(16 + below(500));
    room[0] = 1;
    go_on();
    room[0] = 2;
}

static NOINLINE void realigned(void)
{
    volatile _Alignas(64) char room[64];
    volatile char *more = alloca(16 + below(100));
    room[0] = more[0] = 1;
    go_on();
    more[1] = room[0];
}

/* Many registers in use, rbp among them as any other. */
static NOINLINE void busy(void)
{
    uint64_t a = random_state, b = a * 3, c = b * 5, d = c * 7, e = d * 11, f = e * 13;
    go_on();
    __asm__ volatile("" ::"r"(a), "r"(b), "r"(c), "r"(d), "r"(e), "r"(f));
}

/* Two places that call from one frame. */
static NOINLINE void twice(void)
{
    if (below(2)) {
        go_on();
        __asm__ volatile("");
    } else {
        go_on();
        __asm__ volatile("nop");
    }
}

/* void jitted(void): no unwind tables, but a frame pointer, as JIT compilers do. */
__asm__(".text\n"
        ".type jitted, @function\n"
        "jitted:\n"
        "    push %rbp\n"
        "    mov %rsp, %rbp\n"
        "    sub $48, %rsp\n"
        "    call jitted_goes_on\n"
        "    leave\n"
        "    ret\n"
        ".size jitted, . - jitted\n");
void jitted(void), jitted_goes_on(void);

NOINLINE void jitted_goes_on(void)
{
    go_on();
    __asm__ volatile("");
}

static function functions[7] = {plain, twice, large, growing, realigned, busy, jitted};

static void every_walk_equals_a_fresh_one_and_folds_by_definition(void **unused)
{
    (void)unused;
    while (captures < CAPTURES)
        go_on();
}

/* Small programs in turn, again and again. */
static void stacks_that_come_again_are_known_by_their_young_end(void **unused)
{
    (void)unused;
    captures = recalled = 0;
    same_depth = true;
    depth_limit = WALK_MAX;
    while (captures < CAPTURES) {
        uint64_t again[3], on = random_state;
        deepest = 1 + below(12);
        for (int i = 0; i < 3; i++)
            again[i] = on += UINT64_C(0x9e3779b97f4a7c15);
        for (int turn = 0; turn < 30; turn++) {
            most = captures + 30;
            random_state = again[on / 7 % 3];
            on = on * 5 + 1;
            go_on();
        }
        random_state = on;
    }
    print_message("%u of %u stacks were known\n", recalled, captures);
    assert_true(recalled > captures / 10);
}

/* ---- where nothing but the frame register tells two stacks apart ---- */

void stale(void (*)(void)), unsaved(void (*)(void));

/* stale: inner is called twice, from another place and 64 bytes lower; it makes up for that, so that what it
 * calls lies where it lay before. Where its own return address lay the first time, the old one still stands.
 *
 * unsaved: by_sp and by_bp call the same chain from the same height. Only saver keeps rbp; who the caller of
 * the frame above it is has to be read with the rbp of today. */
__asm__(".text\n"
        "stale: .cfi_startproc\n"
        "push %rbp\n .cfi_def_cfa_offset 16\n .cfi_offset %rbp, -16\n"
        "mov %rsp, %rbp\n .cfi_def_cfa_register %rbp\n"
        "push %rdi\n sub $8, %rsp\n"
        "mov $128, %esi\n call inner\n nop\n"
        "mov -8(%rbp), %rdi\n sub $64, %rsp\n"
        "mov $64, %esi\n call inner\n nop\n"
        "leave\n .cfi_def_cfa %rsp, 8\n ret\n .cfi_endproc\n"
        "inner: .cfi_startproc\n"
        "push %rbp\n .cfi_def_cfa_offset 16\n .cfi_offset %rbp, -16\n"
        "mov %rsp, %rbp\n .cfi_def_cfa_register %rbp\n"
        "sub %rsi, %rsp\n call above\n nop\n"
        "leave\n .cfi_def_cfa %rsp, 8\n ret\n .cfi_endproc\n"
        "above: .cfi_startproc\n"
        "sub $8, %rsp\n .cfi_def_cfa_offset 16\n call *%rdi\n nop\n"
        "add $8, %rsp\n .cfi_def_cfa_offset 8\n ret\n .cfi_endproc\n"

        "unsaved: .cfi_startproc\n"
        "push %rdi\n .cfi_def_cfa_offset 16\n call by_sp\n mov (%rsp), %rdi\n call by_bp\n nop\n"
        "add $8, %rsp\n .cfi_def_cfa_offset 8\n ret\n .cfi_endproc\n"
        "by_sp: .cfi_startproc\n"
        "sub $24, %rsp\n .cfi_def_cfa_offset 32\n call passer\n nop\n"
        "add $24, %rsp\n .cfi_def_cfa_offset 8\n ret\n .cfi_endproc\n"
        "by_bp: .cfi_startproc\n"
        "push %rbp\n .cfi_def_cfa_offset 16\n .cfi_offset %rbp, -16\n"
        "mov %rsp, %rbp\n .cfi_def_cfa_register %rbp\n"
        "sub $16, %rsp\n call passer\n nop\n"
        "leave\n .cfi_def_cfa %rsp, 8\n ret\n .cfi_endproc\n"
        "passer: .cfi_startproc\n"
        "sub $8, %rsp\n .cfi_def_cfa_offset 16\n call saver\n nop\n"
        "add $8, %rsp\n .cfi_def_cfa_offset 8\n ret\n .cfi_endproc\n"
        "saver: .cfi_startproc\n"
        "push %rbp\n .cfi_def_cfa_offset 16\n .cfi_offset %rbp, -16\n"
        "xor %ebp, %ebp\n call *%rdi\n nop\n"
        "pop %rbp\n .cfi_def_cfa_offset 8\n ret\n .cfi_endproc\n");

static void frames_that_only_the_frame_register_tells_apart(void **unused)
{
    (void)unused;
    depth_limit = WALK_MAX;
    for (int i = 0; i < 3; i++) {
        stale(hook);
        unsaved(hook);
    }
}

static NOINLINE void recurse(uint32_t left, uint64_t *hash, uint32_t *count)
{
    if (left > 0) {
        recurse(left - 1, hash, count);
        __asm__ volatile("");
        return;
    }
    struct caller who = cpu_caller(__builtin_frame_address(0));
    capture(&lasting, &who, 64);
    *hash = lasting.hash;
    *count = 0;
    uint32_t root = 0;
    for (uint32_t i = lasting.count - 1; i != WALK_ROOT; i = lasting.frames[i].link) {
        root = i;
        ++*count;
    }
    assert_int_equal(lasting.frames[root].flags & ~(FRAME_LOOSE | FRAME_BY_BP), FRAME_REPEATS | FRAME_CUT);
}

static void a_recursion_of_any_depth_is_one_short_stack(void **unused)
{
    uint64_t hash, other;
    uint32_t count;
    (void)unused;
    recurse(1000, &hash, &count);
    assert_true(count <= 3);
    recurse(DEEP_RECURSION, &other, &count);
    assert_true(count <= 3);
    assert_int_equal(hash, other);
}

/* An empty way beside one with tag 1 must not look like it. */
static void bytes_of_a_word_are_told_apart(void **unused)
{
    (void)unused;
    for (int i = 0; i < 1000000; i++) {
        uint64_t word = 0, expected = 0;
        uint8_t byte = (uint8_t)below(3);
        for (unsigned at = 0; at < 64; at += 8) {
            uint64_t one = below(2) ? below(3) : below(256);
            word |= one << at;
            expected |= (uint64_t)(one == byte) << (at + 7);
        }
        assert_int_equal(equal_bytes(word, byte), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_walk_equals_a_fresh_one_and_folds_by_definition),
        cmocka_unit_test(stacks_that_come_again_are_known_by_their_young_end),
        cmocka_unit_test(frames_that_only_the_frame_register_tells_apart),
        cmocka_unit_test(a_recursion_of_any_depth_is_one_short_stack),
        cmocka_unit_test(bytes_of_a_word_are_told_apart),
    };
    const char *problem = capture_init();
    random_start();
    if (problem) {
        print_message("skipped: %s\n", problem);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
