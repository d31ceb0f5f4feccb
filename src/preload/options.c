/* Options (options.h): a table of variables, a parser for each kind of value, and the complaints.
 *
 * Called before the C library is initialised, so: no getenv, no strtol, no errno; only mem* and str*.
 */
#include "options.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "sys.h"
#include "text.h"

#define PREFIX        "LEAKWATCH_"
#define PREFIX_LENGTH (sizeof PREFIX - 1)

struct options options = {
    .output = "stderr",
    .interval_ms = 1000,
    .depth = 128,
    .min_bytes = 64 << 10,
    .top = 10,
    .mmap = true,
    .children = CHILDREN_FLAGGED,
};

struct variable {
    const char *name;                                           /* behind the prefix */
    const char *accepted;                                       /* for people */
    bool (*parse)(const struct variable *v, const char *value); /* false: malformed, nothing stored */
    void *field;          /* in options; its type is the one parse stores */
    uint64_t least, most; /* of numbers: bytes, ms, or plain */
};

static bool parse_path(const struct variable *v, const char *value);
static bool parse_pattern(const struct variable *v, const char *value);
static bool parse_size(const struct variable *v, const char *value);
static bool parse_duration(const struct variable *v, const char *value);
static bool parse_count(const struct variable *v, const char *value);
static bool parse_flag(const struct variable *v, const char *value);
static bool parse_format(const struct variable *v, const char *value);
static bool parse_children(const struct variable *v, const char *value);
static bool parse_signal(const struct variable *v, const char *value);

#define HOUR_MS (UINT64_C(3600) * 1000)

/* Counts are stored through uint32_t; int fields take them because their ranges are small. The upper
 * ends only have to be sane: a day between samples, a year of warm-up, pids as Linux caps them. */
static const struct variable variables[] = {
    {"OUTPUT", "stderr, stdout, none, or a file name with %p %n %t %h %%", parse_pattern, &options.output, 0,
     0},
    {"FORMAT", "text or json", parse_format, &options.json, 0, 0},
    {"LEDGER", "a file name with %p %n %t %h %%", parse_pattern, &options.ledger, 0, 0},
    {"INTERVAL", "a time from 1ms to 24h, such as 250ms, 5s, 1m", parse_duration, &options.interval_ms, 1,
     24 * HOUR_MS},
    {"SAMPLE", "a size up to 1024g such as 512k, or 0 for every allocation", parse_size,
     &options.sample_bytes, 0, UINT64_C(1) << 40},
    {"DEPTH", "a number from 1 to 256", parse_count, &options.depth, 1, OPTIONS_DEPTH_MAX},
    {"MIN_BYTES", "a size such as 64k, 1m, 2g", parse_size, &options.min_bytes, 0, UINT64_C(1) << 60},
    {"WARMUP", "a time such as 0s, 500ms, 30s, 5m", parse_duration, &options.warmup_ms, 0, 8760 * HOUR_MS},
    {"TOP", "a number from 0 to 100000", parse_count, &options.top, 0, 100000},
    {"MMAP", "0 or 1", parse_flag, &options.mmap, 0, 0},
    {"CHILDREN", "flagged, all or none", parse_children, &options.children, 0, 0},
    {"SUPPRESSIONS", "a file name", parse_path, &options.suppressions, 0, 0},
    {"EXITCODE", "a number from 0 to 255", parse_count, &options.exitcode, 0, 255},
    {"ANNOUNCE", "0 or 1", parse_flag, &options.announce, 0, 0},
    {"SIGNAL", "a signal that programs may handle, such as USR2, RTMIN+1 or 12, or none", parse_signal,
     &options.signal, 0, 0},
    {"TOOL", "the file name of the leakwatch program", parse_path, &options.tool, 0, 0},
    {"VERBOSE", "0, 1 or 2", parse_count, &options.verbose, 0, 2},
    {"ROOT", "a process id (set by leakwatch itself)", parse_count, &options.root_pid, 1, 1 << 22},
};
#define VARIABLES       (sizeof variables / sizeof variables[0])
#define NAME_LENGTH_MAX 16 /* longer than every name above: what is longer is compared cut */

