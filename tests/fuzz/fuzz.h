/* What the fuzzers share.
 *
 * A fuzzer is a file with LLVMFuzzerTestOneInput: it takes hostile bytes, does with them what leakwatch does,
 * and checks what comes out. clang's libFuzzer drives it (scripts/fuzz); without clang replay.c feeds it the
 * kept corpus, so that every input that once broke something stays a test.
 */
#ifndef LEAKWATCH_TESTS_FUZZ_H
#define LEAKWATCH_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, in builds of any kind. */
#define CHECK(condition) ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))

static inline _Noreturn void fuzz_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

/* An input read from its front; past the end everything is 0. */
struct input {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t input_byte(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

static inline uint32_t input_short(struct input *in)
{
    uint32_t low = input_byte(in);
    return low | (uint32_t)input_byte(in) << 8;
}

static inline uint64_t input_word(struct input *in)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 64; i += 8)
        word |= (uint64_t)input_byte(in) << i;
    return word;
}

static inline double input_double(struct input *in)
{
    uint64_t word = input_word(in);
    double number;
    memcpy(&number, &word, sizeof number);
    return number;
}

/* The next string, up to a NUL, the end or `most` bytes; a copy of exactly its size, so that ASan sees
 * whoever reads on. */
static inline char *input_string(struct input *in, size_t most)
{
    size_t room = in->left < most ? in->left : most, length = strnlen((const char *)in->at, room);
    char *copy = malloc(length + 1);
    if (length)
        memcpy(copy, in->at, length);
    copy[length] = '\0';
    in->at += length;
    in->left -= length;
    input_byte(in);
    return copy;
}

/* Bytes of the UTF-8 sequence at s, 0: not valid. Written from the table in RFC 3629, section 4, not from the
 * product. */
static inline unsigned fuzz_utf8(const unsigned char *s, size_t left)
{
    static const struct {
        unsigned char first, last, low, high, length;
    } table[] = {{0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
                 {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
                 {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (*s < table[i].first || *s > table[i].last)
            continue;
        if (table[i].length > left || (table[i].length > 1 && (s[1] < table[i].low || s[1] > table[i].high)))
            return 0;
        for (unsigned c = 2; c < table[i].length; c++)
            if (s[c] < 0x80 || s[c] > 0xbf)
                return 0;
        return table[i].length;
    }
    return 0;
}

/* Text for a terminal: valid UTF-8 without control characters, C1 and NUL included; newlines if they are
 * allowed. */
static inline void fuzz_check_printable(const char *text, size_t size, bool newlines)
{
    const unsigned char *s = (const unsigned char *)text, *end = s + size;
    while (s < end) {
        unsigned length = fuzz_utf8(s, (size_t)(end - s));
        CHECK(length > 0);
        CHECK(*s >= 0x20 || (newlines && *s == '\n'));
        CHECK(*s != 0x7f && !(s[0] == 0xc2 && s[1] < 0xa0));
        CHECK(length != 3 || memcmp(s, "\xe2\x80\xae", 3) != 0); /* right-to-left override */
        CHECK(length != 2 || memcmp(s, "\xd8\x9c", 2) != 0);     /* arabic letter mark */
        s += length;
    }
}

#endif
