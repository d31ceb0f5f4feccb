/* See book.h. Creating the file, growing it, and turning a child's memory into a file. */
#include "book.h"

#include <limits.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "hints.h"
#include "book_file.h"
#include "memory.h"

/* Used before the first open and after a failure: everything works, nothing is kept. */
static struct ledger_header nowhere;
struct book book = {.head = &nowhere};

static uint64_t grown[AREAS]; /* bytes of each area that certainly exist; only ever raised */
static uint64_t mapped;       /* bytes of the mapping, 0 = none */

#define MIB        (UINT64_C(1) << 20)
#define PAGE       UINT64_C(4096)
#define GROW_FIRST (16 * 1024) /* small programs touch little: `true` pays for five pages an area */
#define GROW_MOST  MIB
#define BOOK_MOST  (1024 * MIB)
#define BOOK_CHILD (256 * MIB)
#define BOOK_FIXED (32 * MIB) /* kernels without MADV_POPULATE_WRITE: allocated at once */
#define BOOK_LEAST (2 * MIB)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t limit_of(int resource)
{
    uint64_t limit[2] = {0, 0};
    if (sandboxed || SYS4(SYS_prlimit64, 0, resource, 0, limit) != 0 || limit[0] == RLIM_INFINITY)
        return UINT64_MAX;
    return limit[0];
}

uint64_t book_address_limit(void)
{
    return limit_of(RLIMIT_AS);
}

/* How large the mapping may be: a sparse file costs address space only, but a program under RLIMIT_AS
 * needs that for itself. */
static uint64_t most_bytes(uint64_t wish)
{
    return smaller(wish, limit_of(RLIMIT_AS) / 16) / MIB * MIB;
}

/* The shares of the areas. Sites and nodes are what grows; the rest is bounded by threads and files. */
static void lay_out(struct ledger_header *head, uint64_t bytes)
{
    static const struct {
        uint32_t item, share; /* share: of 256 */
    } shares[AREAS] = {
        [AREA_MODULES] = {sizeof(struct module), 2}, [AREA_TEXT] = {1, 4},
        [AREA_OWNERS] = {sizeof(uint32_t), 1},       [AREA_NODES] = {sizeof(struct node), 93},
        [AREA_SITES] = {sizeof(struct site), 96},    [AREA_HISTORIES] = {sizeof(struct history), 32},
        [AREA_BLOCKS] = {sizeof(struct block), 27},
    };
    uint64_t at = LEDGER_HEADER_BYTES;
    for (int a = 0; a < AREAS; a++) {
        uint64_t size = bytes / 256 * shares[a].share / PAGE * PAGE;
        head->area[a] =
            (struct area){.offset = at, .item = shares[a].item, .capacity = size / shares[a].item, .used = 1};
        at += size;
    }
    if (head->area[AREA_MODULES].capacity > NODE_MODULES)
        head->area[AREA_MODULES].capacity = NODE_MODULES;
    if (head->area[AREA_SITES].capacity > 1u << 24)
        head->area[AREA_SITES].capacity = 1u << 24;
    head->file_bytes = bytes;
}

/* The bytes exist from now on, or never will: an error here would be a SIGBUS later. Until now they had no
 * access: mlockall makes all that has resident, and would fill the whole sparse file. */
static bool populate(void *at, uint64_t bytes)
{
    return SYS3(SYS_mprotect, at, bytes, PROT_READ | PROT_WRITE) == 0 &&
           SYS3(SYS_madvise, at, bytes, MADV_POPULATE_WRITE) == 0;
}

