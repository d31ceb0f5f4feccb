/* leakwatch export: a ledger in a form that other tools read. A format is a line of the table here and a file
 * of its own, export_NAME.c. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"
#include "export.h"
#include "places.h"
#include "print.h"

static const char help[] =
    "usage: leakwatch export --format FORMAT [OPTION]... [FILE | PID]\n"
    "\n"
    "Writes the sites of a ledger in a form that other tools read: of the program that runs\n"
    "or ran as PID, of a file, or of the newest ledger of this user.\n"
    "\n"
    "  -f, --format FORMAT        one of:\n";
static const char more_help[] =
    "  -w, --what WHAT            folded: live (default), allocated or growth\n"
    "  -o, --output FILE          default stdout; a file (%p pid, %n program, %t start time,\n"
    "                             %h host, %%)\n"
    "      --suppressions FILE    leak:PATTERN lines: such sites do not count as growth\n"
    "  -q, --quiet                no line on progress, which a terminal gets after a second\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 when it was written, 1 on failure, 2 on a usage error.\n";

static const struct format {
    const char *name;
    int (*write)(struct report *r, const struct export *e, FILE *out);
    const char *meaning;        /* for --help: one line */
    const char *(*lacks)(void); /* what this build lacks for it, if anything; NULL: it needs nothing */
    bool binary;
} formats[] = {
    {"folded", export_folded, "stacks with bytes, for flamegraph.pl, inferno, speedscope", NULL, false},
    {"pprof", export_pprof, "gzip'd protobuf, for go tool pprof, Pyroscope, Parca", export_pprof_lacks, true},
    {"csv", export_csv, "a line a site, for spreadsheets", NULL, false},
    {"json", export_json, "as leakwatch report --format json", NULL, false},
    {"html", export_html, "one page with charts, for a browser; opens without a network", export_html_lacks,
     false},
    {"prometheus", export_prometheus, "figures and growing sites, for node_exporter's textfile collector",
     NULL, false},
};
#define FORMATS (sizeof formats / sizeof *formats)

static const char *const whats[] = {
    [EXPORT_LIVE] = "live", [EXPORT_ALLOCATED] = "allocated", [EXPORT_GROWTH] = "growth"};
#define WHATS (sizeof whats / sizeof *whats)

enum { OPTION_SUPPRESSIONS = 256 };

static const struct option options[] = {
    {"format", required_argument, NULL, 'f'},
    {"what", required_argument, NULL, 'w'},
    {"output", required_argument, NULL, 'o'},
    {"suppressions", required_argument, NULL, OPTION_SUPPRESSIONS},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct request {
    struct settings settings;
    const struct format *format;
    struct export export;
    bool what_given;
    bool help;
};

uint64_t export_growth(const struct finding *f)
{
    double grown = f->live_bytes - f->from_bytes;
    if (f->verdict != VERDICT_GROWING || f->suppressed || !(grown > 0))
        return 0;
    return grown < (double)INT64_MAX ? (uint64_t)grown : INT64_MAX; /* a forged ledger's may be anything */
}

static int show_help(void)
{
    fputs(help, stdout);
    for (size_t i = 0; i < FORMATS; i++)
        printf("      %-12s %s\n", formats[i].name, formats[i].meaning);
    return command_help(more_help);
}

/* All names that are accepted, in one line on stderr. */
static bool complain_of_format(const char *value)
{
    char names[256] = "";
    for (size_t i = 0; i < FORMATS; i++) {
        size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "", formats[i].name);
    }
    complain("export: --format %s: expected one of %s", value, names);
    return false;
}

static bool take_format(struct request *q, const char *value)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(value, formats[i].name) == 0) {
            q->format = &formats[i];
            q->export.write = formats[i].write;
            return true;
        }
    return complain_of_format(value);
}

static bool take_what(struct request *q, const char *value)
{
    q->what_given = true;
    for (size_t i = 0; i < WHATS; i++)
        if (strcmp(value, whats[i]) == 0) {
            q->export.what = (enum export_what)i;
            return true;
        }
    complain("export: --what %s: expected live, allocated or growth", value);
    return false;
}

/* One option; false after one line on stderr. */
static bool take_option(struct request *q, int option, const char *value)
{
    switch (option) {
    case 'f':
        return take_format(q, value);
    case 'w':
        return take_what(q, value);
    case 'o':
        q->settings.output = value;
        return true;
    case 'q':
        return q->settings.quiet = true;
    case OPTION_SUPPRESSIONS:
        q->settings.suppressions = value;
        return true;
    default:
        q->help = true;
        return true;
    }
}

/* As gzip does: a screen full of bytes is nobody's wish. */
static bool is_for_terminal(const struct request *q)
{
    return q->format->binary && strcmp(q->settings.output, "stdout") == 0 && isatty(STDOUT_FILENO);
}

/* What does not fit together. 0, or EXIT_USAGE after one line. */
static int check(const struct request *q, int argc, char **argv)
{
    if (argc - optind > 1)
        complain("export: one ledger at a time, but %s follows %s", argv[optind + 1], argv[optind]);
    else if (!q->format)
        complain("export: which --format? see leakwatch export --help");
    else if (is_for_terminal(q))
        complain("export: --format %s is not for a terminal: name a file with -o", q->format->name);
    else if (q->what_given && q->export.write != export_folded)
        complain("export: --what is for --format folded; the other formats hold all of it");
    else
        return 0;
    return EXIT_USAGE;
}

/* 0, or EXIT_FAILED after one line: the format was left out of this build. */
static int check_build(const struct format *format)
{
    const char *lacks = format->lacks ? format->lacks() : NULL;
    if (!lacks)
        return 0;
    complain("export: --format %s: this build has no %s, and build again", format->name, lacks);
    return EXIT_FAILED;
}

static int parse(struct request *q, int argc, char **argv)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":f:w:o:qh", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("export", argv, option);
        if (!take_option(q, option, optarg))
            return EXIT_USAGE;
    }
    if (q->help)
        return 0;
    int misused = check(q, argc, argv);
    return misused ? misused : check_build(q->format);
}

static int write_export(const struct request *q, const char *path)
{
    struct suppressions suppressions;
    struct printed printed;
    if (print_suppressions(&suppressions, &q->settings) != 0)
        return EXIT_FAILED;
    /* JSON, the page and metrics are the report, which leaves small sites out: then they are not to be
     * judged, either. */
    bool is_report = q->export.write == export_json || q->export.write == export_html ||
                     q->export.write == export_prometheus;
    struct report_options how = {.top = q->settings.top,
                                 .suppressions = &suppressions,
                                 .children = true,
                                 .every = !is_report,
                                 .export = &q->export};
    int result = print_report(path, &q->settings, &how, false, &printed);
    suppressions_free(&suppressions);
    return result == 0 ? EXIT_DONE : EXIT_FAILED;
}

int cmd_export(int argc, char **argv)
{
    struct request q = {.settings = settings_of_environment()};
    char why[512];
    /* As with report: an answer, to stdout, whatever LEAKWATCH_OUTPUT says of reports at exit. */
    q.settings.output = "stdout";
    int misused = parse(&q, argc, argv);
    if (misused)
        return misused;
    if (q.help)
        return show_help();
    char *path = places_find(argv[optind], why, sizeof why);
    if (!path) {
        complain("%s", why);
        return EXIT_FAILED;
    }
    int status = write_export(&q, path);
    free(path);
    return status;
}
