/* See demangle.h. Names come from strangers' files: libiberty's own recursion limit stays on. */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Longer names are templates gone wild, and demangling takes time that grows faster than they do. */
#define MOST_SYMBOL 8192

static const char *const clone_suffixes[] = {".constprop.", ".isra.",      ".part.", ".cold",
                                             ".lto_priv.",  ".localalias", ".llvm."};

static char *without_clone_suffix(const char *symbol)
{
    size_t length = strlen(symbol);
    for (size_t i = 0; i < sizeof clone_suffixes / sizeof *clone_suffixes; i++) {
        const char *at = strstr(symbol, clone_suffixes[i]);
        if (at && at != symbol && (size_t)(at - symbol) < length)
            length = (size_t)(at - symbol);
    }
    return strndup(symbol, length);
}

/* "_R...", or the older "_ZN...17h<16 hex>E", which would also pass for C++. */
static char *demangle_known(const char *symbol)
{
    if (strncmp(symbol, "_R", 2) != 0 && strncmp(symbol, "_Z", 2) != 0)
        return NULL;
    char *name = rust_demangle(symbol, DMGL_RUST | DMGL_ANSI);
    return name ? name : cplus_demangle(symbol, DMGL_GNU_V3 | DMGL_ANSI);
}

/* glibc's debug information knows its functions by their internal aliases: "__GI___strdup". */
static const char *without_alias(const char *symbol)
{
    return strncmp(symbol, "__GI_", 5) == 0 && symbol[5] ? symbol + 5 : symbol;
}

char *demangle(const char *symbol)
{
    symbol = without_alias(symbol);
    char *plain = without_clone_suffix(symbol);
    if (!plain || strlen(plain) > MOST_SYMBOL)
        return plain;
    char *name = demangle_known(plain);
    if (!name)
        return plain;
    free(plain);
    return name;
}
