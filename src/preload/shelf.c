/* See shelf.h. Runs at the start of a process and when a child earns a file; static buffers, because the
 * stack may be a coroutine's, and one thread at a time by the caller's state. */
#include "shelf.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "../ledger/layout.h"
#include "options.h"
#include "sys.h"

#define PATH_ROOM 4096

static char path[PATH_ROOM], folder[PATH_ROOM];

/* A string that grows in a fixed buffer and says when it did not fit. */
struct name {
    char *at;
    size_t used;
    bool cut;
};

static void put(struct name *t, const char *s)
{
    size_t n = strlen(s);
    if (t->used + n + 1 > PATH_ROOM) {
        t->cut = true;
        return;
    }
    memcpy(t->at + t->used, s, n + 1);
    t->used += n;
}

static void put_number(struct name *t, uint64_t value)
{
    char digits[21], *at = digits + 20;
    *at = 0;
    do
        *--at = (char)('0' + value % 10);
    while (value /= 10);
    put(t, at);
}

static void put_host(struct name *t)
{
    static struct {
        char name[6][65];
    } uts; /* struct utsname's six fields */
    put(t, SYS1(SYS_uname, &uts) == 0 ? uts.name[1] : "host");
}

static const char *variable(const char *name)
{
    size_t n = strlen(name);
    for (const char *const *e = options_envp(); e && *e; e++)
        if (strncmp(*e, name, n) == 0 && (*e)[n] == '=' && (*e)[n + 1])
            return *e + n + 1;
    return NULL;
}

static uint64_t pid_namespace(void)
{
    struct stat s;
    return SYS4(SYS_newfstatat, AT_FDCWD, "/proc/self/ns/pid", &s, 0) == 0 ? s.st_ino : 0;
}

static void read_stat(struct identity *who)
{
    static char stat[1024];
    long fd = sys_open("/proc/self/stat", O_RDONLY, 0);
    if (sys_failed(fd))
        return;
    long n = sys_read(fd, stat, sizeof stat - 1);
    sys_close(fd);
    if (n <= 0)
        return;
    who->pid_namespace = pid_namespace();
    stat[n] = 0;
    const char *at = strrchr(stat, ')'); /* field 2 may hold spaces and brackets */
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9'; at++)
        who->start_ticks = who->start_ticks * 10 + (uint64_t)(*at - '0');
}

static void copy_name(char *to, const char *from, size_t room)
{
    if (from && strlen(from) < room)
        strcpy(to, from);
}

