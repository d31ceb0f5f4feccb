/* See top_fit.h. */
#include "top_fit.h"

#include <langinfo.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* A whole character in UTF-8 cut to columns: wide ones take two, combining ones none. */
static void fit_wide(char *to, const char *line, uint32_t columns)
{
    mbstate_t state = {0};
    while (*line) {
        wchar_t wide = 0;
        size_t length = mbrtowc(&wide, line, strlen(line), &state);
        int width = length > 0 && length < (size_t)-2 ? wcwidth(wide) : -1;
        uint32_t takes = width < 0 ? 1 : (uint32_t)width;
        if (takes > columns)
            break;
        columns -= takes;
        if (width < 0) { /* nothing that this C library knows how to show */
            *to++ = '?';
            length = length && length < (size_t)-2 ? length : 1;
            state = (mbstate_t){0};
        } else {
            to = mempcpy(to, line, length);
        }
        line += length;
    }
    *to = '\0';
}

/* ▁▂▃▄▅▆▇█ are E2 96 81 to E2 96 88. */
static char ascii_of(const unsigned char *character)
{
    static const char levels[] = "_.-:=+*#";
    if (*character < 0x80)
        return (char)*character;
    bool bar = character[0] == 0xe2 && character[1] == 0x96 && character[2] >= 0x81 && character[2] <= 0x88;
    return bar ? levels[character[2] - 0x81] : '?';
}

static void fit_plain(char *to, const char *line, uint32_t columns)
{
    for (; *line && columns; columns--) {
        *to++ = ascii_of((const unsigned char *)line++);
        while (((unsigned char)*line & 0xc0) == 0x80)
            line++;
    }
    *to = '\0';
}

char *top_fit(const char *line, uint32_t columns)
{
    char *text = malloc(strlen(line) + 1);
    if (!text)
        return NULL;
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        fit_wide(text, line, columns);
    else
        fit_plain(text, line, columns);
    return text;
}
