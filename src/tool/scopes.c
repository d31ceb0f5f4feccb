/* See scopes.h. */
#include "scopes.h"

#include <dwarf.h>
#include <stdbool.h>

/* Namespaces, classes and blocks within each other: deeper is a forged file. */
#define MOST_DEPTH 256
/* Entries looked at in a search. The largest units have some 100,000; a forged one may be a circle. */
#define MOST_STEPS 4000000

struct search {
    Dwarf_Addr pc;
    Dwarf_Die found[SCOPES_MOST]; /* outermost first */
    int count;
    int steps;
};

enum kind { OTHER, CONTAINER, BLOCK, FUNCTION };

static enum kind kind_of(Dwarf_Die *die)
{
    switch (dwarf_tag(die)) {
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine:
        return FUNCTION;
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
    case DW_TAG_with_stmt:
        return BLOCK;
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type: /* Rust's have methods */
        return CONTAINER;
    default:
        return OTHER;
    }
}

/* Follows the one chain of functions and blocks that covers pc; containers have no addresses of their own and
 * are all searched. True when a function was found below die. */
static bool descend(struct search *s, Dwarf_Die *die, int depth)
{
    Dwarf_Die child;
    if (depth == MOST_DEPTH || dwarf_child(die, &child) != 0)
        return false;
    do {
        enum kind kind = kind_of(&child);
        if (++s->steps > MOST_STEPS)
            return true;
        if (kind == CONTAINER && descend(s, &child, depth + 1))
            return true;
        if ((kind != FUNCTION && kind != BLOCK) || dwarf_haspc(&child, s->pc) != 1)
            continue;
        if (kind == FUNCTION && s->count < SCOPES_MOST)
            s->found[s->count++] = child;
        descend(s, &child, depth + 1);
        return true;
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

int scopes_of(Dwarf_Die *unit, Dwarf_Addr pc, Dwarf_Die scopes[SCOPES_MOST])
{
    struct search s = {.pc = pc};
    descend(&s, unit, 0);
    /* A function nested in another (GNU C, Ada) ends the chain: what is around it did not call it. */
    int count = 0;
    for (int i = s.count - 1; i >= 0; i--) {
        scopes[count++] = s.found[i];
        if (dwarf_tag(&s.found[i]) == DW_TAG_subprogram)
            break;
    }
    return count;
}
