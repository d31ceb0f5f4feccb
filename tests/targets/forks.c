/* Forks while four threads learn new code, so that a child is often born while another thread holds
 * whatever lock learning takes. Every child allocates through functions that no one has called before,
 * then ends. No child may hang: each has a watchdog.
 *
 *     forks PLUGIN FOLDER [--children N]
 *
 * Three threads walk through functions of their own; the fourth loads and unloads copies of the plugin
 * (made in FOLDER), which also makes the recorder forget what it had learnt, so that learning never ends.
 */
#include "target.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define COPIES   16
#define AT_ONCE  4   /* children */
#define PATIENCE 30u /* seconds until a child counts as hung */

/* 4,096 functions that differ in their address only (and in what they ask for): f000 to ffff. A macro
 * can't be used within itself, hence two of the same. */
/* clang-format off */
#define F(n) NAMED static void *f##n(size_t size) { return malloc(size + 0x##n % 128); }
#define NAME(n) f##n,
#define INNER(M, n) M(n##0) M(n##1) M(n##2) M(n##3) M(n##4) M(n##5) M(n##6) M(n##7) \
                    M(n##8) M(n##9) M(n##a) M(n##b) M(n##c) M(n##d) M(n##e) M(n##f)
#define OUTER(M, n) M(n##0) M(n##1) M(n##2) M(n##3) M(n##4) M(n##5) M(n##6) M(n##7) \
                    M(n##8) M(n##9) M(n##a) M(n##b) M(n##c) M(n##d) M(n##e) M(n##f)
#define ALL(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(a) M(b) M(c) M(d) M(e) M(f)
#define F16(n) INNER(F, n)
#define F256(n) OUTER(F16, n)
#define NAME16(n) INNER(NAME, n)
#define NAME256(n) OUTER(NAME16, n)
/* clang-format on */

ALL(F256)

typedef void *function(size_t);
static function *const functions[4096] = {ALL(NAME256)};
#define PARENTS 2048 /* functions of the parent's threads; the children have the rest */

static atomic_bool over;

static void *learn_functions(void *number)
{
    for (size_t i = (size_t)number; !over; i += 3)
        free(functions[i % PARENTS](i % 512));
    return NULL;
}

static void *learn_plugins(void *folder)
{
    char path[4096];
    for (int i = 0; !over; i++) {
        snprintf(path, sizeof path, "%s/copy%d.so", (char *)folder, i % COPIES);
        void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!plugin)
            exit(1);
        /* A function's address as an object pointer, as dlsym has it. */
        function *allocate;
        *(void **)&allocate = dlsym(plugin, "plugin_allocates");
        for (size_t n = 0; n < 20; n++)
            free(allocate(n));
        dlclose(plugin);
    }
    return NULL;
}

static void copy_plugin(const char *plugin, const char *folder)
{
    char command[8192];
    for (int i = 0; i < COPIES; i++) {
        snprintf(command, sizeof command, "cp '%s' '%s/copy%d.so'", plugin, folder, i);
        if (system(command) != 0)
            exit(1);
    }
}

static void child(long number)
{
    alarm(PATIENCE);
    for (long i = 0; i < 3; i++)
        free(functions[PARENTS + (3 * number + i) % (4096 - PARENTS)](100));
    _exit(7);
}

/* Waits for one child; true if it ended as it should. */
static bool ended_well(void)
{
    int status;
    return wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    long children = (long)option_number(argv, "children", 2000);
    copy_plugin(argv[1], argv[2]);

    pthread_t thread[4];
    pthread_create(&thread[3], NULL, learn_plugins, argv[2]);
    for (size_t i = 0; i < 3; i++)
        pthread_create(&thread[i], NULL, learn_functions, (void *)i);

    long well = 0;
    for (long i = 0; i < children; i++) {
        pid_t pid = fork();
        if (pid == 0)
            child(i);
        if (pid < 0)
            return 1;
        if (i >= AT_ONCE)
            well += ended_well();
    }
    for (long i = 0; i < AT_ONCE; i++)
        well += ended_well();
    over = true;
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    printf("%ld of %ld children ended well\n", well, children);
    return well != children;
}