static bool grow(enum ledger_area a, uint64_t end)
{
    uint64_t have = __atomic_load_n(&grown[a], __ATOMIC_ACQUIRE);
    if (likely(end <= have))
        return true;
    const struct area *area = &book.head->area[a];
    uint64_t step = have < GROW_FIRST ? GROW_FIRST : smaller(have, GROW_MOST);
    uint64_t want = (have + step > end ? have + step : end) + PAGE - 1;
    want = smaller(want, area->capacity * area->item + PAGE - 1) / PAGE * PAGE;
    if (!populate(book.area[a] + have, want - have)) {
        loss(LOSS_LEDGER_GROW);
        return false;
    }
    /* Two threads may have populated the same bytes: harmless, the larger claim stays. */
    while (have < want &&
           !__atomic_compare_exchange_n(&grown[a], &have, want, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
    return true;
}

/* `used` never covers what does not exist: a look at it, by us or a reader, would be a SIGBUS on a full
 * disk. */
uint32_t book_add(enum ledger_area a, uint32_t n)
{
    struct area *area = &book.head->area[a];
    uint64_t id = __atomic_load_n(&area->used, __ATOMIC_RELAXED);
    do { /* what is in use exists: readers go by `used` */
        if (id + n > area->capacity || !grow(a, (id + n) * area->item))
            return 0;
    } while (
        !__atomic_compare_exchange_n(&area->used, &id, id + n, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    return (uint32_t)id;
}

uint32_t book_text(const char *text, size_t length)
{
    if (length == 0 || length > PAGE * 4)
        return 0;
    uint32_t at = book_add(AREA_TEXT, (uint32_t)length + 1);
    if (at)
        __builtin_memcpy(book.area[AREA_TEXT] + at, text, length);
    return at;
}

/* Installs a mapping as the book. The magic comes last, by book_publish. */
static bool install(void *at, uint64_t bytes, uint64_t already)
{
    if (!already && !populate(at, LEDGER_HEADER_BYTES))
        return false;
    struct ledger_header *head = at;
    lay_out(head, bytes);
    head->version = LEDGER_VERSION;
    head->header_bytes = LEDGER_HEADER_BYTES;
    for (int a = 0; a < AREAS; a++) {
        book.area[a] = (unsigned char *)at + head->area[a].offset;
        grown[a] = already ? head->area[a].capacity * head->area[a].item : 0;
    }
    mapped = bytes;
    book.head = head;
    return true;
}

/* Site 0 is real, "(untracked)": its account must exist before anything is charged to it. */
static bool open_areas(void)
{
    for (int a = 0; a < AREAS; a++)
        if (!grow((enum ledger_area)a, book.head->area[a].item))
            return false;
    return true;
}

static bool finish(void *at, uint64_t bytes, uint64_t already)
{
    if (install(at, bytes, already) && open_areas())
        return true;
    book_close();
    return false;
}

bool book_open_memory(void)
{
    uint64_t bytes = most_bytes(BOOK_CHILD);
    if (bytes < BOOK_LEAST)
        return false;
    long at = SYS6(SYS_mmap, place_for(bytes), bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (sys_failed(at))
        return false;
    if (!sandboxed)
        SYS2(SYS_munlock, at, bytes);
    SYS3(SYS_madvise, at, bytes, MADV_NOHUGEPAGE);
    SYS3(SYS_madvise, at, bytes, MADV_DONTDUMP);
    /* Memory needs no populating; where the kernel can't, plain touching is safe here. */
    uint64_t already = populate((void *)at, LEDGER_HEADER_BYTES) ? 0 : bytes;
    if (already && SYS3(SYS_mprotect, at, bytes, PROT_READ | PROT_WRITE) != 0) {
        SYS2(SYS_munmap, at, bytes);
        return false;
    }
    return finish((void *)at, bytes, already);
}

/* A file of this size, sparse, that can grow to its end; without MADV_POPULATE_WRITE, allocated. */
static uint64_t shape_file(long fd, uint64_t wish)
{
    struct statfs fs;
    uint64_t bytes = most_bytes(wish);
    bytes = smaller(bytes, limit_of(RLIMIT_FSIZE));
    if (SYS2(SYS_fstatfs, fd, &fs) == 0 && fs.f_blocks)
        bytes = smaller(bytes, (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize / 2);
    bytes = bytes / MIB * MIB;
    return bytes >= BOOK_LEAST && SYS2(SYS_ftruncate, fd, bytes) == 0 ? bytes : 0;
}

bool book_open_file(long fd)
{
    uint64_t bytes = shape_file(fd, BOOK_MOST), already = 0;
    if (!bytes)
        return false;
    long at = SYS6(SYS_mmap, place_for(bytes), bytes, PROT_NONE, MAP_SHARED, fd, 0);
    if (sys_failed(at))
        return false;
    SYS2(SYS_munlock, at, bytes);
    if (!populate((void *)at, LEDGER_HEADER_BYTES)) {
        already = smaller(bytes, BOOK_FIXED);
        SYS2(SYS_munmap, at, bytes);
        if (SYS2(SYS_ftruncate, fd, already) != 0 || SYS4(SYS_fallocate, fd, 0, 0, already) != 0)
            return false;
        bytes = already;
        at = SYS6(SYS_mmap, place_for(bytes), bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (sys_failed(at))
            return false;
    }
    if (!finish((void *)at, bytes, already))
        return false;
    book.head->is_file = 1;
    return true;
}

static bool write_all(long fd, const unsigned char *from, uint64_t bytes, uint64_t at)
{
    while (bytes) {
        long n = SYS4(SYS_pwrite64, fd, from, bytes, at);
        if (n <= 0)
            return false;
        from += n;
        at += (uint64_t)n;
        bytes -= (uint64_t)n;
    }
    return true;
}

/* A book on its way from memory to a file. */
struct move {
    unsigned char *from, *to;
    uint64_t copied[AREAS]; /* bytes that the file has room for */
    long fd;
};

/* Room in the file first: on a full disk a page that was never written is a SIGBUS. */
static bool make_room(struct move *m)
{
    const struct ledger_header *head = (const void *)m->from;
    for (int a = 0; a < AREAS; a++) {
        uint64_t end = __atomic_load_n(&grown[a], __ATOMIC_ACQUIRE), have = m->copied[a];
        if (!write_all(m->fd, book.area[a] + have, end - have, head->area[a].offset + have))
            return false;
        m->copied[a] = end;
    }
    return true;
}

/* How many pages were no longer what had been copied. */
static unsigned copy_changed(struct move *m, uint64_t offset, uint64_t bytes)
{
    unsigned changed = 0;
    for (uint64_t end = offset + bytes; offset < end; offset += PAGE) {
        uint64_t n = smaller(PAGE, end - offset);
        if (__builtin_memcmp(m->to + offset, m->from + offset, n) != 0) {
            __builtin_memcpy(m->to + offset, m->from + offset, n);
            changed++;
        }
    }
    return changed;
}

static unsigned copy_all_changed(struct move *m)
{
    const struct ledger_header *head = (const void *)m->from;
    unsigned changed = 0;
    for (int a = 0; a < AREAS; a++)
        changed += copy_changed(m, head->area[a].offset, m->copied[a]);
    return changed + copy_changed(m, 0, LEDGER_HEADER_BYTES);
}

/* What other threads count meanwhile is copied again, until only the few pages that change all the time are
 * left; then the file takes memory's place at once. Lost is what is counted in that last instant. */
static bool copy_to_file(struct move *m, uint64_t bytes)
{
    if (!make_room(m) || !write_all(m->fd, m->from, LEDGER_HEADER_BYTES, 0))
        return false;
    long at = SYS6(SYS_mmap, place_for(bytes), bytes, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
    if (sys_failed(at))
        return false;
    SYS2(SYS_munlock, at, bytes);
    m->to = (unsigned char *)at;
    unsigned changed = UINT_MAX, before;
    do {
        before = changed;
        if (!make_room(m))
            break;
        changed = copy_all_changed(m);
    } while (changed && changed < before);
    if (changed != UINT_MAX &&
        !sys_failed(SYS6(SYS_mremap, at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, m->from, 0)))
        return true;
    SYS2(SYS_munmap, at, bytes);
    return false;
}

bool book_promote(long fd)
{
    struct move m = {.from = (unsigned char *)book.head, .fd = fd};
    if (shape_file(fd, mapped) != mapped)
        return false;
    book.head->is_file = 1;
    if (copy_to_file(&m, mapped))
        return true;
    book.head->is_file = 0;
    return false;
}

/* What was lost before there was a book to tell it. Not what is nested: until now that was the loader, at
 * work for us. */
static void take_over_losses(void)
{
    for (int kind = 0; kind < LOSS_RANGE; kind++)
        if (kind != LOSS_NESTED)
            book.head->losses[kind] += __atomic_exchange_n(&nowhere.losses[kind], 0, __ATOMIC_RELAXED);
}

void book_publish(void)
{
    take_over_losses();
    uint64_t magic;
    __builtin_memcpy(&magic, LEDGER_MAGIC, sizeof magic);
    __atomic_store_n((uint64_t *)(void *)book.head->magic, magic, __ATOMIC_RELEASE);
}

void book_close(void)
{
    struct ledger_header *head = book.head;
    book.head = &nowhere;
    if (mapped)
        SYS2(SYS_munmap, head, mapped);
    mapped = 0;
    __builtin_memset(grown, 0, sizeof grown);
}
