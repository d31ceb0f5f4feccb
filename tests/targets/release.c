/* Two releases of one server, for comparisons: built twice, the second time with -DNEXT, from other lines,
 * with other inlining and one more function between.
 *
 *     release [--seconds N]
 *
 *     keeps growing at the same rate      grows faster      no longer grows      newly grows
 *     log_line                            remember_query    open_session         add_metric
 *
 *     holds: as much  load_words    more  load_fonts    less  load_icons    gone  load_sounds    new
 * load_shaders
 */
#include "target.h"

#ifdef NEXT
/* Lines move and the optimizer sees other things:
 *
 *
 */
#define EDGE  static inline __attribute__((always_inline))
#define EVERY 1
#else
#define EDGE  NAMED static
#define EVERY 2
#endif

static void *volatile kept[1 << 20];
static unsigned kept_count;

#define KEEPS(function, size)                                                                                \
    NAMED static void function(void)                                                                         \
    {                                                                                                        \
        kept[kept_count++] = calloc(1, size);                                                                \
    }

#ifdef NEXT
KEEPS(load_shaders, 300 << 10)
KEEPS(load_fonts, 900 << 10)
KEEPS(load_icons, 200 << 10)
KEEPS(add_metric, 500)
#else
KEEPS(load_fonts, 400 << 10)
KEEPS(load_icons, 600 << 10)
KEEPS(load_sounds, 300 << 10)
KEEPS(open_session, 700)
#endif
KEEPS(load_words, 500 << 10)
KEEPS(log_line, 300)
KEEPS(remember_query, 400)

EDGE void handle(unsigned long step)
{
    log_line();
    if (step % EVERY == 0)
        remember_query();
#ifdef NEXT
    add_metric();
#else
    open_session();
#endif
}

NAMED static void load(void)
{
    load_words();
    load_fonts();
    load_icons();
#ifdef NEXT
    load_shaders();
#else
    load_sounds();
#endif
}

#ifdef NEXT
NAMED static void serve(unsigned long step)
{
    handle(step);
    kept[0] = kept[0]; /* no tail call */
}
#else
#define serve handle
#endif

int main(int argc, char **argv)
{
    (void)argc;
    struct pace pace = pace_of(argv);
    load();
    while (pace_step(&pace))
        serve((unsigned long)pace.done);
    return 0;
}
