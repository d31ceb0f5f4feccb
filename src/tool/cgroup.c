/* See cgroup.h. */
#include "cgroup.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Version 1 writes "no limit" as the largest multiple of a page; no machine has an exbibyte. */
#define NO_LIMIT (UINT64_C(1) << 60)

struct version {
    const char *root, *limit, *used, *cache;
};
static const struct version unified = {"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"};
static const struct version legacy = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                      "memory.usage_in_bytes", "total_inactive_file"};

static void consider_group(struct cgroup_memory *least, const struct version *v, const char *group);
static const struct version *group_of(pid_t pid, char *group, size_t size);

struct cgroup_memory cgroup_memory_of(pid_t pid)
{
    struct cgroup_memory least = {0};
    char group[PATH_MAX];
    const struct version *v = group_of(pid, group, sizeof group);
    if (!v)
        return least;
    /* A group is also held by the limits of all groups above it. */
    for (;;) {
        consider_group(&least, v, group);
        char *slash = strrchr(group, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

/* A line is "ID:CONTROLLERS:PATH"; version 2 has ID 0 and no controllers. */
static const struct version *version_of(const char *line)
{
    if (strncmp(line, "0::", 3) == 0)
        return &unified;
    const char *controllers = strchr(line, ':');
    const char *end = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!end)
        return NULL;
    const char *memory = strstr(controllers, "memory");
    return memory && memory < end ? &legacy : NULL;
}

/* Where both versions are mounted, the memory controller is the old one's if it is named there. */
static const struct version *group_of(pid_t pid, char *group, size_t size)
{
    char path[64], line[PATH_MAX];
    const struct version *found = NULL;
    snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
    FILE *in = fopen(path, "re");
    while (in && found != &legacy && fgets(line, sizeof line, in)) {
        const struct version *v = version_of(line);
        const char *name = v ? strchr(strchr(line, ':') + 1, ':') : NULL;
        if (!name)
            continue;
        found = v;
        snprintf(group, size, "%.*s", (int)strcspn(name + 1, "\n"), name + 1);
        if (strcmp(group, "/") == 0)
            group[0] = '\0';
    }
    if (in)
        fclose(in);
    return found;
}

static FILE *open_in(const struct version *v, const char *group, const char *name)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s%s/%s", v->root, group, name) >= (int)sizeof path)
        return NULL;
    return fopen(path, "re");
}

/* A file with one number; "max", or no such file, is 0. */
static uint64_t number_in(const struct version *v, const char *group, const char *name)
{
    uint64_t number = 0;
    FILE *in = open_in(v, group, name);
    if (in && fscanf(in, "%" SCNu64, &number) != 1)
        number = 0;
    if (in)
        fclose(in);
    return number;
}

/* memory.stat has lines "NAME VALUE". */
static uint64_t stat_in(const struct version *v, const char *group, const char *name)
{
    char line[128];
    size_t length = strlen(name);
    uint64_t value = 0;
    FILE *in = open_in(v, group, "memory.stat");
    while (in && !value && fgets(line, sizeof line, in))
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
            value = strtoull(line + length, NULL, 10);
    if (in)
        fclose(in);
    return value;
}

static uint64_t room_of(const struct cgroup_memory *m)
{
    return m->limit_bytes > m->used_bytes ? m->limit_bytes - m->used_bytes : 0;
}

static void consider_group(struct cgroup_memory *least, const struct version *v, const char *group)
{
    struct cgroup_memory here = {.limit_bytes = number_in(v, group, v->limit)};
    if (here.limit_bytes == 0 || here.limit_bytes >= NO_LIMIT)
        return;
    uint64_t used = number_in(v, group, v->used), cache = stat_in(v, group, v->cache);
    here.used_bytes = used > cache ? used - cache : 0;
    if (least->limit_bytes == 0 || room_of(&here) < room_of(least))
        *least = here;
}