/* What was wrong: told later, when there is a descriptor to tell it on. */
#define MISTAKES 16 /* a screenful; more are only counted */
struct mistake {
    const char *entry;               /* in the initial environment */
    const struct variable *variable; /* NULL: no such name */
};
static struct mistake mistakes[MISTAKES];
static unsigned mistaken;

static const char *entries[VARIABLES + 1];
static unsigned understood;

/* ---- the initial stack: argc, argv..., NULL, envp..., NULL, auxv ---- */

extern void *__libc_stack_end; /* of the loader */
extern char **environ;         /* NULL until the C library is up, and after clearenv */
static const char *const nothing[1];

static const char *const *initial_argv(void)
{
    const uintptr_t *stack = __libc_stack_end;
    if (!stack || stack[0] >= 1 << 22)
        return NULL;
    const char *const *argv = (const char *const *)(stack + 1);
    return argv[stack[0]] == NULL ? argv : NULL;
}

const char *const *options_argv(void)
{
    const char *const *argv = initial_argv();
    return argv ? argv : nothing;
}

const char *const *options_envp(void)
{
    const char *const *argv = initial_argv();
    if (argv)
        return argv + ((const uintptr_t *)argv)[-1] + 1;
    return environ ? (const char *const *)environ : nothing;
}

const char *const *options_environ(void)
{
    return environ ? (const char *const *)environ : options_envp();
}

/* The kernel's word on setuid and file capabilities; without the auxiliary vector, the ids. */
static bool secure(void)
{
    if (!initial_argv())
        return SYS0(SYS_getuid) != SYS0(SYS_geteuid) || SYS0(SYS_getgid) != SYS0(SYS_getegid);
    const char *const *end = options_envp();
    while (*end)
        end++;
    for (const Elf64_auxv_t *aux = (const Elf64_auxv_t *)(end + 1); aux->a_type != AT_NULL; aux++)
        if (aux->a_type == AT_SECURE)
            return aux->a_un.a_val != 0;
    return false;
}

/* ---- reading ---- */

void options_read(void)
{
    if (!secure())
        options_parse(options_envp());
}

static bool is_ours(const char *entry)
{
    return strncmp(entry, PREFIX, PREFIX_LENGTH) == 0 && strchr(entry, '=');
}

/* Room for a copy of all our entries, or NULL (none, or no memory: then nothing is copied). */
static char *room_for(const char *const *envp)
{
    size_t bytes = 0;
    for (; *envp; envp++)
        if (is_ours(*envp))
            bytes += strlen(*envp) + 1;
    return bytes ? sys_memory(bytes) : NULL;
}

static const char *keep(char **room, const char *entry)
{
    if (!*room)
        return entry;
    size_t bytes = strlen(entry) + 1;
    char *copy = memcpy(*room, entry, bytes);
    *room += bytes;
    return copy;
}

static const struct variable *variable_named(const char *name, size_t length)
{
    for (const struct variable *v = variables; v < variables + VARIABLES; v++)
        if (strncmp(v->name, name, length) == 0 && v->name[length] == '\0')
            return v;
    return NULL;
}

static void remember_mistake(const char *entry, const struct variable *variable)
{
    if (mistaken < MISTAKES)
        mistakes[mistaken] = (struct mistake){entry, variable};
    mistaken++;
}

static void take(const char *entry, char **room, uint32_t *seen)
{
    const char *name = entry + PREFIX_LENGTH;
    const char *equals = strchr(name, '=');
    const struct variable *v = variable_named(name, (size_t)(equals - name));
    if (!v) {
        remember_mistake(entry, NULL);
        return;
    }
    uint32_t bit = UINT32_C(1) << (v - variables);
    if (*seen & bit) /* set twice: the first counts, as for getenv */
        return;
    *seen |= bit;
    const char *copy = keep(room, entry);
    if (v->parse(v, copy + (equals - entry) + 1))
        entries[understood++] = copy;
    else
        remember_mistake(entry, v);
}

