/* Demangle: C++ and Rust symbol names as their authors wrote them. */
#ifndef LEAKWATCH_TOOL_DEMANGLE_H
#define LEAKWATCH_TOOL_DEMANGLE_H

/* A new string, to be freed: demangled, without arguments and without what compilers
 * and libraries put around names for themselves (".constprop.0", "__GI_"); a plain name comes back as it is.
 * NULL only without memory. */
char *demangle(const char *symbol);

#endif
