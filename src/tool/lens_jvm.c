/* See lens.h. HotSpot: the Java heap and metaspace are reserved with PROT_NONE and committed in pieces,
 * mostly by the collector's and the VM's own threads. Direct buffers and Unsafe take their memory from
 * malloc. */
#include <string.h>

#include "lens.h"
#include "notes.h"
#include "report.h"

static bool owns(const struct stack *stack, enum site_kind kind)
{
    static const char *const modules[] = {"libjvm.so", NULL};
    return kind == SITE_MMAP && lens_named_in(stack, modules);
}

/* Interpreted callers have one name for all, compiled ones one each: one place is several stacks in turn. */
static bool owns_direct(const struct stack *stack, enum site_kind kind)
{
    static const char *const natives[] = {"Unsafe_AllocateMemory*", "Unsafe_ReallocateMemory*", NULL};
    return kind == SITE_HEAP && lens_has(stack, natives);
}

/* What HotSpot makes for itself, and the classes that come with it: "void java.nio.Bits.reserveMemory(long)".
 */
static bool is_program(const struct call *call)
{
    static const char *const others[] = {"Interpreter", "*Stub*",    "*stub*",  "*Adapter*", "*Blob*",
                                         "* java.*",    "* javax.*", "* jdk.*", "* sun.*",   NULL};
    return lens_is_jit(call) && !lens_matches(call, others);
}

static const char *hint(const struct report *r, bool named)
{
    if (!named && !notes_has_argument(r, "-XX:+PreserveFramePointer"))
        return "java names its compiled methods with -XX:+PreserveFramePointer "
               "-XX:+UnlockDiagnosticVMOptions "
               "-XX:+DumpPerfMapAtExit; a small -Xms lets the heap grow as it is used";
    return "what holds the objects is for a heap dump: jcmd PID GC.heap_dump FILE";
}

/* Each block is known: a heap dump has nothing to add. */
static const char *hint_direct(const struct report *r, bool named)
{
    return named || notes_has_argument(r, "-XX:+PreserveFramePointer") ? NULL : hint(r, named);
}

const struct lens lens_jvm = {
    .name = "jvm",
    .heap = "Java heap",
    .exact = false,
    .program = "Java method",
    .owns = owns,
    .is_nursery = NULL,
    .is_program = is_program,
    .hint = hint,
};

const struct lens lens_direct = {
    .name = "direct",
    .heap = "memory of direct buffers",
    .exact = true,
    .program = "Java method",
    .owns = owns_direct,
    .is_nursery = NULL,
    .is_program = is_program,
    .hint = hint_direct,
};
