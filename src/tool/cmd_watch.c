/* leakwatch watch: keeps a file of metrics fresh for all recorded programs of this user that run. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"
#include "metrics.h"
#include "places.h"
#include "print.h"

static const char help[] =
    "usage: leakwatch watch [--interval TIME] [-o FILE]\n"
    "\n"
    "Tells Prometheus what all recorded programs of this user do that run now: written every 30 s,\n"
    "for node_exporter's textfile collector. The file is replaced at once (written beside it, then\n"
    "renamed), and removed at the end, by SIGTERM, SIGINT or SIGHUP.\n"
    "\n"
    "  -i, --interval TIME    how often, default 30s (1s to 24h)\n"
    "  -o, --output FILE      default stdout, where each round follows the last\n"
    "  -n, --top N            most growing sites of each program, default 10, at most 100\n"
    "      --suppressions F   leak:PATTERN lines: such sites do not count as growth\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 when it was ended by a signal, 1 on failure, 2 on a usage error.\n";

/* More would be a file that no monitoring system wants: the newest are told. */
#define MOST_PROCESSES 1000u
/* Of one program, in ms: names of a browser take some seconds. */
#define PATIENCE_MS 20000

struct watch {
    struct settings settings;
    struct suppressions suppressions;
    const char *file; /* or NULL: stdout */
    long interval_s;
    sigset_t ends; /* signals that end it; blocked but while it waits */
};

/* ---- one round ---- */

static bool runs(const struct place *place)
{
    struct ledger_header head;
    char why[256];
    return ledger_peek(&head, place->path, why, sizeof why) == 0 && process_of(&head).end == PROCESS_RUNNING;
}

/* False: the ledger has gone meanwhile, or cannot be read, which one line on stderr says. */
static bool take(struct metrics *m, const struct watch *w, const char *path)
{
    struct export as_it_is = {.write = metrics_put};
    struct report_options how = {.top = w->settings.top,
                                 .suppressions = &w->suppressions,
                                 .export = &as_it_is,
                                 .patience_ms = PATIENCE_MS};
    size_t size = 0;
    char *bytes = print_to_memory(path, &w->settings, &how, &size);
    bool whole = bytes && size == sizeof *m;
    if (whole)
        memcpy(m, bytes, sizeof *m);
    free(bytes);
    if (!whole || m->count > METRICS_SITES)
        return false;
    m->program[sizeof m->program - 1] = '\0';
    for (uint32_t i = 0; i < m->count; i++)
        m->sites[i].place[sizeof m->sites[i].place - 1] = '\0';
    return true;
}

/* All that run, the newest first. How many; -1 without memory. */
static int64_t take_all(struct metrics **items, const struct watch *w)
{
    struct places places = places_list();
    uint32_t count = 0, room = places.count < MOST_PROCESSES ? places.count : MOST_PROCESSES;
    *items = malloc((room + (size_t)1) * sizeof **items);
    for (uint32_t i = places.count; *items && i-- > 0 && count < room;)
        if (runs(&places.items[i]) && take(&(*items)[count], w, places.items[i].path))
            count++;
    places_free(&places);
    return *items ? (int64_t)count : -1;
}

/* The text of a round. free() it; NULL without memory. */
static char *text_of_round(const struct watch *w, size_t *size)
{
    struct metrics *items = NULL;
    char *text = NULL;
    int64_t count = take_all(&items, w);
    FILE *out = count < 0 ? NULL : open_memstream(&text, size);
    if (out) {
        metrics_write(items, (uint32_t)count, out);
        fclose(out);
    }
    free(items);
    return text;
}

/* ---- the file ---- */

/* As any new file: what the umask leaves. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Beside it, under a name that collectors pass over, then in its place. 0, or -1 with errno. */
static int replace(const char *file, const char *text, size_t size)
{
    char *beside = NULL;
    if (asprintf(&beside, "%s.XXXXXX", file) < 0)
        return -1;
    int fd = mkostemp(beside, O_CLOEXEC);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    bool written = out && fwrite(text, 1, size, out) == size && fchmod(fd, usual_mode()) == 0;
    bool closed = out && fclose(out) == 0;
    int result = written && closed ? rename(beside, file) : -1;
    int error = errno;
    if (result != 0 && fd >= 0)
        unlink(beside);
    free(beside);
    errno = error;
    return result;
}

static int put_round(const struct watch *w)
{
    size_t size = 0;
    char *text = text_of_round(w, &size);
    int result = -1;
    if (text && w->file)
        result = replace(w->file, text, size);
    else if (text)
        result = fwrite(text, 1, size, stdout) == size && fflush(stdout) == 0 ? 0 : -1;
    if (result != 0)
        complain("watch: cannot write %s: %s", w->file ? w->file : "stdout",
                 text ? strerror(errno) : "out of memory");
    free(text);
    return result;
}

/* ---- round after round ---- */

/* True: it is time for another round; false: a signal wants the end. */
static bool wait_for_next(const struct watch *w)
{
    struct timespec time = {.tv_sec = w->interval_s};
    int signal;
    while ((signal = sigtimedwait(&w->ends, NULL, &time)) < 0 && errno == EINTR) {
    }
    return signal < 0;
}

/* Only the first round may fail for good: later ones, on a disk that was full, are tried again. */
static int watch(struct watch *w)
{
    sigemptyset(&w->ends);
    sigaddset(&w->ends, SIGTERM);
    sigaddset(&w->ends, SIGINT);
    sigaddset(&w->ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &w->ends, NULL);
    if (put_round(w) != 0)
        return EXIT_FAILED;
    while (wait_for_next(w))
        if (put_round(w) != 0 && !w->file) /* nobody reads stdout any more */
            return EXIT_FAILED;
    if (w->file)
        unlink(w->file);
    return EXIT_DONE;
}

static const struct option options[] = {
    {"interval", required_argument, NULL, 'i'}, {"output", required_argument, NULL, 'o'},
    {"top", required_argument, NULL, 'n'},      {"suppressions", required_argument, NULL, 's'},
    {"help", no_argument, NULL, 'h'},           {0}};

static bool take_option(struct watch *w, int option, const char *value)
{
    int number;
    switch (option) {
    case 'i':
        w->interval_s = command_seconds("watch", "interval", value);
        return w->interval_s > 0;
    case 'o':
        w->file = value;
        return true;
    case 'n':
        number = command_number("watch", "top", value, METRICS_SITES);
        w->settings.top = (uint32_t)number;
        return number >= 0;
    default:
        w->settings.suppressions = value;
        return true;
    }
}

int cmd_watch(int argc, char **argv)
{
    struct watch w = {.settings = settings_of_environment(), .interval_s = 30};
    int option;
    w.settings.output = "stdout";
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":i:o:n:h", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("watch", argv, option);
        if (option == 'h')
            return command_help(help);
        if (!take_option(&w, option, optarg))
            return EXIT_USAGE;
    }
    if (optind < argc) {
        complain("watch: %s: no arguments are expected: all programs that run are watched", argv[optind]);
        return EXIT_USAGE;
    }
    if (print_suppressions(&w.suppressions, &w.settings) != 0)
        return EXIT_FAILED;
    int status = watch(&w);
    suppressions_free(&w.suppressions);
    return status;
}
