/* Attributes with a meaning, nothing more. */
#ifndef LEAKWATCH_PRELOAD_HINTS_H
#define LEAKWATCH_PRELOAD_HINTS_H

#define EXPORT   __attribute__((visibility("default")))
#define HIDDEN   __attribute__((visibility("hidden"))) /* declarations: no detour by the GOT */
#define COLD     __attribute__((cold, noinline))
#define NOINLINE __attribute__((noinline))
/* Reads words of the stack whatever they are now, the gaps that ASan keeps between variables, too. */
#ifdef __SANITIZE_ADDRESS__
#define READS_STACK __attribute__((no_sanitize("address")))
#else
#define READS_STACK
#endif
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
