/* An allocator that calls itself by a public name, and signals that come inside it: which of the inner calls
 * were handlers', and so lost? The library is the allocator's function; the program, with PROGRAM defined:
 *
 *     calls_itself [--times N]   resizes N times; each time a handler allocates before and after the inner
 * call
 *
 * Half of what the handlers allocate is freed at once, so that its addresses come again.
 */
#include "target.h"

#include <signal.h>

#ifndef PROGRAM

void *reallocarray(void *old, size_t n, size_t size)
{
    raise(SIGUSR1);
    void *p = realloc(old, n * size);
    raise(SIGUSR1);
    return p;
}

#else

static void *kept[2];

NAMED static void *in_handler(void)
{
    return malloc(40);
}

static void on_signal(int signal)
{
    static unsigned calls;
    (void)signal;
    free(kept[calls % 2]);
    kept[calls++ % 2] = in_handler();
}

NAMED static void *resizes(size_t n)
{
    return reallocarray(NULL, n, 8);
}

NAMED static void *aligns(void)
{
    return aligned_alloc(16, 40);
}

int main(int argc, char **argv)
{
    (void)argc;
    signal(SIGUSR1, on_signal);
    for (long i = (long)option_number(argv, "times", 100); i > 0; i--) {
        void *aligned = aligns(); /* may get what a handler had */
        free(resizes(5));
        free(aligned);
        free(kept[i % 2]);
        kept[i % 2] = NULL;
    }
    puts("ended well");
    return 0;
}

#endif
