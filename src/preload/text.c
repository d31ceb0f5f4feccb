/* Text (text.h). Everything here may run inside malloc of somebody else's program. */
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "sys.h"

static void put_bytes(struct text *t, const char *bytes, size_t length)
{
    for (; length > 0 && !t->failed; bytes++, length--) {
        if (t->used == t->room)
            text_flush(t);
        t->buffer[t->used++] = *bytes;
    }
}

void text_put(struct text *t, const char *words)
{
    put_bytes(t, words, strlen(words));
}

/* What a terminal would obey, or what would turn the line around before the reader's eyes. As the tool's. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

/* Overlong, a surrogate, or beyond Unicode: some terminals decode these all the same. */
static bool is_forged(uint32_t code, unsigned length)
{
    return code < (length == 4 ? 0x10000 : 0x800) || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff;
}

/* Bytes of the UTF-8 character at s, 0: it is none, or no character to print as it is. */
static size_t harmless(const unsigned char *s)
{
    if (s[0] < 0x80)
        return !is_control(s[0]);
    unsigned length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    uint32_t code = s[0] & (0x7fu >> length);
    for (unsigned i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) /* the NUL at the end is none either */
            return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    return is_control(code) || (length > 2 && is_forged(code, length)) ? 0 : length;
}

static void put_escaped(struct text *t, unsigned char byte)
{
    const char digits[] = "0123456789abcdef";
    char escaped[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    put_bytes(t, escaped, sizeof escaped);
}

void text_put_foreign(struct text *t, const char *words, size_t most)
{
    const unsigned char *s = (const unsigned char *)words;
    while (*s) {
        size_t length = harmless(s);
        size_t taken = length ? length : 1;
        if (taken > most) {
            text_put(t, "...");
            return;
        }
        if (length)
            put_bytes(t, (const char *)s, length);
        else
            put_escaped(t, *s);
        s += taken;
        most -= taken;
    }
}

const char *text_decimal(char *buffer, uint64_t value)
{
    char *at = buffer + TEXT_DECIMAL;
    *--at = '\0';
    do
        *--at = (char)('0' + value % 10);
    while (value /= 10);
    return at;
}

void text_put_number(struct text *t, uint64_t value)
{
    char buffer[TEXT_DECIMAL];
    const char *digits = text_decimal(buffer, value);
    size_t left = strlen(digits);
    while (left-- > 0) {
        put_bytes(t, digits++, 1);
        if (left > 0 && left % 3 == 0)
            put_bytes(t, ",", 1);
    }
}

void text_put_hex(struct text *t, uint64_t value)
{
    char buffer[16];
    size_t at = sizeof buffer;
    do
        buffer[--at] = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    text_put(t, "0x");
    put_bytes(t, buffer + at, sizeof buffer - at);
}

void text_put_size(struct text *t, uint64_t bytes)
{
    static const char unit[][5] = {" B", " KiB", " MiB", " GiB", " TiB"};
    unsigned step = 0;
    while (step < 4 && bytes >> (10 * (step + 1)))
        step++;
    text_put_number(t, bytes >> (10 * step));
    if (step > 0) {
        uint64_t rest = (bytes >> (10 * (step - 1))) & 1023;
        char tenth[2] = {'.', (char)('0' + rest * 10 / 1024)};
        put_bytes(t, tenth, sizeof tenth);
    }
    text_put(t, unit[step]);
}

/* The signals that a write may send to its own thread: a reader that has gone, a file-size limit. */
#define WRITE_SIGNALS (UINT64_C(1) << (SIGPIPE - 1) | UINT64_C(1) << (SIGXFSZ - 1))

/* Takes back what the write just sent. All signals are off, so it is pending; another that was
 * already pending before the write is the program's and stays. */
static void swallow(uint64_t pending_before)
{
    uint64_t ours = WRITE_SIGNALS & ~pending_before;
    struct timespec now = {0, 0};
    SYS4(SYS_rt_sigtimedwait, &ours, NULL, &now, 8);
}

static bool unread; /* a second was waited in vain: this process waits no more */

/* Full, and O_NONBLOCK. */
static bool has_room_soon(const struct text *t)
{
    struct pollfd wanted = {.fd = t->fd, .events = POLLOUT};
    struct timespec second = {1, 0};
    if (t->hasty || unread)
        return false;
    unread = sys_call(SYS_ppoll, (long)&wanted, 1, (long)&second, 0, 0, 0) <= 0;
    return !unread;
}

/* Writes all of it. False when it cannot be: closed, gone, or full. */
static bool write_all(const struct text *t)
{
    const char *bytes = t->buffer;
    size_t length = t->used;
    while (length > 0) {
        long wrote = sys_write(t->fd, bytes, length);
        if (wrote == -EAGAIN) {
            if (!has_room_soon(t))
                return false;
        } else if (wrote == 0 || (sys_failed(wrote) && wrote != -EINTR)) {
            return false;
        } else if (!sys_failed(wrote)) {
            bytes += wrote;
            length -= (size_t)wrote;
        }
    }
    return true;
}

void text_flush(struct text *t)
{
    uint64_t before, pending = 0;
    if (t->used > 0 && !t->failed) {
        bool off = sys_signals_off(&before);
        if (!sandboxed)
            SYS2(SYS_rt_sigpending, &pending, 8);
        t->failed = !write_all(t);
        if (t->failed && !sandboxed) /* there, the signal comes */
            swallow(pending);
        if (off)
            sys_signals_back(&before);
    }
    t->used = 0;
}
