/* judge: runs labelled series through the very judge that runs in the guest.
 *
 *     judge [FILE]        a CSV file, or standard input
 *
 * A header names the columns: id, t_s and live_bytes are needed; min_bytes, max_bytes (within the tick)
 * and cum_alloc_bytes are used when there; others are ignored. A row is a tick. Rows of several ids may
 * interleave; within an id time must not go back. For each id, in order of first appearance:
 *
 *     id verdict shape confidence bytes_per_s first_flagged_s         '-' where there is none
 *
 * The verdict is the one at exit, after the last row; no byte threshold. Malformed input: one line on
 * stderr that names the line and the problem, status 2.
 *
 * A history counts time in whole units and does not care which. Here a unit is a nanosecond since the
 * series began, not the guest's millisecond: a series of microseconds keeps its resolution, and
 * 292 years fit. As in the guest the first windows are one tick wide; what a tick is (the median of
 * the first eight) is known after nine rows, which wait until then.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "history.h"
#include "verdict.h"

#define UNITS_PER_S  1e9
#define UNITS_PER_MS 1e6
#define SPAN_MOST_S  9.2e9 /* 2^63 units */
#define BYTES_MOST   1e18

enum { WAITING = 9 };
enum column { ID, TIME, LIVE, LOW, HIGH, ALLOCATED, COLUMNS };

static const struct {
    const char *name;
    bool needed;
} columns[COLUMNS] = {
    [ID] = {"id", true},          [TIME] = {"t_s", true},        [LIVE] = {"live_bytes", true},
    [LOW] = {"min_bytes", false}, [HIGH] = {"max_bytes", false}, [ALLOCATED] = {"cum_alloc_bytes", false},
};

struct row {
    double at_s, live, low, high, allocated;
};

/* One id. Its first rows wait; once the tick is known they and all later ones go into the history. */
struct series {
    char *id;
    uint32_t waiting;
    struct row rows[WAITING];
    struct row last;
    bool open;    /* tick and zero are known: nothing waits any more */
    bool started; /* its first allocation was seen: the site's clock runs */
    double tick_s;
    double zero_s; /* time 0 of the history: one tick before the first row */
    struct history history;
    UT_hash_handle hh;
};

/* The file being read. */
struct input {
    FILE *file;
    const char *name;
    unsigned long line;
    int position[COLUMNS]; /* of each column in a row, -1: not there */
    int fields;            /* in the header, so in every row */
    struct series *all;    /* hash by id, iterated in order of insertion */
    struct series *recent; /* the last row's: most files are contiguous */
};

static bool next_line(struct input *in, char **text, size_t *room);
static void read_header(struct input *in, char *text);
static void read_row(struct input *in, char *text);
static void add_row(const struct input *in, struct series *s, struct row row);
static void open_series(struct series *s);
static void print(struct series *s);
static void forget(struct input *in);

static _Noreturn void __attribute__((format(printf, 2, 3))) die(const struct input *in, const char *why, ...)
{
    va_list arguments;
    fprintf(stderr, "judge: %s:%lu: ", in->name, in->line);
    va_start(arguments, why);
    vfprintf(stderr, why, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    struct input in = {.file = stdin, .name = argc > 1 ? argv[1] : "(standard input)"};
    char *text = NULL;
    size_t room = 0;
    if (argc > 2) {
        fputs("usage: judge [FILE]\n", stderr);
        return 2;
    }
    if (argc > 1 && !(in.file = fopen(argv[1], "r"))) {
        fprintf(stderr, "judge: %s: %s\n", argv[1], strerror(errno));
        return 2;
    }
    if (!next_line(&in, &text, &room))
        die(&in, "no header: the input is empty");
    read_header(&in, text);
    while (next_line(&in, &text, &room))
        read_row(&in, text);
    for (struct series *s = in.all; s; s = s->hh.next)
        print(s);
    forget(&in);
    free(text);
    return fflush(stdout) || ferror(stdout) ? 1 : 0;
}

/* The next line that is not blank, without its end (LF or CRLF). */
static bool next_line(struct input *in, char **text, size_t *room)
{
    ssize_t length;
    while ((length = getline(text, room, in->file)) >= 0) {
        in->line++;
        if (strlen(*text) != (size_t)length)
            die(in, "a NUL byte: this is not a text file");
        (*text)[strcspn(*text, "\r\n")] = '\0';
        if (**text)
            return true;
    }
    if (ferror(in->file))
        die(in, "cannot read: %s", strerror(errno));
    return false;
}

static void read_header(struct input *in, char *text)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
        text += 3;
    for (int c = 0; c < COLUMNS; c++)
        in->position[c] = -1;
    for (char *field; (field = strsep(&text, ",")); in->fields++) {
        for (int c = 0; c < COLUMNS; c++) {
            if (strcmp(field, columns[c].name) != 0)
                continue;
            if (in->position[c] >= 0)
                die(in, "column %s is there twice", field);
            in->position[c] = in->fields;
        }
    }
    for (int c = 0; c < COLUMNS; c++)
        if (columns[c].needed && in->position[c] < 0)
            die(in, "no column %s in the header", columns[c].name);
}

