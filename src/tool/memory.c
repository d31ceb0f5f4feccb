/* See memory.h. */
#include "memory.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"

static void read_statm(struct memory *m, pid_t pid, uint64_t *address_space);
static void read_peak(struct memory *m, pid_t pid);
static void read_smaps(struct memory *m, pid_t pid);
static void consider(struct memory *m, enum memory_limit kind, uint64_t limit, uint64_t used);
static void consider_surroundings(struct memory *m, pid_t pid);
static uint64_t machine_room(void);

struct memory memory_of(const struct ledger_header *head, pid_t pid, bool here)
{
    struct memory m = {.rss_bytes = head->rss_bytes, .peak_rss_bytes = head->peak_rss_bytes};
    uint64_t address_space = 0;
    if (pid) {
        read_statm(&m, pid, &address_space);
        read_peak(&m, pid);
        read_smaps(&m, pid);
    }
    if (m.peak_rss_bytes < m.rss_bytes)
        m.peak_rss_bytes = m.rss_bytes;
    if (head->limit_bytes)
        consider(&m, LIMIT_ADDRESS_SPACE, head->limit_bytes,
                 address_space ? address_space : m.peak_rss_bytes);
    if (pid || here)
        consider_surroundings(&m, pid);
    return m;
}

/* Of a dead process the memory is free again: what it had counts as used all the same. */
static void consider_surroundings(struct memory *m, pid_t pid)
{
    struct cgroup_memory group = cgroup_memory_of(pid ? pid : getpid());
    uint64_t gone = pid ? 0 : m->peak_rss_bytes;
    consider(m, LIMIT_MACHINE, machine_room(), gone);
    consider(m, LIMIT_CGROUP, group.limit_bytes, group.used_bytes + gone);
}

/* The limit with the least room wins. A limit of 0 is none. */
static void consider(struct memory *m, enum memory_limit kind, uint64_t limit, uint64_t used)
{
    uint64_t room = limit > used ? limit - used : 0;
    if (limit == 0 || (m->limit != LIMIT_NONE && room >= m->room_bytes))
        return;
    m->limit = kind;
    m->limit_bytes = kind == LIMIT_MACHINE ? 0 : limit;
    m->room_bytes = room;
}

static FILE *open_proc(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return fopen(path, "re");
}

static void read_statm(struct memory *m, pid_t pid, uint64_t *address_space)
{
    FILE *in = open_proc(pid, "statm");
    uint64_t size = 0, resident = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (in && fscanf(in, "%" SCNu64 " %" SCNu64, &size, &resident) == 2) {
        m->rss_bytes = resident * page;
        *address_space = size * page;
    }
    if (in)
        fclose(in);
}

/* "VmHWM:   1234 kB": the number in bytes if the line is of that name. */
static bool line_kib(const char *line, const char *name, uint64_t *bytes)
{
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0)
        return false;
    *bytes = strtoull(line + length, NULL, 10) * 1024;
    return true;
}

static void read_peak(struct memory *m, pid_t pid)
{
    FILE *in = open_proc(pid, "status");
    char line[256];
    while (in && fgets(line, sizeof line, in))
        if (line_kib(line, "VmHWM:", &m->peak_rss_bytes))
            break;
    if (in)
        fclose(in);
}

static uint64_t machine_room(void)
{
    FILE *in = fopen("/proc/meminfo", "re");
    char line[256];
    uint64_t available = 0;
    while (in && fgets(line, sizeof line, in))
        if (line_kib(line, "MemAvailable:", &available))
            break;
    if (in)
        fclose(in);
    return available;
}

/* ---- smaps: a header line a mapping, "NAME: VALUE kB" lines, and VmFlags last ---- */

struct mapping {
    bool anonymous, recorder;
    uint64_t anonymous_bytes, rss_bytes;
};

/* "START-END PERMS OFFSET DEV INODE  PATH" */
static bool begin_mapping(const char *line, struct mapping *mapping)
{
    char perms[8], path[256] = "";
    uint64_t inode;
    if (!isxdigit((unsigned char)line[0]) ||
        sscanf(line, "%*x-%*x %7s %*x %*s %" SCNu64 " %255[^\n]", perms, &inode, path) < 2)
        return false;
    bool heap = strcmp(path, "[heap]") == 0 || strncmp(path, "[anon:", 6) == 0 || !path[0];
    *mapping = (struct mapping){
        .anonymous = inode == 0 && heap && strchr(perms, 'w') && strchr(perms, 'p'),
        .recorder = strncmp(path, "[anon:leakwatch", 15) == 0 || (inode && strstr(path, "/leakwatch-")),
    };
    return true;
}

/* Kernels without names for anonymous memory still show the recorder's advice: it alone asks for its
 * tables to be neither dumped ("dd") nor backed by huge pages ("nh"). */
static bool has_recorder_flags(const char *line)
{
    return strstr(line, " dd") && strstr(line, " nh");
}

static void end_mapping(struct memory *m, const struct mapping *mapping, const char *flags)
{
    if (mapping->recorder || (mapping->anonymous && has_recorder_flags(flags)))
        m->recorder_bytes += mapping->rss_bytes;
    else if (mapping->anonymous)
        m->anonymous_bytes += mapping->anonymous_bytes;
}

static void read_smaps(struct memory *m, pid_t pid)
{
    FILE *in = open_proc(pid, "smaps");
    struct mapping mapping = {0};
    char *line = NULL;
    size_t room = 0;
    while (in && getline(&line, &room, in) > 0) {
        if (strncmp(line, "VmFlags:", 8) == 0)
            end_mapping(m, &mapping, line);
        else if (!line_kib(line, "Rss:", &mapping.rss_bytes) &&
                 !line_kib(line, "Anonymous:", &mapping.anonymous_bytes) && begin_mapping(line, &mapping))
            m->anonymous_known = true;
    }
    free(line);
    if (in)
        fclose(in);
}
