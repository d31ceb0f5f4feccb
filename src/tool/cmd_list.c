/* leakwatch list: the ledgers of this user, and what they are worth. --prune removes those of the dead. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>

#include "command.h"
#include "complain.h"
#include "brief.h"
#include "format.h"
#include "ledger.h"
#include "places.h"
#include "process.h"

static const char help[] =
    "usage: leakwatch list [--prune]\n"
    "\n"
    "Lists the ledgers of this user: of programs that run, have ended, or were killed.\n"
    "\n"
    "      --prune   remove those whose program no longer runs (not those of state unknown: their\n"
    "                PID namespace cannot be seen from here)\n"
    "  -h, --help\n";

/* A row, or nothing if the file has gone meanwhile. */
static void print_row(const struct place *place)
{
    struct ledger_header head;
    char why[256];
    if (ledger_peek(&head, place->path, why, sizeof why) != 0)
        return;
    struct process process = process_of(&head);
    struct brief brief = brief_of(place->path, BRIEF_PATIENCE_MS);
    printf("%-8s %10u  %-10s ", process.end == PROCESS_EXITED ? "ended" : process_end_name(process.end),
           place->pid, format_seconds((double)process.age_ms / 1000).text);
    if (brief.judged)
        printf("%8u  %10s  ", brief.growing, format_bytes((double)brief.live_bytes).text);
    else
        printf("%8s  %10s  ", "?", "?"); /* damaged, forged, or cut meanwhile */
    format_text(stdout, place->program);
    fputs("  ", stdout);
    format_text(stdout, place->path);
    putchar('\n');
}

static int list(void)
{
    struct places places = places_list();
    if (places.count)
        printf("%-8s %10s  %-10s %8s  %10s  %s\n", "STATE", "PID", "AGE", "GROWING", "LIVE",
               "PROGRAM  LEDGER");
    for (uint32_t i = 0; i < places.count; i++)
        print_row(&places.items[i]);
    places_free(&places);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static bool is_gone(struct process process)
{
    return !process.alive && !process.hidden;
}

/* Only what was read as a ledger of ours and belongs to no living process is removed; one of another PID
 * namespace may be anything. */
static bool is_dead(const struct place *place)
{
    struct ledger_header head;
    char why[256];
    return ledger_peek(&head, place->path, why, sizeof why) == 0 && is_gone(process_of(&head));
}

static int prune(void)
{
    struct places places = places_list();
    uint32_t removed = 0;
    int status = EXIT_DONE;
    for (uint32_t i = 0; i < places.count; i++) {
        if (!is_dead(&places.items[i]))
            continue;
        if (unlink(places.items[i].path) == 0) {
            removed++;
        } else {
            complain("%s cannot be removed: %s", places.items[i].path, strerror(errno));
            status = EXIT_FAILED;
        }
    }
    printf("removed %u of %u ledgers\n", removed, places.count);
    places_free(&places);
    return fflush(stdout) == 0 ? status : EXIT_FAILED;
}

int cmd_list(int argc, char **argv)
{
    static const struct option options[] = {
        {"prune", no_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool wanted = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("list", argv, option);
        if (option == 'h')
            return command_help(help);
        wanted = true;
    }
    if (optind < argc) {
        complain("list: %s: no arguments are expected", argv[optind]);
        return EXIT_USAGE;
    }
    return wanted ? prune() : list();
}
