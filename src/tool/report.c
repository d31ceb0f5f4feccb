/* See report.h. Gathers; prints nothing. */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "baseline.h"
#include "containers.h"
#include "namespaces.h"

/* Below this age the windows are some milliseconds wide and say more about start-up than about growth. */
#define SHORT_MS 2000
/* Between that and this, a run is called too short if not one site of size could be judged. */
#define BRIEF_MS 10000

static void suppress(struct report *r);
static void sort_again(struct report *r);
static void learn_end(struct process *p, int wait_status);
static bool is_too_short(const struct report *r);
static enum findings_keep which_sites(const struct report *r, const struct report_options *options);

int report_make(struct report *r, const struct ledger *l, const struct report_options *options, char *why,
                size_t why_size)
{
    *r = (struct report){.ledger = l,
                         .head = ledger_head(l),
                         .suppressions = options->suppressions,
                         .top = options->top,
                         .all_frames = options->all_frames,
                         .nameless = options->nameless};
    r->process = process_of(&r->head);
    if (options->waited)
        learn_end(&r->process, options->wait_status);
    r->symbols = symbols_open(l, r->process.alive, !options->nameless);
    if (!r->symbols || findings_of(&r->findings, l, &r->head, &r->process, which_sites(r, options)) != 0) {
        snprintf(why, why_size, "out of memory");
        report_free(r);
        return -1;
    }
    r->marks = marks_of(l, &r->head, r->process.age_ms, (double)r->findings.totals.live_bytes);
    r->stacks = calloc(r->findings.count + (size_t)1, sizeof *r->stacks);
    suppress(r);
    /* Without memory for them every site speaks for itself. */
    if (!r->nameless && r->stacks && runtimes_of(&r->runtimes, r, options->suppressions) == 0)
        sort_again(r);
    if (!r->nameless && r->stacks)
        groups_of(&r->groups, r);
    if (options->baseline && baseline_apply(r, options->baseline) != 0) {
        snprintf(why, why_size, "out of memory");
        report_free(r);
        return -1;
    }
    if (!r->nameless && r->stacks)
        containers_find(r);
    r->too_short = is_too_short(r);
    r->memory = memory_of(&r->head, r->process.alive ? namespaces_pid(&r->head) : 0, options->waited);
    if (options->children)
        r->children = children_of(&r->head, false);
    return 0;
}

static enum findings_keep which_sites(const struct report *r, const struct report_options *options)
{
    if (options->every)
        return KEEP_EVERY;
    return r->process.judged_ms < SHORT_MS ? KEEP_LIVE : KEEP_LARGE;
}

/* Who waited for a process knows better than its last words. */
static void learn_end(struct process *p, int wait_status)
{
    if (p->end == PROCESS_EXECED)
        return;
    if (WIFSIGNALED(wait_status)) {
        p->end = PROCESS_KILLED;
        p->signal = WTERMSIG(wait_status);
    } else if (WIFEXITED(wait_status)) {
        p->end = PROCESS_EXITED;
        p->exit_status = WEXITSTATUS(wait_status);
    }
}

void report_free(struct report *r)
{
    for (uint32_t i = 0; r->stacks && i < r->findings.count; i++)
        stack_free(&r->stacks[i]);
    free(r->stacks);
    findings_free(&r->findings);
    runtimes_free(&r->runtimes);
    groups_free(&r->groups);
    children_free(&r->children);
    symbols_close(r->symbols);
    *r = (struct report){0};
}

/* Not before: the clock that the site was seen by is coarse (4 ms), and hundredths are kept of it. */
static uint64_t first_seen_ms(const struct report *r, uint32_t site)
{
    return ((uint64_t)ledger_site(r->ledger, site)->first_cs + 2) * 10;
}

const struct stack *report_stack(struct report *r, uint32_t finding)
{
    static const struct stack nothing;
    if (!r->stacks)
        return &nothing;
    struct stack *stack = &r->stacks[finding];
    const struct finding *f = &r->findings.items[finding];
    if (!stack->calls) {
        *stack = stack_of(r->symbols, r->ledger, f->node, first_seen_ms(r, f->site));
        if (r->suppressions)
            stack_name_anew(stack, r->suppressions);
    }
    return stack;
}

void report_forget_stack(struct report *r, uint32_t finding)
{
    if (r->stacks)
        stack_free(&r->stacks[finding]);
}

