/* One leak that recursion splits over 512 stacks, each too small to be flagged; or, with --bounded, the same
 * recursion over a ring of nodes that is soon full.
 *
 *     split_growth [--seconds N] [--bounded]
 */
#include "target.h"

#define LEVELS 9
#define RING   4000

static char *ring[RING];
static long nodes;
static bool bounded;

NAMED static void new_node(void)
{
    char *node = malloc(120);
    if (!node)
        exit(1);
    memset(node, 1, 120);
    if (bounded)
        free(ring[nodes % RING]);
    ring[nodes++ % RING] = node;
}

/* A term or a factor at each level, and they call each other. */
NAMED static void parse_factor(unsigned path, int levels);

NAMED static void parse_term(unsigned path, int levels)
{
    if (levels == 0)
        new_node();
    else if (path & 1)
        parse_term(path >> 1, levels - 1);
    else
        parse_factor(path >> 1, levels - 1);
    __asm__ volatile(""); /* no tail calls: each is a frame */
}

NAMED static void parse_factor(unsigned path, int levels)
{
    if (levels == 0)
        new_node();
    else if (path & 1)
        parse_factor(path >> 1, levels - 1);
    else
        parse_term(path >> 1, levels - 1);
    __asm__ volatile("");
}

int main(int argc, char **argv)
{
    (void)argc;
    bounded = option(argv, "bounded");
    unsigned path = 1;
    struct pace pace = pace_of(argv);
    while (pace_step(&pace))
        for (int i = 0; i < 10; i++) {
            path = path * 1664525u + 1013904223u;
            parse_term(path >> 16, LEVELS);
        }
    return 0;
}
