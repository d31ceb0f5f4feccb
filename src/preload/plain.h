/* Plain: the report that the library writes by hand when the tool cannot: no symbols, module+offset. */
#ifndef LEAKWATCH_PRELOAD_PLAIN_H
#define LEAKWATCH_PRELOAD_PLAIN_H

#include <stdbool.h>

/* Writes it to fd. reason: why there is nothing better, and what to do (one line, without newline).
 * False if it could not be written. */
bool plain_report(int fd, const char *reason);

#endif
