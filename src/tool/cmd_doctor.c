/* leakwatch doctor: can programs be recorded here, and will the report have names? One line a finding, and
 * what to do about those that are none of the good ones. */
#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cgroup.h"
#include "command.h"
#include "complain.h"
#include "format.h"
#include "launch.h"
#include "ledger.h"
#include "library.h"
#include "places.h"
#include "preloadable.h"
#include "settings.h"

#define LEDGER_ROOM (UINT64_C(64) << 20) /* a program of 100,000 sites takes some 30 MiB */

static const char help[] =
    "usage: leakwatch doctor [CMD]\n"
    "\n"
    "Tries whether programs can be recorded here, and says what is in the way; with CMD, whether\n"
    "this program can, and what its report needs to have names.\n"
    "\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 when programs (and CMD) can be recorded, 1 when not, 2 on a usage error.\n";

/* What kind of news a line is. */
enum finding { GOOD, ADVICE, TROUBLE };

struct doctor {
    unsigned advice, troubles;
    char *library; /* or NULL */
};

static void look_at_system(struct doctor *d);
static void look_at_settings(struct doctor *d);
static void try_recording(struct doctor *d);
static void look_at_program(struct doctor *d, const char *command);
static int sum_up(const struct doctor *d);

int cmd_doctor(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct doctor d = {0};
    opterr = 0;
    int option = getopt_long(argc, argv, "+:h", options, NULL);
    if (option == 'h')
        return command_help(help);
    if (option != -1)
        return command_misused("doctor", argv, option);
    if (argc - optind > 1) {
        complain("doctor: one program at a time, without its arguments");
        return EXIT_USAGE;
    }
    look_at_system(&d);
    look_at_settings(&d);
    try_recording(&d);
    if (optind < argc)
        look_at_program(&d, argv[optind]);
    free(d.library);
    return sum_up(&d);
}

/* ---- lines ---- */

/* A stranger's words may be in it. */
static void line(const char *head, const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        return;
    printf("%-8s", head);
    format_text(stdout, text);
    putchar('\n');
    free(text);
}

static void tell(struct doctor *d, enum finding finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void tell(struct doctor *d, enum finding finding, const char *format, ...)
{
    static const char *const heads[] = {[GOOD] = "good", [ADVICE] = "advice", [TROUBLE] = "TROUBLE"};
    va_list arguments;
    d->advice += finding == ADVICE;
    d->troubles += finding == TROUBLE;
    va_start(arguments, format);
    line(heads[finding], format, arguments);
    va_end(arguments);
}

static void remedy(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void remedy(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    line("", format, arguments);
    va_end(arguments);
}

static int sum_up(const struct doctor *d)
{
    if (d->troubles)
        printf("\nRecording is not possible before the trouble is mended.\n");
    else
        printf("\nPrograms can be recorded here:  leakwatch run -- CMD\n");
    return fflush(stdout) != 0 || d->troubles ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the machine ---- */

/* Is this "6.1.0-13-amd64" or "2.36" at least major.minor? */
static bool is_from(const char *version, unsigned major, unsigned minor)
{
    unsigned has_major = 0, has_minor = 0;
    sscanf(version, "%u.%u", &has_major, &has_minor);
    return has_major > major || (has_major == major && has_minor >= minor);
}

static void look_at_kernel(struct doctor *d)
{
    struct utsname name;
    if (uname(&name) != 0)
        return;
    if (is_from(name.release, 5, 14))
        tell(d, GOOD, "Linux %s", name.release);
    else
        tell(d, ADVICE, "Linux %s: before 5.14 a ledger takes all its room at once", name.release);
}

static void look_at_libraries(struct doctor *d)
{
    const char *version = gnu_get_libc_version();
    bool tables = is_from(version, 2, 35);
    void *unwinder = dlopen("libunwind-x86_64.so.8", RTLD_NOW | RTLD_LOCAL);
    if (tables && unwinder)
        tell(d, GOOD, "glibc %s and libunwind: whole stacks", version);
    if (!tables) {
        tell(d, ADVICE, "glibc %s: stacks will have one frame only", version);
        remedy("2.35 (Debian 12, Ubuntu 22.04) or newer has what whole stacks need");
    }
    if (!unwinder) {
        tell(d, ADVICE, "libunwind-x86_64.so.8 cannot be loaded: stacks will have one frame only");
        remedy("install Debian's libunwind8");
    } else {
        dlclose(unwinder);
    }
}

static void look_at_limits(struct doctor *d)
{
    struct rlimit limit;
    struct cgroup_memory memory = cgroup_memory_of(getpid());
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        tell(d, ADVICE, "address space is limited to %s: a sixteenth of it is for the ledger",
             format_bytes((double)limit.rlim_cur).text);
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < LEDGER_ROOM)
        tell(d, ADVICE,
             "files are limited to %s (ulimit -f): where the ledger needs more, it is kept in memory",
             format_bytes((double)limit.rlim_cur).text);
    if (memory.limit_bytes)
        tell(d, GOOD, "the control group's limit, %s with %s in use, is what reports will reckon with",
             format_bytes((double)memory.limit_bytes).text, format_bytes((double)memory.used_bytes).text);
}

static void look_at_system(struct doctor *d)
{
    look_at_kernel(d);
    look_at_libraries(d);
    look_at_limits(d);
}

/* ---- settings ---- */

static const struct setting *setting_of(const char *name, size_t length)
{
    for (size_t i = 0; i < settings_count; i++)
        if (strlen(settings_table[i].variable) == length &&
            strncmp(settings_table[i].variable, name, length) == 0)
            return &settings_table[i];
    return NULL;
}

static void look_at_setting(struct doctor *d, const char *entry)
{
    size_t length = strcspn(entry, "=");
    const struct setting *s = setting_of(entry, length);
    if (length == strlen("LEAKWATCH_ROOT") && strncmp(entry, "LEAKWATCH_ROOT", length) == 0) {
        tell(d, ADVICE, "%s: set by a recorded parent; unset it to have a process report for itself", entry);
    } else if (!s) {
        tell(d, ADVICE, "%.*s is no setting of leakwatch", (int)length, entry);
        remedy("the settings are in leakwatch run --help");
    } else if (!settings_accepts(s, entry + length + 1)) {
        tell(d, ADVICE, "%s counts as not set", entry);
        remedy("expected %s", s->accepted);
    } else {
        tell(d, GOOD, "%s", entry);
    }
}

static void look_at_settings(struct doctor *d)
{
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "LEAKWATCH_", strlen("LEAKWATCH_")) == 0 && strchr(*e, '='))
            look_at_setting(d, *e);
    const char *preload = getenv("LD_PRELOAD");
    if (preload && *preload)
        tell(d, GOOD, "LD_PRELOAD=%s: the library comes before these", preload);
}

