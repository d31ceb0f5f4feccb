/* Builds ledgers for tests, as the recorder would write them, in memory or as a file.
 *
 * Nothing fails: a builder that runs out of room stops the test program.
 */
#ifndef LEAKWATCH_TESTS_LEDGER_BUILD_H
#define LEAKWATCH_TESTS_LEDGER_BUILD_H

#include "layout.h"

struct build {
    unsigned char *bytes; /* malloc'd */
    uint64_t size;
    struct ledger_header *head; /* == bytes */
};

/* An empty ledger of a process that ran 60 s and exited with 0; its pid belongs to no process. */
struct build build_new(void);
void build_free(struct build *b);

uint32_t build_text(struct build *b, const char *text);
/* strings joined as head->command wants them; NULL ends the list */
uint32_t build_command(struct build *b, const char *const *arguments);
uint32_t build_module(struct build *b, const char *path);
/* flags: NODE_REPEATS and so on */
uint32_t build_node(struct build *b, uint32_t parent, uint32_t module, uint64_t offset, uint64_t flags);
uint32_t build_site(struct build *b, uint32_t node);
struct site *build_site_at(struct build *b, uint32_t site);
/* A thread's block, and its counter for a site. */
uint32_t build_block(struct build *b);
struct counter *build_counter(struct build *b, uint32_t block, uint32_t site);
/* A history whose every sample, one each 100 ms of 60 s, is what level tells; the site's account gets the
 * last level as live bytes, in blocks of 100, each byte allocated once plus churn bytes a sample. */
struct history *build_history(struct build *b, uint32_t site, double (*level)(double seconds), double churn);

/* Writes the ledger to a new temporary file; the path is to be unlinked and freed. */
char *build_file(const struct build *b);

#endif
