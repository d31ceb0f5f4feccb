/* leakwatch push: a ledger as a profile, to a server that keeps them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"
#include "export.h"
#include "places.h"
#include "print.h"
#include "push.h"

static const char help[] =
    "usage: leakwatch push --to URL [OPTION]... [FILE | PID]\n"
    "\n"
    "Sends all sites of a ledger, as a pprof profile, to Grafana Pyroscope or what speaks its\n"
    "ingest API (Alloy): of the program that runs or ran as PID, of a file, or of the newest\n"
    "ledger of this user.\n"
    "\n"
    "  -t, --to URL            the server's, as in http://localhost:4040\n"
    "  -n, --name NAME         of the application, default the program's\n"
    "  -l, --label NAME=VALUE  a label more (may be given again); host and pid are always there\n"
    "      --suppressions F    leak:PATTERN lines: such sites do not count as growth\n"
    "  -h, --help\n"
    "\n"
    "LEAKWATCH_PUSH_TOKEN, if set, is sent as a bearer token, LEAKWATCH_PUSH_TENANT as the tenant\n"
    "(X-Scope-OrgID). Exit status: 0 when the server took it, 1 on failure, 2 on a usage error.\n";

enum { OPTION_SUPPRESSIONS = 256 };

static const struct option options[] = {
    {"to", required_argument, NULL, 't'},    {"name", required_argument, NULL, 'n'},
    {"label", required_argument, NULL, 'l'}, {"suppressions", required_argument, NULL, OPTION_SUPPRESSIONS},
    {"help", no_argument, NULL, 'h'},        {0},
};

#define MOST_LABELS 16u

struct request {
    struct settings settings;
    const char *to, *name;
    const char *labels[MOST_LABELS];
    uint32_t label_count;
    bool help;
};

/* ---- what is asked for ---- */

/* What the name's own syntax has would end it. */
static bool is_word(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("_.-/:", text[i]))
            return false;
    return length > 0;
}

static bool take_label(struct request *q, const char *label)
{
    const char *equals = strchr(label, '=');
    bool good = equals && is_word(label, (size_t)(equals - label)) && is_word(equals + 1, strlen(equals + 1));
    if (!good || q->label_count == MOST_LABELS) {
        complain(good ? "push: too many labels: %s"
                      : "push: --label %s: NAME=VALUE of letters, digits and _.-/:",
                 label);
        return false;
    }
    q->labels[q->label_count++] = label;
    return true;
}

static bool take_option(struct request *q, int option, const char *value)
{
    switch (option) {
    case 't':
        q->to = value;
        return true;
    case 'n':
        q->name = value;
        if (!is_word(value, strlen(value)))
            complain("push: --name %s: of letters, digits and _.-/:", value);
        return is_word(value, strlen(value));
    case 'l':
        return take_label(q, value);
    case OPTION_SUPPRESSIONS:
        q->settings.suppressions = value;
        return true;
    default:
        q->help = true;
        return true;
    }
}

static int parse(struct request *q, int argc, char **argv)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":t:n:l:h", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("push", argv, option);
        if (!take_option(q, option, optarg))
            return EXIT_USAGE;
    }
    if (q->help)
        return 0;
    if (argc - optind > 1)
        complain("push: one ledger at a time, but %s follows %s", argv[optind + 1], argv[optind]);
    else if (!q->to)
        complain("push: where --to? see leakwatch push --help");
    else
        return 0;
    return EXIT_USAGE;
}

/* ---- what is sent ---- */

/* A program's or a host's name as a word. */
static void make_word(char *text)
{
    for (; *text; text++)
        if (!is_word(text, 1))
            *text = '_';
}

/* "shop{host=a,pid=1}"; free() it. NULL without memory. */
static char *name_of(const struct request *q, const struct ledger_header *head)
{
    char *text = NULL, host[256] = "", program[sizeof head->program + 1];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    gethostname(host, sizeof host - 1);
    snprintf(program, sizeof program, "%.*s", (int)sizeof head->program, head->program);
    make_word(host);
    make_word(program);
    fprintf(out, "%s{host=%s,pid=%d",
            q->name      ? q->name
            : program[0] ? program
                         : "unknown",
            host[0] ? host : "unknown", (int)head->pid);
    for (uint32_t i = 0; i < q->label_count; i++)
        fprintf(out, ",%s", q->labels[i]);
    fputc('}', out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static int send_profile(const struct request *q, const struct ledger_header *head, const char *profile,
                        size_t size)
{
    char why[512], *name = name_of(q, head);
    const struct process process = process_of(head);
    int64_t from_s = (int64_t)(head->started_ns / 1000000000u),
            until_s = from_s + (int64_t)(process.age_ms / 1000);
    struct push push = {.url = q->to,
                        .name = name,
                        .token = getenv("LEAKWATCH_PUSH_TOKEN"),
                        .tenant = getenv("LEAKWATCH_PUSH_TENANT"),
                        .from_s = from_s,
                        .until_s = until_s > from_s ? until_s : from_s + 1};
    int result = -1;
    snprintf(why, sizeof why, "out of memory");
    if (name)
        result = push_send(&push, profile, size, why, sizeof why);
    if (result != 0)
        complain("push: %s", why);
    free(name);
    return result;
}

static int push(const struct request *q, const char *path)
{
    struct suppressions suppressions;
    struct ledger_header head;
    char why[256];
    if (ledger_peek(&head, path, why, sizeof why) != 0) {
        complain("%s %s", path, why);
        return EXIT_FAILED;
    }
    if (print_suppressions(&suppressions, &q->settings) != 0)
        return EXIT_FAILED;
    struct export pprof = {.write = export_pprof};
    struct report_options how = {
        .top = q->settings.top, .suppressions = &suppressions, .every = true, .export = &pprof};
    size_t size = 0;
    char *profile = print_to_memory(path, &q->settings, &how, &size);
    int result = profile ? send_profile(q, &head, profile, size) : -1;
    suppressions_free(&suppressions);
    free(profile);
    return result == 0 ? EXIT_DONE : EXIT_FAILED;
}

int cmd_push(int argc, char **argv)
{
    struct request q = {.settings = settings_of_environment()};
    const char *lacks = push_lacks() ? push_lacks() : export_pprof_lacks();
    char why[512];
    int misused = parse(&q, argc, argv);
    if (misused)
        return misused;
    if (q.help)
        return command_help(help);
    if (lacks) {
        complain("push: this build has no %s, and build again", lacks);
        return EXIT_FAILED;
    }
    char *path = places_find(argv[optind], why, sizeof why);
    if (!path) {
        complain("%s", why);
        return EXIT_FAILED;
    }
    int result = push(&q, path);
    free(path);
    return result;
}
