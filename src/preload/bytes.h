/* Eight bytes in a word, looked at together. */
#ifndef LEAKWATCH_PRELOAD_BYTES_H
#define LEAKWATCH_PRELOAD_BYTES_H

#include <stdint.h>

#define EACH_BYTE UINT64_C(0x0101010101010101)

/* Bit 7 of the bytes of x that are zero, and perhaps of some above the lowest of these. (Mycroft 1987; exact
 * as a yes or no, and for the lowest.) */
static inline uint64_t zero_bytes(uint64_t x)
{
    return (x - EACH_BYTE) & ~x & (EACH_BYTE << 7);
}

/* The same for the bytes that equal this one. */
static inline uint64_t equal_bytes(uint64_t x, uint8_t byte)
{
    return zero_bytes(x ^ byte * EACH_BYTE);
}

#endif
