/* See life.h. */
#include "life.h"

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../../include/leakwatch.h"
#include "account.h"
#include "book.h"
#include "book_file.h"
#include "clock.h"
#include "demand.h"
#include "guard.h"
#include "head.h"
#include "hints.h"
#include "live.h"
#include "marks.h"
#include "memory.h"
#include "modules.h"
#include "next.h"
#include "operator_new.h"
#include "options.h"
#include "place.h"
#include "poisson.h"
#include "record.h"
#include "regions.h"
#include "reporter.h"
#include "sampler.h"
#include "sandbox.h"
#include "sanitizers.h"
#include "shelf.h"
#include "sites.h"
#include "sparse.h"
#include "unseen.h"

#define EARNS_FILE_MS 100   /* a build's thousand short children cost and leave nothing */
#define REPORTS_MS    10000 /* younger flagged children keep their ledger but do not speak */

_Static_assert(OPTIONS_DEPTH_MAX == WALK_MAX, "the depth that can be asked for is the depth that fits");

enum state { NEW, BEGINNING, RECORDING, OFF };

static enum state state;
static uint32_t *alive; /* forgotten by fork: 0 in a child that has not begun anew */
static bool wipes;      /* the kernel does that */
static int owner_pid;   /* who this recording belongs to */
static int root_pid;    /* the process that was preloaded first */
static struct identity identity;
static uint32_t uid; /* effective */
static bool promotion_tried;
static int exiter; /* thread in which exit began, or 0: happens once a process */
static int ender;  /* thread that gives the report, or 0 ... */
static bool ended; /* ... and is through */
static int exit_status = LIFE_STATUS_UNKNOWN;
static uint32_t growing;    /* sites, when exit began */
static bool left_to_run;    /* `leakwatch run` waits to report */
static const char *why_off; /* or NULL: recording is on, or was not wanted */

static bool is_root(void)
{
    return owner_pid == root_pid;
}

/* ---- beginning ---- */

/* In the first place that has room: a folder may be writable on a file system that is full. */
static bool open_in_file(uint64_t started_ns)
{
    bool opened = false;
    for (unsigned place = 0; !opened && place < SHELF_PLACES; place++) {
        long fd = shelf_create(&identity, started_ns, place);
        if (sys_failed(fd))
            continue;
        opened = book_open_file(fd);
        sys_close(fd);
        if (!opened)
            shelf_remove();
    }
    return opened;
}

/* A book for this process, as a file if it may have one now. */
static bool open_book(bool file, int parent)
{
    uint64_t started_ns = clock_now_ns(CLOCK_REALTIME), boot_ns = clock_now_ns(CLOCK_MONOTONIC);
    if (!(file && open_in_file(started_ns)) && !book_open_memory())
        return false;
    if (!sandboxed)
        uid = (uint32_t)SYS0(SYS_geteuid);
    head_fill(&identity, &(struct family){parent, root_pid, uid}, started_ns, boot_ns);
    book_publish();
    return true;
}

static bool prepare_memory(void)
{
    alive = memory_map(4096, true);
    if (!alive || !sites_init())
        return false;
    regions_init(record_charge);
    wipes = SYS3(SYS_madvise, alive, 4096, MADV_WIPEONFORK) == 0;
    *alive = 1;
    return true;
}

/* Before an exec, this process may have recorded in a file. Most children call it when they are younger than
 * that, and need not look. */
static bool had_a_file(void)
{
    uint64_t age_ms = clock_now_ns(CLOCK_BOOTTIME) / 1000000 - identity.start_ticks * 10; /* USER_HZ is 100 */
    return options.root_pid && (is_root() || age_ms >= EARNS_FILE_MS);
}

