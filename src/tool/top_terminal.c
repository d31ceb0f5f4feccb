/* See top_terminal.h. */
#include "top_terminal.h"

#include <curses.h>
#include <stdlib.h>
#include <unistd.h>

#include "top_fit.h"

static SCREEN *screen_of_ours;

const char *top_terminal_lacks(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? NULL
                                                         : "no terminal here: --once prints one picture";
}

bool top_terminal_open(void)
{
    screen_of_ours = newterm(NULL, stdout, stdin);
    if (!screen_of_ours)
        return false;
    cbreak();
    noecho();
    keypad(stdscr, TRUE);
    set_escdelay(50); /* ms; Esc alone is a key here, and ssh delivers a sequence in one piece */
    curs_set(0);
    if (has_colors() && !getenv("NO_COLOR")) {
        start_color();
        use_default_colors();
        init_pair(1, COLOR_RED, -1);
    }
    return true;
}

void top_terminal_close(void)
{
    endwin();
    delscreen(screen_of_ours);
    screen_of_ours = NULL;
}

void top_terminal_size(uint32_t *columns, uint32_t *rows)
{
    int height, width;
    getmaxyx(stdscr, height, width);
    *columns = width > 0 ? (uint32_t)width : 1;
    *rows = height > 0 ? (uint32_t)height : 1;
}

static attr_t attributes(enum top_look look)
{
    switch (look) {
    case TOP_BOLD:
        return A_BOLD;
    case TOP_ALARM:
        return has_colors() && !getenv("NO_COLOR") ? (attr_t)COLOR_PAIR(1) : A_BOLD;
    case TOP_HEADING:
        return A_REVERSE;
    case TOP_SELECTED:
        return A_STANDOUT | A_BOLD;
    case TOP_DIM:
        return A_DIM;
    case TOP_PLAIN:
        break;
    }
    return A_NORMAL;
}

static bool is_bar(enum top_look look)
{
    return look == TOP_HEADING || look == TOP_SELECTED;
}

void top_terminal_show(const struct top_screen *screen)
{
    uint32_t columns, rows;
    top_terminal_size(&columns, &rows);
    erase();
    for (uint32_t i = 0; i < screen->count && i < rows; i++) {
        const struct top_line *line = &screen->lines[i];
        char *text = top_fit(line->text ? line->text : "", columns);
        attrset((int)attributes(line->look));
        if (is_bar(line->look))
            mvhline((int)i, 0, ' ' | attributes(line->look), (int)columns);
        if (text)
            mvaddstr((int)i, 0, text);
        free(text);
    }
    attrset(A_NORMAL);
    refresh();
}

static const struct {
    int curses;
    uint32_t ours;
} keys[] = {
    {KEY_UP, TOP_UP},     {KEY_DOWN, TOP_DOWN}, {KEY_PPAGE, TOP_PAGE_UP},       {KEY_NPAGE, TOP_PAGE_DOWN},
    {KEY_HOME, TOP_HOME}, {KEY_END, TOP_END},   {KEY_BACKSPACE, TOP_BACKSPACE}, {KEY_ENTER, '\n'}};

uint32_t top_terminal_key(int wait_ms)
{
    timeout(wait_ms);
    int key = getch();
    if (key == ERR || key == KEY_RESIZE)
        return 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (key == keys[i].curses)
            return keys[i].ours;
    return key > 0 && key < 256 ? (uint32_t)key : 0;
}
