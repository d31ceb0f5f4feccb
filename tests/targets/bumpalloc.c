/* An allocator that is safe in a signal handler and has no malloc_usable_size: to be preloaded after the
 * library, so that a signal can interrupt the library's own hooks without harm from below.
 *
 * One arena, bumped by an atomic add. Freed blocks wait in a lock-free stack for each power of two;
 * its head carries a tag that moves with every change, so that a pop that slept cannot put back a
 * stale successor (ABA). Blocks are named by their distance from the arena's start in 16 bytes.
 */
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define UNIT    16u
#define ARENA   (UINT64_C(8) << 30) /* address space; pages come when touched */
#define CLASSES 34

/* In front of every block. */
struct head {
    uint64_t class;   /* the block has 16 << class bytes, this head included */
    uint32_t next;    /* while free: the next free block, in units; 0 = none */
    uint32_t aligned; /* a block within a block: units back to the real head */
};
_Static_assert(sizeof(struct head) == UNIT, "blocks stay 16-byte aligned");

static unsigned char *_Atomic arena;
static _Atomic uint64_t used = UNIT;    /* unit 0 is no block */
static _Atomic uint64_t freed[CLASSES]; /* tag << 32 | first free block */

static unsigned char *arena_start(void)
{
    unsigned char *start = atomic_load(&arena);
    if (start)
        return start;
    void *fresh =
        mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (fresh == MAP_FAILED)
        return NULL;
    unsigned char *none = NULL;
    if (atomic_compare_exchange_strong(&arena, &none, fresh))
        return fresh;
    munmap(fresh, ARENA);
    return none;
}

static struct head *head_at(uint32_t unit)
{
    return (struct head *)(arena_start() + (uint64_t)unit * UNIT);
}

static struct head *pop(unsigned class)
{
    uint64_t was = atomic_load(&freed[class]), now;
    do {
        if ((uint32_t)was == 0)
            return NULL;
        now = ((was >> 32) + 1) << 32 | head_at((uint32_t)was)->next;
    } while (!atomic_compare_exchange_weak(&freed[class], &was, now));
    return head_at((uint32_t)was);
}

static void push(struct head *head)
{
    uint64_t unit = (uint64_t)((unsigned char *)head - arena_start()) / UNIT;
    uint64_t was = atomic_load(&freed[head->class]);
    do
        head->next = (uint32_t)was;
    while (!atomic_compare_exchange_weak(&freed[head->class], &was, ((was >> 32) + 1) << 32 | unit));
}

static struct head *bump(unsigned class)
{
    unsigned char *start = arena_start();
    uint64_t size = (uint64_t)UNIT << class, at = atomic_fetch_add(&used, size);
    if (!start || at + size > ARENA)
        return NULL;
    struct head *head = (struct head *)(start + at);
    head->class = class;
    return head;
}

void *malloc(size_t size)
{
    unsigned class = 1;
    while (class < CLASSES && ((uint64_t)UNIT << class) - UNIT < size)
        class ++;
    struct head *head = class < CLASSES ? pop(class) : NULL;
    if (!head && class < CLASSES)
        head = bump(class);
    if (!head) {
        errno = ENOMEM;
        return NULL;
    }
    head->aligned = 0;
    return head + 1;
}

static struct head *head_of(void *block)
{
    struct head *head = (struct head *)block - 1;
    return head - head->aligned;
}

void free(void *block)
{
    if (block)
        push(head_of(block));
}

void *calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = malloc(total);
    return block ? memset(block, 0, total) : NULL;
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    struct head *head = head_of(block);
    size_t room = ((size_t)UNIT << head->class) - (size_t)((unsigned char *)block - (unsigned char *)head);
    if (size <= room)
        return block;
    void *larger = malloc(size);
    if (!larger)
        return NULL;
    memcpy(larger, block, room);
    free(block);
    return larger;
}

void *memalign(size_t alignment, size_t size)
{
    unsigned char *block = malloc(size + alignment + UNIT);
    if (!block || (uintptr_t)block % alignment == 0)
        return block;
    struct head *head = head_of(block);
    unsigned char *aligned = block + alignment - (uintptr_t)block % alignment;
    ((struct head *)aligned)[-1].aligned = (uint32_t)(((struct head *)aligned - 1) - head);
    return aligned;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *fresh = memalign(alignment, size);
    if (!fresh)
        return ENOMEM;
    *block = fresh;
    return 0;
}
