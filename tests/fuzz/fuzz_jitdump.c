/* Jitdumps of any bytes, looked up at every address that they name and at one of the input's own, at the
 * times that they name.
 *
 * An input is an address, a time and a pid, then the dump. A model reads the records one by one, keeps all,
 * and looks at all of them for each address.
 */
#include "fuzz.h"
#include "jitdump.h"

#define MOST_RECORDS 512

struct piece {
    uint64_t start, size, time, index;
    const uint8_t *name; /* NULL: of a move whose load is not known yet */
    size_t length;
    bool moved;
};

static struct piece pieces[MOST_RECORDS];
static unsigned count;
static bool timed;

static uint64_t number(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static void keep(struct piece piece)
{
    if (piece.size && piece.start + piece.size > piece.start - 0 && piece.start <= UINT64_MAX - piece.size)
        pieces[count++] = piece;
}

static void model_load(const uint8_t *at, size_t bytes, size_t there, uint64_t time)
{
    size_t room = (bytes < there ? bytes : there) - 56;
    struct piece piece = {
        number(at + 32, 8), number(at + 40, 8), time, number(at + 48, 8), at + 56, 0, false};
    while (piece.length < room && piece.length < JITNAME_MOST && at[56 + piece.length])
        piece.length++;
    if (piece.length)
        keep(piece);
}

/* False: this was the last. */
static bool model_record(const uint8_t **at, const uint8_t *end)
{
    size_t there = (size_t)(end - *at);
    if (there < 16)
        return false;
    uint64_t kind = number(*at, 4), bytes = number(*at + 4, 4), time = number(*at + 8, 8);
    if (bytes < 16 || kind == 3)
        return false;
    if (kind == 0 && bytes >= 56 && there >= 56)
        model_load(*at, bytes, there, time);
    if (kind == 1 && bytes >= 64 && there >= 64)
        keep((struct piece){number(*at + 40, 8), number(*at + 48, 8), time, number(*at + 56, 8), NULL, 0,
                            true});
    *at = bytes < there ? *at + bytes : end;
    return true;
}

/* A move is named by the last load of its index, wherever that stands. */
static void model_moves(void)
{
    for (unsigned m = 0; m < count; m++)
        for (unsigned i = 0; pieces[m].moved && i < count; i++)
            if (!pieces[i].moved && pieces[i].index == pieces[m].index) {
                pieces[m].name = pieces[i].name;
                pieces[m].length = pieces[i].length;
            }
}

static bool model(const uint8_t *at, size_t size, uint32_t pid)
{
    const uint8_t *end = at + size;
    count = 0;
    if (size < 40 || memcmp(at, "DTiJ\1\0\0\0", 8) != 0 || number(at + 12, 4) != 62 ||
        number(at + 20, 4) != pid)
        return false;
    timed = !(at[32] & 1);
    uint64_t head = number(at + 8, 4);
    if (head < 40)
        return false;
    at = head < size ? at + head : end;
    while (count < MOST_RECORDS && model_record(&at, end))
        ;
    model_moves();
    return true;
}

/* The one in force at that time; where none was yet, the first to come. */
static const struct piece *model_find(uint64_t address, uint64_t when)
{
    const struct piece *in_time = NULL, *late = NULL;
    for (unsigned i = 0; i < count; i++) {
        const struct piece *p = &pieces[i];
        if (!p->name || address < p->start || address - p->start >= p->size)
            continue;
        if (!timed || p->time <= when)
            in_time = !timed || !in_time || p->time >= in_time->time ? p : in_time;
        else
            late = !late || p->time <= late->time ? p : late;
    }
    return in_time ? in_time : late;
}

static void look_up(const struct jitdump *dump, uint64_t address, uint64_t when)
{
    const struct piece *wanted = model_find(address, when);
    uint32_t code = jitdump_find(dump, address, when);
    struct jitname name, expected;
    CHECK((code != 0) == (wanted != NULL));
    if (!code)
        return;
    CHECK(jitdump_name(dump, code, &name) == 0);
    CHECK(jitname_of(&expected, (const char *)wanted->name, wanted->length) == 0);
    CHECK(strcmp(name.function, expected.function) == 0 && name.line == expected.line);
    jitname_free(&name);
    jitname_free(&expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    uint64_t address = input_word(&in), when = input_word(&in);
    uint32_t pid = (uint32_t)input_word(&in);
    FILE *file = in.left ? fmemopen((void *)(uintptr_t)in.at, in.left, "r") : NULL;
    if (!file)
        return 0;
    struct jitdump *dump = jitdump_read(file, pid);
    CHECK((dump != NULL) == model(in.at, in.left, pid));
    if (dump)
        look_up(dump, address, when);
    for (unsigned i = 0; dump && i < count; i++) {
        const struct piece *p = &pieces[i], *q = &pieces[count - 1 - i];
        look_up(dump, p->start, p->time);
        look_up(dump, p->start + p->size - 1, q->time);
        look_up(dump, p->start + p->size, p->time - 1);
    }
    jitdump_close(dump);
    fclose(file);
    return 0;
}
