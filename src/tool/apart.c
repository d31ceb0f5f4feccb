/* See apart.h. */
#include "apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

/* The largest ledger there is, half a GiB of sums, and the debugging information of a browser. */
#define MOST_MEMORY ((rlim_t)4 << 30)
/* A report of 100,000 sites is 200 MB of JSON. */
#define MOST_BYTES ((size_t)1 << 30)
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
/* What the child says last: without it the bytes before are not the whole. */
static const char complete[] = "\nwhole\n";
#define COMPLETE (sizeof complete - 1)

/* ---- in the child ---- */

static void limit(__rlimit_resource_t which, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(which, &now) == 0 && (now.rlim_cur == RLIM_INFINITY || now.rlim_cur > most)) {
        now.rlim_cur = most;
        setrlimit(which, &now);
    }
}

/* Where memory runs out in spite of the limit, the kernel shall take this process and no other. */
static void offer_oneself(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, "1000", 4) < 0) {
        close(fd);
        return;
    }
    close(fd);
}

static _Noreturn void be_child(const struct apart *what, int fd, pid_t parent)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        signal(deadly[i], SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    limit(RLIMIT_CORE, 0);
#ifndef SANITIZED /* whose shadow memory is terabytes */
    limit(RLIMIT_DATA, MOST_MEMORY);
#endif
    limit(RLIMIT_CPU, what->patience_ms / 1000 + 1);
    offer_oneself();
    FILE *out = fdopen(fd, "w");
    bool done = out && what->work(what->argument, out) == 0 &&
                fwrite(complete, 1, COMPLETE, out) == COMPLETE && fflush(out) == 0;
    _exit(done ? 0 : 1);
}

/* ---- in the parent ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether there is something to read, or an end, before the time is over. */
static bool wait_readable(int fd, int64_t until)
{
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = until - now_ms(), tick = progress_tick();
        int got = left > 0 ? poll(&p, 1, (int)(left < tick ? left : tick)) : 0;
        if (got > 0 || left <= 0 || (got < 0 && errno != EINTR))
            return got > 0;
    }
}

/* All that comes until the end; NULL when it takes too long or is too much. */
static char *take(int fd, int64_t until, size_t *size)
{
    char *bytes = NULL;
    size_t room = 0;
    for (*size = 0; *size < MOST_BYTES;) {
        if (room - *size < 4096) {
            char *more = realloc(bytes, room = room ? room * 2 : 65536);
            if (!more)
                break;
            bytes = more;
        }
        if (!wait_readable(fd, until))
            break;
        ssize_t got = read(fd, bytes + *size, room - *size);
        if (got == 0)
            return bytes;
        if (got < 0 && errno != EINTR)
            break;
        *size += got > 0 ? (size_t)got : 0;
    }
    free(bytes);
    return NULL;
}

static bool is_complete(const char *bytes, size_t *size)
{
    if (!bytes || *size < COMPLETE || memcmp(bytes + *size - COMPLETE, complete, COMPLETE) != 0)
        return false;
    *size -= COMPLETE;
    return true;
}

enum apart_end apart(const struct apart *what, char **bytes, size_t *size)
{
    int ends[2];
    pid_t self = getpid();
    *bytes = NULL;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return APART_IMPOSSIBLE;
    fflush(NULL);
    if (what->tells)
        progress_begin();
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(what, ends[1], self);
    }
    close(ends[1]);
    char *all = child > 0 ? take(ends[0], now_ms() + what->patience_ms, size) : NULL;
    close(ends[0]);
    progress_end();
    if (child < 0)
        return APART_IMPOSSIBLE;
    kill(child, SIGKILL); /* it has nothing more to say */
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    if (!is_complete(all, size)) {
        free(all);
        return APART_FAILED;
    }
    *bytes = all;
    return APART_DONE;
}
