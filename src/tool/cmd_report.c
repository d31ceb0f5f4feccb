/* leakwatch report: the report of one ledger, by file, by pid, or the newest. Also what the recorder runs
 * when a program exits (--at-exit, an internal option). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at_exit.h"
#include "baseline.h"
#include "children.h"
#include "command.h"
#include "complain.h"
#include "places.h"
#include "print.h"

static const char help[] =
    "usage: leakwatch report [OPTION]... [FILE | PID]\n"
    "\n"
    "Prints the report of a ledger: of the program that runs or ran as PID, of a file,\n"
    "or the newest of this user. Reading costs a running program nothing.\n"
    "\n"
    "  -f, --format FORMAT        text (default), json, github (annotations of GitHub Actions),\n"
    "                             junit (XML for any CI)\n"
    "  -o, --output FILE          default stdout; stderr, none, or a file (%p pid, %n program,\n"
    "                             %t start time, %h host, %%)\n"
    "  -n, --top N                most sites of each kind in a text report, default 10\n"
    "      --all-frames           also the frames of node, V8, python ... between a page request and the\n"
    "                             program's own functions\n"
    "      --suppressions FILE    leak:PATTERN lines, LeakSanitizer's syntax\n"
    "      --baseline FILE        a JSON report or ledger: what grew there is known and not flagged\n"
    "      --exit-code N          exit with N when a site is flagged\n"
    "  -q, --quiet                no line on progress, which a terminal gets after a second\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 when the report was given, 1 on failure, 2 on a usage error.\n";

enum { OPTION_SUPPRESSIONS = 256, OPTION_BASELINE, OPTION_EXIT_CODE, OPTION_ALL_FRAMES, OPTION_AT_EXIT };

static const struct option options[] = {
    {"format", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"top", required_argument, NULL, 'n'},
    {"suppressions", required_argument, NULL, OPTION_SUPPRESSIONS},
    {"baseline", required_argument, NULL, OPTION_BASELINE},
    {"exit-code", required_argument, NULL, OPTION_EXIT_CODE},
    {"exitcode", required_argument, NULL, OPTION_EXIT_CODE},
    {"all-frames", no_argument, NULL, OPTION_ALL_FRAMES},
    {AT_EXIT_OPTION, no_argument, NULL, OPTION_AT_EXIT},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct request {
    struct settings settings;
    const char *baseline; /* a file, or NULL */
    bool at_exit;
    bool help;
};

/* One option; false after one line on stderr. */
static bool take_option(struct request *q, int option, const char *value)
{
    int number = 0;
    switch (option) {
    case 'f':
        if (settings_form(value, &q->settings.form))
            return true;
        complain("report: --format %s: expected text, json, github or junit", value);
        return false;
    case 'o':
        q->settings.output = value;
        return true;
    case 'n':
        number = command_number("report", "top", value, 100000);
        q->settings.top = (uint32_t)number;
        return number >= 0;
    case 'q':
        return q->settings.quiet = true;
    case OPTION_SUPPRESSIONS:
        q->settings.suppressions = value;
        return true;
    case OPTION_BASELINE:
        q->baseline = value;
        return true;
    case OPTION_EXIT_CODE:
        number = command_number("report", "exit-code", value, 255);
        q->settings.exit_code = number;
        return number >= 0;
    case OPTION_ALL_FRAMES:
        q->settings.all_frames = true;
        return true;
    case OPTION_AT_EXIT:
        q->at_exit = true;
        return true;
    default:
        q->help = true;
        return true;
    }
}

/* 0, or the exit status after one line. */
static int parse(struct request *q, int argc, char **argv)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":f:o:n:qh", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("report", argv, option);
        if (!take_option(q, option, optarg))
            return EXIT_USAGE;
    }
    if (argc - optind > 1) {
        complain("report: one ledger at a time, but %s follows %s", argv[optind + 1], argv[optind]);
        return EXIT_USAGE;
    }
    return 0;
}

/* The recorder waits half a minute for us, and without names it takes but a moment. */
#define PATIENCE_AT_EXIT_MS 20000

/* At exit the report must not be lost for the sake of a suppression file or an output. */
static int print(const struct request *q, const char *path, const struct kept *baseline)
{
    struct suppressions suppressions;
    struct printed printed;
    if (print_suppressions(&suppressions, &q->settings) != 0 && !q->at_exit)
        return EXIT_FAILED;
    struct report_options how = {.top = q->settings.top,
                                 .suppressions = &suppressions,
                                 .baseline = baseline,
                                 .children = true,
                                 .all_frames = q->settings.all_frames,
                                 .patience_ms = q->at_exit ? PATIENCE_AT_EXIT_MS : 0};
    int result = print_report(path, &q->settings, &how, q->at_exit, &printed);
    suppressions_free(&suppressions);
    if (result != 0)
        return EXIT_FAILED;
    if (q->at_exit && printed.head.ended == ENDED_EXIT)
        children_prune(&printed.head);
    if (q->at_exit)
        return AT_EXIT_GIVEN;
    return printed.growing ? q->settings.exit_code : EXIT_DONE;
}

static int print_with_baseline(const struct request *q, const char *path)
{
    struct kept baseline;
    if (!q->baseline)
        return print(q, path, NULL);
    if (baseline_read(&baseline, q->baseline, &q->settings) != 0)
        return EXIT_FAILED;
    int status = print(q, path, &baseline);
    kept_free(&baseline);
    return status;
}

int cmd_report(int argc, char **argv)
{
    struct request q = {.settings = settings_of_environment()};
    const char *from_environment = q.settings.output;
    char why[512];
    /* By hand a report is an answer: to stdout, and nothing of LEAKWATCH_OUTPUT or LEAKWATCH_EXITCODE. */
    q.settings.output = "stdout";
    q.settings.exit_code = 0;
    int misused = parse(&q, argc, argv);
    if (misused)
        return misused;
    if (q.help)
        return command_help(help);
    if (q.at_exit)
        q.settings.output = from_environment;
    char *path = places_find(argv[optind], why, sizeof why);
    if (!path) {
        complain("%s", why);
        return EXIT_FAILED;
    }
    int status = print_with_baseline(&q, path);
    free(path);
    return status;
}
