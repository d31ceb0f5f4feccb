/* See wrappers.h.
 *
 * A site is named by its first frame that is in neither table. The lists hold allocators and functions whose
 * only business is to return fresh memory, of the libraries that real programs are made of: naming a leak
 * after one of them says nothing. A wrapper that is missing costs one frame of reading; one too many hides
 * the culprit, so the patterns are narrow.
 */
#include "wrappers.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

/* Functions, as fnmatch(3) patterns. */
static const char *const functions[] = {
    /* the C library */
    "malloc", "calloc", "realloc", "reallocarray", "memalign", "aligned_alloc", "posix_memalign", "valloc",
    "pvalloc", "__libc_malloc", "__libc_calloc", "__libc_realloc", "__libc_memalign", "__libc_alloc_buffer_*",
    "strdup", "strndup", "__strdup", "__strndup", "wcsdup", "asprintf", "vasprintf", "__vasprintf_internal",
    "__asprintf*", "___asprintf", "__vasprintf*", "getdelim", "getline", "__getdelim", "_IO_getdelim",
    "open_memstream", "mmap", "mmap64", "mremap", "mprotect", "sbrk", "brk", "_dl_*alloc*", "_int_malloc",
    "_int_realloc", "sysmalloc", "__default_morecore",
    /* C++: new, and what the standard library does on the way to it */
    "operator new*", "void* operator new*", "_Znw*", "_Zna*", "std::*", "__gnu_cxx::*", "void std::*",
    "* std::*::_M_*", "* std::__*",
    /* Rust */
    "__rust_alloc*", "__rust_realloc*", "__rdl_alloc*", "__rdl_realloc*", "__rg_*", "alloc::alloc::*",
    "alloc::raw_vec::*", "alloc::vec::*", "alloc::boxed::*", "alloc::string::*", "alloc::collections::*",
    "alloc::fmt::*", "<alloc::*", "core::*", "<core::*", "std::collections::*", "hashbrown::*",
    "<hashbrown::*",
    /* allocators that are linked in or preloaded */
    "je_*", "tc_*alloc*", "tc_new*", "mi_*alloc*", "mi_new*", "tcmalloc::*", "do_malloc*", "do_realloc*",
    "je_malloc_default", "imalloc*", "ialloc*", "arena_*alloc*", "_mi_*",
    /* the x family of GNU, BSD, git, bash */
    "xmalloc", "xcalloc", "xrealloc", "xreallocarray", "xmallocarray", "xmallocz", "xmemdup", "xmemdupz",
    "xstrdup", "xstrndup", "xzalloc", "xnmalloc", "xnrealloc", "x2realloc", "x2nrealloc", "xpalloc",
    "xcharalloc", "xasprintf", "xvasprintf", "xstrdup_or_null", "do_xmalloc*", "sh_xmalloc", "sh_xrealloc",
    "sh_malloc", "sh_realloc", "sh_calloc", "ximalloc", "xirealloc", "ximemdup*", "xicalloc", "emalloc",
    "erealloc", "ecalloc", "estrdup", "safe_malloc", "safe_realloc", "safe_calloc", "safe_strdup",
    "checked_malloc", "my_malloc", "my_realloc", "safemalloc", "saferealloc", "safesysmalloc",
    "safesyscalloc", "safesysrealloc",
    /* GLib */
    "g_malloc", "g_malloc0", "g_malloc_n", "g_malloc0_n", "g_realloc", "g_realloc_n", "g_try_malloc*",
    "g_try_realloc*", "g_memdup*", "g_strdup", "g_strndup", "g_strdup_printf", "g_strdup_vprintf",
    "g_strconcat", "g_slice_alloc*", "g_slice_copy", "g_aligned_alloc*", "g_vasprintf", "standard_malloc",
    "standard_realloc", "standard_calloc",
    /* redis */
    "zmalloc*", "zcalloc*", "zrealloc*", "ztrymalloc*", "ztrycalloc*", "ztryrealloc*", "zstrdup",
    "extend_to_usable", "sdsnewlen", "_sdsnewlen", "sdsnew", "sdstrynewlen", "_sdsMakeRoomFor",
    "sdsMakeRoomFor*", "s_malloc*", "s_realloc*",
    /* Python */
    "PyMem_*alloc*", "PyObject_Malloc", "PyObject_Calloc", "PyObject_Realloc", "_PyMem_*", "_PyObject_Malloc",
    "_PyObject_Calloc", "_PyObject_Realloc", "pymalloc_alloc", "_PyObject_New", "_PyObject_NewVar",
    "_PyObject_GC_*", "PyObject_GC_*", "gc_alloc", "PyType_GenericAlloc", "_PyType_AllocNoTrack", "new_arena",
    "allocate_from_new_pool",
    /* sqlite */
    "sqlite3Malloc*", "sqlite3Realloc*", "sqlite3MemMalloc", "sqlite3MemRealloc", "sqlite3_malloc*",
    "sqlite3_realloc*", "sqlite3DbMalloc*", "sqlite3DbRealloc*", "sqlite3DbReallocOrFree", "sqlite3DbStrDup",
    "sqlite3DbStrNDup", "mallocWithAlarm", "dbMallocRawFinish", "dbReallocFinish", "sqlite3PageMalloc",
    "sqlite3_mprintf", "sqlite3_vmprintf", "sqlite3MPrintf", "sqlite3VMPrintf",
    /* Lua */
    "l_alloc", "luaM_*", "lj_mem_*", "lj_alloc_*", "luaAlloc", "luaH_resize*", "growvector",
    /* Perl, Ruby, Tcl, PHP, JavaScript engines */
    "Perl_safesys*", "Perl_savepv*", "Perl_more_bodies", "Perl_get_arena", "S_more_sv", "Perl_sv_grow*",
    "ruby_xmalloc*", "ruby_xcalloc*", "ruby_xrealloc*", "objspace_x*alloc*", "objspace_malloc*",
    "rb_xmalloc*", "rb_gc_impl_malloc", "Tcl_Alloc", "Tcl_Realloc", "Tcl_AttemptAlloc", "TclpAlloc",
    "TclpRealloc", "Tcl_DbCkalloc", "_emalloc*", "_erealloc*", "_ecalloc*", "_estrdup", "__zend_malloc",
    "__zend_realloc", "v8::internal::Malloced::*", "v8::internal::AllocWithRetry", "v8::base::Malloc*",
    "node::UncheckedMalloc*", "node::Malloc*", "node::UncheckedRealloc*", "node::Realloc*", "uv__malloc",
    "uv__calloc", "uv__realloc", "uv__strdup",
    /* HotSpot, Go's C part */
    "os::malloc*", "os::realloc*", "os::commit_memory*", "os::pd_commit_memory*", "os::reserve_memory*",
    "AllocateHeap*", "ReallocateHeap*", "x_cgo_mmap", "runtime.callCgoMmap*", "runtime.mmap*",
    /* apr, OpenSSL, libxml2, curl, others */
    "apr_palloc*", "apr_pcalloc*", "allocator_alloc", "CRYPTO_malloc*", "CRYPTO_zalloc", "CRYPTO_realloc*",
    "CRYPTO_strdup", "CRYPTO_memdup", "CRYPTO_clear_realloc", "xmlMalloc*", "xmlRealloc*", "xmlStrdup",
    "xmlStrndup", "curl_dbg_*alloc*", "Curl_memdup", "Curl_c*alloc", "Curl_s*strdup", "json_malloc",
    "jsonp_malloc", "jsonp_strdup", "jsonp_strndup", "talloc_*", "_talloc_*", "ngx_alloc", "ngx_calloc",
    "ngx_memalign", "av_malloc*", "av_mallocz*", "av_realloc*", "av_calloc", "av_strdup", "fz_malloc*",
    "fz_calloc*", "fz_realloc*", "obstack_*", "_obstack_*", "ggc_*alloc*", "palloc", "palloc0",
    "MemoryContextAlloc*", "AllocSetAlloc*"};

