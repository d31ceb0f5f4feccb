/* The filters' machine against the kernel's: random filters are installed in children that call what does not
 * exist, with random words. What the machine says of each call is what the kernel does. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"
#include "sandbox.h"

#define ROUNDS    2000
#define CALLS     20
#define LONGEST   64
#define NOT_CALLS 1000 /* numbers from here are no system calls */
#define REFUSED   42   /* the filters' errno */

/* Words as they meet: small ones, single bits, anything. */
static uint32_t word(void)
{
    switch (below(4)) {
    case 0:
        return below(8);
    case 1:
        return UINT32_C(1) << below(32);
    case 2:
        return NOT_CALLS + below(8);
    default:
        return (uint32_t)random_next();
    }
}

struct program {
    struct sock_filter f[LONGEST + 16];
    unsigned short length;
};

static void add(struct program *p, unsigned code, uint32_t k, unsigned jt, unsigned jf)
{
    p->f[p->length++] = (struct sock_filter){(unsigned short)code, (unsigned char)jt, (unsigned char)jf, k};
}

/* Not where the call was made: that the machine is not told. */
static uint32_t some_offset(void)
{
    uint32_t offset;
    do
        offset = below(sizeof(struct seccomp_data) / 4) * 4;
    while (offset / 8 == offsetof(struct seccomp_data, instruction_pointer) / 8);
    return offset;
}

/* Nothing is divided by x: where that is 0, the thread is killed. */
static void add_calculation(struct program *p)
{
    static const unsigned operations[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,
                                          BPF_AND, BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG};
    unsigned operation = operations[below(10)];
    unsigned source = operation == BPF_DIV || operation == BPF_NEG || below(2) ? BPF_K : BPF_X;
    uint32_t k = operation == BPF_LSH || operation == BPF_RSH ? below(32) : word() | (operation == BPF_DIV);
    add(p, BPF_ALU | operation | source, operation == BPF_NEG ? 0 : k, 0, 0);
}

static void add_jump(struct program *p, unsigned left)
{
    static const unsigned operations[] = {BPF_JA, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
    unsigned operation = operations[below(5)], most = left < 6 ? left : 6;
    if (operation == BPF_JA)
        add(p, BPF_JMP | BPF_JA, below(most), 0, 0);
    else
        add(p, BPF_JMP | operation | (below(2) ? BPF_X : BPF_K), word(), below(most), below(most));
}

static void add_something(struct program *p, unsigned left)
{
    switch (below(9)) {
    case 0:
    case 1:
        add(p, BPF_LD | BPF_W | BPF_ABS, some_offset(), 0, 0);
        break;
    case 2:
        add(p, (below(2) ? BPF_LD : BPF_LDX) | BPF_IMM, word(), 0, 0);
        break;
    case 3:
        add(p, (below(2) ? BPF_LD : BPF_LDX) | BPF_MEM, below(BPF_MEMWORDS), 0, 0);
        break;
    case 4:
        add(p, below(2) ? BPF_ST : BPF_STX, below(BPF_MEMWORDS), 0, 0);
        break;
    case 5:
        add(p, BPF_MISC | (below(2) ? BPF_TAX : BPF_TXA), 0, 0, 0);
        break;
    case 6:
        add(p, (below(2) ? BPF_LD : BPF_LDX) | BPF_W | BPF_LEN, 0, 0, 0);
        break;
    case 7:
        add_calculation(p);
        break;
    default:
        add_jump(p, left);
    }
}

/* Ends by an accumulator that is either "allow" or "fail". */
static void make_up(struct program *p)
{
    p->length = 0;
    add(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    add(p, BPF_JMP | BPF_JGE | BPF_K, NOT_CALLS, 1, 0);
    add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    for (uint32_t i = 0; i < BPF_MEMWORDS; i++)
        add(p, BPF_ST, i, 0, 0);
    unsigned end = p->length + 4 + below(LONGEST - 16 - BPF_MEMWORDS);
    while (p->length < end)
        add_something(p, end - p->length);
    if (below(2)) {
        add(p, BPF_JMP | BPF_JSET | BPF_K, word(), 0, 1);
        add(p, BPF_RET | BPF_K, below(2) ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | REFUSED, 0, 0);
    }
    add(p, BPF_ALU | BPF_AND | BPF_K, 1, 0, 0);
    add(p, BPF_ALU | BPF_MUL | BPF_K, SECCOMP_RET_ALLOW - SECCOMP_RET_ERRNO, 0, 0);
    add(p, BPF_ALU | BPF_ADD | BPF_K, SECCOMP_RET_ERRNO | REFUSED, 0, 0);
    add(p, BPF_RET | BPF_A, 0, 0, 0);
}

/* True: the kernel has taken it. */
static bool install(struct program *p)
{
    struct sock_fprog filter = {p->length, p->f};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        return false;
    sandbox_keep_filter(&filter);
    return true;
}

enum { AGREED, DIFFERED, NOT_TAKEN, ALL_ALIKE };

/* In a child: one or two filters, and what becomes of calls. */
static int compare(void)
{
    struct program p;
    unsigned permitted = 0;
    for (uint32_t filters = 1 + below(2); filters > 0; filters--) {
        make_up(&p);
        if (!install(&p))
            return NOT_TAKEN;
    }
    for (int i = 0; i < CALLS; i++) {
        long number = NOT_CALLS + (long)below(8), w[6];
        for (int j = 0; j < 6; j++)
            w[j] = (long)((uint64_t)word() << 32 | word());
        bool permits = sandbox_permits(number, w);
        errno = 0;
        syscall(number, w[0], w[1], w[2], w[3], w[4], w[5]);
        if (errno != (permits ? ENOSYS : REFUSED))
            return DIFFERED;
        permitted += permits;
    }
    return permitted % CALLS ? AGREED : ALL_ALIKE;
}

static void the_machine_is_the_kernels(void **unused)
{
    unsigned ends[4] = {0};
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        int status;
        random_next();
        pid_t child = fork();
        if (child == 0)
            _exit(compare());
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) > ALL_ALIKE)
            fail_msg("round %d of this seed: status %x", round, (unsigned)status);
        ends[WEXITSTATUS(status)]++;
    }
    printf("%u filters told the calls apart, %u did not, %u were not taken\n", ends[AGREED], ends[ALL_ALIKE],
           ends[NOT_TAKEN]);
    assert_int_equal(ends[DIFFERED], 0);
    assert_true(ends[AGREED] > ROUNDS / 10);
    assert_true(ends[NOT_TAKEN] < ROUNDS / 10);
}

