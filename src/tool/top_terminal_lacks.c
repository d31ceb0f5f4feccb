/* See top_terminal.h: of a build without curses. */
#include "top_terminal.h"

const char *top_terminal_lacks(void)
{
    return "this build has no curses (--once prints one picture): install libncurses-dev and build again";
}

bool top_terminal_open(void)
{
    return false;
}

void top_terminal_close(void)
{
}

void top_terminal_size(uint32_t *columns, uint32_t *rows)
{
    *columns = 80;
    *rows = 24;
}

void top_terminal_show(const struct top_screen *screen)
{
    (void)screen;
}

uint32_t top_terminal_key(int wait_ms)
{
    (void)wait_ms;
    return 'q';
}
