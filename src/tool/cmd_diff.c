/* leakwatch diff: what has changed between two reports, kept as JSON or as ledgers, across builds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "complain.h"
#include "diff.h"
#include "output.h"
#include "pairs.h"

static const char help[] =
    "usage: leakwatch diff [OPTION]... OLD NEW\n"
    "\n"
    "What grows in NEW that did not in OLD, what no longer does, and which sites came, went,\n"
    "grew or shrank. OLD and NEW are JSON reports, ledgers or pids, of one build or of two:\n"
    "sites are told by functions, files and lines.\n"
    "\n"
    "  -f, --format text|json     default text\n"
    "  -o, --output FILE          default stdout\n"
    "  -n, --top N                most sites of each kind in text, default 10\n"
    "      --suppressions FILE    leak:PATTERN lines, for ledgers: such sites do not count as growth\n"
    "      --exit-code N          exit with N when something newly grows\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 when they were compared, 1 on failure, 2 on a usage error.\n";

enum { OPTION_SUPPRESSIONS = 256, OPTION_EXIT_CODE };

static const struct option options[] = {
    {"format", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"top", required_argument, NULL, 'n'},
    {"suppressions", required_argument, NULL, OPTION_SUPPRESSIONS},
    {"exit-code", required_argument, NULL, OPTION_EXIT_CODE},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct request {
    struct settings settings;
    bool help;
};

static bool take_format(struct request *q, const char *value)
{
    if (settings_form(value, &q->settings.form) && q->settings.form <= FORM_JSON)
        return true;
    complain("diff: --format %s: expected text or json", value);
    return false;
}

/* One option; false after one line on stderr. */
static bool take_option(struct request *q, int option, const char *value)
{
    int number = 0;
    switch (option) {
    case 'f':
        return take_format(q, value);
    case 'o':
        q->settings.output = value;
        return true;
    case 'n':
        number = command_number("diff", "top", value, 100000);
        q->settings.top = (uint32_t)number;
        return number >= 0;
    case OPTION_SUPPRESSIONS:
        q->settings.suppressions = value;
        return true;
    case OPTION_EXIT_CODE:
        number = command_number("diff", "exit-code", value, 255);
        q->settings.exit_code = number;
        return number >= 0;
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
    while ((option = getopt_long(argc, argv, ":f:o:n:h", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("diff", argv, option);
        if (!take_option(q, option, optarg))
            return EXIT_USAGE;
    }
    if (q->help || argc - optind == 2)
        return 0;
    complain("diff: which two? leakwatch diff OLD NEW, each a JSON report, a ledger or a pid");
    return EXIT_USAGE;
}

/* To be freed; NULL without memory. */
static char *print(const struct request *q, const struct diff *d, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (!out)
        return NULL;
    int result = 0;
    if (q->settings.form == FORM_JSON)
        result = diff_json(d, out);
    else
        diff_text(d, q->settings.top, output_colour(q->settings.output), out);
    if (fclose(out) == 0 && result == 0)
        return text;
    free(text);
    return NULL;
}

static int write_diff(const struct request *q, const struct diff *d)
{
    char why[512] = "diff: out of memory";
    size_t size = 0;
    char *text = print(q, d, &size);
    int result = text ? output_write(q->settings.output, text, size, why, sizeof why) : -1;
    free(text);
    if (result != 0) {
        complain("%s", why);
        return EXIT_FAILED;
    }
    return d->counts[CHANGE_NEWLY_GROWING] ? q->settings.exit_code : EXIT_DONE;
}

static int compare(const struct request *q, struct kept *old, struct kept *new)
{
    struct diff d;
    if (pairs_merge(old) != 0 || pairs_merge(new) != 0 || diff_of(&d, old, new) != 0) {
        complain("diff: out of memory");
        return EXIT_FAILED;
    }
    int status = write_diff(q, &d);
    diff_free(&d);
    return status;
}

int cmd_diff(int argc, char **argv)
{
    struct request q = {.settings = settings_of_environment()};
    struct kept old, new;
    q.settings.output = "stdout"; /* as with report: an answer */
    q.settings.exit_code = 0;
    int misused = parse(&q, argc, argv);
    if (misused)
        return misused;
    if (q.help)
        return command_help(help);
    if (kept_read(&old, argv[optind], &q.settings) != 0)
        return EXIT_FAILED;
    int status = EXIT_FAILED;
    if (kept_read(&new, argv[optind + 1], &q.settings) == 0) {
        status = compare(&q, &old, &new);
        kept_free(&new);
    }
    kept_free(&old);
    return status;
}