void shelf_identify(struct identity *who)
{
    memset(who, 0, sizeof *who);
    who->pid = sys_getpid();
    read_stat(who);
    long n = SYS4(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", who->executable, sizeof who->executable - 1);
    if (n <= 0) /* no /proc, or a filter that forbids this */
        copy_name(who->executable, (const char *)getauxval(AT_EXECFN), sizeof who->executable);
    const char *base = strrchr(who->executable, '/');
    base = base && base[1] ? base + 1 : "?";
    for (size_t i = 0; base[i] && i + 1 < sizeof who->program; i++)
        who->program[i] = (unsigned char)base[i] > ' ' && base[i] != 0x7f ? base[i] : '_';
}

void shelf_identify_forked(struct identity *who)
{
    who->pid = sys_getpid();
    who->start_ticks = who->pid_namespace = 0;
    read_stat(who);
}

/* A folder of ours alone: made now, or found to be exactly that. */
static bool private_folder(const char *name)
{
    struct stat s;
    bool made = SYS3(SYS_mkdirat, AT_FDCWD, name, 0700) == 0;
    if (SYS4(SYS_newfstatat, AT_FDCWD, name, &s, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(s.st_mode) ||
        s.st_uid != (uid_t)SYS0(SYS_geteuid))
        return false;
    if (made && (s.st_mode & 0777) != 0700) /* a umask took our own rights away */
        return SYS3(SYS_fchmodat, AT_FDCWD, name, 0700) == 0;
    return (s.st_mode & 0777) == 0700;
}

static bool try_folder(const char *parent, const char *below)
{
    struct name t = {.at = folder};
    if (!parent || parent[0] != '/')
        return false;
    put(&t, parent);
    put(&t, below);
    put_number(&t, (uint64_t)SYS0(SYS_geteuid));
    return !t.cut && private_folder(folder);
}

static bool find_folder(unsigned place)
{
    const char *tmp = variable("TMPDIR");
    const char *parents[SHELF_PLACES] = {"/dev/shm", tmp ? tmp : "/tmp", variable("XDG_RUNTIME_DIR")};
    return place < SHELF_PLACES && try_folder(parents[place], "/leakwatch-");
}

static void expand(struct name *t, const char *pattern, int pid, const char *program, uint64_t started_ns)
{
    for (char one[2] = {0, 0}; *pattern; pattern++) {
        one[0] = *pattern;
        if (*pattern != '%' || !pattern[1]) {
            put(t, one);
            continue;
        }
        switch (*++pattern) {
        case 'p':
            put_number(t, (uint64_t)pid);
            break;
        case 'n':
            put(t, program);
            break;
        case 't':
            put_number(t, started_ns / 1000000000);
            break;
        case 'h':
            put_host(t);
            break;
        default: /* %% and what is no directive */
            one[0] = *pattern;
            put(t, one);
        }
    }
}

/* try: 0 for the plain name; the image of an exec may find its predecessor's file in the way. */
static bool name_file(const struct identity *who, uint64_t started_ns, unsigned try)
{
    struct name t = {.at = path};
    if (options.ledger) {
        expand(&t, options.ledger, who->pid, who->program, started_ns);
    } else {
        put(&t, folder);
        put(&t, "/");
        put(&t, who->program);
        put(&t, ".");
        put_number(&t, (uint64_t)who->pid);
        put(&t, ".");
        put_number(&t, who->start_ticks);
    }
    if (try) {
        put(&t, ".");
        put_number(&t, try);
    }
    if (!options.ledger)
        put(&t, ".lw");
    return !t.cut;
}

/* -EEXIST, or another error; readable for its owner, whatever the umask. */
static long create_file(void)
{
    long fd = sys_open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (!sys_failed(fd))
        SYS2(SYS_fchmod, fd, 0600);
    return fd;
}

#define TRIES 8 /* more images of one process in a row keep theirs in memory */

/* The header of the file in the way, if it is a ledger. */
static const struct ledger_header *head_in_the_way(void)
{
    static struct ledger_header head;
    long fd = sys_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (sys_failed(fd))
        return NULL;
    long got = SYS4(SYS_pread64, fd, &head, sizeof head, 0);
    sys_close(fd);
    return got == (long)sizeof head && memcmp(head.magic, LEDGER_MAGIC, sizeof head.magic) == 0 ? &head
                                                                                                : NULL;
}

/* It is of this user, and its process has ended or is no more. In another PID namespace, who knows. */
static bool is_left_over(const struct ledger_header *head, const struct identity *who)
{
    return head->uid == (uint32_t)SYS0(SYS_geteuid) &&
           (head->ended != ENDED_NOT ||
            (head->pid_namespace == who->pid_namespace && SYS2(SYS_kill, head->pid, 0) == -ESRCH));
}

/* A named file that exists: a left-over ledger gives way, a living one is dodged by a number behind the
 * name (children, images before exec), and somebody's file is neither touched nor dodged. */
static long replace_named(bool *dodge, const struct identity *who)
{
    const struct ledger_header *head = head_in_the_way();
    *dodge = head != NULL;
    if (!head || !is_left_over(head, who))
        return -EEXIST;
    SYS3(SYS_unlinkat, AT_FDCWD, path, 0);
    return create_file();
}

long shelf_create(const struct identity *who, uint64_t started_ns, unsigned place)
{
    long fd = -1;
    if (options.ledger ? place > 0 : !find_folder(place))
        return -1;
    for (unsigned try = 0; try < TRIES && name_file(who, started_ns, try); try++) {
        fd = create_file();
        if (!sys_failed(fd))
            return fd;
        if (fd != -EEXIST)
            break;
        bool dodge = true;
        fd = options.ledger ? replace_named(&dodge, who) : fd;
        if (!sys_failed(fd))
            return fd;
        if (!dodge)
            break;
    }
    path[0] = 0;
    return -1;
}

const char *shelf_path(void)
{
    return path;
}

void shelf_remove(void)
{
    if (path[0])
        SYS3(SYS_unlinkat, AT_FDCWD, path, 0);
    path[0] = 0;
}

void shelf_forget(void)
{
    path[0] = 0;
}

static bool mark(long fd, const struct identity *who, bool *flagged)
{
    static struct ledger_header head;
    if (SYS4(SYS_pread64, fd, &head, sizeof head, 0) != (long)sizeof head)
        return false;
    if (memcmp(head.magic, LEDGER_MAGIC, sizeof head.magic) != 0 || head.version != LEDGER_VERSION ||
        head.pid != (uint32_t)who->pid || head.start_ticks != who->start_ticks ||
        head.pid_namespace != who->pid_namespace || head.ended != ENDED_NOT)
        return false;
    *flagged = head.flagged != 0;
    /* Through a mapping: a write would be too long for RLIMIT_FSIZE 0, and that is SIGXFSZ. */
    long at = SYS6(SYS_mmap, place_for(sizeof head), sizeof head, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (sys_failed(at))
        return false;
    __atomic_store_n(&((struct ledger_header *)at)->ended, ENDED_EXEC, __ATOMIC_RELEASE);
    SYS2(SYS_munmap, at, sizeof head);
    return true;
}

static void mark_file(const char *name, const struct identity *who)
{
    struct name t = {.at = path};
    bool flagged = true;
    put(&t, folder);
    put(&t, "/");
    put(&t, name);
    long fd = t.cut ? -1 : sys_open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0);
    if (sys_failed(fd))
        return;
    if (mark(fd, who, &flagged) && !flagged)
        SYS3(SYS_unlinkat, AT_FDCWD, path, 0);
    sys_close(fd);
}

/* ".PID.START." in the name: which files are worth opening. */
static void name_part(char *part, const struct identity *who)
{
    struct name t = {.at = part};
    put(&t, ".");
    put_number(&t, (uint64_t)who->pid);
    put(&t, ".");
    put_number(&t, who->start_ticks);
    put(&t, ".");
}

struct entry { /* struct linux_dirent64 */
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

void shelf_mark_exec(const struct identity *who)
{
    static _Alignas(8) char entries[4096];
    static char part[PATH_ROOM];
    if (options.ledger || !find_folder(0))
        return;
    name_part(part, who);
    long fd = sys_open(folder, O_RDONLY | O_DIRECTORY, 0), n;
    if (sys_failed(fd))
        return;
    while ((n = SYS3(SYS_getdents64, fd, entries, sizeof entries)) > 0)
        for (long at = 0; at < n; at += ((struct entry *)(void *)(entries + at))->length) {
            const char *name = ((struct entry *)(void *)(entries + at))->name;
            if (strstr(name, part))
                mark_file(name, who);
        }
    sys_close(fd);
    path[0] = 0;
}

/* As the tool does: no link, no file of another user, none with several names, no pipe that nobody reads. */
static long open_to_append(const char *name)
{
    struct stat s;
    long fd = sys_open(name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0666);
    if (sys_failed(fd))
        return -1;
    if (SYS4(SYS_newfstatat, fd, "", &s, AT_EMPTY_PATH) == 0 &&
        (!S_ISREG(s.st_mode) || (s.st_uid == (uid_t)SYS0(SYS_geteuid) && s.st_nlink == 1)))
        return fd;
    sys_close(fd);
    return -1;
}

long shelf_open_output(int pid, const char *program, uint64_t started_ns)
{
    struct name t = {.at = sys_memory(PATH_ROOM)}; /* two threads may report at once */
    if (!t.at)
        return -1;
    expand(&t, options.output, pid, program, started_ns);
    long fd = t.cut ? -1 : open_to_append(t.at);
    SYS2(SYS_munmap, t.at, PATH_ROOM);
    return fd;
}
