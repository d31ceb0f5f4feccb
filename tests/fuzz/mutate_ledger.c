/* Mutates inputs of fuzz_ledger by whole records: a field of an item that is there gets a value that is worth
 * a try.
 *
 * libFuzzer's own mutations, which every second input gets, hardly ever make a record whose five numbers are
 * all right, and break the records behind whatever they insert or remove.
 */
#include "fuzz.h"
#include "fuzz_ledger.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

#define ITEMS_USED 4 /* of the complete ledger hardly any area has more */

static uint64_t state;

/* splitmix64 */
static uint64_t next(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint32_t below(uint32_t limit)
{
    return (uint32_t)(next() % limit);
}

static double some_figure(void)
{
    static const double figures[] = {0, -1, 1, 4096, 1e9, 1e30, 1e308, -1e308, 1e-310};
    switch (below(8)) {
    case 0:
        return __builtin_inf();
    case 1:
        return -__builtin_inf();
    case 2:
        return __builtin_nan("");
    default:
        return figures[below(sizeof figures / sizeof *figures)];
    }
}

/* Ids, counts, times, sizes and figures as they are, at their limits, and just beyond. */
static uint64_t some_value(unsigned place, unsigned width)
{
    static const uint64_t limits[] = {HISTORY_WINDOWS,
                                      64,
                                      256,
                                      BLOCK_COUNTERS,
                                      2048,
                                      4096,
                                      UINT16_MAX,
                                      INT32_MAX,
                                      UINT32_MAX,
                                      INT64_MAX,
                                      UINT64_C(1) << 50,
                                      UINT64_C(1) << 47};
    double figure = some_figure();
    float narrow = (float)(figure > 1e38 || figure < -1e38 ? figure * 1e300 : figure);
    uint64_t bits = 0;
    /* A history is mostly floats. */
    switch (place == AREA_HISTORIES && below(2) ? 2 : below(8)) {
    case 0:
        return next();
    case 1:
        memcpy(&bits, &figure, sizeof figure);
        return bits;
    case 2:
        memcpy(&bits, &narrow, sizeof narrow);
        return bits;
    case 3:
    case 4:
        return limits[below(sizeof limits / sizeof *limits)] + below(3) - 1;
    case 5:
        return (width == 8 ? UINT64_MAX : UINT32_MAX) - below(2) * 4096;
    case 6:
        return (uint64_t)(1 + below(80)) * 4096; /* offsets of areas */
    default:
        return below(16);
    }
}

static const struct {
    uint32_t size, first; /* of what is read of an item: the first history is item 1 */
} items[PLACES] = {
    [AREA_MODULES] = {sizeof(struct module), 1},     [AREA_TEXT] = {1, 0},
    [AREA_OWNERS] = {sizeof(uint32_t), 0},           [AREA_NODES] = {sizeof(struct node), 1},
    [AREA_SITES] = {sizeof(struct site), 0},         [AREA_HISTORIES] = {sizeof(struct history), 1},
    [AREA_BLOCKS] = {8 * sizeof(struct counter), 1}, [AREA_HEADER] = {sizeof(struct ledger_header), 0},
};

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* The field: of the header, half the time one of the table of areas, or of the file's size. */
static uint32_t some_offset(unsigned place, unsigned width)
{
    const uint32_t table = offsetof(struct ledger_header, file_bytes);
    if (place == AREA_HEADER && below(2))
        return table + below((AREAS * sizeof(struct area) + 8) / 8) * 8 + below(8 / width) * width;
    uint32_t fields = items[place].size / width;
    return fields ? below(fields) * width : 0;
}

static size_t make_record(uint8_t *record)
{
    unsigned place = below(PLACES), width = 4u << below(2);
    record[0] = (uint8_t)place;
    if (place == FILE_SIZE) {
        put(record + 1, below(2) ? next() % (UINT64_C(1) << 19) : below(80) * 4096 + below(2), 4);
        return RECORD_SIZE;
    }
    if (place == AREA_TEXT) {
        width = 1 + below(8);
        put(record + 1, below(96), 2);
        put(record + 3, 0, 2);
    } else {
        put(record + 1, place == AREA_HEADER ? 0 : items[place].first + below(ITEMS_USED), 2);
        put(record + 3, some_offset(place, width), 2);
    }
    record[5] = (uint8_t)width;
    put(record + RECORD_HEAD, place == AREA_TEXT ? next() : some_value(place, width), width);
    return RECORD_HEAD + width;
}

/* Where the record after this one starts, at most the end. */
static size_t after(const uint8_t *data, size_t size, size_t at)
{
    size_t length = RECORD_SIZE;
    if (data[at] % PLACES != FILE_SIZE)
        length = RECORD_HEAD + (at + 5 < size ? data[at + 5] : 0);
    return length < size - at ? at + length : size;
}

static size_t some_border(const uint8_t *data, size_t size)
{
    size_t borders = 1, at;
    for (at = 1; at < size; at = after(data, size, at))
        borders++;
    size_t skipped = below((uint32_t)borders);
    for (at = 1; at < size && skipped; skipped--)
        at = after(data, size, at);
    return at;
}

static size_t insert(uint8_t *data, size_t size, size_t most)
{
    uint8_t record[RECORD_HEAD + 8];
    size_t length = make_record(record);
    if (size + length > most)
        return size;
    size_t at = some_border(data, size);
    memmove(data + at + length, data + at, size - at);
    memcpy(data + at, record, length);
    return size + length;
}

static size_t drop(uint8_t *data, size_t size)
{
    size_t at = some_border(data, size);
    if (at >= size)
        return size;
    size_t end = after(data, size, at);
    memmove(data + at, data + end, size - end);
    return size - (end - at);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    state = seed;
    if (size == 0) {
        data[0] = 0;
        size = 1;
    }
    if (below(2)) {
        size = LLVMFuzzerMutate(data, size, most);
    } else {
        for (uint32_t changes = 1 + below(3); changes; changes--)
            size = below(4) ? insert(data, size, most) : drop(data, size);
        if (below(8) == 0)
            data[0] ^= (uint8_t)(below(16));
    }
    if (size)
        data[0] = (uint8_t)((data[0] & ~WITH_JSON) | (below(4) ? 0 : WITH_JSON));
    return size;
}