static int keep_one(unsigned short length, const struct sock_filter *f)
{
    const long words[6] = {0};
    sandbox_keep_filter(&(struct sock_fprog){length, (struct sock_filter *)(uintptr_t)f});
    return sandbox_permits(SYS_getpid, words);
}

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
static const struct sock_filter allow[] = {ALLOW};
static const struct sock_filter nowhere[] = {BPF_STMT(BPF_LD | BPF_IMM, 1)};
static const struct sock_filter beyond[] = {BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX), ALLOW};
static const struct sock_filter no_word[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), ALLOW};
static const struct sock_filter no_memory[] = {BPF_STMT(BPF_ST, BPF_MEMWORDS), ALLOW};
static const struct sock_filter by_zero[] = {BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), ALLOW};

static int many(int filters, int each, const struct sock_filter *f)
{
    int answer = 0;
    for (int i = 0; i < filters; i++)
        answer = keep_one((unsigned short)each, f);
    return answer;
}

/* In a child, because what is kept is never forgotten. */
#define IN_CHILD(expression)                                                                                 \
    do {                                                                                                     \
        int status_;                                                                                         \
        pid_t child_ = fork();                                                                               \
        if (child_ == 0)                                                                                     \
            _exit(expression);                                                                               \
        assert_int_equal(waitpid(child_, &status_, 0), child_);                                              \
        assert_true(WIFEXITED(status_));                                                                     \
        answer = WEXITSTATUS(status_);                                                                       \
    } while (0)

static void what_is_not_understood_is_not_permitted(void **unused)
{
    static struct sock_filter lots[4096];
    int answer;
    (void)unused;
    for (int i = 0; i < 4096; i++)
        lots[i] = allow[0];
    IN_CHILD(keep_one(1, allow));
    assert_int_equal(answer, 1);
    IN_CHILD(keep_one(1, nowhere));
    assert_int_equal(answer, 0);
    IN_CHILD(keep_one(2, beyond));
    assert_int_equal(answer, 0);
    IN_CHILD(keep_one(2, no_word));
    assert_int_equal(answer, 0);
    IN_CHILD(keep_one(2, no_memory));
    assert_int_equal(answer, 0);
    IN_CHILD(keep_one(2, by_zero));
    assert_int_equal(answer, 0);
    IN_CHILD(many(2, 4096, lots));
    assert_int_equal(answer, 1);
    IN_CHILD(many(3, 4096, lots));
    assert_int_equal(answer, 0);
    IN_CHILD(many(64, 1, allow));
    assert_int_equal(answer, 1);
    IN_CHILD(many(65, 1, allow));
    assert_int_equal(answer, 0);
}

static int strict(long number)
{
    const long words[6] = {0};
    sandbox_keep_strict();
    return sandboxed && sandbox_permits(number, words);
}

static void strict_mode_leaves_reading_and_writing(void **unused)
{
    int answer;
    (void)unused;
    IN_CHILD(strict(SYS_write));
    assert_int_equal(answer, 1);
    IN_CHILD(strict(SYS_mmap));
    assert_int_equal(answer, 0);
}

int main(void)
{
    random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machine_is_the_kernels),
        cmocka_unit_test(what_is_not_understood_is_not_permitted),
        cmocka_unit_test(strict_mode_leaves_reading_and_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
