/* See capture_truth.h. */
#include "capture_truth.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int (*backtrace_of)(void **, int);

const char *truth_init(void)
{
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    void *function = library ? dlsym(library, "unw_backtrace") : NULL;
    void *first[1];
    memcpy(&backtrace_of, &function, sizeof function);
    if (!function)
        return "libunwind.so.8 is not there";
    backtrace_of(first, 1); /* allocates its thread-local storage here, not in a signal handler */
    return NULL;
}

static void print(const char *whose, uintptr_t pc)
{
    Dl_info info;
    if (dladdr((void *)pc, &info) && info.dli_sname)
        fprintf(stderr, "  %s %s+%#lx", whose, info.dli_sname,
                (unsigned long)(pc - (uintptr_t)info.dli_saddr));
    else
        fprintf(stderr, "  %s %#lx", whose, (unsigned long)pc);
}

static void print_both(const uintptr_t *ours, uint32_t n, void *const *theirs, uint32_t m)
{
    for (uint32_t i = 0; i < n || i < m; i++) {
        fprintf(stderr, "%3u", i);
        if (i < n)
            print("ours", ours[i]);
        if (i < m)
            print("theirs", (uintptr_t)theirs[i]);
        fprintf(stderr, "\n");
    }
}

bool truth_agrees(struct walk *w, const struct caller *who, uint32_t *frame, bool loud)
{
    uintptr_t ours[TRUTH_ROOM];
    void *all[TRUTH_ROOM + 20], **theirs = all;
    int got = backtrace_of(all, TRUTH_ROOM + 20);
    uint32_t m = got > 0 ? (uint32_t)got : 0, n = capture_raw(w, who, ours, TRUTH_ROOM), i = 0;
    while (m > 0 && (uintptr_t)*theirs != who->ra) {
        theirs++;
        m--;
    }
    if (m > TRUTH_ROOM)
        m = TRUTH_ROOM;
    /* ours: return addresses less 1, or exact; theirs as they are */
    while (i < n && i < m && (ours[i] + 1 == (uintptr_t)theirs[i] || ours[i] == (uintptr_t)theirs[i]))
        i++;
    *frame = i;
    if (i == n && i == m)
        return true;
    if (loud)
        print_both(ours, n, theirs, m);
    return false;
}

bool truth_agrees_at(const void *frame_address)
{
    static struct walk walk;
    struct caller who = cpu_caller(frame_address);
    uint32_t frame;
    bool agrees = truth_agrees(&walk, &who, &frame, true);
    capture(&walk, &who, WALK_MAX);
    return agrees && walk.count > 1 && walk.frames[walk.count - 1].pc == who.ra - 1;
}
