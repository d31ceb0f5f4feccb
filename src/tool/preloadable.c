/* See preloadable.h. Reads ELF files with libelf: they are strangers' files, and libelf checks them. */
#include "preloadable.h"

#include <errno.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "regular.h"

/* Scripts may be run by scripts; the kernel follows as many. */
#define MOST_INTERPRETERS 4

struct check {
    char path[PATH_MAX]; /* the file that is examined now */
    char *why;
    size_t why_size;
    struct preloadable result;
};

static void check_elf(struct check *c, int fd);
static bool is_privileged(struct check *c, const struct stat *st);
static bool follow_script(struct check *c, int fd);

static int open_program(struct check *c)
{
    struct stat st;
    int fd = regular_open(c->path, true, &st);
    if (fd < 0) {
        /* May be executable without being readable: then the loader will see. */
        c->result.yes = errno == EACCES && access(c->path, X_OK) == 0;
        snprintf(c->why, c->why_size, "%s cannot be read", c->path);
        return -1;
    }
    if (!is_privileged(c, &st))
        return fd;
    close(fd);
    return -1;
}

struct preloadable preloadable(const char *path, char *why, size_t why_size)
{
    struct check c = {.why = why, .why_size = why_size};
    snprintf(c.path, sizeof c.path, "%s", path);
    for (int i = 0; i < MOST_INTERPRETERS; i++) {
        int fd = open_program(&c);
        if (fd < 0)
            return c.result;
        bool script = follow_script(&c, fd);
        if (!script)
            check_elf(&c, fd);
        close(fd);
        if (!script)
            return c.result;
    }
    snprintf(why, why_size, "%s: too many interpreters in a row", path);
    return c.result;
}

/* The loader drops LD_PRELOAD where a program gains rights by being executed. */
static bool is_privileged(struct check *c, const struct stat *st)
{
    const char *what = NULL;
    if ((st->st_mode & S_ISUID) && st->st_uid != geteuid())
        what = "setuid";
    else if ((st->st_mode & S_ISGID) && (st->st_mode & S_IXGRP) && st->st_gid != getegid())
        what = "setgid";
    else if (geteuid() != 0 && getxattr(c->path, "security.capability", NULL, 0) > 0)
        what = "a program with file capabilities";
    if (what)
        snprintf(c->why, c->why_size, "%s is %s: the loader ignores LD_PRELOAD there", c->path, what);
    return what != NULL;
}

/* What neither the kernel nor a binary's magic explains is run by the shell, as execvp(3) has it. */
static bool is_shell_text(const char *bytes, ssize_t got)
{
    ssize_t line = 0;
    while (line < got && bytes[line] != '\n' && bytes[line])
        line++;
    return got > 0 && (line == got || bytes[line] == '\n') && bytes[0] != '\177';
}

/* "#! INTERPRETER [ARGUMENT]": makes the interpreter the file to examine; of a text without it, the shell. */
static bool follow_script(struct check *c, int fd)
{
    char line[PATH_MAX];
    ssize_t got = pread(fd, line, sizeof line - 1, 0);
    if (got < 3 || line[0] != '#' || line[1] != '!') {
        if (is_shell_text(line, got))
            snprintf(c->path, sizeof c->path, "/bin/sh");
        return is_shell_text(line, got);
    }
    line[got] = '\0';
    const char *start = line + 2 + strspn(line + 2, " \t");
    snprintf(c->path, sizeof c->path, "%.*s", (int)strcspn(start, " \t\r\n"), start);
    return true;
}

/* ---- ELF ---- */

/* Ours: what the library that goes with this tool was built for. */
#if defined __x86_64__
#define OUR_MACHINE EM_X86_64
#elif defined __aarch64__
#define OUR_MACHINE EM_AARCH64
#else
#error "no libleakwatch.so for this machine"
#endif

static const char *interpreter_of(Elf *elf)
{
    size_t count, size;
    GElf_Phdr header;
    const char *file = elf_rawfile(elf, &size);
    if (!file || elf_getphdrnum(elf, &count) != 0)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_INTERP)
            continue;
        bool inside = header.p_offset < size && header.p_filesz && header.p_filesz <= size - header.p_offset;
        return inside && memchr(file + header.p_offset, '\0', header.p_filesz) ? file + header.p_offset
                                                                               : NULL;
    }
    return NULL;
}

/* A sanitizer's runtime, linked into the program or to it. */
static bool is_sanitizer(const char *name)
{
    return strcmp(name, "__asan_init") == 0 || strcmp(name, "__tsan_init") == 0 ||
           strcmp(name, "__msan_init") == 0 || strcmp(name, "__lsan_init") == 0;
}

static void look_through(struct preloadable *result, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = data && header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
    GElf_Sym symbol;
    for (size_t i = 0; i < count && i <= INT_MAX; i++) {
        if (!gelf_getsym(data, (int)i, &symbol))
            break;
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (!name)
            continue;
        result->own_malloc |= symbol.st_shndx != SHN_UNDEF && strcmp(name, "malloc") == 0;
        result->sanitized |= is_sanitizer(name);
    }
}

static struct preloadable by_symbols(Elf *elf)
{
    struct preloadable result = {.yes = true};
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    while ((section = elf_nextscn(elf, section)))
        if (gelf_getshdr(section, &header) && (header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB))
            look_through(&result, elf, section, &header);
    return result;
}

static bool is_go(Elf *elf)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    size_t names;
    const char *name;
    if (elf_getshdrstrndx(elf, &names) != 0)
        return false;
    while ((section = elf_nextscn(elf, section)))
        if (gelf_getshdr(section, &header) && (name = elf_strptr(elf, names, header.sh_name)) &&
            strcmp(name, ".note.go.buildid") == 0)
            return true;
    return false;
}

/* Why an ELF file cannot be preloaded; NULL: it can. */
static const char *reason_of(Elf *elf)
{
    GElf_Ehdr header;
    if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
        return "is neither an ELF program nor a script";
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != OUR_MACHINE)
        return "is for another architecture than libleakwatch.so";
    const char *interpreter = interpreter_of(elf);
    if (!interpreter && is_go(elf))
        return "is statically linked, as Go programs without C are: there is no loader that could preload a "
               "library, and "
               "Go asks the kernel itself (its own profiler is runtime/pprof)";
    if (!interpreter)
        return "is statically linked: there is no loader that could preload a library";
    if (strstr(interpreter, "ld-musl"))
        return "uses the musl C library, libleakwatch.so needs glibc";
    return NULL;
}

static void check_elf(struct check *c, int fd)
{
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    const char *reason = elf ? reason_of(elf) : "cannot be read as a program";
    if (reason)
        snprintf(c->why, c->why_size, "%s %s", c->path, reason);
    else
        c->result = by_symbols(elf);
    elf_end(elf);
}
