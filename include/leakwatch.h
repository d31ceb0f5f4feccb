/* leakwatch: which call sites of this program keep growing?
 *
 * Nothing here is needed to use leakwatch: preload the library and read the report. A program that knows of
 * it may tell what the library cannot see: the phase it is in, scopes whose allocations are none of the
 * question, what its threads are for. Without the library every call does nothing: all symbols are weak, so a
 * program links to nothing and is not changed (static programs, too). C99 and C++11, gcc and clang.
 *
 * No function here fails, locks, allocates or sets errno. Each may be called from any thread, from a signal
 * handler, in a constructor before main, and after fork. Names are copied at once: they need not outlive the
 * call. 63 bytes of a name are kept. Give kinds of things ("request"), not things ("request 4711"): 30 phases
 * and 30 names of threads are kept apart, further ones share a line "(others)", and the report says how many
 * did.
 */
#ifndef LEAKWATCH_H
#define LEAKWATCH_H

#ifdef __cplusplus
extern "C" {
#endif

#define LEAKWATCH_VERSION "0.1.0"

/* The version of the library that is preloaded, as "MAJOR.MINOR.PATCH"; static storage, never freed.
 * Weak: in a process without the library its address is NULL, so test that before calling (in a program that
 * is linked with -no-pie it is NULL always: LEAKWATCH_FIND finds it). Never fails, takes no lock, may be
 * called from any thread and from a signal handler. */
__attribute__((weak)) const char *leakwatch_version(void);

/* What the library exports, for bindings of other languages (dlsym, ctypes). In C and C++ call the functions
 * below, which ask whether it is there. */
__attribute__((weak)) void leakwatch_mark_phase(const char *name);
__attribute__((weak)) void leakwatch_mark_excluded(int begins);
__attribute__((weak)) void leakwatch_mark_thread(const char *name);

/* pointer = the function, or NULL. In a program that is not position-independent (-no-pie) linkers settle on
 * NULL for a weak function, for good, unless its address is read from where the loader puts it. */
#ifdef __x86_64__
#define LEAKWATCH_FIND(pointer, function)                                                                    \
    __asm__(".weak " #function "\n\tmovq " #function "@GOTPCREL(%%rip), %0" : "=r"(pointer))
#else
#define LEAKWATCH_FIND(pointer, function) ((pointer) = (function))
#endif

/* From here on the whole program, with all its threads, is in this phase, until the next call; NULL or ""
 * ends a phase without another one. A name may come again and again: its times are added up. The report tells
 * how often and how long the program was in each phase and how the live bytes changed in it, exactly; and of
 * each growing site how much of its growth was in which phase, as well as its history can tell: in windows of
 * a 16th to a 32nd of the site's life, and for the last 64 changes of phase. A call takes about 0.1 us, more
 * with hundreds of threads. A forked child starts in the phase it was forked in. */
static inline void leakwatch_phase(const char *name)
{
    void (*mark)(const char *);
    LEAKWATCH_FIND(mark, leakwatch_mark_phase);
    if (mark)
        mark(name);
}

/* What this thread allocates and maps from begin to end is charged to no site: no stack is walked, and
 * nothing of it is ever called growth. It is counted as one sum, which the report tells. Frees are seen as
 * ever; a block that realloc moves or resizes inside is excluded from then on, and one that it resizes
 * outside is charged to that call from then on. Scopes nest; an end without a begin does nothing; a thread's
 * end ends its scopes; a child forked inside starts inside. In C++ leakwatch::excluded does both. */
static inline void leakwatch_exclude_begin(void)
{
    void (*mark)(int);
    LEAKWATCH_FIND(mark, leakwatch_mark_excluded);
    if (mark)
        mark(1);
}

static inline void leakwatch_exclude_end(void)
{
    void (*mark)(int);
    LEAKWATCH_FIND(mark, leakwatch_mark_excluded);
    if (mark)
        mark(0);
}

/* What the calling thread is for, until it ends or is named again; NULL or "" takes the name away. Threads
 * may share one, as the workers of a pool do. The report tells for each name how many threads had it, and how
 * much more they allocated than they freed, whoever allocated it. The system's name of the thread is left
 * alone. */
static inline void leakwatch_thread_name(const char *name)
{
    void (*mark)(const char *);
    LEAKWATCH_FIND(mark, leakwatch_mark_thread);
    if (mark)
        mark(name);
}

#ifdef __cplusplus
}

#if __cplusplus >= 201103L
namespace leakwatch
{

/* { leakwatch::excluded here; ... }   what this thread allocates until the brace is excluded. Of the thread
 * that made it: it must be destroyed there. */
class excluded
{
  public:
    excluded() noexcept
    {
        leakwatch_exclude_begin();
    }
    ~excluded()
    {
        leakwatch_exclude_end();
    }
    excluded(const excluded &) = delete;
    excluded &operator=(const excluded &) = delete;
};

} // namespace leakwatch
#endif
#endif

#endif
