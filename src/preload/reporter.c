/* Reporter (reporter.h): whether to speak, through whom, and with which environment. */
#include "reporter.h"

#include <errno.h>
#include <linux/prctl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "../ledger/at_exit.h"

#include "book.h"
#include "options.h"
#include "plain.h"
#include "shelf.h"
#include "spawn.h"
#include "sys.h"
#include "text.h"
#include "toolpath.h"

/* Symbolizing a big program's sites takes the tool a few seconds; a shutdown that hangs longer than
 * half a minute is killed by most supervisors. */
unsigned reporter_patience_ms = 30000;

struct file_identity {
    bool known; /* it was open at start */
    dev_t device;
    ino_t inode;
};
static struct file_identity at_start[3]; /* of descriptors 1 and 2 */
static bool started;

static char tool[TOOLPATH_MAX]; /* "" = none was found */
static int filters_at_start;    /* seccomp */
static const char *reason =     /* why there is only a plain report; static text */
    "this ledger was in memory only, so `leakwatch report` cannot read it";

static int seccomp_filters(void);

/* ---- may we speak? ---- */

static struct file_identity identity(int fd)
{
    struct stat s;
    if (SYS4(SYS_newfstatat, fd, "", &s, AT_EMPTY_PATH) != 0) /* what glibc's fstat calls */
        return (struct file_identity){.known = false};
    return (struct file_identity){true, s.st_dev, s.st_ino};
}

/* The descriptor is still the file it was at start; before reporter_init it is. */
static bool unchanged(int fd)
{
    if (!started)
        return true;
    struct file_identity now = identity(fd), then = at_start[fd];
    return then.known && now.known && now.device == then.device && now.inode == then.inode;
}

static bool output_is(const char *name)
{
    return strcmp(options.output, name) == 0;
}

static bool output_is_file(void)
{
    return !output_is("none") && !output_is("stderr") && !output_is("stdout");
}

/* Where reports go to files, only the process that was preloaded first says on stderr what went wrong: what
 * its children print is compared, parsed and shown by programs that never heard of us. */
static bool may_complain(void)
{
    return !output_is_file() || book.head->pid == book.head->root_pid;
}

/* Descriptor that a report goes to, by number. */
static int plain_descriptor(void)
{
    return output_is("stdout") ? 1 : 2;
}

/* A copy of it, if the report goes there, taken when exit began: coreutils, and all that use gnulib's
 * closeout, close their output in an atexit handler, before our destructor. */
static long held = -1;
#define HELD_LEAST 500 /* out of the way of what atexit handlers may open */

void reporter_hold(void)
{
    if (output_is_file() || output_is("none") || !unchanged(plain_descriptor()) || reporter_filtered())
        return;
    held = SYS3(SYS_fcntl, plain_descriptor(), F_DUPFD_CLOEXEC, HELD_LEAST);
    if (sys_failed(held)) /* a small RLIMIT_NOFILE */
        held = SYS3(SYS_fcntl, plain_descriptor(), F_DUPFD_CLOEXEC, 3);
}

/* Still that file: atexit handlers may have closed all there was, and opened others. */
static bool holds(void)
{
    struct file_identity then = at_start[plain_descriptor()];
    struct file_identity copy =
        sys_failed(held) ? (struct file_identity){.known = false} : identity((int)held);
    return copy.known && copy.device == then.device && copy.inode == then.inode;
}

void reporter_release(void)
{
    if (holds())
        sys_close(held);
    held = -1;
}

/* The descriptor to write to, or -1: the output is not what it was at start. */
static int output_descriptor(void)
{
    int fd = plain_descriptor();
    if (unchanged(fd))
        return fd;
    return holds() ? (int)held : -1;
}

/* A file pattern is the tool's business, whatever became of descriptor 2. */
static bool may_report(void)
{
    if (output_is("none"))
        return false;
    return output_is_file() || output_descriptor() >= 0;
}

void reporter_init(const char *library)
{
    at_start[1] = identity(1);
    at_start[2] = identity(2);
    started = true;
    filters_at_start = SYS2(SYS_prctl, PR_GET_SECCOMP, 0) > 0 ? seccomp_filters() : 0;
    toolpath_find(tool, library);
}

/* ---- seccomp ---- */

