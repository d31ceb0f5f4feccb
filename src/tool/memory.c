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
static void read_status(struct memory *m, pid_t pid);
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
        read_status(&m, pid);
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

static void read_status(struct memory *m, pid_t pid)
{
    FILE *in = open_proc(pid, "status");
    char line[256];
    while (in && fgets(line, sizeof line, in))
        if (!line_kib(line, "VmHWM:", &m->peak_rss_bytes) && strncmp(line, "Threads:", 8) == 0)
            m->threads = (uint32_t)strtoul(line + 8, NULL, 10);
    if (in)
        fclose(in);
}

/* What glibc gives a thread that asks for no size: the soft limit, and 2 MiB where there is none. */
static uint64_t default_stack_bytes(pid_t pid)
{
    FILE *in = open_proc(pid, "limits");
    char line[256];
    uint64_t bytes = 0;
    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, "Max stack size", 14) == 0)
            bytes = strtoull(line + 14, NULL, 10);
    if (in)
        fclose(in);
    return bytes ? bytes : UINT64_C(2) << 20;
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
    bool anonymous, shared, recorder;
    bool forbidden; /* no access at all: what guards the mapping above it */
    bool guarded;   /* by a page of that kind right below it */
    uint64_t start, end;
    uint64_t anonymous_bytes, rss_bytes;
};

#define GUARD_BYTES 4096 /* glibc's, below each stack */

/* "START-END PERMS OFFSET DEV INODE  PATH"; *mapping is the one below it, and replaced. */
static bool begin_mapping(const char *line, struct mapping *mapping)
{
    char perms[8], path[256] = "";
    uint64_t start, end, inode;
    struct mapping below = *mapping;
    if (!isxdigit((unsigned char)line[0]) ||
        sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %*x %*s %" SCNu64 " %255[^\n]", &start, &end, perms, &inode,
               path) < 4)
        return false;
    bool heap = strcmp(path, "[heap]") == 0 || strncmp(path, "[anon:", 6) == 0 || !path[0];
    *mapping = (struct mapping){
        .start = start,
        .end = end,
        .shared = strchr(perms, 's') != NULL,
        .forbidden = strncmp(perms, "---p", 4) == 0,
        .guarded = below.forbidden && below.end == start && below.end - below.start == GUARD_BYTES,
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
    else if (mapping->shared)
        m->shared_bytes += mapping->rss_bytes;
    else if (mapping->anonymous)
        m->anonymous_bytes += mapping->anonymous_bytes;
}

static bool is_stack(const struct mapping *mapping, uint64_t stack_bytes)
{
    uint64_t bytes = mapping->end - mapping->start;
    return mapping->anonymous && mapping->guarded &&
           (bytes == stack_bytes || bytes == stack_bytes - GUARD_BYTES);
}

static void read_smaps(struct memory *m, pid_t pid)
{
    FILE *in = open_proc(pid, "smaps");
    struct mapping mapping = {0};
    uint64_t stack_bytes = default_stack_bytes(pid);
    char *line = NULL;
    size_t room = 0;
    while (in && getline(&line, &room, in) > 0) {
        if (strncmp(line, "VmFlags:", 8) == 0) {
            end_mapping(m, &mapping, line);
            m->thread_stacks += is_stack(&mapping, stack_bytes);
        } else if (!line_kib(line, "Rss:", &mapping.rss_bytes) &&
                   !line_kib(line, "Anonymous:", &mapping.anonymous_bytes) && begin_mapping(line, &mapping)) {
            m->anonymous_known = true;
        }
    }
    free(line);
    if (in)
        fclose(in);
}
