/* Attributes with a meaning, nothing more. */
#ifndef LEAKWATCH_PRELOAD_HINTS_H
#define LEAKWATCH_PRELOAD_HINTS_H

#define EXPORT      __attribute__((visibility("default")))
#define HIDDEN      __attribute__((visibility("hidden"))) /* declarations: no detour by the GOT */
#define COLD        __attribute__((cold, noinline))
#define NOINLINE    __attribute__((noinline))
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