void options_parse(const char *const *envp)
{
    char *room = room_for(envp);
    uint32_t seen = 0;
    understood = mistaken = 0;
    for (; *envp; envp++)
        if (is_ours(*envp))
            take(*envp, &room, &seen);
    entries[understood] = NULL;
}

const char *const *options_entries(void)
{
    return entries;
}

/* ---- values ---- */

/* The number at s: returns what follows it, or NULL when there is none or it is beyond 64 bits. */
static const char *number(const char *s, uint64_t *value)
{
    const char *start = s;
    *value = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, *s - '0', value))
            return NULL;
    return s == start ? NULL : s;
}

static bool store(const struct variable *v, uint64_t value, uint64_t unit)
{
    if (__builtin_mul_overflow(value, unit, &value) || value < v->least || value > v->most)
        return false;
    *(uint64_t *)v->field = value;
    return true;
}

static bool parse_size(const struct variable *v, const char *value)
{
    uint64_t n;
    const char *unit = number(value, &n);
    if (!unit || (unit[0] && unit[1]))
        return false;
    switch (unit[0] | 0x20) { /* the NUL becomes a blank, letters small */
    case ' ':
        return unit[0] == '\0' && store(v, n, 1);
    case 'k':
        return store(v, n, UINT64_C(1) << 10);
    case 'm':
        return store(v, n, UINT64_C(1) << 20);
    case 'g':
        return store(v, n, UINT64_C(1) << 30);
    }
    return false;
}

/* A bare number other than 0 is refused: seconds to some, milliseconds to others. */
static bool parse_duration(const struct variable *v, const char *value)
{
    static const struct {
        char name[3];
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", HOUR_MS}};
    uint64_t n;
    const char *unit = number(value, &n);
    if (!unit)
        return false;
    if (*unit == '\0' && n == 0)
        return store(v, 0, 1);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].name) == 0)
            return store(v, n, units[i].ms);
    return false;
}

static bool parse_count(const struct variable *v, const char *value)
{
    uint64_t n;
    const char *end = number(value, &n);
    if (!end || *end || n < v->least || n > v->most)
        return false;
    uint32_t small = (uint32_t)n;
    memcpy(v->field, &small, sizeof small);
    return true;
}

static bool parse_flag(const struct variable *v, const char *value)
{
    if ((value[0] != '0' && value[0] != '1') || value[1])
        return false;
    *(bool *)v->field = value[0] == '1';
    return true;
}

static bool parse_path(const struct variable *v, const char *value)
{
    if (!*value)
        return false;
    *(const char **)v->field = value;
    return true;
}

static bool parse_pattern(const struct variable *v, const char *value)
{
    for (const char *s = value; (s = strchr(s, '%')); s += 2)
        if (!s[1] || !strchr("pnth%", s[1]))
            return false;
    return parse_path(v, value);
}

static bool parse_format(const struct variable *v, const char *value)
{
    bool json = strcmp(value, "json") == 0;
    if (!json && strcmp(value, "text") != 0)
        return false;
    *(bool *)v->field = json;
    return true;
}

static bool parse_children(const struct variable *v, const char *value)
{
    static const char names[][8] = {
        [CHILDREN_FLAGGED] = "flagged", [CHILDREN_ALL] = "all", [CHILDREN_NONE] = "none"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(value, names[i]) == 0) {
            *(enum option_children *)v->field = (enum option_children)i;
            return true;
        }
    return false;
}

/* Not here: KILL and STOP (no handler), and those that a fault sends and that come again when a
 * handler returns. */
static const struct {
    char name[7];
    unsigned char number;
} signals[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},       {"QUIT", SIGQUIT}, {"USR1", SIGUSR1},   {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE}, {"ALRM", SIGALRM},     {"TERM", SIGTERM}, {"CHLD", SIGCHLD},   {"CONT", SIGCONT},
    {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN},     {"TTOU", SIGTTOU}, {"URG", SIGURG},     {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"WINCH", SIGWINCH}, {"IO", SIGIO},
    {"PWR", SIGPWR},   {"STKFLT", SIGSTKFLT}, {"POLL", SIGPOLL},
};
#define SIGNALS (sizeof signals / sizeof signals[0])

