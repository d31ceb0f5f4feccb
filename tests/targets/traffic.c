/* Random traffic with exact books: N threads allocate by every function of the malloc family, resize, free,
 * and hand blocks to each other. What each function allocated and freed goes into diaries (diary.h) and, at a
 * good end, as truths into a file. Output: one line, always the same.
 *
 *     traffic [--threads N] [--seconds N] [--seed N] [--truth FILE] [--diary FILE]
 *             --short     threads live for 200 operations only
 *             --signals   a handler allocates and frees at 1 kHz (only over an allocator that can take it)
 *             --forks     children come and go, with diaries of their own (FILE.PID)
 *             --requested the allocator cannot tell usable sizes: what was asked for counts
 *             --paths     every operation by one of 128 call paths: more sites than a thread has counters,
 *                         and small blocks only: a recorder is busy evicting
 *             --ends      what the last thread holds is freed; nothing is live then
 */
#include "target.h"

#include "diary.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

/* operator new and delete, as compiled code calls them. */
void *_Znwm(size_t size);
void _ZdlPv(void *p);

enum maker {
    NONE,
    MALLOC,
    CALLOC,
    POSIX_MEMALIGN,
    ALIGNED_ALLOC,
    REALLOCARRAY,
    STRDUP,
    NEW,
    REALLOC,
    MAPPING,
    HANDLER,
    MAKERS
};
static const char *const names[MAKERS] = {
    "none",      "by_malloc", "by_calloc",  "by_posix_memalign", "by_aligned_alloc", "by_reallocarray",
    "by_strdup", "by_new",    "by_realloc", "by_mapping",        "in_handler"};

struct held {
    void *p;
    size_t bytes;
    enum maker maker;
};

#define HELD  48
#define BOXES 64
#define MOST  64 /* threads */
#define PAGE  4096ul

struct worker {
    pthread_t thread;
    uint64_t random;
    struct diary *diary, *handler_diary;
    struct held held[HELD];
    struct held handler_held;
};
static struct worker workers[MOST];
static __thread struct worker *self;

/* Blocks on their way from thread to thread. Whoever finds a box busy goes on: signal handlers come here. */
static struct box {
    atomic_flag busy;
    struct held held;
} boxes[BOXES];

static struct diaries *diaries, *without_file;
static const char *diary_path;
static bool requested_only, short_lived, by_paths;
static atomic_bool over;

static uint64_t draw(struct worker *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (w->random >> 11) % below;
}

static size_t draw_size(struct worker *w)
{
    uint64_t kind = by_paths ? 4095 : draw(w, 4096);
    if (kind == 0)
        return (16u << 20) + draw(w, 16 << 20); /* beyond what a thread's counter takes */
    if (kind < 8)
        return (100u << 10) + draw(w, 1 << 20); /* around the thresholds of mmap */
    if (kind < 32)
        return 0;
    return 1 + draw(w, UINT64_C(8) << draw(w, by_paths ? 4 : 10));
}

/* ---- one function a site ---- */

NAMED static void *by_malloc(size_t size)
{
    return malloc(size);
}
NAMED static void *by_calloc(size_t size)
{
    return calloc(size / 8 + 1, 8);
}
NAMED static void *by_reallocarray(size_t size)
{
    return reallocarray(NULL, size / 4 + 1, 4);
}
NAMED static void *by_new(size_t size)
{
    return _Znwm(size);
}
NAMED static void *by_realloc(void *p, size_t size)
{
    return realloc(p, size);
}
NAMED static void *in_handler(size_t size)
{
    return malloc(size);
}

NAMED static void *by_posix_memalign(size_t size)
{
    void *p = NULL;
    return posix_memalign(&p, 64u << size % 5, size) == 0 ? p : NULL;
}

NAMED static void *by_aligned_alloc(size_t size)
{
    return aligned_alloc(32u << size % 4, (size + 255) / 256 * 256);
}

NAMED static void *by_strdup(size_t size)
{
    char text[256];
    size %= sizeof text;
    memset(text, 'x', size);
    text[size ? size - 1 : 0] = 0;
    return strdup(text);
}

