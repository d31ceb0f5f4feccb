/* The other side of stub_book.c: what a test may look at. */
#ifndef LEAKWATCH_TESTS_STUB_BOOK_H
#define LEAKWATCH_TESTS_STUB_BOOK_H

#include <stdint.h>

#define STUB_MODULES 64

const char *stub_text(uint32_t offset);
uint32_t stub_modules(void); /* recorded so far; their ids are 1.. */

#endif
