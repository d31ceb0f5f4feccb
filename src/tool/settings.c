/* See settings.h. Values are spelt as the recorder takes them (src/preload/options.c). */
#include "settings.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const struct setting settings_table[] = {
    {"output", "LEAKWATCH_OUTPUT", "FILE",
     "where the report goes: stderr, stdout, none, or a file (%p %n %t %h %%)",
     "stderr, stdout, none, or a file name with %p %n %t %h %%"},
    {"format", "LEAKWATCH_FORMAT", "FORMAT", "text or json", "text or json"},
    {"ledger", "LEAKWATCH_LEDGER", "FILE", "where the ledger lies (%p %n %t %h %%); naming one keeps it",
     "a file name with %p %n %t %h %%"},
    {"interval", "LEAKWATCH_INTERVAL", "TIME", "longest time between two samples (default 1s)",
     "a time from 1ms to 24h, such as 250ms, 5s, 1m"},
    {"sample", "LEAKWATCH_SAMPLE", "SIZE", "mean bytes between recorded allocations (default 0: every one)",
     "a size up to 1024g such as 512k, or 0 for every allocation"},
    {"depth", "LEAKWATCH_DEPTH", "N", "most frames kept of a stack (default 128)", "a number from 1 to 256"},
    {"min-bytes", "LEAKWATCH_MIN_BYTES", "SIZE", "a site below this is never flagged (default 64k)",
     "a size such as 64k, 1m, 2g"},
    {"warmup", "LEAKWATCH_WARMUP", "TIME", "growth before this age is not held against a site (default 0s)",
     "a time such as 0s, 500ms, 30s, 5m"},
    {"top", "LEAKWATCH_TOP", "N", "most sites of each kind in a text report (default 10)",
     "a number from 0 to 100000"},
    {"mmap", "LEAKWATCH_MMAP", "0|1", "also charge mmap'd anonymous memory (default 1)", "0 or 1"},
    {"children", "LEAKWATCH_CHILDREN", "WHICH", "reports of child processes: flagged (default), all, none",
     "flagged, all or none"},
    {"suppressions", "LEAKWATCH_SUPPRESSIONS", "FILE", "file of leak:PATTERN lines, LeakSanitizer's syntax",
     "a file name"},
    {"exitcode", "LEAKWATCH_EXITCODE", "N", "exit status to use instead of 0 when a site is flagged",
     "a number from 0 to 255"},
    {"announce", "LEAKWATCH_ANNOUNCE", "0|1", "also one line when a site is first flagged (default 0)",
     "0 or 1"},
    {"signal", "LEAKWATCH_SIGNAL", "SIGNAL", "signal that asks for a report now (default none)",
     "a signal that programs may handle, such as USR2, RTMIN+1 or 12, or none"},
    {"tool", "LEAKWATCH_TOOL", "FILE", "the leakwatch program that prints",
     "the file name of the leakwatch program"},
    {"verbose", "LEAKWATCH_VERBOSE", "0|1|2", "1: say what was set up; 2: why something was refused",
     "0, 1 or 2"},
};
const size_t settings_count = sizeof settings_table / sizeof *settings_table;

/* ---- values ---- */

/* A number and what follows it, or NULL. No sign, no blank: strtoull would take both. */
static const char *number(const char *text, uint64_t *value)
{
    char *end;
    if (*text < '0' || *text > '9')
        return NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno ? NULL : end;
}

static bool is_count(const char *text, uint64_t least, uint64_t most)
{
    uint64_t n;
    const char *end = number(text, &n);
    return end && !*end && n >= least && n <= most;
}

struct unit {
    const char *name;
    uint64_t factor;
};

static bool in_units(const char *text, const struct unit *units, size_t count, uint64_t least, uint64_t most)
{
    uint64_t n, product;
    const char *end = number(text, &n);
    for (size_t i = 0; end && i < count; i++)
        if (strcmp(end, units[i].name) == 0)
            return !__builtin_mul_overflow(n, units[i].factor, &product) && product >= least &&
                   product <= most;
    return false;
}

static bool is_size(const char *text, uint64_t most)
{
    static const struct unit units[] = {{"", 1},        {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30},
                                        {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}};
    return in_units(text, units, sizeof units / sizeof *units, 0, most);
}

/* A bare number other than 0 would be seconds to some and milliseconds to others. */
static bool is_time(const char *text, uint64_t least_ms, uint64_t most_ms)
{
    static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    if (*text && strspn(text, "0") == strlen(text))
        return least_ms == 0;
    return in_units(text, units, sizeof units / sizeof *units, least_ms, most_ms);
}

static bool is_flag(const char *text)
{
    return (*text == '0' || *text == '1') && !text[1];
}

