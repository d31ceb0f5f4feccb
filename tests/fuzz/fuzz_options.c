/* The guest's reader of LEAKWATCH_*, and the tool's beside it: both must understand the same values.
 *
 * An input is environment entries up to a NUL each. What begins with '=' stands for an entry of ours:
 * "=DEPTH=3".
 */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "options.h"
#include "settings.h"

#define MOST_ENTRIES 24
#define MOST_ENTRY   600

/* options_parse keeps a copy of our entries for ever; here it is once an input, so it is given back. The copy
 * begins with the first entry that is ours, so one that is always understood goes first; which one, the first
 * byte chooses. */
static const char *const firsts[] = {"LEAKWATCH_TOP=7", "LEAKWATCH_DEPTH=7"};

struct environment {
    char *entries[MOST_ENTRIES + 2];
    unsigned count;
    size_t ours; /* bytes of the copy */
};

static bool is_ours(const char *entry)
{
    return strncmp(entry, "LEAKWATCH_", 10) == 0 && strchr(entry, '=');
}

static void add(struct environment *e, char *entry)
{
    e->entries[e->count++] = entry;
    e->ours += is_ours(entry) ? strlen(entry) + 1 : 0;
}

static struct environment environment_of(struct input in)
{
    struct environment e = {0};
    add(&e, strdup(firsts[input_byte(&in) & 1]));
    while (in.left && e.count < MOST_ENTRIES) {
        char *entry = input_string(&in, MOST_ENTRY), *whole = entry;
        if (*entry == '=' && asprintf(&whole, "LEAKWATCH_%s", entry + 1) > 0)
            free(entry);
        add(&e, whole);
    }
    return e;
}

static void check_ranges(void)
{
    CHECK(options.output && *options.output && (!options.ledger || *options.ledger));
    CHECK(options.interval_ms >= 1 && options.interval_ms <= 24 * 3600000ull);
    CHECK(options.sample_bytes <= UINT64_C(1) << 40 && options.min_bytes <= UINT64_C(1) << 60);
    CHECK(options.depth >= 1 && options.depth <= OPTIONS_DEPTH_MAX && options.warmup_ms <= 8760 * 3600000ull);
    CHECK(options.top <= 100000 && options.children <= CHILDREN_NONE);
    CHECK(options.exitcode >= 0 && options.exitcode <= 255 && options.verbose >= 0 && options.verbose <= 2);
    CHECK(options.signal >= 0 && options.signal <= 64 && options.signal != 9 && options.signal != 19);
    CHECK(options.root_pid >= 0 && options.root_pid <= 1 << 22);
}

static bool understood(const char *entry)
{
    for (const char *const *e = options_entries(); *e; e++)
        if (strcmp(*e, entry) == 0)
            return true;
    return false;
}

static const char *value_of(const char *entry, const char *name)
{
    size_t length = strlen(name);
    return strncmp(entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

static bool is_repeated(const struct environment *e, unsigned i)
{
    size_t length = strcspn(e->entries[i], "=") + 1;
    for (unsigned before = 0; before < i; before++)
        if (strncmp(e->entries[before], e->entries[i], length) == 0)
            return true;
    return false;
}

/* `run` refuses with one line what the recorder would not understand, and hands on the rest. */
static void check_agreement(const struct environment *e, unsigned i)
{
    for (size_t s = 0; s < settings_count; s++) {
        const char *value = value_of(e->entries[i], settings_table[s].variable);
        if (!value || is_repeated(e, i))
            continue;
        bool signal =
            strcmp(settings_table[s].option, "signal") == 0; /* the tool leaves these to the recorder */
        CHECK(settings_accepts(&settings_table[s], value) == understood(e->entries[i]) || signal);
    }
}

/* Descriptor 2 is a file meanwhile. */
static void check_complaints(void)
{
    static int file = -1, errors = -1;
    static char text[64 << 10];
    if (file < 0) {
        file = memfd_create("complaints", MFD_CLOEXEC);
        errors = dup(2);
    }
    CHECK(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0 && dup2(file, 2) == 2);
    options_complain();
    CHECK(dup2(errors, 2) == 2);
    ssize_t size = pread(file, text, sizeof text, 0);
    CHECK(size >= 0 && size < (ssize_t)sizeof text);
    fuzz_check_printable(text, (size_t)size, true);
    unsigned lines = 0;
    for (char *line = text, *end; line < text + size; line = end + 1, lines++) {
        end = memchr(line, '\n', (size_t)(text + size - line));
        CHECK(end && end - line > 11 && end - line < 1000 && memcmp(line, "leakwatch: ", 11) == 0);
    }
    CHECK(lines <= 17 && (options.root_pid == 0 || lines == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct options defaults;
    if (!defaults.output)
        defaults = options;
    struct environment e = environment_of((struct input){data, size});
    options = defaults;
    options_parse((const char *const *)e.entries);
    check_ranges();
    CHECK(options_entries()[0] && strcmp(options_entries()[0], e.entries[0]) == 0);
    for (unsigned i = 0; i < e.count; i++)
        check_agreement(&e, i);
    check_complaints();
    CHECK(munmap((void *)(uintptr_t)options_entries()[0], e.ours) == 0);
    for (unsigned i = 0; i < e.count; i++)
        free(e.entries[i]);
    return 0;
}
