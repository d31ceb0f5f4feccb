/* See marks.h. */
#include "marks.h"

#include <stdbool.h>
#include <string.h>

#include "../../include/leakwatch.h"
#include "account.h"
#include "book.h"
#include "clock.h"
#include "guard.h"
#include "hints.h"
#include "life.h"
#include "thread.h"

#define MARK_SHARED (LEDGER_MARKS - 1) /* of the names that there is no room for */

/* A copy of its own for this process: the ledger is shared with the parent until a child's first event. */
static uint32_t phase_now;

/* ---- names ---- */

/* Bytes that are kept; not half a character of UTF-8. */
static size_t length_of(const char *name)
{
    size_t length = 0;
    while (length <= LEDGER_MARK_BYTES && name[length])
        length++;
    if (length <= LEDGER_MARK_BYTES)
        return length;
    length = LEDGER_MARK_BYTES;
    for (unsigned back = 0; back < 3 && ((unsigned char)name[length] & 0xC0) == 0x80; back++)
        length--;
    return length;
}

static bool is(uint32_t text, const char *name, size_t length)
{
    const char *have = (const char *)book.area[AREA_TEXT] + text;
    return strncmp(have, name, length) == 0 && have[length] == 0;
}

/* Who loses the race for a place has written a name in vain, or finds it the winner's. */
static uint32_t mark_of(struct mark *marks, const char *name)
{
    uint32_t fresh = 0;
    size_t length = name ? length_of(name) : 0;
    if (!length)
        return 0;
    for (uint32_t i = 1; i < MARK_SHARED; i++) {
        uint32_t text = __atomic_load_n(&marks[i].name, __ATOMIC_ACQUIRE);
        if (!text && !fresh && !(fresh = book_text(name, length)))
            break;
        if (!text && __atomic_compare_exchange_n(&marks[i].name, &text, fresh, false, __ATOMIC_ACQ_REL,
                                                 __ATOMIC_ACQUIRE))
            return i;
        if (is(text, name, length))
            return i;
    }
    loss(LOSS_MARKS_FULL);
    return MARK_SHARED;
}

/* ---- from the program ---- */

/* Whether there is a ledger of this process to write to: this may be the first that is heard of it, or of a
 * fork. Inside a hook that was interrupted, it was noticed already. */
static bool recording(bool outermost)
{
    if (outermost)
        life_event(self);
    return !life_is_foreign();
}

static void add(struct mark *m, int64_t ms, int64_t live_bytes)
{
    __atomic_fetch_add(&m->ms, ms, __ATOMIC_RELAXED);
    __atomic_fetch_add(&m->live_bytes, live_bytes, __ATOMIC_RELAXED);
}

static void enter(uint32_t phase)
{
    struct ledger_header *head = book.head;
    uint64_t ms = clock_age_ms();
    int64_t live = __atomic_load_n(&head->live_bytes, __ATOMIC_RELAXED) + thread_unpublished();
    uint32_t change = __atomic_fetch_add(&head->changes_begun, 1, __ATOMIC_ACQ_REL);
    uint32_t before = __atomic_exchange_n(&phase_now, phase, __ATOMIC_ACQ_REL);
    add(&head->phases[before], (int64_t)ms, live);
    add(&head->phases[phase], -(int64_t)ms, -live);
    __atomic_fetch_add(&head->phases[phase].times, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&head->changes[change % LEDGER_CHANGES], ms << CHANGE_SHIFT | phase, __ATOMIC_RELAXED);
    __atomic_fetch_add(&head->changes_done, 1, __ATOMIC_RELEASE);
}

EXPORT void leakwatch_mark_phase(const char *name)
{
    bool outermost = guard_enter(__builtin_frame_address(0));
    if (recording(outermost))
        enter(mark_of(book.head->phases, name));
    if (outermost)
        guard_leave();
}

/* What it allocated until now was under its old name. In a handler that interrupted a hook its counts may be
 * half written: they go to the new name. */
static void rename_thread(uint32_t mark, bool outermost)
{
    if (self->id && outermost)
        account_publish_totals(self);
    if (told.mark != mark)
        __atomic_fetch_add(&book.head->threads[mark].times, 1, __ATOMIC_RELAXED);
    told.mark = (uint16_t)mark;
    if (self->id)
        self->mark = mark;
}

EXPORT void leakwatch_mark_thread(const char *name)
{
    bool outermost = guard_enter(__builtin_frame_address(0));
    if (recording(outermost))
        rename_thread(mark_of(book.head->threads, name), outermost);
    if (outermost)
        guard_leave();
}

/* Inside a scope the countdown is always over: no event takes the straight way, which knows of no scopes
 * (record.c). life_event keeps it so. */
EXPORT void leakwatch_mark_excluded(int begins)
{
    if (begins && told.excluded < UINT16_MAX)
        told.excluded++;
    else if (!begins && told.excluded)
        told.excluded--;
    if (self->id)
        self->countdown = 0;
}

void marks_exit_begins(void)
{
    if (__atomic_load_n(&phase_now, __ATOMIC_RELAXED))
        enter(0);
}

/* ---- fork ---- */

static char phase_name[LEDGER_MARK_BYTES + 1], thread_name[LEDGER_MARK_BYTES + 1];

static void keep_name(char *kept, const struct mark *m)
{
    uint32_t text = __atomic_load_n(&m->name, __ATOMIC_ACQUIRE);
    const char *name = text ? (const char *)book.area[AREA_TEXT] + text : "";
    memcpy(kept, name, strlen(name) + 1);
}

void marks_fork_begins(void)
{
    keep_name(phase_name, &book.head->phases[phase_now]);
    keep_name(thread_name, &book.head->threads[told.mark]);
}

void marks_fork_ends(void)
{
    phase_now = 0;
    told.mark = 0;
    if (*phase_name)
        enter(mark_of(book.head->phases, phase_name));
    if (*thread_name)
        rename_thread(mark_of(book.head->threads, thread_name), false);
}