static void suppress_one(struct report *r, uint32_t finding)
{
    struct finding *f = &r->findings.items[finding];
    const struct stack *stack = report_stack(r, finding);
    const struct call *named = stack_named(stack);
    f->kept_on_purpose = named ? suppressions_built_in(named->symbol->function) : NULL;
    f->suppressed_by = r->suppressions ? stack_suppressed(stack, r->suppressions) : NULL;
    f->suppressed = f->suppressed_by || f->kept_on_purpose;
}

/* Only growth is ever suppressed. */
static void suppress(struct report *r)
{
    struct findings *f = &r->findings;
    if (!r->stacks)
        return;
    for (uint32_t i = 0; i < f->count && f->items[i].verdict == VERDICT_GROWING; i++)
        suppress_one(r, i);
    sort_again(r);
}

/* Sorting moves findings, so their stacks are dropped (names stay cached). */
static void sort_again(struct report *r)
{
    for (uint32_t i = 0; i < r->findings.count; i++)
        report_forget_stack(r, i);
    findings_sort(&r->findings);
}

bool report_told_by_runtime(const struct report *r, uint32_t finding)
{
    const struct runtime *owner = runtimes_owner(&r->runtimes, &r->findings.items[finding]);
    return owner && owner->growing;
}

uint32_t report_growing(const struct report *r)
{
    uint32_t count = r->runtimes.growing + r->groups.growing;
    for (uint32_t i = 0; i < r->findings.growing; i++)
        count += !report_told_by_runtime(r, i);
    return count;
}

double report_bytes_per_s(const struct report *r)
{
    double sum = r->runtimes.bytes_per_s + r->groups.bytes_per_s;
    for (uint32_t i = 0; i < r->findings.growing; i++)
        sum += report_told_by_runtime(r, i) ? 0 : r->findings.items[i].judgement.bytes_per_s;
    return sum;
}

uint32_t report_finding_of(const struct report *r, uint32_t site)
{
    uint32_t i = 0;
    while (i + 1 < r->findings.count && r->findings.items[i].site != site)
        i++;
    return i;
}

static bool is_too_short(const struct report *r)
{
    if (report_growing(r))
        return false;
    if (r->process.judged_ms < SHORT_MS)
        return true;
    bool undecided = false, decided = false;
    for (uint32_t i = 0; i < r->findings.count; i++) {
        if (r->findings.items[i].small) /* asked for, but nothing to judge by */
            continue;
        undecided |= r->findings.items[i].verdict == VERDICT_UNDECIDED;
        decided |= r->findings.items[i].verdict != VERDICT_UNDECIDED;
    }
    return r->process.judged_ms < BRIEF_MS && undecided && !decided;
}

double report_seconds_to_limit(const struct report *r, double bytes_per_s)
{
    if (r->memory.limit == LIMIT_NONE || !(bytes_per_s > 0))
        return -1;
    return (double)r->memory.room_bytes / bytes_per_s;
}

/* glibc puts 8 bytes in front of each block; other allocators keep theirs elsewhere. */
static double block_overhead(const struct report *r)
{
    const char *allocator = strrchr(ledger_text(r->ledger, r->head.allocator), '/');
    return allocator && strncmp(allocator, "/libc", 5) == 0 ? 8.0 * (double)r->findings.totals.live_blocks
                                                            : 0;
}

struct makeup report_makeup(const struct report *r)
{
    struct makeup m = {-1, -1, -1};
    double rss = (double)r->memory.rss_bytes, tracked = (double)r->findings.totals.live_bytes;
    if (rss <= 0 || !r->memory.anonymous_known)
        return m;
    double anonymous = (double)r->memory.anonymous_bytes - block_overhead(r);
    anonymous = anonymous > 0 ? anonymous : 0;
    m.retained = anonymous > tracked ? anonymous - tracked : 0;
    m.untouched = tracked > anonymous ? tracked - anonymous : 0;
    m.other = rss - (tracked - m.untouched) - m.retained;
    if (m.other < 0)
        m.other = 0;
    return m;
}

/* Code, stacks and the recorder of a small program; what is below that is not told from what malloc keeps. */
#define OTHER_BYTES (16.0 * 1024 * 1024)

double report_retained_once(const struct report *r)
{
    double live = (double)r->findings.totals.live_bytes, peak = (double)r->head.peak_live_bytes;
    double left = (double)r->memory.rss_bytes - live - OTHER_BYTES;
    double freed = peak > live ? peak - live : 0;
    return left < 0 ? 0 : left < freed ? left : freed;
}

#define PAGE_BYTES 4096.0

bool report_is_fragmented(const struct report *r, double retained)
{
    return (double)r->findings.totals.live_blocks * PAGE_BYTES >= retained / 2;
}
