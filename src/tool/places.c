/* See places.h. */
#include "places.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void list_folder(struct places *places, const char *folder);
static void add_file(struct places *places, char *path);

/* ---- listing ---- */

static int by_start(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return x->started_ns < y->started_ns ? -1 : x->started_ns > y->started_ns;
}

struct places places_list(void)
{
    struct places places = {0};
    const char *roots[] = {"/dev/shm", getenv("TMPDIR"), "/tmp", getenv("XDG_RUNTIME_DIR")};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        char *folder = NULL;
        bool again = i == 2 && roots[1] && strcmp(roots[1], roots[2]) == 0;
        if (!roots[i] || roots[i][0] != '/' || again)
            continue;
        if (asprintf(&folder, "%s/leakwatch-%u", roots[i], geteuid()) < 0)
            break;
        list_folder(&places, folder);
        free(folder);
    }
    if (places.count)
        qsort(places.items, places.count, sizeof *places.items, by_start);
    return places;
}

void places_free(struct places *places)
{
    for (uint32_t i = 0; i < places->count; i++)
        free(places->items[i].path);
    free(places->items);
    *places = (struct places){0};
}

/* Only a folder that nobody else can write into or prepare: ours, 0700, and no symbolic link. */
static int open_folder(const char *folder)
{
    struct stat st;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 0077) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool is_ledger_name(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, ".lw") == 0;
}

static void list_folder(struct places *places, const char *folder)
{
    int fd = open_folder(folder);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (!directory) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        struct stat st;
        char *path = NULL;
        if (!is_ledger_name(entry->d_name) || fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) >= 0)
            add_file(places, path);
    }
    closedir(directory);
}

static struct place *room_for_one(struct places *places)
{
    if (places->count == places->room) {
        uint32_t room = places->room ? places->room * 2 : 16;
        struct place *items = realloc(places->items, room * sizeof *items);
        if (!items)
            return NULL;
        places->items = items;
        places->room = room;
    }
    return &places->items[places->count++];
}

/* Takes the path over. */
static void add_file(struct places *places, char *path)
{
    struct ledger_header head;
    char why[256];
    struct place *place = ledger_peek(&head, path, why, sizeof why) == 0 ? room_for_one(places) : NULL;
    if (!place) {
        free(path);
        return;
    }
    *place = (struct place){
        .path = path,
        .pid = head.pid,
        .parent_pid = head.parent_pid,
        .root_pid = head.root_pid,
        .start_ticks = head.start_ticks,
        .started_ns = head.started_ns,
    };
    memcpy(place->program, head.program, sizeof place->program);
}

/* ---- choosing ---- */

static bool is_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits && digits < 10 && !text[digits];
}

/* The newest with this pid, or with pid 0 the newest root; in want of one the newest of all. */
static const struct place *newest(const struct places *places, uint32_t pid)
{
    const struct place *found = NULL, *last = NULL;
    for (uint32_t i = 0; i < places->count; i++) {
        const struct place *p = &places->items[i];
        if (pid ? p->pid == pid : p->pid == p->root_pid)
            found = p;
        last = p;
    }
    return found || pid ? found : last;
}

static char *find_listed(uint32_t pid, char *why, size_t why_size)
{
    struct places places = places_list();
    const struct place *place = newest(&places, pid);
    char *path = place ? strdup(place->path) : NULL;
    if (!place && pid)
        snprintf(why, why_size, "no ledger of a process %u (see leakwatch list), and no file of this name",
                 pid);
    else if (!place)
        snprintf(why, why_size, "no ledger found: nothing was recorded yet, or its report has been printed");
    places_free(&places);
    return path;
}

char *places_find(const char *what, char *why, size_t why_size)
{
    if (what && !*what) {
        snprintf(why, why_size, "report: an empty name is neither a ledger nor a process");
        return NULL;
    }
    if (what && (!is_number(what) || access(what, F_OK) == 0))
        return strdup(what);
    if (what && strtoul(what, NULL, 10) == 0) {
        snprintf(why, why_size, "%s: no process has this number", what);
        return NULL;
    }
    return find_listed(what ? (uint32_t)strtoul(what, NULL, 10) : 0, why, why_size);
}

/* ---- the ledger of one process ---- */

/* Whether the ledger at path is of this process; then when its image began. */
static bool is_of(const char *path, pid_t pid, uint64_t start_ticks, uint64_t *boot_ns)
{
    struct ledger_header head;
    char why[256];
    if (ledger_peek(&head, path, why, sizeof why) != 0)
        return false;
    *boot_ns = head.boot_ns;
    return head.pid == (uint32_t)pid && (!start_ticks || head.start_ticks == start_ticks);
}

static void take_newer(char **best, uint64_t *best_ns, const char *path, pid_t pid, uint64_t start_ticks)
{
    uint64_t boot_ns;
    if (!is_of(path, pid, start_ticks, &boot_ns) || (*best && boot_ns < *best_ns))
        return;
    free(*best);
    *best = strdup(path);
    *best_ns = boot_ns;
}

/* Where a file was in the way already, the recorder counts up. */
static const char later_images[] = "{,.[1-9]}";

/* The pattern with %p filled in and what we cannot know (%n %t %h) as "*"; the rest quoted for glob. */
static char *glob_of(const char *pattern, pid_t pid)
{
    size_t room = strlen(pattern) * 12 + sizeof later_images;
    char *text = malloc(room), *to = text;
    for (const char *s = pattern; text && *s; s++) {
        if (*s == '%' && s[1]) {
            s++;
            to += *s == 'p' ? sprintf(to, "%d", pid) : sprintf(to, "%s", *s == '%' ? "%" : "*");
        } else {
            if (strchr("*?[]{},~\\", *s))
                *to++ = '\\';
            *to++ = *s;
        }
    }
    if (text)
        strcpy(to, later_images);
    return text;
}

static char *find_by_pattern(const char *pattern, pid_t pid, uint64_t start_ticks)
{
    char *best = NULL;
    uint64_t best_ns = 0;
    glob_t found = {0};
    char *text = glob_of(pattern, pid);
    if (text && glob(text, GLOB_BRACE, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            take_newer(&best, &best_ns, found.gl_pathv[i], pid, start_ticks);
    globfree(&found);
    free(text);
    return best;
}

char *places_of_process(pid_t pid, uint64_t start_ticks, const char *pattern)
{
    if (pattern)
        return find_by_pattern(pattern, pid, start_ticks);
    char *best = NULL;
    uint64_t best_ns = 0;
    struct places places = places_list();
    for (uint32_t i = 0; i < places.count; i++)
        take_newer(&best, &best_ns, places.items[i].path, pid, start_ticks);
    places_free(&places);
    return best;
}
