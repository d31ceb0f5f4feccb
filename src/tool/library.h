/* Library: where libleakwatch.so lies. */
#ifndef LEAKWATCH_TOOL_LIBRARY_H
#define LEAKWATCH_TOOL_LIBRARY_H

/* Absolute path: beside this program, in the lib folders next to its bin, or where it was installed. free()
 * it. NULL after one line on stderr: it is nowhere, or its path cannot be written into LD_PRELOAD. */
char *library_find(void);

#endif
