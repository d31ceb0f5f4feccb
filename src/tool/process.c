/* See process.h. */
#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "namespaces.h"

static enum process_end end_of(const struct ledger_header *head, bool alive);
static uint64_t age_of(const struct ledger_header *head, bool alive);

struct process process_of(const struct ledger_header *head)
{
    struct process p = {0};
    /* After an exec pid and start are the successor's: what /proc says is not about this image. */
    enum life life = head->ended == ENDED_EXEC ? LIFE_DEAD : namespaces_life(head);
    p.alive = life == LIFE_ALIVE;
    p.hidden = life == LIFE_HIDDEN && head->ended == ENDED_NOT;
    p.end = p.hidden ? PROCESS_UNKNOWN : end_of(head, p.alive);
    /* pthread_exit of the last thread and the like end without a word about the status */
    p.exit_status = head->exit_status <= 255 ? (int)head->exit_status : -1;
    p.exiting = head->exit_began_ms || p.end != PROCESS_RUNNING;
    p.age_ms = age_of(head, p.alive);
    p.judged_ms = head->exit_began_ms ? head->exit_began_ms - 1 : p.age_ms;
    return p;
}

/* Only a process that ends in an orderly way can say so: any other silence is a violent death. */
static enum process_end end_of(const struct ledger_header *head, bool alive)
{
    switch (head->ended) {
    case ENDED_NOT:
        return alive ? PROCESS_RUNNING : PROCESS_KILLED;
    case ENDED_EXIT:
        return PROCESS_EXITED;
    case ENDED_EXEC:
        return PROCESS_EXECED;
    default:
        return PROCESS_UNKNOWN;
    }
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A killed process lived at least until its last tick. */
static uint64_t age_of(const struct ledger_header *head, bool alive)
{
    if (head->ended != ENDED_NOT && head->ended_ms)
        return head->ended_ms;
    uint64_t now = monotonic_ns();
    if (alive && now > head->boot_ns)
        return (now - head->boot_ns) / 1000000;
    return head->updated_ms;
}

/* The text behind the program's name, which stands in parentheses and may contain some itself. */
static const char *read_stat(pid_t pid, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    ssize_t got = read(fd, text, size - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end && name_end[1] == ' ' ? name_end + 2 : NULL;
}

uint64_t process_start_ticks(pid_t pid, bool zombies)
{
    char text[1024];
    const char *field = read_stat(pid, text, sizeof text);
    if (!field || (!zombies && (*field == 'Z' || *field == 'X')))
        return 0;
    for (int number = 3; field && number < 22; number++) {
        field = strchr(field, ' ');
        field = field ? field + 1 : NULL;
    }
    return field ? strtoull(field, NULL, 10) : 0;
}

const char *process_end_name(enum process_end end)
{
    static const char *const names[] = {
        [PROCESS_RUNNING] = "running", [PROCESS_EXITED] = "exit",     [PROCESS_KILLED] = "killed",
        [PROCESS_EXECED] = "exec",     [PROCESS_UNKNOWN] = "unknown",
    };
    return names[end];
}

const char *process_signal_name(int signal)
{
    static _Thread_local char name[24];
    const char *abbreviation = signal > 0 ? sigabbrev_np(signal) : NULL;
    if (!abbreviation)
        return NULL;
    snprintf(name, sizeof name, "SIG%s", abbreviation);
    return name;
}
