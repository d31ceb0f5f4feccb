/* Where libunwind is. */
#ifndef LEAKWATCH_PRELOAD_UNWINDER_H
#define LEAKWATCH_PRELOAD_UNWINDER_H

#define UNWINDER "libunwind-x86_64.so.8"

/* The system's. Where it has none, as in many an image of a container, a copy that was brought along with
 * this library, and what that needs. For dlsym; NULL without any. From the constructor only: dlopen
 * allocates. */
void *unwinder_open(void);

#endif