static struct series *series_of(struct input *in, const char *id)
{
    struct series *s = in->recent;
    if (s && strcmp(s->id, id) == 0)
        return s;
    HASH_FIND_STR(in->all, id, s);
    if (!s) {
        if (!*id || strpbrk(id, " \t\""))
            die(in, "id '%s' is empty, quoted or has a blank in it", id);
        s = calloc(1, sizeof *s);
        if (!s || !(s->id = strdup(id)))
            die(in, "no memory for another id");
        HASH_ADD_KEYPTR(hh, in->all, s->id, strlen(s->id), s);
    }
    return in->recent = s;
}

static double number(const struct input *in, enum column c, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || end[strspn(end, " \t")] || !isfinite(value))
        die(in, "%s '%s' is not a number", columns[c].name, text);
    if (c != TIME && (value < 0 || value > BYTES_MOST))
        die(in, "%s %s is out of range (0 to 1e18)", columns[c].name, text);
    return value;
}

static void read_row(struct input *in, char *text)
{
    const char *field[COLUMNS] = {0};
    int fields = 0;
    for (char *f; (f = strsep(&text, ",")); fields++)
        for (int c = 0; c < COLUMNS; c++)
            if (in->position[c] == fields)
                field[c] = f;
    if (fields != in->fields)
        die(in, "%d fields where the header has %d", fields, in->fields);

    struct series *s = series_of(in, field[ID]);
    struct row row = {.at_s = number(in, TIME, field[TIME]), .live = number(in, LIVE, field[LIVE])};
    row.low = field[LOW] ? number(in, LOW, field[LOW]) : row.live;
    row.high = field[HIGH] ? number(in, HIGH, field[HIGH]) : row.live;
    if (field[ALLOCATED])
        row.allocated = number(in, ALLOCATED, field[ALLOCATED]);
    else /* at least what it rose by */
        row.allocated = s->last.allocated + (row.live > s->last.live ? row.live - s->last.live : 0);
    add_row(in, s, row);
}

static uint64_t units(double seconds)
{
    return seconds > 0 ? (uint64_t)(seconds * UNITS_PER_S + 0.5) : 0;
}

/* before_s: time of the row before. A site's clock starts at its first allocation: rows of nothing but
 * zeros are not yet its life. */
static void feed(struct series *s, struct row row, double before_s)
{
    if (!s->started) {
        if (row.live == 0 && row.high == 0 && row.allocated == 0)
            return;
        history_init(&s->history, 1, units(before_s - s->zero_s), units(s->tick_s), 0);
        s->started = true;
    }
    uint64_t now = units(row.at_s - s->zero_s);
    if (history_add(&s->history, now, row.live, row.low, row.high, row.allocated))
        judge_step(&s->history);
}

static void add_row(const struct input *in, struct series *s, struct row row)
{
    double before_s = s->last.at_s;
    if (s->waiting && row.at_s < before_s)
        die(in, "%s: time goes back from %.9g to %.9g", s->id, before_s, row.at_s);
    if (s->waiting && row.at_s - s->rows[0].at_s > SPAN_MOST_S)
        die(in, "%s: more than %g s in one series", s->id, SPAN_MOST_S);
    s->last = row;
    if (s->open)
        feed(s, row, before_s);
    else
        s->rows[s->waiting++] = row;
    if (!s->open && s->waiting == WAITING)
        open_series(s);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median of the first ticks that took any time. */
static double tick_of(const struct series *s)
{
    double ticks[WAITING] = {1}; /* a single row: any width will do */
    size_t n = 0;
    for (uint32_t i = 1; i < s->waiting; i++)
        if (s->rows[i].at_s > s->rows[i - 1].at_s)
            ticks[n++] = s->rows[i].at_s - s->rows[i - 1].at_s;
    qsort(ticks, n, sizeof *ticks, compare);
    return ticks[n / 2];
}

static void open_series(struct series *s)
{
    s->open = true;
    s->tick_s = tick_of(s);
    s->zero_s = s->rows[0].at_s - s->tick_s; /* the first row is the end of its tick */
    for (uint32_t i = 0; i < s->waiting; i++)
        feed(s, s->rows[i], i ? s->rows[i - 1].at_s : s->zero_s);
}

static void print(struct series *s)
{
    if (!s->open)
        open_series(s);
    const struct history *h = &s->history;
    struct judgement j = judge(h, true);
    const char *shape = shape_name(j.shape);

    printf("%s %s %s", s->id, verdict_name(j.verdict), shape ? shape : "-");
    if (j.verdict == VERDICT_UNDECIDED)
        fputs(" -", stdout);
    else
        printf(" %.2f", (double)j.confidence);
    if (j.verdict == VERDICT_GROWING)
        printf(" %.6g", j.bytes_per_s * UNITS_PER_MS); /* it takes units for milliseconds */
    else
        fputs(" -", stdout);
    if (h->first_flagged_ms)
        printf(" %.12g\n", s->zero_s + (double)(h->first_flagged_ms - 1) / UNITS_PER_S);
    else
        fputs(" -\n", stdout);
}

static void forget(struct input *in)
{
    struct series *s, *next;
    HASH_ITER(hh, in->all, s, next)
    {
        HASH_DEL(in->all, s);
        free(s->id);
        free(s);
    }
    if (in->file != stdin)
        fclose(in->file);
}
