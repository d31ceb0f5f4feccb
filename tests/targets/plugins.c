/* Loads plugins (twin.c) in turn, lets each allocate blocks that stay, and unloads it.
 *
 *     plugins same|shift ONE TWO ROUNDS   at one address, checked; or at ever new ones
 *     plugins replace ONE TWO             while ONE is loaded, TWO takes its name
 *     plugins namespace ONE               dlmopen: with a C library of its own
 *     plugins deepbind ONE                bound to the C library before the program's scope
 *     plugins many ONE NUMBER             that many copies, all loaded at once
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target.h"

struct plugin {
    void *handle;
    uintptr_t base;
    void *(*allocates)(void);
    void (*frees)(void *);
};

static struct plugin opened(void *handle)
{
    struct link_map *map;
    struct plugin p = {.handle = handle};
    if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) {
        puts(dlerror());
        exit(1);
    }
    p.base = map->l_addr;
    *(void **)(void *)&p.allocates = dlsym(handle, "plugin_allocates");
    *(void **)(void *)&p.frees = dlsym(handle, "plugin_frees");
    return p;
}

/* Blocks of the plugin that stay after it. */
static uintptr_t visit(const char *path)
{
    struct plugin p = opened(dlopen(path, RTLD_NOW));
    for (int i = 0; i < 3; i++)
        p.allocates();
    dlclose(p.handle);
    return p.base;
}

static bool in_turn(char **argv, long rounds, bool shift)
{
    uintptr_t last = 0;
    long moved = 0;
    for (long i = 0; i < 2 * rounds; i++) {
        uintptr_t base = visit(argv[2 + i % 2]);
        moved += base != last;
        last = base;
        if (shift) /* takes the place that was just given back */
            mmap((void *)base, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    }
    printf("truth: allocations twin_one %ld\ntruth: allocations twin_two %ld\n", 3 * rounds, 3 * rounds);
    return shift ? moved == 2 * rounds : moved == 1;
}

static bool replace(char **argv)
{
    struct plugin p = opened(dlopen(argv[2], RTLD_NOW));
    for (int i = 0; i < 3; i++)
        p.allocates();
    return rename(argv[3], argv[2]) == 0;
}

/* Blocks of an allocator of its own come back to it; with deepbind there is only one allocator. */
static bool apart(struct plugin p, bool across)
{
    for (int i = 0; i < 1000; i++) {
        void *theirs = p.allocates(), *ours = malloc(100);
        if (across) {
            free(theirs);
            p.frees(ours);
        } else {
            p.frees(theirs);
            free(ours);
        }
    }
    return dlclose(p.handle) == 0;
}

static bool copy(const char *from, const char *to)
{
    static char text[1 << 20];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    ssize_t n = read(in, text, sizeof text);
    bool well = n > 0 && write(out, text, (size_t)n) == n;
    close(in);
    close(out);
    return well;
}

static bool many(const char *from, long number)
{
    for (long i = 0; i < number; i++) {
        char name[64];
        snprintf(name, sizeof name, "./a \033[31mname\n%%s%ld", i);
        if (!copy(from, name))
            return false;
        opened(dlopen(name, RTLD_NOW)).allocates();
        unlink(name);
    }
    return true;
}

static bool act(char **argv)
{
    if (strcmp(argv[1], "same") == 0 || strcmp(argv[1], "shift") == 0)
        return in_turn(argv, atol(argv[4]), strcmp(argv[1], "shift") == 0);
    if (strcmp(argv[1], "replace") == 0)
        return replace(argv);
    if (strcmp(argv[1], "namespace") == 0)
        return apart(opened(dlmopen(LM_ID_NEWLM, argv[2], RTLD_NOW)), false);
    if (strcmp(argv[1], "deepbind") == 0)
        return apart(opened(dlopen(argv[2], RTLD_NOW | RTLD_DEEPBIND)), true);
    return many(argv[2], atol(argv[3]));
}

int main(int argc, char **argv)
{
    bool well = argc > 2 && act(argv);
    puts(well ? "ended well" : "did not end well");
    return !well;
}
