/* Sanitizers: they own malloc, and stacks; where one is, we stand aside. */
#ifndef LEAKWATCH_PRELOAD_SANITIZERS_H
#define LEAKWATCH_PRELOAD_SANITIZERS_H

#include <stdbool.h>

/* Was this program built with ASan, LSan, TSan or MSan? Any time, any thread. */
bool sanitizers_here(void);

#endif