/* ---- a trial ---- */

static void look_at_place(struct doctor *d, const char *ledger)
{
    struct statvfs fs;
    if (statvfs(ledger, &fs) != 0)
        return;
    uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
    char *folder = strdup(ledger), *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash)
        *slash = '\0';
    tell(d, room < LEDGER_ROOM ? ADVICE : GOOD, "ledgers lie in %s, with room for %s",
         folder ? folder : ledger, format_bytes((double)room).text);
    if (room < LEDGER_ROOM)
        remedy(
            "a container's /dev/shm can be made larger (docker run --shm-size 256m), or name another place: "
            "LEAKWATCH_LEDGER=/some/where/%%n.%%p.lw");
    free(folder);
}

/* true, with the library, and the ledger of it. */
static void record_one(struct doctor *d, const char *path)
{
    char *argv[] = {(char *)"true", NULL};
    const char *const set[] = {"LD_PRELOAD", d->library, "LEAKWATCH_OUTPUT", "none", NULL};
    const char *const unset[] = {"LEAKWATCH_ROOT", "LEAKWATCH_LEDGER", "LEAKWATCH_CHILDREN", NULL};
    struct launch what = {.path = path, .argv = argv, .set = set, .unset = unset};
    struct outcome outcome;
    struct ledger_header head;
    char why[256];
    if (launch(&what, &outcome) != 0 || outcome.exec_errno) {
        tell(d, TROUBLE, "%s cannot be run: %s", path,
             strerror(outcome.exec_errno ? outcome.exec_errno : errno));
        return;
    }
    char *ledger = places_of_process(outcome.pid, outcome.start_ticks, NULL);
    if (!ledger) {
        tell(d, TROUBLE, "%s ran with the library, but there is no ledger of it", path);
        remedy("is /dev/shm, $TMPDIR or /tmp a folder that this user can write into? LEAKWATCH_VERBOSE=2 "
               "says why not");
        return;
    }
    if (ledger_peek(&head, ledger, why, sizeof why) != 0) {
        tell(d, TROUBLE, "the ledger of %s cannot be read: %s", path, why);
    } else {
        tell(d, GOOD, "%s was recorded", path);
        look_at_place(d, ledger);
    }
    unlink(ledger);
    free(ledger);
}

static void try_recording(struct doctor *d)
{
    d->library = library_find(); /* says why not */
    if (!d->library) {
        tell(d, TROUBLE, "the library is missing");
        remedy("build or install leakwatch as its README says");
        return;
    }
    tell(d, GOOD, "%s", d->library);
    char *path = launch_find("true");
    if (path)
        record_one(d, path);
    free(path);
}

/* ---- a program ---- */

/* What makes a runtime's own functions visible. */
static const struct {
    const char *begins, *hint;
} runtimes[] = {
    {"node", "its functions get names by: node --perf-basic-prof --interpreted-frames-native-stack"},
    {"python",
     "its objects are seen one by one, and its functions with 3.12's -X perf, by: PYTHONMALLOC=malloc"},
    {"java", "its functions are on the stacks with -XX:+PreserveFramePointer and a perf map "
             "(-XX:+DumpPerfMapAtExit)"},
    {"ruby", "its own heap comes in pages: sites are where these were asked for"},
};

static void look_at_program(struct doctor *d, const char *command)
{
    char why[512];
    char *path = launch_find(command);
    if (!path) {
        tell(d, TROUBLE, "%s: %s", command, errno == ENOENT ? "command not found" : strerror(errno));
        return;
    }
    struct preloadable can = preloadable(path, why, sizeof why);
    if (!can.yes)
        tell(d, TROUBLE, "%s", why);
    else if (can.sanitized)
        tell(d, TROUBLE, "%s is built with a sanitizer, which owns malloc", path);
    else if (can.own_malloc)
        tell(d, ADVICE, "%s brings its own malloc: what it allocates through it is not seen", path);
    else
        tell(d, GOOD, "%s can be recorded", path);
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
        if (strncmp(base, runtimes[i].begins, strlen(runtimes[i].begins)) == 0)
            tell(d, ADVICE, "%s: %s", base, runtimes[i].hint);
    free(path);
}