/* The number behind `key` in /proc/self/status, or absent. */
static int status_number(const char *status, const char *key, int absent)
{
    const char *at = strstr(status, key);
    if (!at)
        return absent;
    int value = 0;
    for (at += strlen(key); *at == ' ' || *at == '\t'; at++)
        ;
    for (; *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (*at - '0');
    return value;
}

/* How many seccomp filters bind this thread. */
#define FILTERS_REFUSED -1 /* no answer, which is one more */
#define FILTERS_UNKNOWN -2 /* no descriptor to ask with: a limit, and no program could start under it */

static int seccomp_filters(void)
{
    static char status[8192]; /* 1.5 KiB; with a thousand groups 6 KiB. Never on the program's stack */
    long fd = sys_open("/proc/self/status", O_RDONLY, 0);
    if (fd == -ENOENT) /* no /proc here: ask. Not otherwise, for there are filters that kill for prctl */
        return SYS2(SYS_prctl, PR_GET_SECCOMP, 0) != 0;
    if (fd == -EMFILE || fd == -ENFILE)
        return FILTERS_UNKNOWN;
    if (sys_failed(fd))
        return FILTERS_REFUSED;
    long got = sys_read(fd, status, sizeof status - 1);
    sys_close(fd);
    if (got <= 0)
        return FILTERS_REFUSED;
    status[got] = '\0';
    int mode = status_number(status, "\nSeccomp:", 0);
    return mode ? status_number(status, "\nSeccomp_filters:", mode) : 0; /* before 5.9: no count */
}

bool reporter_filtered(void)
{
    return sandboxed || seccomp_filters() != filters_at_start;
}

static const char *why_filtered(void)
{
    if (!sandboxed && seccomp_filters() == FILTERS_UNKNOWN)
        return "this process may not open a file any more, so no program was started for the report: run "
               "`leakwatch "
               "report` for the full one";
    return "this process has put itself under a seccomp filter, so no program was started for the report: "
           "run "
           "`leakwatch report` for the full one";
}

/* ---- the tool's environment ---- */

static bool starts_with(const char *entry, const char *prefix)
{
    return strncmp(entry, prefix, strlen(prefix)) == 0;
}

/* Variables that would make the tool another program than it is: the loader's and the C library's
 * switches (LD_PRELOAD would record the recorder's tool), and all of ours, which the options give. */
static bool is_hazard(const char *entry)
{
    static const char *const prefixes[] = {"LEAKWATCH_", "LD_", "MALLOC_", "GLIBC_TUNABLES=", "GCONV_PATH="};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (starts_with(entry, prefixes[i]))
            return true;
    return false;
}

static size_t count(const char *const *list)
{
    size_t n = 0;
    while (list[n])
        n++;
    return n;
}

/* Room for the environment of a process whose address space is used up. One report at a time has it. */
static const char *reserve[512];
static bool reserve_taken;

static const char **take_list(size_t *bytes)
{
    const char **list = sys_memory(*bytes);
    if (list || __atomic_exchange_n(&reserve_taken, true, __ATOMIC_ACQUIRE))
        return list;
    if (*bytes > sizeof reserve)
        *bytes = sizeof reserve;
    return reserve;
}

static void give_list_back(const char **list, size_t bytes)
{
    if (list == reserve)
        __atomic_store_n(&reserve_taken, false, __ATOMIC_RELEASE);
    else
        SYS2(SYS_munmap, list, bytes);
}

/* The program's environment as it is now, without the hazards, and our options as they were
 * understood at start: programs do away with variables they do not know. The exit status of the
 * target is no business of the tool's. NULL when there is no memory. */
static const char **tool_environment(size_t *bytes)
{
    const char *const *now = options_environ(), *const *ours = options_entries();
    *bytes = (count(now) + count(ours) + 1) * sizeof *now;
    const char **list = take_list(bytes);
    if (!list)
        return NULL;
    const char **end = list, **last = list + *bytes / sizeof *now - 1;
    for (; *ours; ours++)
        if (!starts_with(*ours, "LEAKWATCH_EXITCODE="))
            *end++ = *ours;
    for (; *now && end < last; now++) /* another thread may be adding to it */
        if (!is_hazard(*now))
            *end++ = *now;
    *end = NULL;
    return list;
}

/* ---- the report ---- */

static bool plain_because(const char *why)
{
    reason = why;
    reporter_plain();
    return false;
}

static enum spawn_end run_tool(const char *ledger_path, unsigned patience_ms, int *detail)
{
    size_t bytes;
    const char **environment = tool_environment(&bytes);
    const char *argv[] = {"leakwatch", "report", "--" AT_EXIT_OPTION, ledger_path, NULL};
    long silence = may_complain() ? -1 : sys_open("/dev/null", O_WRONLY, 0);
    struct spawn what = {.path = tool,
                         .argv = argv,
                         .envp = environment,
                         .patience_ms = sys_getpid() == 1 ? 0 : patience_ms,
                         .from = sys_failed(silence) ? output_descriptor() : (int)silence,
                         .to = plain_descriptor()};
    if (what.from < 0) /* a file pattern, and descriptor 2 is whatever it is */
        what.from = what.to;
    enum spawn_end end = SPAWN_IMPOSSIBLE;
    *detail = ENOMEM;
    if (environment) {
        end = spawn(&what, detail);
        give_list_back(environment, bytes);
    }
    if (!sys_failed(silence))
        sys_close(silence);
    return end;
}

static const char *why_not_given(int status)
{
    if (status == 127)
        return "the `leakwatch` program could not start";
    if (options.tool && status == 0)
        return "LEAKWATCH_TOOL is not the `leakwatch` program of this library";
    return "the `leakwatch` program failed: run `leakwatch report`";
}

static bool report(const char *ledger_path, unsigned patience_ms)
{
    int detail;
    if (!may_report())
        return false;
    if (!tool[0])
        return plain_because(
            options.tool
                ? "LEAKWATCH_TOOL is not a program that can be run"
                : "the `leakwatch` program was not found beside the library or in PATH: set LEAKWATCH_TOOL");
    if (reporter_filtered())
        return plain_because(why_filtered());
    if (SYS3(SYS_faccessat, AT_FDCWD, ledger_path, R_OK) != 0)
        return plain_because(
            "this process has changed its user or its root, and its ledger is out of reach: run "
            "`leakwatch report` as the user who started it");
    switch (run_tool(ledger_path, patience_ms, &detail)) {
    case SPAWN_EXITED:
        return detail == AT_EXIT_GIVEN || plain_because(why_not_given(detail));
    case SPAWN_KILLED:
        return plain_because("the `leakwatch` program was killed: run `leakwatch report`");
    case SPAWN_IMPOSSIBLE:
        return plain_because(
            "the `leakwatch` program could not be started (out of processes or memory, or it "
            "has gone): run `leakwatch report`");
    case SPAWN_RUNNING:
        break;
    }
    return false;
}

bool reporter_report(const char *ledger_path)
{
    return report(ledger_path, reporter_patience_ms);
}

/* Long enough to hear that the tool could not start, no longer: the program is at work. */
#define ASKED_PATIENCE_MS 2

void reporter_ask(const char *ledger_path)
{
    report(ledger_path, ASKED_PATIENCE_MS);
}

/* Into the file, behind what is there. False where that cannot be, where JSON was asked for, and in a
 * sandbox: there a call more may be the last. */
static bool plain_in_file(void)
{
    const struct ledger_header *head = book.head;
    if (!output_is_file() || options.json || reporter_filtered())
        return false;
    long fd = shelf_open_output((int)head->pid, head->program, head->started_ns);
    if (sys_failed(fd))
        return false;
    bool written = plain_report((int)fd, reason);
    sys_close(fd);
    return written;
}

void reporter_plain(void)
{
    if (output_is("none") || plain_in_file() || !may_complain())
        return;
    int fd = output_descriptor();
    if (fd >= 0)
        plain_report(fd, reason);
}

/* ---- lines ---- */

#define LINE_BYTES 4096

void reporter_say(const char *part, ...)
{
    char small[64]; /* this may be inside a hook: the line itself is put together elsewhere */
    if (!unchanged(2))
        return;
    char *buffer = sys_memory(LINE_BYTES);
    struct text t = buffer ? text_to(2, buffer, LINE_BYTES) : text_to(2, small, sizeof small);
    t.hasty = true; /* the program is at work */
    va_list parts;
    va_start(parts, part);
    text_put(&t, "leakwatch: ");
    for (; part; part = va_arg(parts, const char *))
        text_put_foreign(&t, part, LINE_BYTES);
    va_end(parts);
    text_put(&t, "\n");
    text_flush(&t);
    if (buffer)
        SYS2(SYS_munmap, buffer, LINE_BYTES);
}

const char *reporter_number(char *buffer, unsigned long long value)
{
    return text_decimal(buffer, value);
}
