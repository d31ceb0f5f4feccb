/* See namespaces.h. */
#include "namespaces.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "process.h"

#define INITIAL                                                                                              \
    UINT64_C(0xeffffffc) /* PROC_PID_INIT_INO of the kernel: whoever lives here sees everybody               \
                          */

/* The PID namespace of a process ("self", "123"); 0: not to be seen. */
static uint64_t namespace_of(const char *process)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%.20s/ns/pid", process);
    return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* What it is called in its own namespace: the last number of NSpid. */
static uint32_t inner_pid(const char *process)
{
    char path[64], line[512];
    unsigned long pid = 0;
    snprintf(path, sizeof path, "/proc/%.20s/status", process);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "NSpid:", 6) == 0) {
            const char *last = strrchr(line, '\t');
            pid = last ? strtoul(last, NULL, 10) : 0;
        }
    if (file)
        fclose(file);
    return (uint32_t)pid;
}

static bool is_number(const char *name)
{
    return *name && strspn(name, "0123456789") == strlen(name);
}

static bool is_it(const char *process, const struct ledger_header *head)
{
    return process_start_ticks((pid_t)strtol(process, NULL, 10), false) == head->start_ticks &&
           inner_pid(process) == head->pid;
}

/* Among the processes of its namespace that are to be seen from here, if any are. pid: by which it is. */
static enum life look_for(const struct ledger_header *head, bool see_all, pid_t *pid)
{
    enum life life = see_all ? LIFE_DEAD : LIFE_HIDDEN;
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    while (processes && life != LIFE_ALIVE && (entry = readdir(processes))) {
        if (!is_number(entry->d_name) || namespace_of(entry->d_name) != head->pid_namespace)
            continue;
        life = is_it(entry->d_name, head) ? LIFE_ALIVE : LIFE_DEAD;
        *pid = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    if (processes)
        closedir(processes);
    return life;
}

/* pid is valid with LIFE_ALIVE. */
static enum life find(const struct ledger_header *head, pid_t *pid)
{
    uint64_t ours = namespace_of("self");
    if (head->start_ticks == 0) /* it could not see itself */
        return LIFE_HIDDEN;
    if (head->pid_namespace && ours && head->pid_namespace != ours)
        return look_for(head, ours == INITIAL, pid);
    *pid = (pid_t)head->pid;
    bool alive = *pid > 0 && process_start_ticks(*pid, false) == head->start_ticks;
    return alive ? LIFE_ALIVE : LIFE_DEAD;
}

enum life namespaces_life(const struct ledger_header *head)
{
    pid_t pid = 0;
    return find(head, &pid);
}

pid_t namespaces_pid(const struct ledger_header *head)
{
    pid_t pid = 0;
    return find(head, &pid) == LIFE_ALIVE ? pid : 0;
}
