/* The ledger's format: what the recorder (src/preload) writes and the tool (src/tool) reads.
 *
 * One file, mapped once by the recorder, position-independent: ids and offsets, never pointers.
 * Every fact is written once and published by a release store of the count that covers it;
 * after that only counters move. A reader needs nothing from the writer, so a process that was
 * killed leaves a complete report behind, and a hostile file can only lie, never crash a reader:
 * ledger.h checks every offset and count before anything here is followed.
 *
 *     0              4096                                                           file_bytes
 *     +--------------+---------+------+--------+-------+-----------+--------+--------+
 *     | ledger_header| modules | text | owners | nodes |   sites   |histories| blocks |   (areas)
 *     +--------------+---------+------+--------+-------+-----------+--------+--------+
 *
 * An area is an array of equal items. Item 0 of every area is never handed out, so that id 0 means
 * "none" (site 0 alone is real: "(untracked)"). `used` counts items handed out, item 0 included.
 *
 * A worked example: malloc(100) called by remember (offset 0x1190), called by main (offset 0x1250)
 *
 *     nodes[7] = { parent 0, where = module 2 | 0x1250 }        main
 *     nodes[8] = { parent 7, where = module 2 | 0x1190 }        remember
 *     sites[3] = { node 8, allocations 0, ... }                 the stack "remember <- main"
 *     blocks[1].counters[3] = { site 3, allocs 1, alloc_bytes 104, requested_bytes 100 }
 *
 * The equation that everything reads by (ledger_sums in ledger.h):
 *
 *     live(site) = sites[site] + its counter in every block      frees read before allocations
 */
#ifndef LEAKWATCH_LEDGER_LAYOUT_H
#define LEAKWATCH_LEDGER_LAYOUT_H

#include <stdint.h>

#include "history.h"

#define LEDGER_MAGIC        "leakwtch"
#define LEDGER_VERSION      1u
#define LEDGER_HEADER_BYTES 4096u

/* LEAKWATCH_OUTPUT as `leakwatch run` sets it: like "none", for `run` reads the ledger and reports; but a
 * process whose ledger is no file speaks for itself, on stderr. */
#define OUTPUT_LEFT_TO_RUN "none (left to run)"

enum ledger_area {
    AREA_MODULES,   /* struct module */
    AREA_TEXT,      /* bytes; offset 0 is the empty string; strings end in NUL */
    AREA_OWNERS,    /* uint32_t: tid that owns the block of the same index, 0 = free */
    AREA_NODES,     /* struct node */
    AREA_SITES,     /* struct site */
    AREA_HISTORIES, /* struct history */
    AREA_BLOCKS,    /* struct block */
    AREAS
};

struct area {
    uint64_t offset;   /* from the start of the file, page aligned; written at creation */
    uint64_t capacity; /* items that fit; written at creation */
    uint32_t item;     /* bytes an item; written at creation */
    uint32_t reserved;
    uint64_t used; /* items handed out, item 0 included: they exist. Only rises, by CAS */
};

/* How the process ended; written by the process itself, so a killed one stays ENDED_NOT. */
enum ledger_end { ENDED_NOT, ENDED_EXIT, ENDED_EXEC };

/* What could not be recorded, each counted. Names for people are in loss.h. Only ever appended to. */
enum loss {
    LOSS_NESTED,        /* allocation inside a signal handler that interrupted the recorder */
    LOSS_EARLY,         /* stack taken before the unwinder could be loaded: one frame kept */
    LOSS_LEARN_BUSY,    /* stack cut: another thread was learning a frame rule */
    LOSS_LEARN_BARRED,  /* stack cut or followed by frame pointer: child of a fork in mid-learning */
    LOSS_NO_BOUNDS,     /* stack cut: the bounds of the stack could not be found */
    LOSS_DEPTH,         /* stack cut at LEAKWATCH_DEPTH frames */
    LOSS_SITES_FULL,    /* event charged to (untracked): no room for another site or stack node */
    LOSS_HISTORY_FULL,  /* site without a history: no room for one */
    LOSS_BLOCK_FULL,    /* event not recorded: no room for its thread's counters */
    LOSS_MODULES_FULL,  /* frame kept by address: no room for its module */
    LOSS_LEDGER_GROW,   /* the file could not grow (full disk, limit) */
    LOSS_LIVE_MEMORY,   /* block not followed: no memory for the live table */
    LOSS_LIVE_OCCUPIED, /* a block appeared where one was still live */
    LOSS_LIVE_RANGE,    /* block beyond the 47 bits the live table covers */
    LOSS_UNKNOWN_FREE,  /* free of a block never seen (allocated before, or while not recording) */
    LOSS_MMAP_QUEUE,    /* mmap event dropped: its queue was full */
    LOSS_MMAP_FULL,     /* mapping not followed: no room in the region map */
    LOSS_PROMOTED,      /* child's ledger became a file while other threads ran: counts in flight */
    LOSS_MODULE_PATH,   /* frames without a name: the path of their module could not be read or kept */
    LOSS_SANDBOX,       /* stack cut, or a tick left out: the program's seccomp filter is against it */
    LOSS_MARKS_FULL,    /* phase or thread that shares the last line of its table: no room for its name */
    LOSS_RANGE = 31     /* one past the last possible kind */
};

