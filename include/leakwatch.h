/* leakwatch: which call sites of this program keep growing?
 *
 * Nothing here is needed to use leakwatch: preload the library and read the report. A program may
 * include this header to learn which version of the library, if any, is recording it.
 */
#ifndef LEAKWATCH_H
#define LEAKWATCH_H

#ifdef __cplusplus
extern "C" {
#endif

#define LEAKWATCH_VERSION "0.1.0"

/* The version of the library that is preloaded, as "MAJOR.MINOR.PATCH"; static storage, never freed.
 * Weak: in a process without the library its address is NULL, so test that before calling.
 * Never fails, takes no lock, may be called from any thread and from a signal handler. */
__attribute__((weak)) const char *leakwatch_version(void);

#ifdef __cplusplus
}
#endif

#endif
