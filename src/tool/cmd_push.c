/* leakwatch push: sends a ledger's profile to a server of profiles, once or again and again while the program
 * runs. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"
#include "places.h"
#include "print.h"
#include "push.h"
#include "send.h"

static const char help[] =
    "usage: leakwatch push [OPTION]... URL [FILE | PID]\n"
    "\n"
    "Sends a profile (as export --format pprof has it) to Grafana Pyroscope, or to what takes\n"
    "its ingest protocol: of the program that runs or ran as PID, of a file, or of the newest\n"
    "ledger of this user. URL is the server's, such as http://pyroscope:4040.\n"
    "\n"
    "  -a, --application NAME     default the program's name\n"
    "  -l, --label KEY=VALUE      also often\n"
    "  -i, --interval TIME        again every 1s to 24h until the program has ended; default once\n"
    "  -t, --timeout TIME         for one attempt, default 30s\n"
    "      --suppressions FILE    leak:PATTERN lines: such sites do not count as growth\n"
    "  -h, --help\n"
    "\n"
    "Credentials: a token in PYROSCOPE_AUTH_TOKEN, or a login in ~/.netrc; a tenant in\n"
    "PYROSCOPE_TENANT_ID. Where there is no answer, or one that may change (429, 5xx), two more\n"
    "attempts are made, after 1 s and 3 s; with --interval the next round is the next attempt.\n"
    "\n"
    "Exit status: 0 when the (last) profile was taken, 1 on failure, 2 on a usage error.\n";

/* What a sample stands for where it is sent once: servers draw lines of points some 15 s apart. */
#define ONCE_S 15
static const unsigned pauses_s[] = {1, 3};

struct push {
    struct settings settings;
    struct suppressions suppressions;
    const char *url, *application, *token, *tenant;
    char labels[1024];
    long interval_s; /* 0: once */
    long timeout_s;
    bool failing; /* told already: one line for a row of failures */
};

/* ---- one round ---- */

/* The facts, with the profile behind them. free() them; NULL after one line on stderr. */
static struct push_facts *facts_of(const struct push *p, const char *path, size_t *size)
{
    struct export profile = {.write = push_put};
    struct report_options how = {
        .top = p->settings.top, .suppressions = &p->suppressions, .every = true, .export = &profile};
    char *bytes = print_to_memory(path, &p->settings, &how, size);
    if (!bytes || *size >= sizeof(struct push_facts))
        return (struct push_facts *)bytes;
    complain("push: %s: no profile could be made", path);
    free(bytes);
    return NULL;
}

/* Of a running program the levels are those of the last round, not of its whole life: a server that sums up
 * what lies within the hours that are looked at sees each where it belongs. */
static struct sending sending_of(const struct push *p, const struct push_facts *facts, size_t size,
                                 const char *name)
{
    uint64_t until_s = facts->seen_ns / 1000000000,
             span_s = (uint64_t)(p->interval_s ? p->interval_s : ONCE_S);
    uint64_t age_s = facts->age_ms / 1000 + 1;
    span_s = age_s < span_s ? age_s : span_s;
    return (struct sending){.url = p->url,
                            .name = name,
                            .from_s = until_s > span_s ? until_s - span_s : 0,
                            .until_s = until_s,
                            .token = p->token,
                            .tenant = p->tenant,
                            .profile = facts + 1,
                            .size = size - sizeof *facts,
                            .types = push_types,
                            .timeout_s = p->timeout_s};
}

/* With the attempts that are due. A row of failures is one line. */
static enum sent send_it(struct push *p, const struct sending *s)
{
    char why[1024];
    enum sent sent = send_profile(s, why, sizeof why);
    for (size_t i = 0; !p->interval_s && sent == SENT_NOT_NOW && i < sizeof pauses_s / sizeof *pauses_s;
         i++) {
        sleep(pauses_s[i]);
        sent = send_profile(s, why, sizeof why);
    }
    if (sent != SENT && !p->failing)
        complain("push: %s", why);
    p->failing = sent != SENT;
    return sent;
}

/* running: whether there will be more to tell. */
static enum sent push_round(struct push *p, const char *path, bool *running)
{
    size_t size = 0;
    struct push_facts *facts = facts_of(p, path, &size);
    char *name = facts ? push_name(p->application, facts, p->labels) : NULL;
    enum sent sent = SENT_NEVER;
    *running = facts && facts->running;
    if (name) {
        struct sending s = sending_of(p, facts, size, name);
        sent = send_it(p, &s);
    } else if (facts) {
        complain("push: out of memory");
    }
    free(name);
    free(facts);
    return sent;
}