/* The first event of the process, perhaps before libc is ready: nothing here needs libc's state. */
static COLD void begin(void)
{
    state = BEGINNING;
    next_find();
    options_read();
    left_to_run = strcmp(options.output, OUTPUT_LEFT_TO_RUN) == 0;
    if (left_to_run)
        options.output = "none";
    shelf_identify(&identity);
    owner_pid = identity.pid;
    root_pid = options.root_pid ? options.root_pid : owner_pid;
    next_keeps_sizes = options.sample_bytes || !next_has_sizes;
    if (options.sample_bytes) {
        live_count_pages();
        sparse_start();
    }
    bool wanted = !sanitizers_here() && (is_root() || options.children != CHILDREN_NONE);
    if (wanted && had_a_file())
        shelf_mark_exec(&identity);
    int parent = (int)SYS0(SYS_getppid);
    if (wanted)
        place_choose();
    state = wanted && prepare_memory() && open_book(is_root(), parent) ? RECORDING : OFF;
    if (left_to_run && is_root() && !book.head->is_file) {
        options.output = "stderr";
        book.head->output_none = 0;
    }
    if (wanted && state == OFF)
        why_off = "no memory for its tables (an address space limit?)";
}

/* ---- forked ---- */

static void identify_forked(void *who)
{
    shelf_identify_forked(who);
}

/* Nothing inherited is kept but rules of unwinding and modules' code: the live table, accounts and
 * histories are the parent's. Runs once: in the only thread that a forked child has, or, where none of its
 * first calls allocated (the C library keeps the stacks of threads, and what belongs to them), in the first
 * of several. */
