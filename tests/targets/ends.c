/* Every way to end. Output stays in stdio's buffer until then: who loses it has changed the program.
 *
 *     ends MODE      return exit _exit quick_exit thread pthread_exit abort segv kill
 */
#include "target.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static void *kept[1000];

NAMED static void allocate(void)
{
    for (int i = 0; i < 1000; i++)
        kept[i] = malloc(200);
}

static void farewell(void)
{
    for (int i = 0; i < 100; i++)
        free(kept[i]);
    fputs("handler ran; ", stdout);
}

static void quick_farewell(void)
{
    fputs("quick handler ran\n", stderr);
}

static void *exit_here(void *unused)
{
    (void)unused;
    exit(24);
}

static void *outlive_main(void *unused)
{
    (void)unused;
    usleep(100000);
    fputs("outlived; ", stdout);
    return NULL;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    atexit(farewell);
    at_quick_exit(quick_farewell);
    allocate();
    fputs("buffered; ", stdout);

    pthread_t thread;
    if (strcmp(mode, "return") == 0)
        return 21;
    if (strcmp(mode, "exit") == 0)
        exit(22);
    if (strcmp(mode, "_exit") == 0)
        _exit(23);
    if (strcmp(mode, "quick_exit") == 0)
        quick_exit(25);
    if (strcmp(mode, "thread") == 0 && pthread_create(&thread, NULL, exit_here, NULL) == 0)
        pthread_join(thread, NULL);
    if (strcmp(mode, "pthread_exit") == 0 && pthread_create(&thread, NULL, outlive_main, NULL) == 0)
        pthread_exit(NULL);
    if (strcmp(mode, "abort") == 0)
        abort();
    if (strcmp(mode, "segv") == 0)
        raise(SIGSEGV);
    if (strcmp(mode, "kill") == 0)
        raise(SIGKILL);
    return 2;
}
