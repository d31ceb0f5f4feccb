/* What depends on the processor, one file a CPU. A new CPU is a sibling of cpu_x86_64.h. */
#ifndef LEAKWATCH_PRELOAD_CPU_H
#define LEAKWATCH_PRELOAD_CPU_H

#if defined(__x86_64__)
#include "cpu_x86_64.h"
#else
#error "leakwatch knows x86-64 only: write src/preload/cpu_NAME.h with the same functions"
#endif

#endif
