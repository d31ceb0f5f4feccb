/* Whole: all of a file that the user named, in memory. */
#ifndef LEAKWATCH_TOOL_WHOLE_H
#define LEAKWATCH_TOOL_WHOLE_H

#include <stddef.h>

/* All of the file and a NUL behind it, to be freed; NULL with errno, EFBIG beyond most bytes. A pipe that
 * somebody writes is read to its end; one without a writer is empty. */
char *whole_read(const char *path, size_t most, size_t *size);

#endif