/* What the program told by leakwatch.h, by name: a phase that it was in, or threads. All sums over every time
 * that the name was given, so that a server may say "request" a million times. Item 0 has no name: before the
 * first phase, or nothing. The last item is shared by the names that came when all others were taken. */
struct mark {
    uint32_t name;      /* text offset, by CAS; 0 = free */
    uint32_t times;     /* a phase: how often it was entered; a thread: how many took the name */
    int64_t ms;         /* a phase: age when it was left less age when it was entered, summed; atomic adds */
    int64_t live_bytes; /* a phase: the same of the running total; threads: what they allocated less freed */
};

#define LEDGER_MARKS      32u
#define LEDGER_MARK_BYTES 63u /* of a name; what is longer is cut */
#define LEDGER_CHANGES    64u /* the last ones: 512 bytes, and sites keep 32 windows */
/* A change of phase: age << 8 | mark. */
#define CHANGE_SHIFT 8

/* The fixed head of the file. Written at creation unless said otherwise. */
struct ledger_header {
    char magic[8];         /* LEDGER_MAGIC, written last at creation (release): before it, no ledger */
    uint32_t version;      /* LEDGER_VERSION */
    uint32_t header_bytes; /* LEDGER_HEADER_BYTES */
    uint64_t file_bytes;   /* size of the (sparse) file */
    struct area area[AREAS];

    /* the process */
    uint32_t pid; /* as the process itself sees it */
    uint32_t parent_pid;
    uint32_t root_pid; /* of the process that was preloaded first; == pid there */
    uint32_t uid;
    uint64_t start_ticks; /* field 22 of /proc/self/stat: tells two processes with one pid apart */
    uint64_t started_ns;  /* wall clock at start, since 1970 */
    uint64_t boot_ns;     /* CLOCK_MONOTONIC at start: age = now - boot_ns */
    char program[64];     /* base name of the executable, NUL-terminated */
    uint32_t command;     /* text offset: argv joined by NUL, an empty string ends it */
    uint32_t executable;  /* text offset: path of /proc/self/exe */
    uint32_t allocator;   /* text offset: path of the module whose malloc is called next */
    uint32_t
        in_front; /* text offset: path of the module whose malloc is found before ours; "" = ours is first */
    uint64_t limit_bytes; /* RLIMIT_AS, or 0 for none; cgroup limits are the reader's business */

    /* how it was recorded: the options that a reader needs (units as in interface: bytes, ms) */
    uint64_t sample_bytes;
    uint64_t min_bytes;
    uint64_t interval_ms;
    uint64_t warmup_ms;
    uint32_t depth;
    uint32_t sizes_requested; /* 1: no usable sizes from this allocator, requested ones are kept */
    uint32_t is_file;         /* 1: this ledger lives in a file (a child's may be memory at first) */
    uint32_t output_none;     /* 1: the recorder prints no report (LEAKWATCH_OUTPUT=none) */
    char version_text[16];    /* leakwatch's version */

    /* moving: atomics, each written by whichever thread comes by */
    uint64_t updated_ms;     /* age at the last tick */
    uint64_t exit_began_ms;  /* age when exit began + 1; 0 = not yet. Histories are frozen then */
    uint32_t ended;          /* enum ledger_end */
    uint32_t exit_status;    /* valid with ENDED_EXIT */
    uint64_t ended_ms;       /* age at the end */
    uint64_t rss_bytes;      /* resident set, last read at exit; 0 = never read */
    uint64_t peak_rss_bytes; /* ru_maxrss at the last tick */
    int64_t live_bytes;      /* running total, published at ticks: for the peak only */
    int64_t peak_live_bytes; /* its maximum ... */
    uint64_t peak_ms;        /* ... the age then ... */
    uint32_t peak_epoch;     /* ... and the epoch that names it: history.at_peak belongs to it */
    uint32_t flagged;        /* sites that were ever flagged growing */
    uint32_t forked;         /* forked children that recorded */
    uint32_t epoch;          /* module epoch: bumped when a module was seen to go */
    uint64_t losses[LOSS_RANGE];

