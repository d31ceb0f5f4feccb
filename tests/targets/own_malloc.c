/* A program that brings its own malloc; with -DPART no calloc and realloc. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ARENA (1u << 20)

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *old, size_t size);
void free(void *p);

static _Alignas(16) char arena[ARENA];
static size_t used;

void *malloc(size_t size)
{
    size_t at = used;
    used += (size + 31) / 16 * 16;
    return used <= ARENA ? arena + at + 16 : NULL;
}

void free(void *p)
{
    (void)p;
}

#ifndef PART
void *calloc(size_t n, size_t size)
{
    return malloc(n * size);
}

void *realloc(void *old, size_t size)
{
    void *fresh = malloc(size);
    return fresh && old ? memmove(fresh, old, size) : fresh;
}
#endif

int main(void)
{
    char *text = strdup("a block of its own");
    puts(text);
    free(text);
    return 0;
}
