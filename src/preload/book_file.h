/* The book's life: opened once by life.c, promoted, closed. Nobody else includes this. */
#ifndef LEAKWATCH_PRELOAD_BOOK_FILE_H
#define LEAKWATCH_PRELOAD_BOOK_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* Lays an empty book into the open, empty file. The descriptor stays the caller's. False: no room, a
 * limit, or no mapping; nothing is left mapped. Not visible to readers until book_publish. */
bool book_open_file(long fd);

/* The same in private memory: for a child that has not earned a file, or where none can be made. */
bool book_open_memory(void);

/* Moves a book from memory into the open, empty file, at the same address. What other threads count in the
 * last instant, some 0.1 ms, may be lost: told as LOSS_PROMOTED by the caller. Nobody is stopped. */
bool book_promote(long fd);

/* The header is complete: readers may come. */
void book_publish(void);

/* Unmaps: in a forked child, the parent's. */
void book_close(void);

/* RLIMIT_AS in bytes, UINT64_MAX for none. */
uint64_t book_address_limit(void);

#endif
