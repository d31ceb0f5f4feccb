/* See sandbox.h. The machine is the kernel's for seccomp: classic BPF on struct seccomp_data, of which it
 * lets only loads of whole words through, and no jump back. What it let through is checked again, for the
 * program may have changed it since. */
#include "sandbox.h"

#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "cpu.h"
#include "hints.h"

#define FILTERS_MOST      64
#define INSTRUCTIONS_MOST 8192 /* of all filters; the kernel's limit is 4096 for one */

/* What every instruction works on. */
struct machine {
    uint32_t a, x, memory[BPF_MEMWORDS];
    struct seccomp_data data;
};

static struct kept {
    uint32_t first, count; /* instructions; count 0: not yet */
} filters[FILTERS_MOST];
static uint32_t filters_used, instructions_used;
static struct sock_filter instructions[INSTRUCTIONS_MOST];
static bool nothing_goes, strict;

bool sandboxed, sandbox_filters;

/* ---- one instruction ---- */

/* An operand's value: a word of the call, of memory, a constant. False: no such word. */
static bool load(const struct machine *m, const struct sock_filter *f, uint32_t *value)
{
    switch (BPF_MODE(f->code)) {
    case BPF_IMM:
        *value = f->k;
        return true;
    case BPF_LEN:
        *value = sizeof m->data;
        return true;
    case BPF_MEM:
        *value = f->k < BPF_MEMWORDS ? m->memory[f->k] : 0;
        return f->k < BPF_MEMWORDS;
    case BPF_ABS:
        if (f->k % 4 != 0 || f->k >= sizeof m->data)
            return false;
        __builtin_memcpy(value, (const char *)&m->data + f->k, sizeof *value);
        return true;
    default:
        return false;
    }
}

static bool calculate(uint32_t *a, uint16_t operation, uint32_t by)
{
    switch (operation) {
    case BPF_ADD:
        *a += by;
        return true;
    case BPF_SUB:
        *a -= by;
        return true;
    case BPF_MUL:
        *a *= by;
        return true;
    case BPF_DIV:
        *a = by ? *a / by : 0;
        return by;
    case BPF_OR:
        *a |= by;
        return true;
    case BPF_AND:
        *a &= by;
        return true;
    case BPF_XOR:
        *a ^= by;
        return true;
    case BPF_LSH:
        *a <<= by % 32;
        return true;
    case BPF_RSH:
        *a >>= by % 32;
        return true;
    case BPF_NEG:
        *a = -*a;
        return true;
    default:
        return false;
    }
}

/* How many instructions to leave out. */
static bool jump(uint32_t a, uint32_t by, const struct sock_filter *f, uint32_t *over)
{
    switch (BPF_OP(f->code)) {
    case BPF_JA:
        *over = f->k;
        return true;
    case BPF_JEQ:
        *over = a == by ? f->jt : f->jf;
        return true;
    case BPF_JGT:
        *over = a > by ? f->jt : f->jf;
        return true;
    case BPF_JGE:
        *over = a >= by ? f->jt : f->jf;
        return true;
    case BPF_JSET:
        *over = a & by ? f->jt : f->jf;
        return true;
    default:
        return false;
    }
}

static bool store(struct machine *m, uint32_t at, uint32_t value)
{
    if (at >= BPF_MEMWORDS)
        return false;
    m->memory[at] = value;
    return true;
}

/* Anything but a return. False: not an instruction. */
static bool step(struct machine *m, const struct sock_filter *f, uint32_t *over)
{
    uint32_t by = BPF_SRC(f->code) == BPF_X ? m->x : f->k;
    switch (BPF_CLASS(f->code)) {
    case BPF_LD:
        return load(m, f, &m->a);
    case BPF_LDX:
        return load(m, f, &m->x);
    case BPF_ST:
        return store(m, f->k, m->a);
    case BPF_STX:
        return store(m, f->k, m->x);
    case BPF_ALU:
        return calculate(&m->a, BPF_OP(f->code), by);
    case BPF_JMP:
        return jump(m->a, by, f, over);
    case BPF_MISC:
        if (BPF_MISCOP(f->code) == BPF_TAX)
            m->x = m->a;
        else
            m->a = m->x;
        return true;
    default:
        return false;
    }
}

/* ---- one filter ---- */

/* SECCOMP_RET_*; what ends nowhere kills. */
static uint32_t answer(const struct kept *kept, struct machine *m)
{
    const struct sock_filter *f = instructions + kept->first;
    for (uint64_t at = 0; at < kept->count; at++) {
        uint32_t over = 0;
        if (BPF_CLASS(f[at].code) == BPF_RET)
            return BPF_RVAL(f[at].code) == BPF_A ? m->a : f[at].k;
        if (!step(m, f + at, &over))
            break;
        at += over;
    }
    return SECCOMP_RET_KILL_PROCESS;
}

static bool lets_through(const struct kept *kept, const struct seccomp_data *data)
{
    struct machine m = {.data = *data};
    uint32_t action = answer(kept, &m) & SECCOMP_RET_ACTION_FULL;
    return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

COLD bool sandbox_permits(long number, const long words[6])
{
    struct seccomp_data data = {.nr = (int)number, .arch = CPU_AUDIT_ARCH};
    if (__atomic_load_n(&nothing_goes, __ATOMIC_RELAXED))
        return false;
    if (__atomic_load_n(&strict, __ATOMIC_RELAXED))
        return number == SYS_read || number == SYS_write;
    for (int i = 0; i < 6; i++)
        data.args[i] = (uint64_t)words[i];
    for (const struct kept *k = filters; k < filters + FILTERS_MOST; k++)
        if (__atomic_load_n(&k->count, __ATOMIC_ACQUIRE) && !lets_through(k, &data))
            return false;
    return true;
}

/* ---- keeping ---- */

static void ask_from_now(void)
{
    sandboxed = true;
    __atomic_store_n(&sandbox_filters, true, __ATOMIC_RELEASE);
}

static void close_up(bool *how)
{
    __atomic_store_n(how, true, __ATOMIC_RELAXED);
    ask_from_now();
}

void sandbox_keep_strict(void)
{
    close_up(&strict);
}

void sandbox_keep_filter(const struct sock_fprog *filter)
{
    uint32_t count = filter->len;
    uint32_t mine = __atomic_fetch_add(&filters_used, 1, __ATOMIC_RELAXED);
    uint32_t first = __atomic_fetch_add(&instructions_used, count, __ATOMIC_RELAXED);
    if (mine >= FILTERS_MOST || first + count > INSTRUCTIONS_MOST || first + count < first) {
        close_up(&nothing_goes);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        instructions[first + i] = filter->filter[i];
    filters[mine].first = first;
    __atomic_store_n(&filters[mine].count, count, __ATOMIC_RELEASE);
    ask_from_now();
}