NAMED static void *by_mapping(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* What is asked of the allocator for this size, as the functions above round it. */
static size_t asked(enum maker maker, size_t size)
{
    switch (maker) {
    case CALLOC:
        return (size / 8 + 1) * 8;
    case REALLOCARRAY:
        return (size / 4 + 1) * 4;
    case ALIGNED_ALLOC:
        return (size + 255) / 256 * 256;
    case STRDUP:
        return size % 256 ? size % 256 : 1;
    case MAPPING:
        return (size + PAGE - 1) & ~(PAGE - 1);
    default:
        return size;
    }
}

static void *make(enum maker maker, size_t size)
{
    switch (maker) {
    case MALLOC:
        return by_malloc(size);
    case CALLOC:
        return by_calloc(size);
    case POSIX_MEMALIGN:
        return by_posix_memalign(size);
    case ALIGNED_ALLOC:
        return by_aligned_alloc(size);
    case REALLOCARRAY:
        return by_reallocarray(size);
    case STRDUP:
        return by_strdup(size);
    case NEW:
        return by_new(size);
    case MAPPING:
        return by_mapping(size);
    case HANDLER:
        return in_handler(size);
    default:
        return NULL;
    }
}

/* ---- operations, each with its entry in the diary ---- */

static size_t size_of(enum maker maker, void *p, size_t size)
{
    return requested_only || maker == MAPPING ? asked(maker, size) : malloc_usable_size(p);
}

static size_t at_most(size_t size)
{
    return 2 * size + 8 * PAGE;
}

static void drop(struct diary *d, struct held *h)
{
    if (!h->p)
        return;
    diary_intend(d, h->maker, h->bytes, NONE, 0);
    if (h->maker == NEW)
        _ZdlPv(h->p);
    else if (h->maker == MAPPING)
        munmap(h->p, h->bytes);
    else
        free(h->p);
    diary_free(d, h->maker, h->bytes);
    diary_done(d);
    h->p = NULL;
}

static void fill(struct diary *d, struct held *h, enum maker maker, size_t size)
{
    if (maker == MAPPING)
        size = size % (16 * PAGE) + 1;
    if (maker == NEW && size == 0)
        size = 1; /* as operator new itself does */
    diary_intend(d, NONE, 0, maker, at_most(size));
    void *p = make(maker, size);
    if (p) {
        *h = (struct held){p, size_of(maker, p, size), maker};
        diary_alloc(d, maker, h->bytes);
        if (h->bytes)
            *(char *)p = 1;
    }
    diary_done(d);
}

/* NULL and an error is a failure: the block stays. NULL for no bytes is a free. */
static void resize(struct diary *d, struct held *h, size_t size)
{
    if (!h->p || h->maker == NEW || h->maker == MAPPING)
        return;
    diary_intend(d, h->maker, h->bytes, REALLOC, at_most(size));
    void *p = by_realloc(h->p, size);
    if (p || size == 0)
        diary_free(d, h->maker, h->bytes);
    if (p) {
        *h = (struct held){p, size_of(REALLOC, p, size), REALLOC};
        diary_alloc(d, REALLOC, h->bytes);
    } else if (size == 0) {
        h->p = NULL;
    }
    diary_done(d);
}

/* Pieces of a mapping go, the rest grows and moves. */
static void cut(struct worker *w, struct held *h)
{
    if (h->maker != MAPPING || !h->p || h->bytes < 3 * PAGE)
        return;
    diary_intend(w->diary, MAPPING, h->bytes, MAPPING, at_most(h->bytes));
    struct tally *t = &w->diary->of[MAPPING];
    munmap((char *)h->p + 1, PAGE); /* is refused */
    if (draw(w, 2)) {
        munmap((char *)h->p + h->bytes - PAGE, PAGE);
        h->bytes -= PAGE;
        t->freed_bytes += PAGE;
    } else {
        munmap(h->p, PAGE);
        h->p = (char *)h->p + PAGE;
        h->bytes -= PAGE;
        t->freed_bytes += PAGE;
    }
    diary_done(w->diary);
}

NAMED static void fails(struct held *h)
{
    static const volatile size_t huge = SIZE_MAX / 4, half = SIZE_MAX / 2 + 2;
    void *p = h;
    if (malloc(huge) || calloc(half, 2) || reallocarray(NULL, half, 2) || posix_memalign(&p, 64, huge) == 0 ||
        p != h || aligned_alloc(64, huge / 64 * 64))
        abort();
    if (h->p && h->maker != NEW && h->maker != MAPPING)
        if (realloc(h->p, huge) || reallocarray(h->p, half, 2))
            abort();
}

static void exchange(struct worker *w, struct held *h)
{
    struct box *box = &boxes[draw(w, BOXES)];
    if (atomic_flag_test_and_set(&box->busy))
        return;
    struct held theirs = box->held;
    box->held = *h;
    *h = theirs;
    atomic_flag_clear(&box->busy);
}

static void operate(struct worker *w)
{
    struct held *h = &w->held[draw(w, HELD)];
    uint64_t what = draw(w, by_paths ? 56 : 64); /* nothing that asks the kernel */
    if (what < 36) {
        drop(w->diary, h);
        fill(w->diary, h, (enum maker)(MALLOC + draw(w, NEW)), draw_size(w));
    } else if (what < 44) {
        exchange(w, h);
    } else if (what < 56) {
        resize(w->diary, h, draw_size(w));
    } else if (what < 58) {
        fails(h);
    } else if (what < 60) {
        drop(w->diary, h);
        fill(w->diary, h, MAPPING, draw_size(w));
    } else if (what < 61) {
        cut(w, h);
    } else {
        drop(w->diary, h);
    }
}

/* Seven levels with two ways each: 128 call paths, none of them a recursion. */
#define LEVEL(n, below)                                                                                      \
    NAMED static void left##n(struct worker *w, unsigned path)                                               \
    {                                                                                                        \
        below(w, path / 2);                                                                                  \
    }                                                                                                        \
    NAMED static void right##n(struct worker *w, unsigned path)                                              \
    {                                                                                                        \
        below(w, path / 2);                                                                                  \
    }                                                                                                        \
    static void level##n(struct worker *w, unsigned path)                                                    \
    {                                                                                                        \
        (path % 2 ? left##n : right##n)(w, path);                                                            \
    }
static void level0(struct worker *w, unsigned path)
{
    (void)path;
    operate(w);
}
LEVEL(1, level0)
LEVEL(2, level1)
LEVEL(3, level2)
LEVEL(4, level3)
LEVEL(5, level4)
LEVEL(6, level5)
LEVEL(7, level6)

/* ---- threads, signals, children ---- */

static void on_alarm(int signal)
{
    struct worker *w = self;
    (void)signal;
    if (!w)
        return;
    int error = errno;
    uint64_t random = w->random; /* the interrupted draw goes on as if nothing had been */
    w->random ^= UINT64_C(0x9e3779b97f4a7c15) * (w->handler_diary->step + 1);
    w->random += w->random == 0;
    for (int i = 0; i < 4; i++) {
        exchange(w, &w->handler_held);
        drop(w->handler_diary, &w->handler_held);
        fill(w->handler_diary, &w->handler_held, HANDLER, 1 + draw(w, 200));
    }
    w->random = random;
    errno = error;
}

static void *work(void *argument)
{
    self = argument;
    for (int n = 0; !over && (!short_lived || n < 200); n++)
        (by_paths ? level7 : level0)(self, by_paths ? (unsigned)draw(self, 128) : 0);
    self = NULL;
    return NULL;
}

static void drop_all(struct worker *w)
{
    for (int i = 0; i < HELD; i++)
        drop(w->diary, &w->held[i]);
    drop(w->handler_diary, &w->handler_held);
}

/* A child's blocks are its own from now on: what it inherited is left alone. */
static void child(struct worker *parent)
{
    char path[4200];
    memset(boxes, 0, sizeof boxes);
    struct worker w = {.random = parent->random, .diary = without_file->diary};
    if (diary_path) {
        snprintf(path, sizeof path, "%s.%d", diary_path, (int)getpid());
        struct diaries *own = diaries_open(path);
        if (!own)
            _exit(1);
        memcpy(own->name, without_file->name, sizeof own->name);
        w.diary = own->diary;
    }
    struct timespec start = now();
    double seconds = draw(&w, 8) ? 0.002 : 0.3; /* some live long enough for a file of their own */
    while (seconds_since(start) < seconds)
        operate(&w);
    _exit(0);
}

static void fork_one(struct worker *w)
{
    fflush(stdout);
    draw(w, 2);
    pid_t pid = fork();
    if (pid == 0)
        child(w);
    int status = 1;
    if (pid > 0 && (waitpid(pid, &status, 0) != pid || status != 0)) {
        printf("a child ended with status %x\n", (unsigned)status);
        exit(1);
    }
}

static void begin(struct worker *w)
{
    if (pthread_create(&w->thread, NULL, work, w)) {
        puts("no thread");
        exit(1);
    }
}

static void tell(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file)
        fputs("truth: cut by_strdup __strdup\ntruth: cut by_new operator new\n", file);
    for (int f = MALLOC; file && f < MAKERS; f++) {
        struct tally t = diaries_sum(diaries, (uint64_t)f);
        if (f != HANDLER && f != MAPPING) {
            fprintf(file, "truth: allocations %s %lu\n", names[f], t.allocations);
            fprintf(file, "truth: frees %s %lu\n", names[f], t.frees);
            fprintf(file, "truth: allocated_bytes %s %lu\n", names[f], t.allocated_bytes);
            fprintf(file, "truth: live_blocks %s %lu\n", names[f], t.allocations - t.frees);
        }
        if (f != HANDLER)
            fprintf(file, "truth: live_bytes %s %lu\n", names[f], t.allocated_bytes - t.freed_bytes);
        else
            fprintf(file, "handler: allocations %lu\n", t.allocations);
    }
    if (file)
        fclose(file);
}

static const char *word(char **argv, const char *name)
{
    for (char **arg = argv + 1; arg[0] && arg[1]; arg++)
        if (strcmp(*arg, name) == 0)
            return arg[1];
    return NULL;
}

static void prepare(char **argv, int threads)
{
    static struct diaries none;
    without_file = &none;
    diary_path = word(argv, "--diary");
    diaries = diary_path ? diaries_open(diary_path) : &none;
    if (!diaries)
        exit(1);
    for (int f = 0; f < MAKERS; f++)
        strcpy(none.name[f], names[f]);
    memcpy(diaries->name, none.name, sizeof none.name);
    uint64_t seed = (uint64_t)option_number(argv, "seed", 1);
    for (int i = 0; i <= threads; i++) {
        workers[i].random = (seed * 1000 + (uint64_t)i + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
        workers[i].diary = &diaries->diary[2 * i];
        workers[i].handler_diary = &diaries->diary[2 * i + 1];
    }
}

static void interrupt(void)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct itimerval every = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

int main(int argc, char **argv)
{
    (void)argc;
    int threads = (int)option_number(argv, "threads", 4);
    double seconds = option_number(argv, "seconds", 2);
    bool forks = option(argv, "forks");
    requested_only = option(argv, "requested");
    short_lived = option(argv, "short");
    by_paths = option(argv, "paths");
    if (threads < 1 || threads >= MOST)
        return 2;
    prepare(argv, threads);
    if (option(argv, "signals"))
        interrupt();
    struct timespec start = now();
    for (int i = 0; i < threads; i++)
        begin(&workers[i]);
    for (int i = 0; seconds_since(start) < seconds; i = (i + 1) % threads) {
        if (short_lived) {
            pthread_join(workers[i].thread, NULL);
            begin(&workers[i]);
        } else {
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
        if (forks)
            fork_one(&workers[threads]);
    }
    over = true;
    for (int i = 0; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    for (int i = 0; i < threads; i++)
        if (i % 2 || option(argv, "ends"))
            drop_all(&workers[i]);
    for (int i = 0; i < BOXES && option(argv, "ends"); i++)
        drop(workers[0].diary, &boxes[i].held);
    if (word(argv, "--truth"))
        tell(word(argv, "--truth"));
    puts("ended well");
    return 0;
}