    uint64_t pid_namespace; /* inode of /proc/self/ns/pid, in which pid is what it says; 0 = not known */

    /* what the program told (leakwatch.h). All 0 in older ledgers: nothing. The phase that is not left yet
     * has been entered once more: its ms and live_bytes lack the present */
    struct mark phases[LEDGER_MARKS];
    struct mark threads[LEDGER_MARKS];
    uint64_t changes[LEDGER_CHANGES]; /* change n lies at n % LEDGER_CHANGES */
    uint32_t changes_begun;           /* unequal: one is under way, or was when it was killed */
    uint32_t changes_done;
    uint32_t excluded[2]; /* by enum site_kind: the site of all that the program excluded; 0 = none */
};

/* An object that code was seen in. Its address range may be used again by a later module. */
struct module {
    uint64_t base;        /* load bias: address = base + offset */
    uint64_t start, end;  /* mapped range when it was first seen */
    uint32_t path;        /* text offset */
    uint32_t epoch;       /* module epoch in which it was first seen */
    uint8_t build_id[20]; /* of .note.gnu.build-id, cut to 20 bytes */
    uint8_t build_id_len; /* 0 = none */
    uint8_t gone;         /* 1: it was unloaded later (atomic) */
    uint8_t reserved[2];
};

/* A frame in the prefix tree of stacks. Root frames have parent 0; a site names its youngest. */
struct node {
    uint32_t parent; /* node id of the caller, 0 = none (root) */
    uint32_t next;   /* the recorder's hash chain, no business of a reader */
    uint64_t where;  /* NODE_* below; 0 = slot never published, skip */
};

/* where = module << 50 | flags << 47 | offset. With module 0 the offset is a plain address (code in
 * no known object: JIT). An offset is the program counter that a symbol is looked up at: already the
 * call's last byte (return address - 1), or the exact pc of a frame that a signal interrupted. */
#define NODE_MODULE_SHIFT 50
#define NODE_OFFSET_MASK  ((UINT64_C(1) << 47) - 1)
#define NODE_REPEATS      (UINT64_C(1) << 47) /* youngest frame of a recursion's cycle, folded to once */
#define NODE_CUT          (UINT64_C(1) << 48) /* root of a stack that went on: depth, bounds, no rule */
#define NODE_SIGNAL       (UINT64_C(1) << 49) /* the pc was interrupted by a signal: exact */
#define NODE_MODULES      (1u << 14)

enum site_kind { SITE_HEAP, SITE_MMAP };

/* A distinct stack and its account: one cache line. Counters are atomic adds. */
struct site {
    uint32_t node;  /* youngest frame; set before the site is published. Site 0: 0 */
    uint32_t next;  /* the recorder's hash chain */
    uint64_t frees; /* blocks; never above allocations once all blocks are summed */
    uint64_t freed_bytes;
    uint64_t allocations;     /* blocks; weighted when sampling */
    uint64_t allocated_bytes; /* usable sizes, or requested ones (sizes_requested) */
    uint64_t requested_bytes;
    uint32_t history;    /* id, 0 = the site has not earned one */
    uint32_t sampled_cs; /* age at its last sample, 1/100 s (497 days): CAS wins the right to sample */
    uint32_t first_cs;   /* age at its first event, 1/100 s */
    uint8_t kind;        /* enum site_kind */
    uint8_t reserved[3];
};

/* One thread's unpublished counts for one site: only that thread adds, plain stores.
 * sequence is odd while a delta moves to the account (odd, add, clear, even): a reader that finds it
 * odd takes the account alone; of a dead process, it reports that delta as in flight. */
struct counter {
    uint32_t sequence;
    uint32_t site; /* 0 = empty: site 0's events go to its account directly */
    uint32_t frees;
    uint32_t freed_bytes;
    uint32_t allocs;
    uint32_t alloc_bytes;
    uint32_t requested_bytes;
    uint32_t reserved;
};

#define BLOCK_COUNTERS 512u /* 16 KiB a thread; direct-mapped by site % 512 */

struct block {
    struct counter counters[BLOCK_COUNTERS];
};

_Static_assert(sizeof(struct ledger_header) <= LEDGER_HEADER_BYTES, "the header is one page");
_Static_assert(sizeof(struct site) == 64, "a site is one cache line");
_Static_assert(sizeof(struct node) == 16, "stacks cost 16 bytes a frame that they do not share");
_Static_assert(sizeof(struct module) == 56, "module");
_Static_assert(sizeof(struct block) == 16384, "a thread's block is 16 KiB");

#endif
