/* Text: lines for people, put together and written without stdio.
 *
 * A struct text is a buffer in front of a descriptor; what does not fit is written on the way.
 * Used by the options (complaints) and the reporter. Never allocates, never sets errno, never lets
 * a signal out: a reader that went away must not kill the program with SIGPIPE.
 */
#ifndef LEAKWATCH_PRELOAD_TEXT_H
#define LEAKWATCH_PRELOAD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_DECIMAL 21 /* bytes of the longest uint64_t in decimal, with its NUL */

struct text {
    char *buffer;
    size_t room; /* bytes of buffer */
    size_t used;
    int fd;
    bool failed; /* a write failed: the rest is dropped */
    bool hasty;  /* never waits for room */
};

static inline struct text text_to(int fd, char *buffer, size_t room)
{
    return (struct text){.buffer = buffer, .room = room, .fd = fd};
}

/* Text of our own, as it is. */
void text_put(struct text *t, const char *words);
/* Text of others, at most `most` bytes: control bytes and broken UTF-8 become \xNN; "..." says cut. */
void text_put_foreign(struct text *t, const char *words, size_t most);
void text_put_number(struct text *t, uint64_t value); /* 1,461,003 */
void text_put_hex(struct text *t, uint64_t value);    /* 0x1190 */
void text_put_size(struct text *t, uint64_t bytes);   /* 178.4 MiB */
/* Writes what is left. In the life of a process one second at most is spent waiting for a descriptor that has
 * no room: whoever did not read for that long does not read. */
void text_flush(struct text *t);

/* value in plain decimal, NUL-terminated, in buffer (TEXT_DECIMAL bytes); returns where it begins. */
const char *text_decimal(char *buffer, uint64_t value);

#endif
