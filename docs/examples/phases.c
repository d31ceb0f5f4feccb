/* A service that tells leakwatch what it is doing. It runs the same without the library.
 *
 *     cc -I include -pthread -o phases docs/examples/phases.c && leakwatch run -- ./phases
 *
 * It loads 8 MiB, then answers requests, and has two faults: every request leaves a session behind, and the
 * journal of its second thread is never cut. A pool that is meant to grow is excluded.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "leakwatch.h"

struct item {
    struct item *next;
    char bytes[4000];
};

static struct item *model, *sessions, *pool, *journal;

static void pause_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static struct item *push(struct item *before)
{
    struct item *item = malloc(sizeof *item);
    if (!item)
        abort();
    memset(item, 1, sizeof *item);
    item->next = before;
    return item;
}

static void load_model(void)
{
    for (int i = 0; i < 2000; i++)
        model = push(model);
    pause_ms(1000);
}

static void open_session(void)
{
    sessions = push(sessions);
}

/* It grows on purpose: no news. */
static void fill_pool(void)
{
    leakwatch_exclude_begin();
    pool = push(pool);
    leakwatch_exclude_end();
}

static void *write_journal(void *unused)
{
    leakwatch_thread_name("journal");
    for (int i = 0; i < 1000; i++) {
        journal = push(journal);
        pause_ms(4);
    }
    return unused;
}

static void serve(void)
{
    for (int i = 0; i < 400; i++) {
        open_session();
        fill_pool();
        pause_ms(10);
    }
}

int main(void)
{
    pthread_t thread;
    leakwatch_thread_name("main");
    leakwatch_phase("load");
    load_model();
    leakwatch_phase("serve");
    if (pthread_create(&thread, NULL, write_journal, NULL) != 0)
        return 1;
    serve();
    leakwatch_phase("wait");
    pause_ms(1000);
    return pthread_join(thread, NULL);
}
