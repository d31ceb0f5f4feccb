/* See jit.h. The dump is asked first: it knows times. */
#include "jit.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jitdump.h"
#include "perfmap.h"
#include "regular.h"

#define MOST_PATH 4096

struct jit {
    uint64_t boot_ns;
    struct jitdump *dump;
    struct perfmap *map;
};

/* Whose files are looked for. */
struct search {
    const struct ledger_header *head;
    pid_t pid; /* as seen from here, 0: it runs no more */
};

static FILE *open_dump(const struct search *s);
static int open_map(const struct search *s);

struct jit *jit_open(const struct ledger_header *head, pid_t pid)
{
    struct search s = {head, pid};
    struct jit *jit = calloc(1, sizeof *jit);
    if (!jit)
        return NULL;
    jit->boot_ns = head->boot_ns;
    FILE *dump = open_dump(&s);
    if (dump) {
        jit->dump = jitdump_read(dump, head->pid);
        fclose(dump);
    }
    int map = open_map(&s);
    if (map >= 0) {
        jit->map = perfmap_read(map);
        close(map);
    }
    return jit;
}

void jit_close(struct jit *jit)
{
    if (!jit)
        return;
    jitdump_close(jit->dump);
    perfmap_close(jit->map);
    free(jit);
}

uint32_t jit_code(const struct jit *jit, uint64_t address, uint64_t age_ms)
{
    return jit ? jitdump_find(jit->dump, address, jit->boot_ns + age_ms * 1000000) : 0;
}

int jit_name(const struct jit *jit, uint64_t address, uint32_t code, struct jitname *name)
{
    if (code)
        return jitdump_name(jit->dump, code, name);
    return jit ? perfmap_find(jit->map, address, name) : -1;
}

/* ---- files ---- */

/* These folders are everybody's: only a regular file that we or root wrote is believed, as perf does. */
static int open_believed(const struct search *s, const char *path)
{
    struct stat st;
    int fd = regular_open(path, false, &st);
    if (fd < 0)
        return -1;
    /* An earlier process had this pid. A second is what file systems may round. */
    bool old = (uint64_t)st.st_mtim.tv_sec + 1 < s->head->started_ns / 1000000000;
    if (!old && (st.st_uid == geteuid() || st.st_uid == 0))
        return fd;
    close(fd);
    return -1;
}

/* A path of the living process's own, else of ours. */
static int open_either(const struct search *s, const char *path)
{
    char theirs[MOST_PATH];
    int fd = -1;
    if (s->pid && snprintf(theirs, sizeof theirs, "/proc/%d/root%s", s->pid, path) < (int)sizeof theirs)
        fd = open_believed(s, theirs);
    return fd < 0 ? open_believed(s, path) : fd;
}

static int open_map(const struct search *s)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%u.map", s->head->pid);
    return open_either(s, path);
}

/* Whoever writes a dump maps its first page executable, so that perf hears of it. */
static int open_marked(const struct search *s, const char *name)
{
    char path[64], line[MOST_PATH];
    int fd = -1;
    snprintf(path, sizeof path, "/proc/%d/maps", s->pid);
    FILE *maps = s->pid ? fopen(path, "re") : NULL;
    while (maps && fd < 0 && fgets(line, sizeof line, maps)) {
        char *slash = strrchr(line, '/'), *start = strchr(line, '/');
        line[strcspn(line, "\n")] = '\0';
        if (slash && strcmp(slash + 1, name) == 0)
            fd = open_either(s, start);
    }
    if (maps)
        fclose(maps);
    return fd;
}

/* The newest of ~/.debug/jit/SESSION/jit-PID.dump: the names of sessions begin with the date. */
static int open_session(const struct search *s, const char *name)
{
    char pattern[MOST_PATH];
    const char *home = getenv("JITDUMPDIR") ? getenv("JITDUMPDIR") : getenv("HOME");
    glob_t found;
    int fd = -1;
    if (!home || snprintf(pattern, sizeof pattern, "%s/.debug/jit/*/%s", home, name) >= (int)sizeof pattern ||
        glob(pattern, 0, NULL, &found) != 0)
        return -1;
    for (size_t i = found.gl_pathc; fd < 0 && i-- > 0;)
        fd = open_believed(s, found.gl_pathv[i]);
    globfree(&found);
    return fd;
}

static FILE *open_dump(const struct search *s)
{
    char name[32], in_tmp[64];
    snprintf(name, sizeof name, "jit-%u.dump", s->head->pid);
    snprintf(in_tmp, sizeof in_tmp, "/tmp/%s", name);
    int fd = open_marked(s, name);
    if (fd < 0)
        fd = open_believed(s, name);
    if (fd < 0)
        fd = open_either(s, in_tmp);
    if (fd < 0)
        fd = open_session(s, name);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (fd >= 0 && !file)
        close(fd);
    return file;
}
