/* Regular: opening files that strangers named. */
#ifndef LEAKWATCH_TOOL_REGULAR_H
#define LEAKWATCH_TOOL_REGULAR_H

#include <stdbool.h>
#include <sys/stat.h>

/* A descriptor for reading, or -1 with errno: only of a regular file, and nothing else is ever opened, not
 * even for a moment: a fifo would block or wake its writer, and there are devices that act when they are
 * opened (watchdogs, tapes). follow: the last part of the path may be a symbolic link. */
int regular_open(const char *path, bool follow, struct stat *st);

#endif
