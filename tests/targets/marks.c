/* What a program tells by leakwatch.h, and every way to misuse it. Prints what it allocated in the scopes
 * that it excluded, "excluded BLOCKS LIVE_BYTES". */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../include/leakwatch.h"

static void *keep[100000];
static unsigned kept;
static unsigned excluded_blocks;
static unsigned long excluded_bytes;

static void pause_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void *fill(size_t bytes)
{
    void *p = malloc(bytes);
    memset(p, 1, bytes);
    keep[kept++] = p;
    return p;
}

static void *fill_excluded(size_t bytes)
{
    void *p = fill(bytes);
    excluded_blocks++;
    excluded_bytes += malloc_usable_size(p);
    return p;
}

static void tell(void)
{
    printf("excluded %u %lu\n", excluded_blocks, excluded_bytes);
    fflush(stdout);
}

/* ---- phases ---- */

__attribute__((constructor)) static void before_main(void)
{
    leakwatch_phase("constructor");
    keep[kept++] = malloc(70000);
}

static void grow(long ms)
{
    for (long passed = 0; passed < ms; passed += 5) {
        fill(2000);
        pause_ms(5);
    }
}

/* 100 KiB, then 1 MiB, of which half is given back; grows only in the middle. */
static void phases(void)
{
    leakwatch_thread_name("only");
    leakwatch_phase("first");
    fill(100 << 10);
    pause_ms(1000);
    leakwatch_phase("grows");
    grow(2500);
    leakwatch_phase("flat");
    void *given_back = malloc(1 << 20);
    pause_ms(1500);
    free(given_back);
    leakwatch_phase(NULL);
    fill(10 << 10);
}

static void request(unsigned n)
{
    leakwatch_phase("request");
    fill(100);
    leakwatch_phase(n % 2 ? "idle" : "");
}

static void requests(void)
{
    for (unsigned n = 0; n < 10000; n++)
        request(n);
}

static void names(void)
{
    char name[64], *longest = malloc(10000);
    memset(longest, 'x', 9999);
    longest[9999] = 0;
    leakwatch_phase(longest);
    leakwatch_phase("\033[31mred\nline\t\x01\xff\xe2\x80\xae");
    leakwatch_phase("\xc3\xa4\xc3\xb6\xc3\xbc");
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "phase %d", i);
        leakwatch_phase(name);
        leakwatch_thread_name(name);
    }
    leakwatch_thread_name(longest);
    leakwatch_thread_name(NULL);
    fill(100000);
}

static void handler(int number)
{
    leakwatch_phase(number == SIGALRM ? "handler" : "other");
    leakwatch_thread_name("handled");
    leakwatch_exclude_begin();
    leakwatch_exclude_end();
}

static void *change(void *name)
{
    for (int i = 0; i < 20000; i++) {
        leakwatch_phase(name);
        leakwatch_thread_name(name);
        free(malloc(100));
    }
    return NULL;
}

/* Eight threads change the phase at once, and a signal interrupts them 1,000 times a second. */
static void storm(void)
{
    static char name[8][8];
    pthread_t threads[8];
    timer_t timer;
    struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    signal(SIGALRM, handler);
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    timer_settime(timer, 0, &often, NULL);
    for (int i = 0; i < 8; i++) {
        snprintf(name[i], sizeof name[i], "p%d", i % 3);
        pthread_create(&threads[i], NULL, change, name[i]);
    }
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    timer_delete(timer);
    leakwatch_phase("after");
    fill(100000);
}

/* ---- scopes ---- */

static void scopes(void)
{
    void *before = fill(50000), *kept_outside = fill(60000);
    leakwatch_exclude_end(); /* of nothing */
    leakwatch_exclude_begin();
    leakwatch_exclude_begin();
    fill_excluded(1000);
    leakwatch_exclude_end();
    for (int i = 0; i < 1000; i++)
        fill_excluded(3000);
    free(before); /* of a site, inside */
    keep[0] = NULL;
    void *moved = realloc(kept_outside, 200000);
    excluded_blocks++;
    excluded_bytes += malloc_usable_size(moved);
    leakwatch_exclude_end();
    leakwatch_exclude_end();
    void *inside = keep[kept - 1]; /* leaves the exclusion by being moved */
    excluded_bytes -= malloc_usable_size(inside);
    keep[kept - 1] = realloc(inside, 100000);
    excluded_bytes -= malloc_usable_size(keep[kept - 2]);
    free(keep[kept - 2]);
    tell();
}

/* One and the same stack in and out of scopes: what the library remembers of it must not be used inside. */
static void in_turn(void)
{
    for (int i = 0; i < 2000; i++) {
        bool inside = i / 100 % 2;
        if (i % 100 == 0 && inside)
            leakwatch_exclude_begin();
        void *p = fill(700);
        excluded_blocks += inside;
        excluded_bytes += inside ? malloc_usable_size(p) : 0;
        if (i % 100 == 99 && inside)
            leakwatch_exclude_end();
    }
    tell();
}

static void *ends_inside(void *unused)
{
    leakwatch_exclude_begin();
    fill_excluded(1000);
    return unused;
}

/* A thread that ends inside a scope leaves none to the next that has its workspace. */
static void thread_inside(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, ends_inside, NULL);
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, (void *(*)(void *))(void *)fill, (void *)300000);
    pthread_join(thread, NULL);
    tell();
}

static void mapped_inside(void)
{
    leakwatch_exclude_begin();
    void *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *q = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p = mremap(p, 1 << 20, 2 << 20, MREMAP_MAYMOVE);
    leakwatch_exclude_end();
    munmap(q, 1 << 20);
    keep[kept++] = p;
    excluded_bytes = 2 << 20;
    excluded_blocks = 2;
    tell();
}

/* It would be flagged. */
static void grows_inside(void)
{
    leakwatch_exclude_begin();
    grow(4000);
    leakwatch_exclude_end();
}

/* ---- fork ---- */

/* The child goes on in the phase, the name and the scope that it was forked in. */
static int forks(void)
{
    leakwatch_phase("parent's");
    leakwatch_thread_name("forker");
    leakwatch_exclude_begin();
    pid_t child = fork();
    if (child == 0) {
        fill_excluded(4000);
        leakwatch_exclude_end();
        fill(150000);
        pause_ms(300);
        fill(150000);
        leakwatch_phase("child's");
        tell();
        exit(0);
    }
    leakwatch_exclude_end();
    leakwatch_phase("waits");
    int status;
    waitpid(child, &status, 0);
    return status;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "phases"))
        phases();
    else if (!strcmp(what, "requests"))
        requests();
    else if (!strcmp(what, "names"))
        names();
    else if (!strcmp(what, "storm"))
        storm();
    else if (!strcmp(what, "scopes"))
        scopes();
    else if (!strcmp(what, "in_turn"))
        in_turn();
    else if (!strcmp(what, "thread"))
        thread_inside();
    else if (!strcmp(what, "mapped"))
        mapped_inside();
    else if (!strcmp(what, "grows_inside"))
        grows_inside();
    else if (!strcmp(what, "forks"))
        return forks();
    return 0;
}
