/* malloc on a coroutine's 4 KiB stack: how deep does each operation go? The page below the stack is
 * forbidden, so an overflow is a crash; the stack is painted, so the deepest byte used can be seen.
 *
 *     coroutine      prints OPERATION BYTES a line, to be compared with and without the library
 *
 * Each operation is called from functions not seen before, many times, so that learning, reuse and
 * ticks all happen on this stack; glibc's own path is the same each time (its caches are primed).
 */
#include "target.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

#define STACK 4096u
#define PAINT 0xa5

static unsigned char *stack;
static ucontext_t outside, inside;
static void *volatile kept;

/* Blocks that glibc's thread cache can hand out again without looking further. */
static void prime(size_t size)
{
    void *block[7];
    for (int i = 0; i < 7; i++)
        block[i] = malloc(size);
    for (int i = 0; i < 7; i++)
        free(block[i]);
}

NAMED static void do_malloc(void)
{
    kept = malloc(100);
    free(kept);
}

NAMED static void do_calloc(void)
{
    kept = calloc(10, 10);
    free(kept);
}

NAMED static void do_realloc(void)
{
    kept = malloc(100);
    kept = realloc(kept, 1000);
    free(kept);
}

NAMED static void do_memalign(void)
{
    void *block = NULL;
    if (posix_memalign(&block, 64, 100) == 0)
        free(block);
}

NAMED static void do_large(void)
{
    kept = malloc(1 << 20);
    kept = realloc(kept, 2 << 20);
    free(kept);
}

NAMED static void do_mmap(void)
{
    void *pages = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages, 1 << 20);
}

NAMED static void deeper(int frames, void (*operation)(void))
{
    if (frames > 0)
        deeper(frames - 1, operation);
    else
        operation();
    __asm__ volatile(""); /* no tail call */
}

/* Long enough for ticks: 200 ms of nothing else. */
NAMED static void do_ticks(void)
{
    for (struct timespec start = now(); seconds_since(start) < 0.2;)
        for (int i = 0; i < 1000; i++)
            do_malloc();
}

static void (*operation)(void);

static void on_coroutine(void)
{
    for (int frames = 0; frames < 8; frames++)
        deeper(frames, operation);
}

/* Bytes of its stack that the coroutine used: all above the lowest byte that lost its paint. */
static size_t measure(void (*what)(void))
{
    operation = what;
    memset(stack, PAINT, STACK);
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = STACK;
    inside.uc_link = &outside;
    makecontext(&inside, on_coroutine, 0);
    swapcontext(&outside, &inside);
    size_t clean = 0;
    while (clean < STACK && stack[clean] == PAINT)
        clean++;
    return STACK - clean;
}

static void *first_of_a_thread(void *unused)
{
    (void)unused;
    printf("first_of_a_thread %zu\n", measure(do_malloc));
    return NULL;
}

int main(void)
{
    mallopt(M_MMAP_THRESHOLD, 128 << 10); /* fixed: the large blocks are always mapped */
    unsigned char *pages = mmap(NULL, 2 * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages, STACK, PROT_NONE) != 0)
        return 1;
    stack = pages + STACK;

    prime(100);
    prime(1000);
    prime(200); /* posix_memalign(64, 100) asks for a larger one */
    static const struct {
        const char *name;
        void (*call)(void);
    } operations[] = {{"malloc", do_malloc},     {"calloc", do_calloc}, {"realloc", do_realloc},
                      {"memalign", do_memalign}, {"large", do_large},   {"mmap", do_mmap},
                      {"ticks", do_ticks}};
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        printf("%s %zu\n", operations[i].name, measure(operations[i].call));

    /* A thread whose very first allocation is on a coroutine. */
    pthread_t thread;
    if (pthread_create(&thread, NULL, first_of_a_thread, NULL))
        return 1;
    pthread_join(thread, NULL);
    return 0;
}
