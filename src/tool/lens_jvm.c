/* See lens.h. HotSpot: the Java heap and metaspace are reserved with PROT_NONE and committed in pieces,
 * mostly by the collector's and the VM's own threads. */
#include <string.h>

#include "lens.h"
#include "report.h"

static const char *const modules[] = {"libjvm.so", NULL};
static const char *const stubs[] = {"Interpreter", "*Stub*",    "*stub*", "*Adapter*",
                                    "*Blob*",      "call_stub", NULL};

static bool owns(const struct stack *stack, enum site_kind kind)
{
    return kind == SITE_MMAP && lens_named_in(stack, modules);
}

static bool is_program(const struct call *call)
{
    return lens_is_jit(call) && !lens_matches(call, stubs);
}

static const char *hint(const struct report *r, bool named)
{
    (void)r;
    return named ? NULL
                 : "java names its compiled frames with -XX:+PreserveFramePointer -XX:+DumpPerfMapAtExit; "
                   "what holds objects is for a heap dump (jcmd PID GC.heap_dump FILE)";
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
