/* See sanitizers.h. */
#include "sanitizers.h"

#include "hints.h"

/* Present in a process that was built with one of these: they own malloc, and stacks. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));
extern void __msan_init(void) __attribute__((weak));
extern void __lsan_init(void) __attribute__((weak)); /* dies when asked for a block's size while it starts */

bool sanitizers_here(void)
{
    return __asan_init || __tsan_init || __msan_init || __lsan_init;
}

/* AddressSanitizer's runtime ends a program in which any other library comes first, as one that is preloaded
 * does. It asks for options by this name, finds ours where the program brings none, and goes on. */
EXPORT const char *__asan_default_options(void);
EXPORT const char *__asan_default_options(void)
{
    return "verify_asan_link_order=0";
}
