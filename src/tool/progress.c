/* See progress.h. */
#include "progress.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "format.h"

#define PATIENCE_MS 1000 /* what is over sooner needs no word */
#define TICK_MS     250  /* a second that is counted late looks like a stall */

/* What both sides see. The child writes, the parent reads whatever is there. */
struct page {
    char name[256];
};

static struct page *page; /* NULL: nobody looks */
static int64_t began_ms;
static bool shown;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_begin(void)
{
    if (!isatty(STDERR_FILENO))
        return;
    void *both = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    page = both == MAP_FAILED ? NULL : both;
    began_ms = now_ms();
}

void progress_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (page)
        snprintf(page->name, sizeof page->name, "%s", slash ? slash + 1 : path);
}

/* One less than the terminal has, so that nothing wraps: a line that wrapped could not be rewritten. */
static size_t columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79;
}

/* The seconds come first: they are what is left where a long name is cut. */
static void show(int64_t elapsed_ms)
{
    char name[sizeof page->name], line[1200];
    memcpy(name, page->name, sizeof name);
    name[sizeof name - 1] = '\0';
    char *visible = format_visible(name);
    int length = snprintf(line, sizeof line, "leakwatch: %d s: %s%s", (int)(elapsed_ms / 1000),
                          *name ? "reading symbols of " : "making the report", visible ? visible : "");
    free(visible);
    size_t end = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
    end = end < columns() ? end : columns();
    while (end && ((unsigned char)line[end] & 0xc0) == 0x80) /* not in the middle of a character */
        end--;
    fprintf(stderr, "\r%.*s\033[K", (int)end, line);
    fflush(stderr);
    shown = true;
}

int progress_tick(void)
{
    static int64_t last_ms;
    if (!page)
        return INT_MAX;
    int64_t now = now_ms();
    if (now - began_ms >= PATIENCE_MS && (!shown || now - last_ms >= TICK_MS)) {
        show(now - began_ms);
        last_ms = now;
    }
    return TICK_MS;
}

void progress_end(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    if (page)
        munmap(page, sizeof *page);
    page = NULL;
    shown = false;
}