/* A program that ends well takes its ledger along: then the last round was the one before. */
static int push(struct push *p, const char *path)
{
    for (;;) {
        bool running;
        enum sent sent = push_round(p, path, &running);
        if (!p->interval_s || !running || sent == SENT_NEVER)
            return sent == SENT ? EXIT_DONE : EXIT_FAILED;
        sleep((unsigned)p->interval_s);
        if (access(path, F_OK) != 0)
            return p->failing ? EXIT_FAILED : EXIT_DONE;
    }
}

/* ---- what is asked for ---- */

enum { OPTION_SUPPRESSIONS = 256 };

static const struct option options[] = {{"application", required_argument, NULL, 'a'},
                                        {"label", required_argument, NULL, 'l'},
                                        {"interval", required_argument, NULL, 'i'},
                                        {"timeout", required_argument, NULL, 't'},
                                        {"suppressions", required_argument, NULL, OPTION_SUPPRESSIONS},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};

static bool take_label(struct push *p, const char *value)
{
    char why[512];
    bool taken = push_add_label(p->labels, sizeof p->labels, value, why, sizeof why);
    if (!taken)
        complain("push: --label %s", why);
    return taken;
}

static bool take_application(struct push *p, const char *value)
{
    p->application = value;
    bool right = push_is_name(value);
    if (!right)
        complain("push: --application %s: expected letters, digits and _.-/ (labels: --label KEY=VALUE)",
                 value);
    return right;
}

/* One option; false after one line on stderr. */
static bool take_option(struct push *p, int option, const char *value)
{
    switch (option) {
    case 'a':
        return take_application(p, value);
    case 'l':
        return take_label(p, value);
    case 'i':
        return (p->interval_s = command_seconds("push", "interval", value)) > 0;
    case 't':
        return (p->timeout_s = command_seconds("push", "timeout", value)) > 0;
    default:
        p->settings.suppressions = value;
        return true;
    }
}

/* What a header cannot hold would be another header. False after one line, without the secret. */
static bool take_header(const char **header, const char *variable)
{
    *header = getenv(variable);
    if (*header && !**header)
        *header = NULL;
    for (const char *c = *header; c && *c; c++)
        if (*c < '!' || *c > '~') {
            complain("push: %s: expected letters, digits and signs, without blanks or line ends", variable);
            return false;
        }
    return true;
}

/* 0, or the exit status after one line. */
static int check(struct push *p, int argc, char **argv)
{
    char why[1024];
    const char *lacks = send_lacks(), *lacks_format = export_pprof_lacks();
    if (lacks)
        complain("push: %s", lacks);
    else if (lacks_format)
        complain("push: this build has no %s, and build again", lacks_format);
    if (lacks || lacks_format)
        return EXIT_FAILED;
    p->url = argv[optind];
    if (!p->url)
        complain("push: which URL? see leakwatch push --help");
    else if (argc - optind > 2)
        complain("push: one ledger at a time, but %s follows %s", argv[optind + 2], argv[optind + 1]);
    else if (send_check(p->url, why, sizeof why) != 0)
        complain("push: %s", why);
    else
        return take_header(&p->token, "PYROSCOPE_AUTH_TOKEN") &&
                       take_header(&p->tenant, "PYROSCOPE_TENANT_ID")
                   ? 0
                   : EXIT_USAGE;
    return EXIT_USAGE;
}

static int push_found(struct push *p, const char *what)
{
    char why[512];
    char *path = places_find(what, why, sizeof why);
    if (!path) {
        complain("%s", why);
        return EXIT_FAILED;
    }
    int status = EXIT_FAILED;
    if (print_suppressions(&p->suppressions, &p->settings) == 0) {
        status = push(p, path);
        suppressions_free(&p->suppressions);
    }
    free(path);
    return status;
}

int cmd_push(int argc, char **argv)
{
    struct push p = {.settings = settings_of_environment(), .timeout_s = 30};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":a:l:i:t:h", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("push", argv, option);
        if (option == 'h')
            return command_help(help);
        if (!take_option(&p, option, optarg))
            return EXIT_USAGE;
    }
    int misused = check(&p, argc, argv);
    return misused ? misused : push_found(&p, argv[optind + 1]);
}
