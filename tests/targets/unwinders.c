/* Threads that allocate, and walk their own stacks in every way there is: backtrace(3), libgcc's, dladdr,
 * dl_iterate_phdr, and libunwind where it is linked to that (-DLIBUNWIND). */
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <unwind.h>
#ifdef LIBUNWIND
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#endif

#include "target.h"

#define THREADS 8
#define ROUNDS  500

static _Unwind_Reason_Code count(struct _Unwind_Context *context, void *number)
{
    (void)context;
    ++*(int *)number;
    return _URC_NO_REASON;
}

static int count_object(struct dl_phdr_info *info, size_t size, void *number)
{
    (void)info, (void)size;
    free(malloc(50)); /* with the loader's lock held */
    ++*(int *)number;
    return 0;
}

NAMED static void *unwinders_allocates(size_t size)
{
    return malloc(size);
}

NAMED static int walk(void)
{
    void *stack[64];
    Dl_info info;
    int frames = 0, objects = 0, least = backtrace(stack, 64);
    _Unwind_Backtrace(count, &frames);
    least = frames < least ? frames : least;
#ifdef LIBUNWIND
    frames = unw_backtrace(stack, 64);
    least = frames < least ? frames : least;
#endif
    dl_iterate_phdr(count_object, &objects);
    free(unwinders_allocates(100));
    return least >= 3 && objects >= 3 && dladdr((void *)walk, &info) ? 0 : 1;
}

static void *work(void *failures)
{
    for (int i = 0; i < ROUNDS; i++)
        *(int *)failures += walk();
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int failures[THREADS] = {0}, sum = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, &failures[i]);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += failures[i];
    }
    printf("truth: allocations unwinders_allocates %d\n", THREADS * ROUNDS);
    printf("truth: live_blocks unwinders_allocates 0\n%d failures\n", sum);
    return sum != 0;
}