/* Base names of modules in which every frame is one. */
static const char *const modules[] = {"libleakwatch.so*", "libjemalloc*", "libtcmalloc*", "libmimalloc*",
                                      "libc++abi*"};

/* Modules whose nameless frames are: stripped system libraries keep only the names they export. */
static const char *const stripped[] = {"libc.so.*", "libc-2.*", "ld-linux*", "libstdc++.so*"};

static const char *const starts[] = {"_start",
                                     "__libc_start_main*",
                                     "__libc_start_call_main",
                                     "call_init",
                                     "generic_start_main",
                                     "start_thread",
                                     "clone",
                                     "clone3",
                                     "__clone",
                                     "__clone3",
                                     "std::rt::*",
                                     "std::sys::*",
                                     "std::sys_common::*",
                                     "std::panic*",
                                     "core::ops::function::*",
                                     "<&dyn core::ops::function::*"};

static bool matches(const char *const *patterns, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], text, 0) == 0)
            return true;
    return false;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

bool wrappers_has(const char *function, const char *module)
{
    const char *slash = module ? strrchr(module, '/') : NULL;
    const char *base = slash ? slash + 1 : module ? module : "";
    if (matches(modules, COUNT(modules), base))
        return true;
    return function ? matches(functions, COUNT(functions), function)
                    : matches(stripped, COUNT(stripped), base);
}

bool wrappers_is_start(const char *function)
{
    return function && matches(starts, COUNT(starts), function);
}
