/* See lens.h. V8: node and what embeds it. Pages of 256 KiB come from mmap, are trimmed and made writable;
 * what manages them (free lists, bitmaps, worklists) comes from malloc and grows with them. */
#include <string.h>

#include "lens.h"
#include "notes.h"
#include "report.h"

/* Who names a page request, and who names what V8 needs to manage its pages. */
static const char *const heap[] = {"v8::base::OS::*", "v8::base::AddressSpaceReservation::*",
                                   "v8::internal::*", "v8::base::*", NULL};
static const char *const books[] = {"v8::internal::Page::*",
                                    "v8::internal::MemoryChunk*",
                                    "v8::internal::AlignedAllocWithRetry*",
                                    "v8::internal::SlotSet*",
                                    "heap::base::*",
                                    NULL};

static bool owns(const struct stack *stack, enum site_kind kind)
{
    const struct call *call = stack_named(stack);
    return call && lens_matches(call, kind == SITE_MMAP ? heap : books);
}

/* What Buffer, ArrayBuffer and typed arrays hold is outside V8's heap. As V8 compiles their callers again,
 * one place in a program becomes several stacks in turn: only their sum shows a steady growth. */
static bool owns_buffer(const struct stack *stack, enum site_kind kind)
{
    static const char *const allocators[] = {"node::NodeArrayBufferAllocator::*",
                                             "v8::internal::BackingStore::*",
                                             "v8::ArrayBuffer::New*",
                                             "node::Buffer::*",
                                             "v8::internal::Heap::AllocateExternalBackingStore",
                                             NULL};
    return kind == SITE_HEAP && lens_has(stack, allocators);
}

/* The young generation: two semispaces of up to 16 MiB that grow with the rate of allocation. */
static bool is_nursery(const struct stack *stack)
{
    static const char *const semispaces[] = {"v8::internal::SemiSpace*", "v8::internal::NewSpace*", NULL};
    return lens_has(stack, semispaces);
}

/* Functions of node's own library have names like node:events; builtins have no file. */
static bool is_program(const struct call *call)
{
    const char *file = call->symbol->file;
    return lens_is_jit(call) && file && strncmp(file, "node:", 5) != 0;
}

static const char *hint(const struct report *r, bool named)
{
    if (!named)
        return "node names its JavaScript frames with --perf-basic-prof --interpreted-frames-native-stack";
    return notes_has_argument(r, "--no-turbo-inlining")
               ? NULL
               : "--no-turbo-inlining keeps small functions apart from their callers";
}

const struct lens lens_v8 = {
    .name = "v8",
    .heap = "V8 heap",
    .exact = false,
    .program = "JavaScript function",
    .owns = owns,
    .is_nursery = is_nursery,
    .is_program = is_program,
    .hint = hint,
};

const struct lens lens_buffers = {
    .name = "buffers",
    .heap = "memory of JavaScript buffers",
    .exact = true,
    .program = "JavaScript function",
    .owns = owns_buffer,
    .is_nursery = NULL,
    .is_program = is_program,
    .hint = hint,
};
