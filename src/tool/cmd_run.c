/* leakwatch run: runs a program with the library preloaded, and reports however it ends.
 *
 * The recorder is told to print nothing and to leave its ledger: we print, also after SIGKILL. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "baseline.h"
#include "command.h"
#include "complain.h"
#include "launch.h"
#include "library.h"
#include "places.h"
#include "preloadable.h"
#include "print.h"

/* Younger children with a growing site are start-up, not leaks: they do not speak. */
#define CHILD_SPEAKS_MS 10000

enum { EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

enum { OPTION_ALL_FRAMES = 256, OPTION_SETTING }; /* the latter and the index in settings_table */

struct request {
    const char *set[64]; /* NAME, VALUE, ...: settings_count pairs and a few of ours fit */
    size_t set_count;
    const char *baseline; /* a file, or NULL */
    const char *form;     /* github or junit, which the library does not know; or NULL */
    bool help;
    bool all_frames;
    bool sanitized;
    char **command;
};

_Static_assert(sizeof((struct request){0}.set) / sizeof(char *) >= 2 * 24 + 1, "room for every setting");

/* What is not to be flagged. Read before the run: a mistake in a name is not to be told after days. */
struct known {
    struct settings settings;
    struct suppressions suppressions;
    struct kept baseline;
    bool has_baseline;
};

static int parse(struct request *q, int argc, char **argv);
static int print_help(void);
static int prepare(struct request *q, char **path);
static int run(struct request *q, const char *path, const char *library);
static int report_all(const struct outcome *outcome, const struct request *q, const struct known *known,
                      uint32_t *growing);

int cmd_run(int argc, char **argv)
{
    struct request q = {0};
    int status = parse(&q, argc, argv);
    if (status)
        return status;
    if (q.help)
        return print_help();
    char *path = NULL, *library = NULL;
    status = prepare(&q, &path);
    if (status == 0) {
        library = library_find();
        status = library ? run(&q, path, library) : EXIT_FAILED;
    }
    free(library);
    free(path);
    return status;
}

/* ---- options ---- */

static int print_help(void)
{
    fputs("usage: leakwatch run [OPTION]... [--] CMD [ARG]...\n"
          "\n"
          "Runs CMD with libleakwatch.so preloaded and prints the report when it has ended, however it\n"
          "ends. Options override the environment variables of the same names.\n"
          "\n",
          stdout);
    for (size_t i = 0; i < settings_count; i++) {
        char option[64];
        snprintf(option, sizeof option, "--%s %s", settings_table[i].option, settings_table[i].value);
        printf("  %-22s %s\n", option, settings_table[i].meaning);
    }
    fputs("  --exit-code N          the same as --exitcode\n"
          "  --all-frames           also the frames of node, V8, python ... (leakwatch report --help)\n"
          "  --format github|junit  annotations of GitHub Actions, or XML for any CI\n"
          "  --baseline FILE        a JSON report or ledger: what grew there is known and not flagged\n"
          "  -h, --help\n"
          "\n"
          "Exit status: that of CMD, 128 + N when it was killed by signal N; 127 when it was not found, 126\n"
          "when it cannot be executed; 1 when it cannot be preloaded, 2 on a usage error.\n",
          stdout);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static void set(struct request *q, const char *name, const char *value)
{
    q->set[q->set_count++] = name;
    q->set[q->set_count++] = value;
}

/* From now on the option counts as if it had been in the environment all along. */
static int take_setting(struct request *q, const struct setting *s, const char *value)
{
    enum report_form form;
    if (strcmp(s->option, "format") == 0) {
        bool known = settings_form(value, &form);
        q->form = known && form > FORM_JSON ? value : NULL;
        if (q->form)
            return 0;
        if (!known) {
            complain("run: --format %s: expected text, json, github or junit", value);
            return EXIT_USAGE;
        }
    }
    if (!settings_accepts(s, value)) {
        complain("run: --%s %s: expected %s", s->option, value, s->accepted);
        return EXIT_USAGE;
    }
    return setenv(s->variable, value, 1) == 0 ? 0 : EXIT_FAILED;
}

static size_t index_of(const char *option)
{
    size_t i = 0;
    while (strcmp(settings_table[i].option, option) != 0)
        i++;
    return i;
}

static void fill_options(struct option *options)
{
    size_t i = 0;
    for (; i < settings_count; i++)
        options[i] =
            (struct option){settings_table[i].option, required_argument, NULL, OPTION_SETTING + (int)i};
    options[i++] =
        (struct option){"exit-code", required_argument, NULL, OPTION_SETTING + (int)index_of("exitcode")};
    options[i++] = (struct option){"all-frames", no_argument, NULL, OPTION_ALL_FRAMES};
    options[i++] = (struct option){"baseline", required_argument, NULL, 'b'};
    options[i++] = (struct option){"help", no_argument, NULL, 'h'};
    options[i] = (struct option){0};
}

/* 0, or the exit status after one line. The first argument that is no option begins the command. */
static int parse(struct request *q, int argc, char **argv)
{
    struct option options[32];
    int option, status = 0;
    fill_options(options);
    opterr = 0;
    while (status == 0 && (option = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("run", argv, option);
        if (option == 'h')
            q->help = true;
        else if (option == OPTION_ALL_FRAMES)
            q->all_frames = true;
        else if (option == 'b')
            q->baseline = optarg;
        else
            status = take_setting(q, &settings_table[option - OPTION_SETTING], optarg);
    }
    q->command = argv + optind;
    if (status == 0 && !q->help && !*q->command) {
        complain("run: which program? leakwatch run [OPTION]... [--] CMD [ARG]...");
        return EXIT_USAGE;
    }
    return status;
}

/* ---- before ---- */

/* Finds the program and looks whether it can be preloaded. */
static int prepare(struct request *q, char **path)
{
    char why[512];
    *path = launch_find(q->command[0]);
    if (!*path) {
        int error = errno;
        complain("%s: %s", q->command[0], error == ENOENT ? "command not found" : strerror(error));
        return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    }
    struct preloadable can = preloadable(*path, why, sizeof why);
    if (!can.yes) {
        complain("cannot record: %s", why);
        return EXIT_FAILED;
    }
    q->sanitized = can.sanitized;
    if (can.own_malloc && !can.sanitized)
        complain("%s brings its own malloc: what it allocates through it is not seen", *path);
    return 0;
}

static char *preload_value(const char *library)
{
    const char *others = getenv("LD_PRELOAD");
    char *value = NULL;
    if (asprintf(&value, others && *others ? "%s:%s" : "%s", library, others) < 0)
        return NULL;
    return value;
}

/* ---- the run ---- */

/* 0, or -1 after one line. */
static int read_known(struct known *known, const struct request *q)
{
    *known = (struct known){.settings = settings_of_environment()};
    known->settings.all_frames = q->all_frames;
    if (q->form)
        settings_form(q->form, &known->settings.form);
    if (print_suppressions(&known->suppressions, &known->settings) != 0)
        return -1;
    if (!q->baseline)
        return 0;
    known->has_baseline = baseline_read(&known->baseline, q->baseline, &known->settings) == 0;
    if (known->has_baseline)
        return 0;
    suppressions_free(&known->suppressions);
    return -1;
}

static void free_known(struct known *known)
{
    if (known->has_baseline)
        kept_free(&known->baseline);
    suppressions_free(&known->suppressions);
}

/* 0 when it has run, or the exit status after one line. */
static int run_recorded(struct request *q, const char *path, const char *library, struct outcome *outcome)
{
    /* LEAKWATCH_ROOT: under `run` inside a recorded program, CMD is a root of its own. The exit status is
     * our business. */
    static const char *const unset[] = {"LEAKWATCH_EXITCODE", "LEAKWATCH_ROOT", NULL};
    char *preload = preload_value(library);
    if (!preload)
        return EXIT_FAILED;
    set(q, "LD_PRELOAD", preload);
    /* The library leaves the report to us, unless it can make no file that we could read. */
    set(q, "LEAKWATCH_OUTPUT", OUTPUT_LEFT_TO_RUN);
    struct launch what = {.path = path, .argv = q->command, .set = q->set, .unset = unset};
    int failed = launch(&what, outcome);
    int error = failed ? errno : outcome->exec_errno;
    free(preload);
    if (!error)
        return 0;
    complain("%s: %s", path, strerror(error));
    return failed ? EXIT_FAILED : error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int run(struct request *q, const char *path, const char *library)
{
    struct known known;
    struct outcome outcome;
    if (read_known(&known, q) != 0)
        return EXIT_FAILED;
    int exit_code = known.settings.exit_code, status = run_recorded(q, path, library, &outcome);
    if (status == 0) {
        uint32_t growing = 0;
        int reported = report_all(&outcome, q, &known, &growing);
        status = launch_exit_status(&outcome);
        if (status == 0)
            status = growing && exit_code ? exit_code : reported != 0 ? EXIT_FAILED : 0;
    }
    free_known(&known);
    return status;
}

/* ---- afterwards ---- */

static bool speaks(const struct child *c, const struct settings *settings)
{
    if (settings->children == SHOW_ALL)
        return true;
    return settings->children == SHOW_FLAGGED && c->growing && c->age_ms >= CHILD_SPEAKS_MS;
}

/* A ledger that was named is kept, and so is one whose report nobody has seen or whose process still runs. */
static void remove_ledger(const char *path, const struct settings *settings)
{
    struct ledger_header head;
    char why[256];
    if (settings->ledger || strcmp(settings->output, "none") == 0 ||
        ledger_peek(&head, path, why, sizeof why) != 0)
        return;
    if (!process_of(&head).alive)
        unlink(path);
}

static struct report_options options_of(const struct known *known)
{
    return (struct report_options){.top = known->settings.top,
                                   .suppressions = &known->suppressions,
                                   .all_frames = known->settings.all_frames,
                                   .baseline = known->has_baseline ? &known->baseline : NULL};
}

static void report_children(const struct printed *root, const struct known *known, uint32_t *growing)
{
    struct children children = children_of(&root->head, true);
    const struct settings *settings = &known->settings;
    for (uint32_t i = 0; i < children.count; i++) {
        const struct child *c = &children.items[i];
        struct report_options how = options_of(known);
        struct printed printed;
        /* In one file there is room for one document: children are listed in JSON, and keep their ledgers. */
        bool document = settings->form == FORM_JSON || settings->form == FORM_JUNIT;
        bool room = !document || strstr(settings->output, "%p");
        bool told = speaks(c, settings) && room && print_report(c->path, settings, &how, true, &printed) == 0;
        if (told)
            *growing += printed.growing;
        if (told || (c->judged && !c->growing))
            remove_ledger(c->path, settings);
    }
    children_free(&children);
}

/* 0, or -1 after one line: there is no report. */
static int report_all(const struct outcome *outcome, const struct request *q, const struct known *known,
                      uint32_t *growing)
{
    const struct settings *settings = &known->settings;
    struct printed printed;
    char *path = places_of_process(outcome->pid, outcome->start_ticks, settings->ledger);
    if (!path && q->sanitized) /* the library has said so */
        return 0;
    if (!path) {
        complain("no ledger of pid %d: the library was not loaded, or found no place for a file and has said "
                 "itself what it could",
                 outcome->pid);
        return 0;
    }
    struct report_options how = options_of(known);
    how.waited = true;
    how.wait_status = outcome->status;
    how.children = true;
    int result = print_report(path, settings, &how, true, &printed);
    if (result == 0) {
        *growing = printed.growing;
        report_children(&printed, known, growing);
        remove_ledger(path, settings);
    }
    free(path);
    return result;
}
