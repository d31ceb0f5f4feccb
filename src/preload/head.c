/* See head.h. */
#include "head.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "../../include/leakwatch.h"
#include "book.h"
#include "book_file.h"
#include "next.h"
#include "options.h"
#include "sandbox.h"
#include "sys.h"

static uint32_t store_command(void)
{
    static char command[4096];
    size_t used = 0;
    for (const char *const *arg = options_argv(); arg && *arg; arg++) {
        size_t n = strlen(*arg) + 1;
        if (used + n + 1 > sizeof command)
            break; /* what fits; the reader sees argv's beginning */
        memcpy(command + used, *arg, n);
        used += n;
    }
    return book_text(command, used);
}

void head_fill(const struct identity *who, const struct family *family, uint64_t started_ns, uint64_t boot_ns)
{
    struct ledger_header *head = book.head;
    uint64_t limit = book_address_limit();
    head->pid = (uint32_t)who->pid;
    head->parent_pid = (uint32_t)family->parent;
    head->root_pid = (uint32_t)family->root;
    head->uid = family->uid;
    head->start_ticks = who->start_ticks;
    head->pid_namespace = who->pid_namespace;
    head->started_ns = started_ns;
    head->boot_ns = boot_ns;
    memcpy(head->program, who->program, sizeof head->program);
    head->command = store_command();
    head->executable = book_text(who->executable, strlen(who->executable));
    head->allocator = book_text(next_allocator(), strlen(next_allocator()));
    head->limit_bytes = limit == UINT64_MAX ? 0 : limit;
    head->sample_bytes = options.sample_bytes;
    head->min_bytes = options.min_bytes;
    head->interval_ms = options.interval_ms;
    head->warmup_ms = options.warmup_ms;
    head->depth = options.depth;
    head->sizes_requested = !next_has_sizes;
    head->output_none = strcmp(options.output, "none") == 0;
    memcpy(head->version_text, LEAKWATCH_VERSION, sizeof LEAKWATCH_VERSION);
}

uint64_t head_resident_bytes(void)
{
    char text[128];
    uint64_t pages = 0;
    long fd = sandboxed ? -EPERM : sys_open("/proc/self/statm", O_RDONLY, 0);
    long n = sys_failed(fd) ? 0 : sys_read(fd, text, sizeof text - 1);
    if (!sys_failed(fd))
        sys_close(fd);
    text[n > 0 ? n : 0] = 0;
    const char *at = strchr(text, ' '); /* "size resident ..." */
    for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9'; at++)
        pages = pages * 10 + (uint64_t)(*at - '0');
    return pages * 4096;
}