static COLD void begin_forked(void)
{
    int parent = owner_pid;
    enum state before = RECORDING;
    if (!__atomic_compare_exchange_n(&state, &before, BEGINNING, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    if (*alive) { /* another thread has been here since */
        __atomic_store_n(&state, RECORDING, __ATOMIC_RELEASE);
        return;
    }
    if (book.head->is_file) /* shared with the parent, which counts its children */
        __atomic_fetch_add(&book.head->forked, 1, __ATOMIC_RELAXED);
    marks_fork_begins();
    book_close();
    shelf_forget();
    if (sandboxed || !unseen(identify_forked, &identity))
        identify_forked(&identity);
    owner_pid = identity.pid;
    thread_forked();
    capture_forked();
    modules_forked();
    regions_forked();
    promotion_tried = ended = false;
    exiter = ender = 0;
    exit_status = LIFE_STATUS_UNKNOWN;
    growing = 0;
    *alive = 1;
    bool recording = options.children != CHILDREN_NONE && open_book(false, parent);
    if (recording)
        marks_fork_ends();
    __atomic_store_n(&state, recording ? RECORDING : OFF, __ATOMIC_RELEASE);
}

bool life_is_foreign(void)
{
    return state != RECORDING || !*alive;
}

COLD struct thread *life_event(struct thread *t)
{
    if (likely(state == RECORDING && *alive)) {
        if (unlikely(t->id == 0))
            return thread_claim(owner_pid);
        sampler_poll(t);
        if (unlikely(demand_made))
            demand_answer(t);
        if (unlikely(told.excluded))
            t->countdown = 0; /* the next event comes here, too: off the straight way */
        return t;
    }
    if (state == NEW)
        begin();
    else if (state == RECORDING)
        begin_forked();
    return state == RECORDING ? thread_claim(owner_pid) : NULL;
}

/* Without MADV_WIPEONFORK (before Linux 4.14) fork tells by itself; _Fork and raw clone then do not. */
static void forked_without_wipe(void)
{
    if (state == RECORDING)
        *alive = 0;
    self = &thread_nobody;
}

/* ---- growing up ---- */

/* Not in a sandbox: there a call more may be the last. */
static void promote(void *result)
{
    bool done = false;
    for (unsigned place = reporter_filtered() ? SHELF_PLACES : 0; !done && place < SHELF_PLACES; place++) {
        long fd = shelf_create(&identity, book.head->started_ns, place);
        if (sys_failed(fd))
            continue;
        done = book_promote(fd);
        sys_close(fd);
        if (!done)
            shelf_remove();
    }
    *(bool *)result = done;
}

static uint32_t threads(void)
{
    uint32_t alive_now = 0;
    uint64_t used = __atomic_load_n(&book.head->area[AREA_OWNERS].used, __ATOMIC_ACQUIRE);
    for (uint32_t id = 1; id < used; id++)
        alive_now += __atomic_load_n(book_owner(id), __ATOMIC_RELAXED) != 0;
    return alive_now;
}

void life_tick(uint64_t now_ms)
{
    bool done = false;
    if (book.head->is_file || now_ms < EARNS_FILE_MS ||
        __atomic_exchange_n(&promotion_tried, true, __ATOMIC_ACQ_REL))
        return;
    if (is_root() || !unseen(promote, &done) || !done)
        return; /* the root could not make a file at its start: it will not later */
    if (threads() > 1)
        loss(LOSS_PROMOTED);
}

void life_announce(uint32_t site, uint64_t live_bytes)
{
    char number[24], live[24], pid[24];
    reporter_say("site ", reporter_number(number, site),
                 " has begun to grow without bound: ", reporter_number(live, live_bytes),
                 " bytes live; leakwatch report ", reporter_number(pid, (unsigned long long)owner_pid), NULL);
}

/* ---- the end ---- */

/* Only whoever owns the recording: not a vfork child, not a forked child that never allocated. Whom its
 * filters forbid to ask who it is, is who it was. */
static bool mine(void)
{
    if (state != RECORDING || !*alive)
        return false;
    int pid = sys_getpid();
    return pid == owner_pid || pid < 0;
}

static struct thread *workspace(void)
{
    return self->id ? self : thread_claim(owner_pid);
}

/* Whose report is printed: the root's always, a child's as LEAKWATCH_CHILDREN says. */
static bool speaks(void)
{
    if (is_root())
        return true;
    if (options.children == CHILDREN_ALL)
        return clock_age_ms() >= EARNS_FILE_MS;
    return options.children == CHILDREN_FLAGGED && growing && clock_age_ms() >= REPORTS_MS;
}

/* Exit called by what exit called: the last status counts. By another thread: the C library would let it
 * overtake the first one, which may be giving the report, and end the process inside. So it reports before it
 * goes there, or waits here for who does. */
static void begins_again(int thread, int status)
{
    if (status != LIFE_STATUS_UNKNOWN)
        exit_status = status;
    if (thread != exiter)
        life_ends();
}

int life_exit_begins(int status)
{
    int thread, nobody = 0;
    if (!mine())
        return status;
    thread = (int)sys_gettid();
    if (!__atomic_compare_exchange_n(&exiter, &nobody, thread, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        begins_again(thread, status);
        return status;
    }
    struct thread *t = workspace();
    if (t)
        growing = sampler_last(t);
    marks_exit_begins();
    if (speaks()) {
        life_tick(clock_age_ms()); /* a child that is old enough for a file, and has not ticked since */
        reporter_hold();
    }
    if (status == 0 && options.exitcode && growing)
        status = options.exitcode;
    exit_status = status;
    return status;
}

/* A clean run whose report was given leaves nothing; a child with nothing to say neither. A flagged child's
 * ledger stays, for the root's report names it; with LEAKWATCH_CHILDREN=all they all stay until the root's
 * report, which removes those of children that ended unflagged. */
static void report(void)
{
    bool given = false;
    if (speaks() && !book.head->output_none) {
        if (book.head->is_file)
            given = reporter_report(shelf_path());
        else
            reporter_plain();
    }
    bool wanted = is_root() ? !given : growing || options.children == CHILDREN_ALL;
    if (!wanted && !options.ledger && !sandboxed) /* `leakwatch list --prune` does it then */
        shelf_remove();
}

static void mark_ended(int status)
{
    struct ledger_header *head = book.head;
    head->ended_ms = clock_age_ms();
    head->exit_status = (uint32_t)status;
    __atomic_store_n(&head->ended, ENDED_EXIT, __ATOMIC_RELEASE);
}

/* One thread reports; another one that ends the process meanwhile would end the report. (A signal handler of
 * the first may come here too: it goes on.) */
static bool is_ender(void)
{
    static const struct timespec ms = {0, 1000000};
    int tid = (int)sys_gettid(), first = 0;
    if (__atomic_compare_exchange_n(&ender, &first, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return true;
    for (unsigned waited = 0;
         first != tid && !__atomic_load_n(&ended, __ATOMIC_ACQUIRE) && waited < reporter_patience_ms;
         waited++)
        SYS2(SYS_nanosleep, &ms, NULL);
    return false;
}

void life_ends(void)
{
    if (!mine() || !is_ender())
        return;
    if (self->id) {
        account_publish_all(self);
        account_publish_totals(self);
    }
    book.head->rss_bytes = head_resident_bytes();
    mark_ended(exit_status);
    report();
    reporter_release();
    __atomic_store_n(&ended, true, __ATOMIC_RELEASE);
}

void life_hands_over(void)
{
    if (mine() && speaks())
        reporter_hold(); /* daemon's child has another stderr */
}

/* In the child the ledger is its parent's until its first event; in a parent, fork has failed. */
void life_handed_over(void)
{
    int error = errno;
    if (state == RECORDING && !*alive && book.head->is_file) {
        mark_ended(0);
        report();
    }
    reporter_release();
    errno = error;
}

/* ---- the library ---- */

static const char *own_path(void)
{
    struct dl_find_object found;
    return _dl_find_object((void *)(uintptr_t)&own_path, &found) == 0 ? found.dlfo_link_map->l_name : "";
}

/* libc's setenv: bash has one of its own, which would set its shell up before its main. */
static void mark_root(void)
{
    char number[24];
    if (!options.root_pid && next.setenv)
        next.setenv("LEAKWATCH_ROOT", reporter_number(number, (unsigned long long)root_pid), 1);
}

static void say_hello(void)
{
    struct winsize size;
    char number[24], again[24];
    bool terminal = SYS3(SYS_ioctl, 2, TIOCGWINSZ, &size) == 0;
    if (!is_root() || !terminal || strcmp(options.output, "none") == 0)
        return;
    reporter_say("recording pid ", reporter_number(number, (unsigned long long)owner_pid),
                 "; if it is killed: leakwatch report ",
                 reporter_number(again, (unsigned long long)owner_pid), NULL);
}

/* Everything that may allocate or needs libc. Our own allocations stay out of the books, and away from the
 * program's allocator: the guard is held, and what it counts as nested meanwhile is no loss. */
static void prepare_library(const void *frame)
{
    uint64_t nested = book.head->losses[LOSS_NESTED];
    bool outermost = guard_enter(frame);
    next_for_us = true;
    operator_new_init();
    thread_init();
    next_find_optional();
    const char *in_front = next_in_front(identity.executable);
    book.head->in_front = book_text(in_front, strlen(in_front));
    const char *why_not = capture_init();
    if (why_not && is_root())
        reporter_say("stacks will have one frame only: ", why_not, NULL);
    if (!wipes)
        pthread_atfork(NULL, NULL, forked_without_wipe);
    mark_root();
    if (!demand_listen() && is_root())
        reporter_say("LEAKWATCH_SIGNAL: this signal cannot be taken", NULL);
    next_for_us_ends();
    if (outermost)
        guard_leave();
    book.head->losses[LOSS_NESTED] = nested;
}

/* Only now: what libc allocates for us, above, must come to the hooks. */
static void sample_lightly(void)
{
    if (!options.sample_bytes || !live_pages || !next_is_glibc())
        return;
    for (size_t at = 0; at <= NEXT_ARENA_BYTES; at += 4096) /* these blocks must not be passed on, either */
        ++*live_page(next_arena_room + at);
    poisson_lightly = true;
}

__attribute__((constructor(101))) static void start(void)
{
    if (state == NEW)
        begin();
    reporter_init(own_path());
    if (state != RECORDING) {
        operator_new_init();
        next_find_optional();
    }
    if (root_pid == owner_pid)
        options_complain();
    if (why_off && is_root())
        reporter_say("not recording: ", why_off, NULL);
    if (state == OFF && sanitizers_here())
        reporter_say("not recording: a sanitizer owns malloc in this program", NULL);
    if (state != RECORDING)
        return;
    prepare_library(__builtin_frame_address(0));
    sample_lightly();
    if (options.ledger && is_root() && !book.head->is_file)
        reporter_say("no ledger could be made at ", options.ledger, ": it is kept in memory", NULL);
    if (options.verbose && is_root())
        reporter_say("ledger ", book.head->is_file ? shelf_path() : "in memory (no file could be made)",
                     NULL);
    say_hello();
}

__attribute__((destructor(101))) static void finish(void)
{
    life_exit_begins(LIFE_STATUS_UNKNOWN);
    life_ends();
}

EXPORT const char *leakwatch_version(void)
{
    return LEAKWATCH_VERSION;
}