static bool is_pattern(const char *text)
{
    for (const char *s = text; (s = strchr(s, '%')); s += 2)
        if (!s[1] || !strchr("pnth%", s[1]))
            return false;
    return *text != '\0';
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words)
        if (strcmp(text, *words++) == 0)
            return true;
    return false;
}

/* Not those that cannot be caught, nor those that a fault sends, nor the C library's own (32 and 33). */
static bool may_be_handled(uint64_t n)
{
    static const char faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
    if (n == 0 || n == SIGKILL || n == SIGSTOP || (n < 32 && memchr(faults, (int)n, sizeof faults)))
        return false;
    return n < 32 || (n >= (uint64_t)SIGRTMIN && n <= (uint64_t)SIGRTMAX);
}

/* "RTMIN+3" is so many signals from an end: name is what stands before the sign. */
static bool is_realtime(const char *text, const char *name, char sign)
{
    size_t length = strlen(name);
    if (strncmp(text, name, length) != 0)
        return false;
    text += length;
    return !*text || (*text == sign && is_count(text + 1, 0, (uint64_t)(SIGRTMAX - SIGRTMIN)));
}

static bool is_signal(const char *text)
{
    uint64_t n = 0;
    const char *end = number(text, &n);
    if (strcmp(text, "none") == 0 || strcmp(text, "0") == 0)
        return true;
    if (end)
        return !*end && may_be_handled(n);
    if (strncmp(text, "SIG", 3) == 0)
        text += 3;
    for (int i = 1; i < 32; i++)
        if (may_be_handled((uint64_t)i) && strcmp(text, sigabbrev_np(i)) == 0)
            return true;
    return strcmp(text, "IO") == 0 || is_realtime(text, "RTMIN", '+') || is_realtime(text, "RTMAX", '-');
}

#define HOUR_MS (UINT64_C(3600) * 1000)

bool settings_accepts(const struct setting *setting, const char *value)
{
    static const char *const formats[] = {"text", "json", NULL}, *const children[] = {"flagged", "all",
                                                                                      "none", NULL};
    const char *name = setting->option;
    if (strcmp(name, "output") == 0 || strcmp(name, "ledger") == 0)
        return is_pattern(value);
    if (strcmp(name, "format") == 0)
        return is_one_of(value, formats);
    if (strcmp(name, "children") == 0)
        return is_one_of(value, children);
    if (strcmp(name, "interval") == 0)
        return is_time(value, 1, 24 * HOUR_MS);
    if (strcmp(name, "warmup") == 0)
        return is_time(value, 0, 8760 * HOUR_MS);
    if (strcmp(name, "sample") == 0)
        return is_size(value, UINT64_C(1) << 40);
    if (strcmp(name, "min-bytes") == 0)
        return is_size(value, UINT64_C(1) << 60);
    if (strcmp(name, "depth") == 0)
        return is_count(value, 1, 256);
    if (strcmp(name, "top") == 0)
        return is_count(value, 0, 100000);
    if (strcmp(name, "exitcode") == 0)
        return is_count(value, 0, 255);
    if (strcmp(name, "mmap") == 0 || strcmp(name, "announce") == 0)
        return is_flag(value);
    if (strcmp(name, "verbose") == 0)
        return is_count(value, 0, 2);
    if (strcmp(name, "signal") == 0)
        return is_signal(value);
    return *value != '\0'; /* file names */
}

/* ---- what the tool uses ---- */

static const char *value_of(const char *option)
{
    const struct setting *s = settings_table;
    while (strcmp(s->option, option) != 0)
        s++;
    const char *value = getenv(s->variable);
    return value && settings_accepts(s, value) ? value : NULL;
}

static const char *or_else(const char *value, const char *otherwise)
{
    return value ? value : otherwise;
}

bool settings_form(const char *name, enum report_form *form)
{
    static const char *const names[] = {
        [FORM_TEXT] = "text", [FORM_JSON] = "json", [FORM_GITHUB] = "github", [FORM_JUNIT] = "junit"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *form = (enum report_form)i;
            return true;
        }
    return false;
}

struct settings settings_of_environment(void)
{
    const char *children = or_else(value_of("children"), "flagged");
    return (struct settings){
        .output = or_else(value_of("output"), "stderr"),
        .form = strcmp(or_else(value_of("format"), "text"), "json") == 0 ? FORM_JSON : FORM_TEXT,
        .top = (uint32_t)strtoul(or_else(value_of("top"), "10"), NULL, 10),
        .suppressions = value_of("suppressions"),
        .ledger = value_of("ledger"),
        .children = children[0] == 'a'   ? SHOW_ALL
                    : children[0] == 'n' ? SHOW_NONE
                                         : SHOW_FLAGGED,
        .exit_code = atoi(or_else(value_of("exitcode"), "0")),
    };
}
