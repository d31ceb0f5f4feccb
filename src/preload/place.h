/* Place: where our own memory lies, which is where the program has none.
 *
 * The kernel gives whoever asks the highest gap, and that may be one that the program has just made: it
 * unmaps a range piece by piece, and in the end once more as a whole, or maps something of its own there
 * again. Both are its right, and what we had put there in between would be gone. So we ask for addresses of
 * our own, between the low ones that runtimes choose for their heaps and the program itself, as random as the
 * loader has placed us. It is a wish: where something is there already, the kernel chooses as ever.
 *
 * Any thread, any signal context.
 */
#ifndef LEAKWATCH_PRELOAD_PLACE_H
#define LEAKWATCH_PRELOAD_PLACE_H

#include <stddef.h>

/* The address to ask mmap for, for so many bytes. Never the same twice. Before place_choose: any, NULL. */
void *place_for(size_t bytes);

/* Once it is known that this process records. A sanitizer's may need all addresses for its own. */
void place_choose(void);

#endif
