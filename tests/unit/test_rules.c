/* The rule table: packing, telling pcs and epochs apart, forgetting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"
#include "rules.h"

#define MANY 20000 /* a third of the table's room */

/* As return addresses are: close together in a few objects. */
static uintptr_t random_pc(void)
{
    static const uintptr_t objects[] = {0x400000, 0x555555554000, 0x7ffff7c00000, 0x7ffffff00000 - 0x200000,
                                        0};
    return objects[random_next() % 5] + random_next() % 0x200000;
}

static void packing_keeps_every_field(void **unused)
{
    (void)unused;
    for (uint32_t kind = RULE_SP; kind <= RULE_OPAQUE; kind++) {
        for (int i = 0; i < 1000; i++) {
            uint32_t c = (uint32_t)random_next() & RULE_C_MAX, slot = (uint32_t)random_next() & RULE_SLOT_MAX;
            uint32_t rule = rule_pack((enum rule_kind)kind, c, slot);
            assert_int_equal(rule_kind(rule), kind);
            assert_int_equal(rule_c(rule), c * 8);
            assert_int_equal(rule_slot(rule), slot);
            assert_true(rule != 0 && rule <= RULES_BODY);
        }
    }
}

static uint32_t rule_for(uintptr_t pc)
{
    return rule_pack(RULE_SP, (uint32_t)(pc * 7) & RULE_C_MAX, (uint32_t)(pc * 13) & RULE_SLOT_MAX);
}

static void a_rule_is_found_by_its_own_pc_and_epoch_only(void **unused)
{
    static uintptr_t pcs[MANY];
    uint32_t found = 0;
    (void)unused;
    rules_wipe();
    for (int i = 0; i < MANY; i++) {
        pcs[i] = random_pc();
        rules_put(pcs[i], 5, rule_for(pcs[i]));
        assert_int_equal(rules_find(pcs[i], 5), rule_for(pcs[i]));
    }
    for (int i = 0; i < MANY; i++) {
        uint32_t rule = rules_find(pcs[i], 5), other = rules_find(random_pc(), 5);
        assert_true(rule == 0 || rule == rule_for(pcs[i])); /* lost is allowed, mistaken is not */
        found += rule != 0;
        (void)other;
        assert_int_equal(rules_find(pcs[i], 6), 0);
        assert_int_equal(rules_find(pcs[i], 4), 0);
    }
    assert_true(found > MANY - MANY / 50); /* few sets of eight overflow at a third of the load */
}

static void no_two_pcs_are_mistaken_for_each_other(void **unused)
{
    (void)unused;
    rules_wipe();
    for (int i = 0; i < 200000; i++) {
        uintptr_t a = random_pc(), b = a ^ (uintptr_t)1 << random_next() % RULES_PC_BITS;
        rules_put(a, 0, rule_pack(RULE_BP, 2, 2));
        assert_int_equal(rules_find(a, 0), rule_pack(RULE_BP, 2, 2));
        rules_put(b, 0, rule_pack(RULE_SP, 9, 0));
        assert_int_equal(rules_find(b, 0), rule_pack(RULE_SP, 9, 0));
        uint32_t rule = rules_find(a, 0);
        assert_true(rule == rule_pack(RULE_BP, 2, 2) || rule == 0);
    }
}

static void epochs_that_share_their_low_bits_need_the_wipe(void **unused)
{
    (void)unused;
    rules_wipe();
    rules_put(0x401234, 3, rule_pack(RULE_END, 0, 0));
    assert_int_equal(rules_find(0x401234, 3 + 64), rule_pack(RULE_END, 0, 0));
    rules_wipe();
    assert_int_equal(rules_find(0x401234, 3), 0);
}

static void pcs_beyond_47_bits_have_no_rule(void **unused)
{
    (void)unused;
    rules_put((uintptr_t)1 << 47, 0, rule_pack(RULE_SP, 1, 0));
    assert_int_equal(rule_kind(rules_find((uintptr_t)1 << 47, 0)), RULE_OPAQUE);
    assert_int_equal(rule_kind(rules_find(~(uintptr_t)0, 0)), RULE_OPAQUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing_keeps_every_field),
        cmocka_unit_test(a_rule_is_found_by_its_own_pc_and_epoch_only),
        cmocka_unit_test(no_two_pcs_are_mistaken_for_each_other),
        cmocka_unit_test(epochs_that_share_their_low_bits_need_the_wipe),
        cmocka_unit_test(pcs_beyond_47_bits_have_no_rule),
    };
    random_start();
    if (!rules_init())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
