/* See objects.h. */
#include "objects.h"

#include <elfutils/libdwelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "progress.h"
#include "regular.h"

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
};

static void write_build_id(struct object *o, const struct module *m);
static bool try_path(struct object *o, const struct ledger *l, const struct module *m, const char *path);

/* Its writer may change the module between two looks at it. */
static void copy_module(struct module *copy, const struct module *from)
{
    if (from)
        memcpy(copy, from, sizeof *copy);
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* the compiler must not look again either */
}

void object_open(struct object *o, const struct ledger *l, uint32_t module, uint32_t pid, bool names)
{
    struct module copy = {0}, *m = &copy;
    copy_module(m, ledger_module(l, module));
    *o = (struct object){.path = ledger_text(l, m->path), .why = "is not known"};
    if (o->path[0] != '/') /* the vdso, and whatever has no file */
        return;
    write_build_id(o, m);
    o->why = "was not asked for names";
    if (!names)
        return;
    o->why = "cannot be read";
    progress_file(o->path);
    char path[PATH_MAX];
    if (try_path(o, l, m, o->path))
        return;
    if (pid && snprintf(path, sizeof path, "/proc/%u/root%s", pid, o->path) < PATH_MAX &&
        try_path(o, l, m, path))
        return;
    if (pid && strcmp(o->path, ledger_text(l, l->head.executable)) == 0) { /* deleted, but still running */
        snprintf(path, sizeof path, "/proc/%u/exe", pid);
        if (try_path(o, l, m, path))
            return;
    }
    if (o->build_id[0]) {
        snprintf(path, sizeof path, "/usr/lib/debug/.build-id/%.2s/%s.debug", o->build_id, o->build_id + 2);
        try_path(o, l, m, path);
    }
}

void object_close(struct object *o)
{
    if (o->dwfl)
        dwfl_end(o->dwfl);
    o->dwfl = NULL;
    o->module = NULL;
}

static uint32_t build_id_length(const struct module *m)
{
    return m->build_id_len < sizeof m->build_id ? m->build_id_len : sizeof m->build_id;
}

static void write_build_id(struct object *o, const struct module *m)
{
    for (uint32_t i = 0; i < build_id_length(m); i++)
        snprintf(o->build_id + 2 * i, 3, "%02x", m->build_id[i]);
}

/* Whether this ELF file is the one that was loaded. */
static bool same_object(Elf *elf, const struct module *m, const struct stat *st, uint64_t started_ns)
{
    const void *id = NULL;
    ssize_t length = dwelf_elf_gnu_build_id(elf, &id);
    uint32_t expected = build_id_length(m);
    if (expected || length > 0) {
        size_t have = length > 0 ? (size_t)length : 0;
        have = have < sizeof m->build_id ? have : sizeof m->build_id;
        return have == expected && memcmp(id, m->build_id, have) == 0;
    }
    return (uint64_t)st->st_mtim.tv_sec <= started_ns / 1000000000;
}

/* The descriptor becomes libdwfl's when this succeeds. */
static bool report(struct object *o, int fd, const char *path)
{
    o->dwfl = dwfl_begin(&callbacks);
    if (!o->dwfl)
        return false;
    dwfl_report_begin(o->dwfl);
    o->module = dwfl_report_elf(o->dwfl, path, path, fd, 0, true);
    dwfl_report_end(o->dwfl, NULL, NULL);
    return o->module != NULL;
}

static bool try_path(struct object *o, const struct ledger *l, const struct module *m, const char *path)
{
    struct stat st;
    GElf_Addr bias;
    int fd = regular_open(path, true, &st);
    if (fd < 0)
        return false;
    if (!report(o, fd, path)) {
        close(fd);
        object_close(o);
        o->why = "is not an ELF file";
        return false;
    }
    Elf *elf = dwfl_module_getelf(o->module, &bias);
    if (elf && same_object(elf, m, &st, l->head.started_ns)) {
        o->why = NULL;
        return true;
    }
    object_close(o);
    o->why = "has changed since it was loaded";
    return false;
}

Dwarf_Die *object_unit(const struct object *o, uint64_t offset, Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dwfl_module_addrdie(o->module, offset, bias);
    if (unit && dwarf_haspc(unit, offset - *bias) != 0)
        return unit;
    /* clang and Go write no .debug_aranges, and this libdw needs them (of a Go program's few C files there
     * are some, and the last of those counts for all that follows): ask every unit. */
    unit = NULL;
    while ((unit = dwfl_module_nextcu(o->module, unit, bias)))
        if (dwarf_haspc(unit, offset - *bias) == 1)
            return unit;
    return NULL;
}
