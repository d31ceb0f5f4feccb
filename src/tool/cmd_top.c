/* leakwatch top: a live table of a program's sites, redrawn every second. Only reads. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"
#include "places.h"
#include "top_fit.h"
#include "top_screen.h"
#include "top_terminal.h"

static const char help[] =
    "usage: leakwatch top [--once] [FILE | PID]\n"
    "\n"
    "Shows the sites of a running program, redrawn every second: what grows and how fast, live\n"
    "bytes, the stack of the selected site. Of the program that runs as PID, or of the newest\n"
    "that runs. It only reads the ledger: the program feels nothing of it.\n"
    "\n"
    "      --once     print one picture as plain text, of the terminal's size (or COLUMNS, LINES)\n"
    "  -h, --help\n"
    "\n"
    "Keys: q quit, up and down select, / filter, g l r b n sort, space freeze, ? help.\n"
    "Exit status: 0; 1 on failure, 2 on a usage error.\n";

/* All that is shown of one program. */
struct top {
    const char *path;
    struct top_view view;
    struct top_names names;
    struct top_choice choice;
    char why[512]; /* the ledger cannot be read any more; "" = it can */
};

/* ---- which ledger ---- */

static bool runs(const struct place *place)
{
    struct ledger_header head;
    char why[256];
    return ledger_peek(&head, place->path, why, sizeof why) == 0 && process_of(&head).end == PROCESS_RUNNING;
}

/* The newest that runs, rather one that was preloaded itself than a child. free() it; NULL after one line. */
static char *find_running(void)
{
    struct places places = places_list();
    const struct place *found = NULL;
    for (uint32_t i = places.count; i-- > 0;) {
        const struct place *p = &places.items[i];
        if ((!found || (p->pid == p->root_pid && found->pid != found->root_pid)) && runs(p))
            found = p;
    }
    char *path = found ? strdup(found->path) : NULL;
    if (!path)
        complain("top: no recorded program of this user runs; leakwatch list shows what has ended");
    places_free(&places);
    return path;
}

static char *find(const char *what)
{
    char why[512];
    if (!what)
        return find_running();
    char *path = places_find(what, why, sizeof why);
    if (!path)
        complain("%s", why);
    return path;
}

/* ---- looking ---- */

static void look(struct top *top, bool named)
{
    char why[512];
    if (top_look(&top->view, top->path, named ? &top->names : NULL, why, sizeof why) != 0)
        memcpy(top->why, why, sizeof top->why);
    top_arrange(&top->choice, &top->view, &top->names);
}

static bool has_ended(const struct top *top)
{
    return top->why[0] || top->view.process.end != PROCESS_RUNNING;
}

/* ---- as text ---- */

static uint32_t number_of(const char *variable, uint32_t otherwise)
{
    const char *text = getenv(variable);
    long value = text ? strtol(text, NULL, 10) : 0;
    return value > 0 && value < 10000 ? (uint32_t)value : otherwise;
}

static void text_size(uint32_t *columns, uint32_t *rows)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col || !size.ws_row)
        size = (struct winsize){.ws_col = 80, .ws_row = 24};
    *columns = number_of("COLUMNS", size.ws_col);
    *rows = number_of("LINES", size.ws_row);
}

/* Without the line of keys: nobody can press them. */
static void print_screen(struct top *top, uint32_t columns, uint32_t rows)
{
    struct top_screen screen = top_draw(&top->view, &top->names, &top->choice, columns, rows + 1);
    for (uint32_t i = 0; i + 1 < screen.count; i++) {
        char *text = top_fit(screen.lines[i].text ? screen.lines[i].text : "", columns);
        puts(text ? text : "");
        free(text);
    }
    top_screen_free(&screen);
}

static int print_once(struct top *top)
{
    uint32_t columns, rows;
    text_size(&columns, &rows);
    look(top, true);
    if (top->why[0]) {
        complain("%s %s", top->path, top->why);
        return EXIT_FAILED;
    }
    print_screen(top, columns, rows);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* ---- live ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show(struct top *top)
{
    uint32_t columns, rows;
    top_terminal_size(&columns, &rows);
    struct top_screen screen = top_draw(&top->view, &top->names, &top->choice, columns, rows);
    top_terminal_show(&screen);
    top_screen_free(&screen);
}

/* Keys until it is time to look again. */
static void take_keys(struct top *top, int64_t until)
{
    int64_t left;
    while (!top->choice.quit && (left = until - now_ms()) > 0) {
        uint32_t key = top_terminal_key((int)left);
        if (key)
            top_press(&top->choice, key);
        top_arrange(&top->choice, &top->view, &top->names);
        show(top);
    }
}

#define LOOK_EVERY_MS 1000
#define KEYS_LEAST_MS 200 /* where a look takes longer than that, keys still get their turn */

/* Figures first: names may take a moment. A frozen picture stays, also when the program has ended. */
static void watch(struct top *top)
{
    show(top);
    while (!top->choice.quit && (top->choice.frozen || !has_ended(top))) {
        int64_t next = now_ms() + LOOK_EVERY_MS;
        if (!top->choice.frozen)
            look(top, true);
        show(top);
        int64_t least = now_ms() + KEYS_LEAST_MS;
        take_keys(top, next > least ? next : least);
    }
}

/* What was seen last stays on the screen, with a word on the end. */
static void say_end(struct top *top)
{
    uint32_t columns, rows;
    text_size(&columns, &rows);
    print_screen(top, columns, rows > 2 ? rows - 2 : rows);
    fputs("leakwatch: ", stdout);
    format_text(stdout, top->view.head.program);
    if (top->why[0])
        printf(" (pid %u) has ended: its ledger is gone, its report was printed\n", top->view.head.pid);
    else
        printf(" (pid %u) has %s; all of it: leakwatch report %u\n", top->view.head.pid,
               top_state(&top->view).text, top->view.head.pid);
}

static int run_live(struct top *top)
{
    const char *lacks = top_terminal_lacks();
    if (lacks) {
        complain("top: %s", lacks);
        return EXIT_FAILED;
    }
    look(top, false);
    if (top->why[0]) {
        complain("%s %s", top->path, top->why);
        return EXIT_FAILED;
    }
    if (!top_terminal_open()) {
        complain("top: TERM is of a kind that is not known here: set it, or use --once");
        return EXIT_FAILED;
    }
    watch(top);
    top_terminal_close();
    if (has_ended(top))
        say_end(top);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

int cmd_top(int argc, char **argv)
{
    static const struct option options[] = {
        {"once", no_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {0}};
    static struct top top;
    bool once = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return command_misused("top", argv, option);
        if (option == 'h')
            return command_help(help);
        once = true;
    }
    if (argc - optind > 1) {
        complain("top: one program at a time, but %s follows %s", argv[optind + 1], argv[optind]);
        return EXIT_USAGE;
    }
    char *path = find(argv[optind]);
    if (!path)
        return EXIT_FAILED;
    setlocale(LC_CTYPE, ""); /* numbers stay as they are everywhere */
    top.path = path;
    int status = once ? print_once(&top) : run_live(&top);
    top_view_free(&top.view);
    top_names_free(&top.names);
    free(path);
    return status;
}
