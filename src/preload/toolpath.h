/* Toolpath: where is the `leakwatch` program? Looked for once, at start, before the program may change
 * its directory, its root or its user. */
#ifndef LEAKWATCH_PRELOAD_TOOLPATH_H
#define LEAKWATCH_PRELOAD_TOOLPATH_H

#define TOOLPATH_MAX 4096 /* PATH_MAX: longer names cannot be opened anyway */

/* Puts its absolute path into found (TOOLPATH_MAX bytes), or "". LEAKWATCH_TOOL when that is set (and
 * then nothing else); else beside `library` (path of our own .so), in ../bin and ../../bin of it
 * (lib/ and lib/x86_64-linux-gnu/ of an installation), else in PATH. */
void toolpath_find(char *found, const char *library);

#endif
