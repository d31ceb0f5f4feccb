/* See complain.h. */
#include "complain.h"

#include <stdarg.h>
#include <stdio.h>

#include "format.h"

void complain(const char *format, ...)
{
    char message[4096]; /* a path or two: what is longer is cut */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fputs("leakwatch: ", stderr);
    format_text(stderr, message);
    fputc('\n', stderr);
}