/* The kernel counts from 32; the C library keeps 32 and 33 to itself. */
#define REALTIME_FIRST 34
#define REALTIME_LAST  64

static int signal_numbered(uint64_t n)
{
    if (n >= REALTIME_FIRST && n <= REALTIME_LAST)
        return (int)n;
    for (size_t i = 0; i < SIGNALS; i++)
        if (n == signals[i].number)
            return (int)n;
    return 0;
}

/* "RTMIN", "RTMIN+3", "RTMAX-1": name is what stands before the sign, base its number. */
static int realtime(const char *value, const char *name, char sign, int base)
{
    uint64_t n = 0;
    size_t length = strlen(name);
    if (strncmp(value, name, length) != 0)
        return 0;
    value += length;
    if (*value == sign)
        value = number(value + 1, &n);
    if (!value || *value || n > REALTIME_LAST - REALTIME_FIRST)
        return 0;
    return sign == '+' ? base + (int)n : base - (int)n;
}

static int signal_named(const char *value)
{
    if (strncmp(value, "SIG", 3) == 0)
        value += 3;
    for (size_t i = 0; i < SIGNALS; i++)
        if (strcmp(value, signals[i].name) == 0)
            return signals[i].number;
    int found = realtime(value, "RTMIN", '+', REALTIME_FIRST);
    return found ? found : realtime(value, "RTMAX", '-', REALTIME_LAST);
}

static bool parse_signal(const struct variable *v, const char *value)
{
    uint64_t n;
    const char *end = number(value, &n);
    bool none = strcmp(value, "none") == 0 || strcmp(value, "0") == 0;
    int found = end && !*end ? signal_numbered(n) : signal_named(value);
    if (!found && !none)
        return false;
    *(int *)v->field = found;
    return true;
}

/* ---- complaints ---- */

/* Levenshtein's distance, one row at a time; both at most NAME_LENGTH_MAX long. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned row[NAME_LENGTH_MAX + 1];
    for (unsigned j = 0; j <= b_length; j++)
        row[j] = j;
    for (unsigned i = 0; i < a_length; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (unsigned j = 0; j < b_length; j++) {
            unsigned best = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            if (best > diagonal + 1)
                best = diagonal + 1;
            if (best > row[j] + 1)
                best = row[j] + 1;
            row[j + 1] = best;
        }
    }
    return row[b_length];
}

static const struct variable *nearest(const char *name, size_t length)
{
    const struct variable *best = variables;
    unsigned least = ~0u;
    if (length > NAME_LENGTH_MAX)
        length = NAME_LENGTH_MAX;
    for (const struct variable *v = variables; v < variables + VARIABLES; v++) {
        unsigned d = distance(name, length, v->name, strlen(v->name));
        if (d < least) {
            least = d;
            best = v;
        }
    }
    return best;
}

/* An entry is cut here: enough to recognise what was typed, and a line stays a line. */
#define SHOWN 100

static void complain(struct text *t, const struct mistake *m)
{
    const char *name = m->entry + PREFIX_LENGTH;
    const struct variable *v = m->variable;
    text_put(t, "leakwatch: ");
    text_put_foreign(t, m->entry, SHOWN);
    if (v) {
        text_put(t, ": not understood, the default is used; " PREFIX);
    } else {
        v = nearest(name, (size_t)(strchr(name, '=') - name));
        text_put(t, ": no such variable; the nearest is " PREFIX);
    }
    text_put(t, v->name);
    text_put(t, ": ");
    text_put(t, v->accepted);
    text_put(t, "\n");
}

void options_complain(void)
{
    char line[256]; /* at start, on the initial stack: there is room */
    struct text t = text_to(2, line, sizeof line);
    if (options.root_pid != 0)
        return;
    for (unsigned i = 0; i < mistaken && i < MISTAKES; i++) {
        complain(&t, &mistakes[i]);
        text_flush(&t);
    }
    if (mistaken > MISTAKES) {
        text_put(&t, "leakwatch: and ");
        text_put_number(&t, mistaken - MISTAKES);
        text_put(&t, " more LEAKWATCH_* settings were not understood\n");
        text_flush(&t);
    }
}
