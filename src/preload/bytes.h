/* Eight bytes in a word, looked at together. */
#ifndef LEAKWATCH_PRELOAD_BYTES_H
#define LEAKWATCH_PRELOAD_BYTES_H

#include <stdint.h>

#define EACH_BYTE UINT64_C(0x0101010101010101)

/* Bit 7 of the bytes of x that are zero, and of no others. (Hacker's Delight, 6-1: the shorter way, by
 * subtracting, takes a 1 above a zero for another.) */
static inline uint64_t zero_bytes(uint64_t x)
{
    const uint64_t low = EACH_BYTE * 0x7f;
    return ~(((x & low) + low) | x | low);
}

/* The same for the bytes that equal this one. */
static inline uint64_t equal_bytes(uint64_t x, uint8_t byte)
{
    return zero_bytes(x ^ byte * EACH_BYTE);
}

#endif
